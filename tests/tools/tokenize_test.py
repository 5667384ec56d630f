"""radie tokenize: records, tables, offsets, and what it says when it cannot."""

import base64
import json
import struct
import unittest
from pathlib import Path

from harness import SAMPLES, SOURCE, WORK, json_lines, radie, read_safetensors, records, tiny_model

GOLDEN = SOURCE / "tests/golden"
CASED = GOLDEN / "vocab_cased.txt"
CHAR = GOLDEN / "vocab_char.txt"
PIECES = GOLDEN / "sentencepiece_small.model"


def has(option: str) -> bool:
    return f"RADIE_WITH_{option}: on" in radie("--version").stdout.decode()


def golden(name: str) -> list[dict]:
    return [
        json.loads(line)
        for line in (GOLDEN / f"tokenizer_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def with_tokenizer(name: str, tokenizer: dict, more: dict, vocab: list[str]) -> Path:
    """The golden encoder-only model of 32 hidden units, its embeddings cut to the vocabulary, with
    a tokenizer."""
    header, data = read_safetensors(GOLDEN / "encoder_h32_heads4.radie")
    metadata = header.pop("__metadata__")
    encoder = json.loads(metadata["encoder"])
    words = "encoder.bert.embeddings.word_embeddings.weight"
    rows, width = header[words]["shape"]
    pieces, out, end = [], {}, 0
    for tensor in sorted(header, key=lambda t: header[t]["data_offsets"]):
        facts = header[tensor]
        begin, stop = facts["data_offsets"]
        piece = data[begin:stop]
        if tensor == words:
            piece = (piece * (len(vocab) // rows + 1))[: len(vocab) * width * 4]
            facts["shape"] = [len(vocab), width]
        out[tensor] = {**facts, "data_offsets": [end, end + len(piece)]}
        end += len(piece)
        pieces.append(piece)
    encoder["encoder"]["vocab_size"] = len(vocab)
    encoder["tokenizer"] = {
        "vocab": "v",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        **tokenizer,
    }
    metadata.update(encoder=json.dumps(encoder), **{"vocab.v": json.dumps(vocab)}, **more)
    text = json.dumps({"__metadata__": metadata, **out}).encode()
    text += b" " * (-len(text) % 8)
    path = WORK / f"{name}.radie"
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(pieces))
    return path


class Profiles(unittest.TestCase):
    def expect_golden(self, name: str, *arguments: object) -> None:
        cases = golden(name)
        done = radie(
            "tokenize",
            *arguments,
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines(*({"text": c["text"]} for c in cases)),
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        found = records(done.stdout)
        self.assertEqual([[t["id"] for t in r["tokens"]] for r in found], [c["ids"] for c in cases])
        for record, case in zip(found, cases, strict=True):
            for token in record["tokens"]:
                self.assertLess(token["start"], token["end"])
                self.assertLessEqual(token["end"], len(case["text"]))

    def test_bert_basic(self) -> None:
        self.expect_golden(
            "wordpiece_cased", "--profile", "bert-basic", "--vocab", CASED, "--lower-case", "false"
        )
        self.expect_golden(
            "wordpiece_uncased", "--profile", "bert-basic", "--vocab", GOLDEN / "vocab_uncased.txt"
        )
        self.expect_golden(
            "wordpiece_no_cjk_spacing",
            "--profile",
            "bert-basic",
            "--vocab",
            CASED,
            "--lower-case",
            "false",
            "--no-chinese-spacing",
        )

    def test_characters(self) -> None:
        self.expect_golden("ja_char", "--profile", "bert-ja-char", "--vocab", CHAR)
        self.expect_golden(
            "ja_char_basic",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "--word-tokenizer",
            "basic",
        )

    def test_sentencepiece(self) -> None:
        if not has("SENTENCEPIECE"):
            self.skipTest("built without SentencePiece")
        self.expect_golden("sentencepiece", "--profile", "sentencepiece", "--vocab", PIECES)

    def test_mecab(self) -> None:
        probe = radie(
            "tokenize", "--profile", "bert-ja-mecab-ipadic", "--vocab", CASED, "-", stdin=b"x"
        )
        if b"is not on this machine" in probe.stderr or not has("MECAB"):
            self.skipTest(probe.stderr.decode())
        self.expect_golden("mecab_ipadic", "--profile", "bert-ja-mecab-ipadic", "--vocab", CASED)
        self.expect_golden(
            "ja_char_mecab",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "--word-tokenizer",
            "mecab",
            "--dictionary-name",
            "ipadic",
        )


class Output(unittest.TestCase):
    def test_special_tokens_and_units(self) -> None:
        text = "\U0001f600右肺\n"
        for unit, scale in (("codepoint", (1, 1, 1)), ("utf8", (4, 3, 3)), ("utf16", (2, 1, 1))):
            done = radie(
                "tokenize",
                "--profile",
                "bert-ja-char",
                "--vocab",
                CHAR,
                "--special-tokens",
                "--offsets",
                unit,
                "-",
                stdin=text.encode(),
            )
            (record,) = records(done.stdout)
            a, b, c = scale
            spans = [(t["start"], t["end"]) for t in record["tokens"]]
            self.assertEqual(
                spans,
                [
                    (0, 0),
                    (0, a),
                    (a, a + b),
                    (a + b, a + b + c),
                    (a + b + c, a + b + c + 1),
                    (a + b + c + 1,) * 2,
                ],
            )
            self.assertEqual([t["text"] for t in record["tokens"]][::5], ["[CLS]", "[SEP]"])

    def test_table(self) -> None:
        done = radie(
            "tokenize",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "--format",
            "table",
            "-",
            stdin="肺\tx\n".encode(),
        )
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[0], "stdin")
        self.assertEqual(
            [line.split("\t")[1:3] for line in lines[1:]],
            [["0", "1"], ["1", "2"], ["2", "3"], ["3", "4"]],
        )
        self.assertTrue(lines[2].endswith("\\t") and lines[4].endswith("\\n"))

    def test_a_model_reads_sentence_by_sentence(self) -> None:
        report = SAMPLES[0]
        text = report.read_text(encoding="utf-8")
        for stage in ("entities", "relations"):
            (record,) = records(
                radie(
                    "tokenize",
                    "--model",
                    tiny_model(),
                    "--stage",
                    stage,
                    "--special-tokens",
                    report,
                ).stdout
            )
            tokens = record["tokens"]
            begins = [t for t in tokens if t["text"] == "[CLS]"]
            self.assertEqual(len(begins), len([t for t in tokens if t["text"] == "[SEP]"]))
            self.assertTrue(all(t["start"] == t["end"] for t in begins))
            for token in tokens:
                if token["text"] not in ("[CLS]", "[SEP]", "[UNK]"):
                    self.assertIn(token["text"], text[token["start"] : token["end"]])

    def test_bad_lines_are_records(self) -> None:
        done = radie(
            "tokenize",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"id": "a", "text": "肺"}, {"id": "b"})
            + b"nonsense\n"
            + json_lines({"id": "c", "text": ""}),
        )
        self.assertEqual(done.returncode, 1)
        a, b, c, d = records(done.stdout)
        self.assertEqual((a["id"], d["id"], d["tokens"]), ("a", "c", []))
        self.assertEqual((b["id"], b["error"]["code"]), ("b", "invalid_input"))
        self.assertEqual((c["line"], c["error"]["code"]), (3, "invalid_input"))

    def test_text_that_is_not_utf8(self) -> None:
        done = radie(
            "tokenize",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "-",
            stdin="肺".encode() + b"\xff",
        )
        self.assertEqual(done.returncode, 1)
        (record,) = records(done.stdout)
        self.assertEqual((record["error"]["code"], record["error"]["offset"]), ("invalid_text", 3))


class Refusals(unittest.TestCase):
    def expect(self, code: int, part: str, *arguments: object) -> None:
        done = radie("tokenize", *arguments, "-", stdin="肺".encode())
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(part, done.stderr.decode())
        self.assertEqual(done.stdout, b"")

    def test_usage(self) -> None:
        self.expect(2, "--vocab", "--profile", "bert-basic")
        self.expect(2, "--profile", "--vocab", CASED)
        self.expect(
            2, "either", "--profile", "bert-basic", "--vocab", CASED, "--model", tiny_model()
        )
        self.expect(
            2,
            "word_tokenizer",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "--word-tokenizer",
            "juman",
        )
        self.expect(
            2,
            "dictionary",
            "--profile",
            "bert-ja-char",
            "--vocab",
            CHAR,
            "--word-tokenizer",
            "mecab",
        )
        self.expect(3, '"bert-basic"', "--profile", "moses", "--vocab", CASED)
        self.expect(1, "none.txt", "--profile", "bert-basic", "--vocab", WORK / "none.txt")
        self.expect(3, "no stage", "--model", tiny_model(), "--stage", "encoder")
        self.expect(2, "no stage is called 'both'", "--model", tiny_model(), "--stage", "both")
        lines = WORK / "lines.jsonl"
        lines.write_text('{"text": "a"}\n')
        self.expect(
            2, "UTF-8 always; --encoding", "--model", tiny_model(), "--encoding", "cp932", lines
        )
        message = WORK / "message.hl7"
        message.write_bytes(b"MSH|^~\\&|\r")
        done = radie("tokenize", message)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"HL7", done.stderr)

    def test_encodings(self) -> None:
        text = "右肺に①結節12㎜、ﾌﾟﾗｰｸ。\n"
        tokens = []
        for encoding in ("utf-8", "cp932"):
            report = WORK / "report.txt"
            report.write_bytes(text.encode(encoding))
            (record,) = records(
                radie("tokenize", "--model", tiny_model(), "--encoding", encoding, report).stdout
            )
            tokens.append(record["tokens"])
        self.assertGreater(len(tokens[0]), 12)
        self.assertEqual(tokens[0], tokens[1])
        (record,) = records(
            radie("tokenize", "--model", tiny_model(), "--encoding", "detect", report).stdout
        )
        self.assertEqual([warning["code"] for warning in record["warnings"]], ["encoding_detected"])
        self.assertEqual(record["tokens"], tokens[0])
        (record,) = records(
            radie("tokenize", "--model", tiny_model(), "--encoding", "euc-jp", report).stdout
        )
        self.assertEqual((record["error"]["code"], record["error"]["offset"]), ("invalid_text", 0))

    def test_vocabularies(self) -> None:
        path = WORK / "vocab.txt"
        path.write_text("[CLS]\n[SEP]\n肺\n", encoding="utf-8")
        self.expect(
            3,
            'unk_token "[UNK]" is not in the vocabulary of 3',
            "--profile",
            "bert-ja-char",
            "--vocab",
            path,
        )
        path.write_bytes(b"[UNK]\n\xff\n")
        self.expect(2, "not UTF-8 at byte 6", "--profile", "bert-basic", "--vocab", path)
        if has("SENTENCEPIECE"):
            self.expect(3, "sentencepiece model", "--profile", "sentencepiece", "--vocab", CASED)
            path.write_bytes(PIECES.read_bytes()[:-40])
            self.expect(3, "cut off", "--profile", "sentencepiece", "--vocab", path)

    def test_dictionaries(self) -> None:
        if not has("MECAB"):
            self.expect(
                3, "RADIE_WITH_MECAB", "--profile", "bert-ja-mecab-ipadic", "--vocab", CASED
            )
            return
        base = ("--profile", "bert-ja-mecab-ipadic", "--vocab", CASED)
        self.expect(3, "it has no dicrc", *base, "--dictionary", WORK)
        self.expect(3, '"no-such" is not on this machine', *base, "--dictionary-name", "no-such")
        self.expect(2, "no name of a dictionary", *base, "--dictionary-name", "../ipadic")
        self.expect(
            3,
            "user dictionary",
            *base,
            "--dictionary-name",
            "ipadic",
            "--user-dictionary",
            WORK / "none.dic",
        )


