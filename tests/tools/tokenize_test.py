"""radie tokenize: records, tables, offsets."""

import json
import unittest
from typing import Any

from harness import SAMPLES, WORK, json_lines, radie, records, tiny_model
from vocabularies import CASED, CHAR, GOLDEN, PIECES, has


def golden(name: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in (GOLDEN / f"tokenizer_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


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


if __name__ == "__main__":
    unittest.main()
