"""radie encode against the golden hidden states; radie inspect against the file itself."""

import hashlib
import json
import math
import struct
import subprocess
import unittest
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness import DEMO_MODEL, SOURCE, WORK, radie, read_safetensors, tiny_model

GOLDEN = SOURCE / "tests/golden"


def tensor(header: dict[str, Any], data: bytes, name: str) -> list[float]:
    facts = header[name]
    begin, end = facts["data_offsets"]
    return list(
        struct.unpack(
            f"<{(end - begin) // 4}{'f' if facts['dtype'] == 'F32' else 'i'}", data[begin:end]
        )
    )


def line_of(sequence: dict[str, Any], pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """A golden sequence and its pairs; with layout levitated, behind it the markers that the pairs'
    rows count from."""
    ids, positions, rows, text = (
        list(sequence["ids"]),
        list(range(len(sequence["ids"]))),
        [],
        len(sequence["ids"]),
    )
    for pair in pairs:
        first = len(ids) if "markers" in pair else 0
        ids += pair.get("markers", [])
        positions += pair.get("positions", [])
        rows.append(
            {side: [first + row for row in pair[f"{side}_rows"]] for side in ("head", "tail")}
        )
    line = {"ids": ids, "token_types": sequence["types"] + [0] * (len(ids) - text), "pairs": rows}
    return line | {"text": text, "positions": positions} if len(ids) > text else line


def encode(
    model: Path, sequences: Sequence[object], *arguments: object
) -> tuple[subprocess.CompletedProcess[bytes], Path]:
    ids = WORK / "ids.jsonl"
    ids.write_text("".join(json.dumps(s) + "\n" for s in sequences), encoding="utf-8")
    out = WORK / "states.safetensors"
    done = radie("encode", "--model", model, *arguments, "--ids", ids, "--output", out)
    return done, out


class Encode(unittest.TestCase):
    def test_states_are_the_golden_ones(self) -> None:
        models = sorted(GOLDEN.glob("encoder_*.radie"))
        self.assertTrue(models)
        for model in models:
            header, data = read_safetensors(
                model.with_suffix("").with_suffix(".expected.safetensors")
            )
            layer = max(int(name.split(".")[1]) for name in header if name.startswith("layer."))
            lengths = sorted(int(name[4:]) for name in header if name.startswith("ids."))
            done, out = encode(
                model,
                [tensor(header, data, f"ids.{n}") for n in lengths],
                "--stage",
                "encoder",
                "--threads",
                2,
            )
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
            states_header, states_data = read_safetensors(out)
            self.assertEqual(
                [k for k in states_header if k != "__metadata__"],
                [str(n) for n in range(len(lengths))],
            )
            for index, length in enumerate(lengths):
                facts = states_header[str(index)]
                hidden = header[f"layer.{layer}.{length}"]["shape"][1]
                self.assertEqual((facts["dtype"], facts["shape"]), ("F32", [length, hidden]))
                states = tensor(states_header, states_data, str(index))
                rows = (
                    tensor(header, data, f"rows.{length}")
                    if f"rows.{length}" in header
                    else range(length)
                )
                expected = tensor(header, data, f"layer.{layer}.{length}")
                found = [x for row in rows for x in states[row * hidden : (row + 1) * hidden]]
                self.assertEqual(len(found), len(expected))
                self.assertLessEqual(
                    max(abs(a - b) for a, b in zip(found, expected, strict=True)), 1e-4, model.name
                )

    def test_the_file_is_whole(self) -> None:
        done, out = encode(
            tiny_model(), [[2, 5, 3], [2, 3], list(range(1, 60))], "--stage", "relations"
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        header, data = read_safetensors(out)
        (size,) = struct.unpack("<Q", out.read_bytes()[:8])
        self.assertEqual(size % 8, 0)
        end = 0
        for name in sorted((k for k in header if k != "__metadata__"), key=int):
            self.assertEqual(header[name]["data_offsets"][0], end)
            end = header[name]["data_offsets"][1]
            self.assertTrue(all(math.isfinite(x) for x in tensor(header, data, name)))
        self.assertEqual(end, len(data))

    def test_heads_of_a_tagger_are_the_golden_ones(self) -> None:
        for case in json.loads((GOLDEN / "tagger.json").read_text("utf-8"))["cases"]:
            sentences = [s for text in case["texts"] for s in text["sentences"]]
            done, out = encode(GOLDEN / case["model"], [s["ids"] for s in sentences], "--heads")
            self.assertEqual(done.returncode, 0, done.stderr)
            header, data = read_safetensors(out)
            count = len(case["labels"])
            for i, sentence in enumerate(sentences):
                length = len(sentence["ids"])
                self.assertEqual(header[f"emissions.{i}"]["shape"], [length, count])
                emissions = tensor(header, data, f"emissions.{i}")[count : (length - 1) * count]
                golden = [x for row in sentence["emissions"] for x in row]
                self.assertLessEqual(
                    max(abs(a - b) for a, b in zip(emissions, golden, strict=True)), 1e-4
                )
                path = sentence["constrained_path" if case["constrained"] else "path"]
                self.assertEqual(header[f"labels.{i}"]["dtype"], "I32")
                self.assertEqual(tensor(header, data, f"labels.{i}"), [-1, *path, -1])

    def test_heads_of_relations_are_the_golden_ones(self) -> None:
        for case in json.loads((GOLDEN / "relation.json").read_text("utf-8"))["cases"]:
            lines, golden = [], []
            for text in case["texts"]:
                for number, sequence in enumerate(text["sequences"]):
                    pairs = [p for p in text["pairs"] if p["sequence"] == number]
                    lines.append(line_of(sequence, pairs))
                    golden.append([x for p in pairs for x in p["logits"]])
            done, out = encode(GOLDEN / case["model"], lines, "--heads")
            self.assertEqual(done.returncode, 0, done.stderr)
            header, data = read_safetensors(out)
            for i, expected in enumerate(golden):
                found = tensor(header, data, f"logits.{i}")
                self.assertEqual(len(found), len(expected))
                self.assertLessEqual(
                    max(abs(a - b) for a, b in zip(found, expected, strict=True)),
                    1e-4,
                    case["model"],
                )

    def test_bad_pairs_leave_no_file(self) -> None:
        model = GOLDEN / "relation_pair_start_mean.radie"
        whole = GOLDEN / "relation_pair_span_cls_concat_r_bert.radie"
        for name, pairs, words in (
            (model, "x", "pairs: not an array"),
            (model, [[1, 2]], "pairs[0]: not an object"),
            (model, [{"head": [0], "tail": [9]}], "pairs[0].tail[0]"),
            (model, [{"head": [], "tail": [1]}], "too few"),
            (model, [{"head": [0, 1, 2], "tail": [1]}], "too few or many"),
            (whole, [{"head": [1], "tail": [0, 2]}], "not all from a first to a last one"),
        ):
            (WORK / "states.safetensors").unlink(missing_ok=True)
            done, out = encode(name, [{"ids": [2, 4, 3], "pairs": pairs}], "--heads")
            self.assertEqual(done.returncode, 1, pairs)
            self.assertIn(words, done.stderr.decode())
            self.assertFalse(out.exists())
        for line, words in (
            ({"text": 3}, "text and positions"),
            ({"positions": [0, 1, 2]}, "text and positions"),
            ({"text": 2, "positions": [0, 1, 0]}, "no whole groups of four"),
            ({"text": 4, "positions": [0, 1, 2]}, "text[0]: not an integer from 0 to 3"),
            ({"text": 0, "positions": [0, 0, 0]}, "no whole groups"),
            ({"text": 3, "positions": [0, 1]}, "not as many as ids"),
            ({"text": 3, "positions": [0, 2, 1]}, "positions[1]: a text's positions count from 0"),
            ({"text": 3, "positions": [0, 1, 10**6]}, "positions[2]: not an integer"),
        ):
            done, out = encode(model, [{"ids": [2, 4, 3]} | line])
            self.assertEqual(done.returncode, 1, line)
            self.assertIn(words, done.stderr.decode())
        done, out = encode(model, [{"ids": [2, 4, 3], "token_types": [0, 0]}])
        self.assertIn("token_types: not as many", done.stderr.decode())

    def test_bad_ids_leave_no_file(self) -> None:
        for bad, words in (
            ([], "0 ids"),
            ([1] * 5000, "5000 ids"),
            ([1, -1], "[1]"),
            ([1, 2, 10**9], "[2]"),
            ([1, "a"], "[1]"),
            ({"x": [1]}, "array"),
            ({"ids": 1}, "not an array"),
            ([1.5], "[0]"),
        ):
            (WORK / "states.safetensors").unlink(missing_ok=True)
            done, out = encode(tiny_model(), [[2, 3], bad], "--stage", "entities")
            self.assertEqual(done.returncode, 1, bad)
            self.assertIn("line 2: ", done.stderr.decode())
            self.assertIn(words, done.stderr.decode())
            self.assertFalse(out.exists())

    def test_the_stage_must_be_clear(self) -> None:
        self.assertEqual(encode(tiny_model(), [[2, 3]])[0].returncode, 2)
        self.assertEqual(encode(tiny_model(), [[2, 3]], "--stage", "encoder")[0].returncode, 3)
        self.assertEqual(encode(GOLDEN / "tagger_crf.radie", [[2, 3]])[0].returncode, 0)


class Inspect(unittest.TestCase):
    def test_json_tells_what_the_file_holds(self) -> None:
        header, _ = read_safetensors(tiny_model())
        metadata = header.pop("__metadata__")
        info = json.loads(radie("inspect", "--json", tiny_model()).stdout)
        self.assertEqual(
            {t["name"]: (t["dtype"], t["shape"]) for t in info["tensors"]},
            {name: (facts["dtype"], facts["shape"]) for name, facts in header.items()},
        )
        self.assertEqual(
            info["parameters"], sum(math.prod(facts["shape"]) for facts in header.values())
        )
        self.assertEqual(info["file_bytes"], tiny_model().stat().st_size)
        self.assertEqual([s["stage"] for s in info["stages"]], ["entities", "relations"])
        for stage in info["stages"]:
            told = json.loads(metadata[stage["stage"]])
            self.assertEqual(stage["labels"], told["labels"])
            self.assertEqual(stage["hidden_size"], told["encoder"]["hidden_size"])
        self.assertEqual(
            info["schema"],
            {
                k: json.loads(metadata["schema"])[k]
                for k in ("name", "entity_types", "relation_types")
            },
        )

    def test_text_names_every_tensor_and_label(self) -> None:
        header, _ = read_safetensors(tiny_model())
        done = radie("inspect", tiny_model())
        self.assertEqual(done.returncode, 0)
        text = done.stdout.decode()
        for name in header:
            if name != "__metadata__":
                self.assertIn(name, text)
        for word in ("B-Anatomical_entity", "modify", "parameters", "license", "tokenizer"):
            self.assertIn(word, text)
        self.assertEqual(radie("inspect", WORK / "none.radie").returncode, 3)

    def test_verify(self) -> None:
        header, buffer = read_safetensors(DEMO_MODEL)
        digest = hashlib.sha256(buffer).hexdigest()
        self.assertEqual(header["__metadata__"]["tensors_sha256"], digest)
        self.assertIn(
            f"{digest} (verified)", radie("inspect", "--verify", DEMO_MODEL).stdout.decode()
        )
        self.assertEqual(
            json.loads(radie("inspect", "--verify", "--json", DEMO_MODEL).stdout)["tensors_sha256"],
            digest,
        )
        self.assertNotIn("(verified)", radie("inspect", DEMO_MODEL).stdout.decode())

        damaged = bytearray(DEMO_MODEL.read_bytes())
        damaged[-5] ^= 1
        path = WORK / "damaged.radie"
        path.write_bytes(damaged)
        self.assertEqual(radie("inspect", path).returncode, 0)
        done = radie("inspect", "--verify", path)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"damaged", done.stderr)
        self.assertIn(b"stores none", radie("inspect", "--verify", tiny_model()).stderr)


if __name__ == "__main__":
    unittest.main()
