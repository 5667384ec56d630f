"""radie tokenize: what it says when it cannot."""

import subprocess
import unittest

from harness import RADIE, WORK, radie, records, tiny_model
from vocabularies import CASED, CHAR, PIECES, has


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

    def test_a_damaged_file_does_not_stop_the_others(self) -> None:
        last = WORK / "last.txt"
        last.write_text("肺炎", encoding="utf-8")
        for name in ("a.txt.gz", "a.jsonl.gz"):
            damaged = WORK / name
            damaged.write_bytes(b"\x1f\x8b\x08\0")
            done = radie("tokenize", "--format", "jsonl", damaged, last)
            self.assertEqual(done.returncode, 1)
            self.assertEqual([r["id"] for r in records(done.stdout)], ["last.txt"])
            self.assertEqual(done.stderr.count(b"\n"), 1)
            self.assertIn(name.encode() + b": byte ", done.stderr)

    def test_it_never_reads_what_it_writes(self) -> None:
        folder = WORK / "itself"
        folder.mkdir()
        (folder / "a.txt").write_text("肺炎", encoding="utf-8")
        with (folder / "b.jsonl").open("wb") as stdout:
            done = subprocess.run(
                [RADIE, "tokenize", "--model", tiny_model(), folder],
                stdout=stdout,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"b.jsonl: the output is one of the inputs", done.stderr)
        self.assertEqual([r["id"] for r in records((folder / "b.jsonl").read_bytes())], ["a.txt"])

    def test_an_output_that_cannot_be_written_ends_it(self) -> None:
        path = WORK / "some.txt"
        path.write_text("肺炎", encoding="utf-8")
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [RADIE, "tokenize", "--model", tiny_model(), path, path],
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count(b"cannot write the output"), 1)

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


if __name__ == "__main__":
    unittest.main()
