"""Makes tiny.radie, the model that targets read reports with, and first inputs for every target.

    make_seeds.py [FOLDER]     writes FOLDER/TARGET/seed-… and tests/fuzz/tiny.radie
                               (FOLDER: tests/fuzz/corpus)

Deterministic; every text is invented.
"""

import argparse
import base64
import json
import struct
from pathlib import Path

from seed_models import metadata_only, plain_tensors, sentencepiece, whole_model

HERE = Path(__file__).resolve().parent
SECRET = "S3cr3t"
REPORT = (
    "【所見】\n右肺上葉に１２mm大の結節を認めます。前回より増大。\r\n"
    "・肝に嚢胞(S4)を認める。ｶﾞﾝの可能性。\n【診断】肺癌疑い。"
)
CHARACTERS = "右左肺上下葉に大の結節を認めます前回より増。肝嚢胞転移なし疑い癌12m()、"


def records() -> list[str]:
    entity = {"id": "T1", "type": "Obj", "start": 0, "end": 2, "text": "結節", "confidence": 0.5}
    return [
        json.dumps({"id": "a", "text": REPORT}, ensure_ascii=False),
        json.dumps(
            {
                "id": 7,
                "text": "結節あり " + SECRET,
                "offset_unit": "utf16",
                "entities": [entity],
                "relations": [{"type": "modify", "head": "T1", "tail": "T1"}],
            },
            ensure_ascii=False,
        ),
        json.dumps(
            {
                "id": None,
                "text": "\U00020bb7\u0000",
                "entities": [entity | {"end": 99, SECRET: SECRET}],
                "findings": [{"object": "T1", "certainty": {"class": "denial"}}],
            }
        ),
        '{"id":"e","error":{"code":"invalid_text","message":"m"}}',
        '{"text":"\\ud800"}',
        '{"text":1e999}',
        "[1]",
    ]


def hl7() -> list[bytes]:
    header = "MSH|^~\\&|RIS|H|||20240101||ORU^R01|1|P|2.5|||||JPN|{}\r"
    body = (
        "PID|1||42^^^H\rORC|RE|7|8\rOBR|1|5|9|CT\rOBX|1|TX|18782-3^F^LN||右肺に結節。\\.br\\肝に嚢胞~変化なし||||||F\r"
        "OBX|2|FT|19005-8^I^LN||肺癌疑い。\\X0D\\\\T\\||||||F\rOBX|3|ED|x||" + SECRET + "\r"
    )
    utf8 = (header.format("UNICODE UTF-8") + body).encode()
    jis = (header.format("~ISO IR87") + body).encode("iso2022_jp")
    cp932 = (header.format("CP932") + body).encode("cp932")
    return [
        utf8,
        b"\x0b" + jis + b"\x1c\r" + utf8,
        b"FHS|\rBHS|\r" + cp932 + b"BTS|\r",
        b"NTE|1\r" + utf8.replace(b"\r", b"\r\n"),
    ]


