"""Makes tiny.radie, the model that targets read reports with, and first inputs for every target.

    make_seeds.py [FOLDER]     writes FOLDER/TARGET/seed-… and tests/fuzz/tiny.radie
                               (FOLDER: tests/fuzz/corpus)

Deterministic; every text is invented.
"""

import argparse
import base64
import json
import random
import struct
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
SECRET = "S3cr3t"
REPORT = (
    "【所見】\n右肺上葉に１２mm大の結節を認めます。前回より増大。\r\n"
    "・肝に嚢胞(S4)を認める。ｶﾞﾝの可能性。\n【診断】肺癌疑い。"
)
CHARACTERS = "右左肺上下葉に大の結節を認めます前回より増。肝嚢胞転移なし疑い癌12m()、"


class Model:
    """A model file put together tensor by tensor."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.metadata: dict[str, Any] = {"format": "radie", "format_version": "1"}
        self.tensors: list[tuple[str, str, list[int], bytes]] = []

    def add(self, name: str, shape: list[int], spread: float = 0.5, offset: float = 0.0) -> None:
        count = 1
        for size in shape:
            count *= size
        values = [offset + self.random.gauss(0, spread) for _ in range(count)]
        self.tensors.append((name, "F16", shape, struct.pack(f"<{count}e", *values)))

    def add_encoder(self, stage: str, encoder: dict[str, Any]) -> None:
        h, i = encoder["hidden_size"], encoder["intermediate_size"]
        base = f"{stage}.bert."
        for table, key in (
            ("word", "vocab_size"),
            ("position", "max_position_embeddings"),
            ("token_type", "type_vocab_size"),
        ):
            self.add(f"{base}embeddings.{table}_embeddings.weight", [encoder[key], h], 1.0)
        self.add_norm(base + "embeddings.LayerNorm", h)
        for layer in range(encoder["num_hidden_layers"]):
            at = f"{base}encoder.layer.{layer}."
            for part in ("query", "key", "value"):
                self.add_linear(f"{at}attention.self.{part}", h, h)
            self.add_linear(at + "attention.output.dense", h, h)
            self.add_norm(at + "attention.output.LayerNorm", h)
            self.add_linear(at + "intermediate.dense", i, h)
            self.add_linear(at + "output.dense", h, i)
            self.add_norm(at + "output.LayerNorm", h)

    def add_linear(self, name: str, outputs: int, inputs: int) -> None:
        self.add(name + ".weight", [outputs, inputs])
        self.add(name + ".bias", [outputs], 0.1)

    def add_norm(self, name: str, size: int) -> None:
        self.add(name + ".weight", [size], 0.1, 1.0)
        self.add(name + ".bias", [size], 0.1)

    def bytes(self) -> bytes:
        metadata = {
            key: value
            if isinstance(value, str)
            else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            for key, value in self.metadata.items()
        }
        header: dict[str, object] = {"__metadata__": metadata}
        buffer = b""
        for name, dtype, shape, data in self.tensors:
            header[name] = {
                "dtype": dtype,
                "shape": shape,
                "data_offsets": [len(buffer), len(buffer) + len(data)],
            }
            buffer += data
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-(8 + len(text)) % 64 if "packed" in metadata else 0)
        return struct.pack("<Q", len(text)) + text + buffer

    def pack(self, width: int, int8: bool) -> None:
        """Into a packed file (docs/model-format.md).

        With `int8` the layers of encoders are rounded to it; all others stay as they are.
        """
        layouts: dict[str, dict[str, Any]] = {
            "F16": {"dtype": "F16", "width": width, "group": 1, "depth_unit": 1},
            "I8": {"dtype": "I8", "width": width, "group": 4, "depth_unit": 64},
        }
        if width == 16:
            layouts["I8"]["quad_limit"] = 258
        self.metadata["packed"] = {
            "version": 1,
            "byte_order": "little",
            "precision": "int8" if int8 else "fp16",
            "layouts": list(layouts.values()) if int8 else [layouts["F16"]],
            "parameters": 1,
        }
        stored = {
            name: (shape, list(struct.unpack(f"<{len(data) // 2}e", data)))
            for name, _, shape, data in self.tensors
        }
        biases = {name.removesuffix(".bias") for name in stored if name.endswith(".bias")}
        layers = [
            name.removesuffix(".weight")
            for name, (shape, _) in stored.items()
            if name.endswith(".weight")
            and len(shape) == 2
            and name.removesuffix(".weight") in biases
        ]
        panels: list[tuple[str, str, list[int], bytes]] = []
        rest = [
            tensor
            for tensor in self.tensors
            if tensor[0].removesuffix(".weight") not in layers or tensor[0].endswith(".bias")
        ]
        for layer in layers:
            if layer.endswith((".key", ".value")):
                continue
            parts = (
                [layer, layer[:-5] + "key", layer[:-5] + "value"]
                if layer.endswith(".query")
                else [layer]
            )
            name = layer + "_key_value" * (len(parts) > 1)
            inputs = stored[layer + ".weight"][0][1]
            rows = [
                values[i : i + inputs]
                for part in parts
                for values in [stored[part + ".weight"][1]]
                for i in range(0, len(values), inputs)
            ]
            layout = layouts["I8" if int8 and ".encoder.layer." in layer else "F16"]
            if layout["dtype"] == "I8":
                scales = [max(map(abs, row)) / 127 for row in rows]
                rows = [
                    [round(value / scale) for value in row]
                    for row, scale in zip(rows, scales, strict=True)
                ]
                rest.append(
                    (
                        name + ".sums",
                        "F32",
                        [len(rows)],
                        struct.pack(f"<{len(rows)}f", *map(sum, rows)),
                    )
                )
                outputs = len(rows) // len(parts)
                rest += [
                    (
                        part + ".weight_scale",
                        "F32",
                        [outputs],
                        struct.pack(f"<{outputs}f", *scales[n * outputs : (n + 1) * outputs]),
                    )
                    for n, part in enumerate(parts)
                ]
            panels.append((name + ".panels", layout["dtype"], *in_panels(rows, layout)))
        self.tensors = panels + rest


def in_panels(rows: list[list[float]], layout: dict[str, Any]) -> tuple[list[int], bytes]:
    """The shape of the panels of a matrix, and their bytes."""
    width, group, unit = (int(layout[key]) for key in ("width", "group", "depth_unit"))
    panels, depth = -(-len(rows) // width), -(-len(rows[0]) // unit) * unit
    values = [
        rows[output][k] if output < len(rows) and k < len(rows[0]) else 0
        for panel in range(panels)
        for d in range(0, depth, group)
        for output in range(panel * width, (panel + 1) * width)
        for k in range(d, d + group)
    ]
    return [panels, depth // group, width, group], struct.pack(
        f"<{len(values)}{'b' if layout['dtype'] == 'I8' else 'e'}", *values
    )


def encoder(hidden: int, vocabulary: int, positions: int, types: int = 2) -> dict[str, object]:
    return {
        "hidden_size": hidden,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": hidden,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
    }


def tokenizer(name: str) -> dict[str, object]:
    return {
        "profile": "char",
        "vocab": name,
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }


SCHEMA = {
    "name": "two",
    "entity_types": [
        {"name": "Obj", "role": "object", "certainty": "likely"},
        {"name": "Att", "role": "attribute"},
    ],
    "relation_types": [
        {"name": "modify", "heads": ["Att"], "tails": ["Obj"]},
        {"name": "evidence", "heads": ["Obj"], "tails": ["Obj"]},
    ],
}
MARKERS = {
    "head_start": "<{type}>",
    "head_end": "</{type}>",
    "tail_start": "<{type}>",
    "tail_end": "</{type}>",
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "<Obj>", "</Obj>", "<Att>", "</Att>"]


def whole_model(
    hidden: int,
    tokens: list[str],
    stages: str,
    layout: str = "pair",
    head: str = "crf",
    packed: tuple[int, bool] | None = None,
) -> bytes:
    """Stages: any of "e" (entities), "r" (relations); or "n", an encoder alone.

    `packed`: width of panels, int8?
    """
    model = Model(len(tokens) * 7 + hidden)
    meta = model.metadata
    meta["model"] = {
        "name": "tiny",
        "version": "1",
        "license": "Apache-2.0",
        "description": "random weights",
        "sources": [],
    }
    meta["text"] = {"normalization": "radiology-ja", "sentences": "radiology-ja"}
    meta["vocab.v"] = SPECIAL + tokens
    size = encoder(hidden, len(SPECIAL) + len(tokens), 24, 6)
    if "n" in stages:
        meta["encoder"] = {"encoder": size, "tokenizer": tokenizer("v")}
        model.add_encoder("encoder", size)
        return model.bytes()
    meta["schema"] = SCHEMA
    if "e" in stages:
        labels = ["O", "B-Obj", "I-Obj", "B-Att", "I-Att"]
        meta["entities"] = {
            "encoder": size,
            "tokenizer": tokenizer("v"),
            "labels": labels,
            "head": head,
        }
        model.add_encoder("entities", size)
        model.add_linear("entities.classifier", len(labels), hidden)
        if head == "crf":
            model.add("entities.crf.start_transitions", [5])
            model.add("entities.crf.end_transitions", [5])
            model.add("entities.crf.transitions", [5, 5])
    if "r" in stages:
        meta["relations"] = {
            "encoder": size,
            "tokenizer": tokenizer("v"),
            "labels": ["none", "modify", "evidence"],
            "layout": layout,
            "pooling": "both",
            "combine": "concat",
            "context_tokens": 6,
            "scope": {"kind": "tokens", "limit": 12},
            "temperature": 1.5,
        }
        if layout != "shared":
            meta["relations"]["markers"] = MARKERS
        model.add_encoder("relations", size)
        model.add_linear("relations.classifier.dense", 3, 2 * hidden)
        model.add_linear("relations.classifier.out_proj", 3, 3)
    if packed:
        model.pack(*packed)
    return model.bytes()


def metadata_only(changes: dict[str, object]) -> bytes:
    """The header of a model with both stages; no tensors."""
    model = Model(0)
    tokens = [*SPECIAL, "a", "b"]
    stage = {"encoder": encoder(4, len(tokens), 16), "tokenizer": tokenizer("v")}
    model.metadata |= {
        "model": {
            "name": "m",
            "version": "1",
            "license": "l",
            "description": "d",
            "sources": [{"role": "entities", "file": "a.bin", "sha256": "00ff"}],
        },
        "text": {
            "normalization": ["nfkc", {"h2z": ["kana"]}, {"cut_header": "^A+"}],
            "sentences": "none",
        },
        "schema": SCHEMA,
        "entities": stage | {"labels": ["O", "B-Obj", "I-Obj", "B-Att", "I-Att"], "head": "crf"},
        "relations": stage
        | {
            "labels": ["none", "modify", "evidence"],
            "layout": "tail",
            "markers": MARKERS,
            "pooling": "both",
            "combine": "concat",
            "context_tokens": 6,
            "scope": {"kind": "sentence"},
        },
        "vocab.v": tokens,
    }
    model.metadata |= changes
    return model.bytes()


def plain_tensors() -> bytes:
    model = Model(3)
    model.metadata = {"a": "b"}
    model.add("w", [2, 3])
    model.add("b", [3])
    model.add("s", [])
    return model.bytes()


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


def sentencepiece(
    kind: int = 1,
    pieces: tuple[str, ...] = ("\u2581", "結節", "結", "節", "a", "b", "ab", "\u2581a"),
) -> bytes:
    def field(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2, len(data)]) + data

    model = field(1, field(1, b"<unk>") + b"\x15" + struct.pack("<f", 0) + b"\x18\x02")
    for rank, piece in enumerate(pieces):
        model += field(1, field(1, piece.encode()) + b"\x15" + struct.pack("<f", -1.0 - rank))
    return (
        model
        + field(2, bytes([3 << 3, kind]))
        + field(3, field(1, b"identity") + b"\x18\x01\x20\x01")
    )


def seeds() -> dict[str, list[bytes]]:
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
    tokens = list("結節右肺。")
    return {
        "brat": [
            REPORT.encode() + b"\0" + ann.encode(),
            "結節".encode() + b"\0" + stream.encode(),
            b"a\r\nb c\0T1\tx 0 6\ta b c\nT2\ty 0 4;5 6\ta b c\n",
        ],
        "c_abi": [
            bytes([1, 255, 7, 200, 0, 0, 60, 40, 0, 40, 1, 2, 30])
            + "結節を認める。".encode()
            + bytes([6, 1, 0, 4, 9, 9, 9, 9, 8, 0, 2]),
            bytes([0, 1, 0, 1, 1, 1, 7, 100, 0, 0, 0, 0, 0, 5, 2, 9])
            + "右肺結".encode()
            + bytes([9, 1, 0, 6, 0, 1, 3, 3]),
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
        "crf": [
            bytes(range(60)),
            bytes([2, 3, 1] + [i * 37 % 256 for i in range(90)]),
            bytes([1, 2, 5] + [255 - i for i in range(60)]),
        ],
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
        "extractor": [
            *(bytes([15 + 16 * layout]) + text for layout in range(4)),
            bytes([3]) + "結節。\n肝嚢胞".encode() + b"\xff" + "結節".encode() + b"\xffx\xe3\x81",
            bytes([7]) + "前回より増大の結節を認める右肺上葉に大".encode() * 4,
        ],
        "hl7": [bytes([15, 7]) + message for message in hl7()],
        "json_lines": [
            bytes([settings]) + record.encode()
            for settings, record in zip((0, 7, 9, 3, 1, 16, 0), records(), strict=True)
        ],
        "kernels": [
            bytes([set_, operation, 7, 33, 40, 3, 1, 12, 1, 5, 2, 4])
            for set_ in range(8)
            for operation in range(8)
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
        "normalization": [bytes([1, step]) + text for step in range(8)]
        + [
            bytes([3, 1, 58, 4]) + "ｶﾞ①㎜\r\n…か\u3099\u0301".encode(),
            bytes([2, 2, 0]) + "ﬃ −〜  ー－".encode(),
        ],
        "sentencepiece_model": [
            sentencepiece(),
            sentencepiece(2),
            sentencepiece(pieces=("a", "\u2581", "b")),
        ],
        "sentences": [
            text,
            "あいうえおかきくけこさしすせそた\n続き\n\n3。肺 ".encode(),
            b"[CT]  a.b? c! d",
        ],
        "terms": [
            b"x\n" + table.encode(),
            "多発小結節 3.5×２cm、長径15㎜大\n".encode() + table.encode(),
            "疑い S10\nS1\tC\tN\n".encode(),
            ("否定できない\n" + SECRET + "\tx\n").encode(),
        ],
        "tokenizers": [
            bytes([which, 0, 0]) + "右肺にab-c 12mmのｶﾞ㎜、É Straße(結節)を認めます。".encode()
            for which in range(26)
        ],
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
