"""radie tokenize, inspect: tokenisers that a model file holds or names."""

import base64
import json
import struct
import unittest
from pathlib import Path
from typing import Any

from harness import WORK, radie, read_safetensors, records
from vocabularies import CASED, GOLDEN, PIECES, has


def with_tokenizer(
    name: str, tokenizer: dict[str, Any], more: dict[str, Any], vocab: list[str]
) -> Path:
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