def file_seeds() -> dict[str, list[bytes]]:
    """For readers of annotations, records, messages, terms and other encodings."""
    text = REPORT.encode()
    ann = (
        "T1\tObj 0 2\t【所\nT2\tAtt 5 7;8 9\t右肺 葉\nR1\tmodify Arg1:T2 "
        "Arg2:T1\n#1\tAnnotatorNotes T1\tspan 0 2\n"
        "A1\tCertainty T1 denial\nE1\tx\n" + SECRET + "\n"
    )
    stream = "# newdoc id = a\nT1\tObj 0 1\t結\n# newdoc id = b\n# error = x\n"
    table = (
        "term\tcode\tname\tsystem\n結節\tE-1\tNodule\tEX\n"
        " すり ｶﾞﾗｽ \tE-2\tGGO\n# note\nGGN\tE-3\tGGN\n"
    )
    conll = "# id = a\n結\tB-Obj\n節\tI-Obj\n\nあ\tO\n-DOCSTART- O\n\\u{3042}\tB-A\\sB\n"
    return {
        "brat": [
            REPORT.encode() + b"\0" + ann.encode(),
            "結節".encode() + b"\0" + stream.encode(),
            b"a\r\nb c\0T1\tx 0 6\ta b c\nT2\ty 0 4;5 6\ta b c\n",
        ],
        "charsets": [
            bytes([0]) + text,
            bytes([1]) + REPORT.encode("cp932"),
            bytes([2]) + REPORT.encode("euc_jp"),
            bytes([3]) + "右肺に結節。ab".encode("iso2022_jp"),
            bytes([4]) + "右肺\U00020bb7".encode("utf-16"),
            bytes([251]) + REPORT.encode("cp932"),
            bytes([3]) + b"\x1b(Iab\x1b$(Da!\x1b(Jx\x1b(B",
        ],
        "conll": [
            bytes([0]) + conll.encode(),
            bytes([1]) + "結\t0\t1\tI-Obj\n節\t1\t2\tI-Obj\n\n。\t5\t6\tB-Obj\n".encode(),
            bytes([1]) + ("a B-x\n# comment\n" + SECRET + "\n").encode(),
        ],
        "hl7": [bytes([15, 7]) + message for message in hl7()],
        "json_lines": [
            bytes([settings]) + record.encode()
            for settings, record in zip((0, 7, 9, 3, 1, 16, 0), records(), strict=True)
        ],
        "terms": [
            b"x\n" + table.encode(),
            "多発小結節 3.5×２cm、長径15㎜大\n".encode() + table.encode(),
            "疑い S10\nS1\tC\tN\n".encode(),
            ("否定できない\n" + SECRET + "\tx\n").encode(),
        ],
    }


def text_seeds() -> dict[str, list[bytes]]:
    """For what works on a text before a model does."""
    text = REPORT.encode()
    return {
        "cut_pattern": [
            "^所見[:：]?\n所見: 肺に結節\n所見なし".encode(),
            b"(a+)+$\naaaaaaaaaaaaaaaaaaaaaaaaaab",
            "[一-龠]{2,}|\\d+(?=mm)\n12mm大の結節".encode(),
            b"(?i)\\bx\\b\\Qa\\E(?<n>.)\\k<n>\nX aa bb",
        ],
        "document": [
            text,
            "a\U00020bb7é".encode(),
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"a" * 200 + "結".encode() * 30,
        ],
        "normalization": [bytes([1, step]) + text for step in range(8)]
        + [
            bytes([3, 1, 58, 4]) + "ｶﾞ①㎜\r\n…か\u3099\u0301".encode(),
            bytes([2, 2, 0]) + "ﬃ −〜  ー－".encode(),
        ],
        "sentences": [
            text,
            "あいうえおかきくけこさしすせそた\n続き\n\n3。肺 ".encode(),
            b"[CT]  a.b? c! d",
        ],
        "tokenizers": [
            bytes([which, 0, 0]) + "右肺にab-c 12mmのｶﾞ㎜、É Straße(結節)を認めます。".encode()
            for which in range(26)
        ],
    }


def http_seeds() -> dict[str, list[bytes]]:
    """For what reads requests: made or raw, cap, cut, sizes of pieces, the body."""
    text = REPORT.encode()
    sizes = bytes([3, 0, 6, 250])
    raw = bytes([0, 3, 0, 4]) + sizes
    made = bytes([1, 3, 0, 9]) + sizes
    return {
        "chunk_framing": [
            raw + b'5\r\na\r\n\r\n\r\n0a;b="c"\r\n0123456789\r\n00\r\nX-a: b\r\n\r\nGET /',
            raw + b"%x\r\n" % len(text) + text + b"\r\n0\r\n\r\n",
            raw + b"1\r\nab",
            raw + b"0\r\n X: y\r\n\r\n",
            bytes([0, 1, 0, 0, 0]) + b"6\r\n",
            bytes([0, 2, 0, 0, 0]) + b"41\r\n",
            bytes([0, 4, 0, 0, 0]) + b"0ffffffffffffffff\r\nab",
            bytes([0, 4, 0, 0, 0]) + b"10000000000000001\r\nab",
            made + bytes([48, 20]) + text[:20] + b"\1\2=a\3abc\2\3\1X\2 y\4\5\3GET",
        ],
    }


