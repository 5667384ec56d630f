"""Models whose schema is another one than the paper's: findings and their certainty follow it."""

import json
import struct
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import WORK, check_record, json_lines, radie, read_safetensors, records, tiny_model

TEXT = "右肺上葉に結節を認める。胸水は無い。肝に嚢胞がある。"


def with_schema(
    name: str, change: Callable[[dict[str, Any]], Any], rename: dict[str, str] | None = None
) -> Path:
    header, data = read_safetensors(tiny_model())
    metadata = header["__metadata__"]
    schema = json.loads(metadata["schema"])
    change(schema)
    metadata["schema"] = json.dumps(schema)
    for old, new in (rename or {}).items():  # in labels, markers and the schema
        for key in ("schema", "entities", "vocab.relations"):
            metadata[key] = metadata[key].replace(old, new)
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    path = WORK / f"{name}.radie"
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


def extract(model: Path, *more: str) -> dict[str, Any]:
    done = radie(
        "extract",
        "--format",
        "jsonl",
        *more,
        "--input-format",
        "jsonl",
        "-",
        stdin=json_lines({"text": TEXT}),
        model=model,
    )
    assert done.returncode == 0, done.stderr
    return records(done.stdout)[0]


def say_denial(schema: dict[str, Any]) -> None:
    for entity in schema["entity_types"]:
        if entity["name"] == "Clinical_finding":
            entity["certainty"] = "denial"


class Types(unittest.TestCase):
    def test_a_type_says_the_certainty_where_no_descriptor_does(self) -> None:
        model = with_schema("denial", say_denial)
        for before, after in zip(
            extract(tiny_model())["findings"], extract(model)["findings"], strict=True
        ):
            if before["certainty"]["sources"]:
                self.assertEqual(after, before)
        given = [
            {"start": 0, "end": 4, "type": "Anatomical_entity"},
            {"start": 5, "end": 7, "type": "Imaging_observation"},
            {"start": 20, "end": 22, "type": "Clinical_finding"},
        ]
        done = radie(
            "extract",
            "--stage",
            "relations",
            "--format",
            "jsonl",
            "--input-format",
            "jsonl",
            "-",
            stdin=json_lines({"text": TEXT, "entities": given}),
            model=model,
        )
        record = records(done.stdout)[0]
        check_record(record, TEXT)
        self.assertEqual(
            [(f["type"], f["certainty"]) for f in record["findings"]],
            [
                ("Imaging_observation", {"class": "definite", "confidence": 1.0, "sources": []}),
                ("Clinical_finding", {"class": "denial", "confidence": 1.0, "sources": []}),
            ],
        )

    def test_without_descriptors_only_types_say_it(self) -> None:
        renamed = {"Certainty_descriptor": "Wording_of_the_type"}
        model = with_schema("other", say_denial, renamed)
        for stage in ("both", "entities"):
            record = extract(model, "--stage", stage)
            found = {
                f["type"]: (f["certainty"] or {}).get("class") if "certainty" in f else None
                for f in record["findings"]
            }
            self.assertEqual(found, {"Clinical_finding": "denial", "Imaging_observation": None})
        for style in ("table", "html", "fhir", "brat", "conll"):
            done = radie("extract", "--format", style, "-", stdin=TEXT.encode(), model=model)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_inspect_tells(self) -> None:
        model = with_schema("denial", say_denial)
        self.assertRegex(radie("inspect", model).stdout.decode(), r"Clinical_finding \(denial\)")
        types = json.loads(radie("inspect", "--json", model).stdout)["schema"]["entity_types"]
        self.assertEqual(
            [t for t in types if "certainty" in t],
            [{"name": "Clinical_finding", "role": "object", "certainty": "denial"}],
        )

    def test_what_is_no_class_is_refused(self) -> None:
        model = with_schema(
            "bad", lambda schema: schema["entity_types"][0].update(certainty="perhaps")
        )
        done = radie("extract", "-", stdin=b"x", model=model)
        self.assertEqual(done.returncode, 3)
        self.assertIn("schema.entity_types[0].certainty", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