class Models(unittest.TestCase):
    def test_the_file_holds_the_sentencepiece_model(self) -> None:
        if not has("SENTENCEPIECE"):
            self.skipTest("built without SentencePiece")
        special = {"unk_token": "<unk>"}
        vocab = ["<first>", "<unk>", "[CLS]", "[SEP]", "▁", "肺"]
        encoded = base64.b64encode(PIECES.read_bytes()).decode()
        tokenizer = {"profile": "sentencepiece", **special}
        model = with_tokenizer("pieces", tokenizer, {"sentencepiece.v": encoded}, vocab)
        (record,) = records(radie("tokenize", "--model", model, "-", stdin="肺".encode()).stdout)
        self.assertEqual([t["id"] for t in record["tokens"]], [4, 5])
        for more, part in (
            ({}, "no key sentencepiece.v"),
            ({"sentencepiece.v": "a"}, "is not base64"),
            ({"sentencepiece.v": base64.b64encode(b"nonsense").decode()}, "sentencepiece model"),
        ):
            done = radie(
                "tokenize",
                "--model",
                with_tokenizer("broken", tokenizer, more, vocab),
                "-",
                stdin=b"x",
            )
            self.assertEqual(done.returncode, 3)
            self.assertIn(part, done.stderr.decode())

    def test_inspect_names_the_dictionary(self) -> None:
        probe = radie(
            "tokenize", "--profile", "bert-ja-mecab-ipadic", "--vocab", CASED, "-", stdin=b"x"
        )
        if probe.returncode != 0:
            self.skipTest(probe.stderr.decode())
        vocab = CASED.read_text(encoding="utf-8").splitlines()
        model = with_tokenizer("inspected", {"profile": "bert-ja-mecab-ipadic"}, {}, vocab)
        (stage,) = json.loads(radie("inspect", "--json", model).stdout)["stages"]
        self.assertEqual(
            (stage["tokenizer"], stage["settings"]),
            ("bert-ja-mecab-ipadic", {"dictionary": "ipadic"}),
        )

    def test_the_file_names_the_dictionary(self) -> None:
        vocab = CASED.read_text(encoding="utf-8").splitlines()
        model = with_tokenizer(
            "named", {"profile": "bert-ja-mecab-ipadic", "dictionary": "no-such"}, {}, vocab
        )
        done = radie("tokenize", "--model", model, "-", stdin=b"x")
        self.assertEqual(done.returncode, 3)
        self.assertIn(
            '"no-such" is not' if has("MECAB") else "RADIE_WITH_MECAB", done.stderr.decode()
        )
        model = with_tokenizer(
            "path", {"profile": "bert-ja-mecab-ipadic", "dictionary": "/etc"}, {}, vocab
        )
        done = radie("tokenize", "--model", model, "-", stdin=b"x")
        self.assertIn("encoder.tokenizer.dictionary: is no name", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