def model_seeds() -> dict[str, list[bytes]]:
    """For readers of model files and what computes with a model."""
    text = REPORT.encode()
    tokens = list("結節右肺。")
    return {
        "c_abi": [
            bytes([1, 255, 7, 200, 0, 0, 60, 40, 0, 40, 1, 2, 30])
            + "結節を認める。".encode()
            + bytes([6, 1, 0, 4, 9, 9, 9, 9, 8, 0, 2]),
            bytes([0, 1, 0, 1, 1, 1, 7, 100, 0, 0, 0, 0, 0, 5, 2, 9])
            + "右肺結".encode()
            + bytes([9, 1, 0, 6, 0, 1, 3, 3]),
        ],
        "crf": [
            bytes(range(60)),
            bytes([2, 3, 1] + [i * 37 % 256 for i in range(90)]),
            bytes([1, 2, 5] + [255 - i for i in range(60)]),
        ],
        "extractor": [
            *(bytes([15 + 16 * layout]) + text for layout in range(4)),
            bytes([3]) + "結節。\n肝嚢胞".encode() + b"\xff" + "結節".encode() + b"\xffx\xe3\x81",
            bytes([7]) + "前回より増大の結節を認める右肺上葉に大".encode() * 4,
        ],
        "kernels": [
            bytes([set_, operation, 7, 33, 40, 3, 1, 12, 1, 5, 2, 4])
            for set_ in range(8)
            for operation in range(8)
        ]
        # Products (bf16, int8, fp32) with weights of each stored type, a bias, an activation.
        + [
            bytes([set_, operation, 18, 40, 70, 3, 1, 12, 1, 5])
            + bytes([(3 * set_ + place) % 4, 13, 1 + set_ % 4, set_ // 2 % 2, place % 2, set_ % 2])
            for set_ in range(8)
            for place, operation in enumerate((0, 1, 5))
        ],
        "model_config": [
            metadata_only({}),
            metadata_only({"text": {"normalization": "none", "sentences": "radiology-ja"}}),
            metadata_only({"sentencepiece.v": base64.b64encode(sentencepiece()).decode()}),
        ],
        "model_header": [plain_tensors(), struct.pack("<Q", 2) + b"{}"],
        "model_load": [
            whole_model(4, tokens, "e"),
            whole_model(4, tokens, "r"),
            whole_model(4, tokens, "r", "shared"),
            whole_model(4, tokens, "e", head="softmax"),
            whole_model(2, tokens, "n"),
            whole_model(4, tokens, "r", "tail"),
            # Panels of 16 are read by AVX2, of 32 by AVX-512.
            *(
                whole_model(4, tokens, stages, packed=(width, int8))
                for width in (16, 32)
                for stages, int8 in (("e", False), ("e", True), ("r", True))
            ),
        ],
        "sentencepiece_model": [
            sentencepiece(),
            sentencepiece(2),
            sentencepiece(pieces=("a", "\u2581", "b")),
        ],
    }


def writer_seeds() -> dict[str, list[bytes]]:
    """For what writes reports."""
    text = REPORT.encode()
    return {
        "write_html": [
            bytes([4, 1, 2, 3, 4]) + b"a&<>\"'" * 4 + text,
            bytes(range(90)) + text,
            bytes([0, 0, 2, 0, 3, 1, 2, 3, 1, 230, 3]) + b"<b>" * 9 + text,
        ],
        "write_json": [
            bytes([1, 3]) + b'id"' + bytes([2, 1, 2, 1, 2, 0, 255, 1, 2]) + b"ab" * 20 + text,
            bytes(range(80)) + text,
            bytes([4, 0, 3, 0, 1, 0, 1, 0, 1, 250, 4]) + b"\x00\x01\x7f\xff" + b"\x01" * 30 + text,
            bytes([9]) + bytes(range(80)) + text,
            bytes([12]) + bytes(range(7, 90)) + text,
        ],
    }


def seeds() -> dict[str, list[bytes]]:
    """The inputs of each target."""
    return file_seeds() | text_seeds() | http_seeds() | model_seeds() | writer_seeds()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=HERE / "corpus")
    options = parser.parse_args()
    (HERE / "tiny.radie").write_bytes(whole_model(8, sorted(set(CHARACTERS)), "er"))
    for target, inputs in seeds().items():
        folder = options.folder / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs):
            (folder / f"seed-{number:02}").write_bytes(data)


if __name__ == "__main__":
    main()
