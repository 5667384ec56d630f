"""Information models: those that are shipped, the JSON Schema, and what is refused."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from convert_support import ENTITY_LABELS, relation_tensors, tagger_tensors, write_checkpoint

from radie_convert.cli import main
from radie_convert.errors import ConversionError
from radie_convert.model_file import read_model
from radie_convert.schema import (
    SHIPPED,
    check_schema,
    default_schema,
    entity_types,
    load_schema,
    relation_types,
    shipped_schema,
)

FOLDER = Path(__file__).parents[1] / "radie_convert" / "schemas"
JSON_SCHEMA = "information-model.schema.json"


def test_every_file_is_shipped_under_its_name() -> None:
    files = {path.name for path in FOLDER.glob("*.json")} - {JSON_SCHEMA}
    assert files == {f"{name}.json" for name in SHIPPED}
    for name in SHIPPED:
        schema = shipped_schema(name)
        check_schema(schema)
        assert schema["name"] == name
        assert load_schema(name) == schema


def test_radgraph_says_what_its_labels_do() -> None:
    certainty = {e["name"]: e.get("certainty") for e in shipped_schema("radgraph")["entity_types"]}
    assert certainty == {
        "OBS-DP": "definite",
        "OBS-U": "may_represent",
        "OBS-DA": "denial",
        "ANAT-DP": None,
    }


Change = Callable[[dict[str, Any]], object]


def _set(path: str, value: Any) -> Change:
    def change(schema: dict[str, Any]) -> None:
        target: Any = schema
        *folders, last = [int(part) if part.isdigit() else part for part in path.split("/")]
        for part in folders:
            target = target[part]
        target[last] = value

    return change


def _drop(path: str, key: str) -> Change:
    def change(schema: dict[str, Any]) -> None:
        target: Any = schema
        for part in path.split("/") if path else []:
            target = target[int(part) if part.isdigit() else part]
        del target[key]

    return change


E0, R0 = "entity_types/0", "relation_types/0"
BROKEN: list[tuple[Change, str]] = [
    (_drop("", "name"), "schema: 'name' is missing"),
    (_set("name", ""), "schema: name is ''"),
    (_set("name", 3), "schema: name is 3"),
    (_drop("", "entity_types"), "schema: 'entity_types' is missing"),
    (_set("entity_types", {}), "schema: entity_types is no list"),
    (_set("entity_types", []), "schema: entity_types is empty"),
    (_set("entity_types", [{"name": f"t{i}", "role": "object"} for i in range(512)]),
     "entity_types has 512 entries, at most 511"),
    (_set("description", ["x"]), "schema: description is no string"),
    (_set("entitytypes", []), "schema: 'entitytypes' is unknown"),
    (_set(E0, "Obj"), r"entity_types\[0\] is no JSON object"),
    (_drop(E0, "role"), r"entity_types\[0\]: 'role' is missing"),
    (_set(E0 + "/role", "thing"), "has role 'thing', expected object or attribute"),
    (_set(E0 + "/name", "two words"), r"entity_types\[0\]: name is 'two words'"),
    (_set(E0 + "/name", None), r"entity_types\[0\]: name is None"),
    (_set(E0 + "/certainty", "maybe"), r"entity_types\[0\]: certainty is 'maybe'; one of"),
    (_set("entity_types/2/certainty", "denial"), "only an object has a certainty"),
    (_set(E0 + "/certanity", "denial"), r"entity_types\[0\]: 'certanity' is unknown"),
    (_drop("", "relation_types"), "schema: 'relation_types' is missing"),
    (_set("relation_types", "modify"), "schema: relation_types is no list"),
    (_drop(R0, "heads"), r"relation_types\[0\]: 'heads' is missing"),
    (_set(R0 + "/heads", []), r"relation_types\[0\]: heads is \[\]"),
    (_set(R0 + "/tails", "all"), r"relation_types\[0\]: tails is 'all'"),
    (_set(R0 + "/name", "none"), "cannot be called 'none'"),
    (_set(R0 + "/scope", "report"), r"relation_types\[0\]: 'scope' is unknown"),
]  # fmt: skip
# What JSON Schema cannot say.
BROKEN_BESIDES: list[tuple[Change, str]] = [
    (_set(E0 + "/name", "Clinical_finding"), "entity type 'Clinical_finding' stands there twice"),
    (_set("relation_types/1/name", "modify"), "relation type 'modify' stands there twice"),
    (_set(R0 + "/heads", ["Size"]), "relation modify joins 'Size', no entity type"),
]


def _broken(change: Change) -> dict[str, Any]:
    schema = copy.deepcopy(default_schema())
    change(schema)
    return schema


@pytest.mark.parametrize(("change", "message"), BROKEN + BROKEN_BESIDES)
def test_broken_schemas_are_refused(change: Change, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        check_schema(_broken(change))


def test_the_json_schema_says_the_same() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    rules = json.loads((FOLDER / JSON_SCHEMA).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(rules)
    validator = jsonschema.Draft202012Validator(rules)
    for name in SHIPPED:
        assert not list(validator.iter_errors(shipped_schema(name)))
    for change, message in BROKEN:
        assert list(validator.iter_errors(_broken(change))), message
    for change, message in BROKEN_BESIDES:
        if "joins" not in message:
            assert not list(validator.iter_errors(_broken(change))), message


def test_files_that_are_no_schema(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="is missing; shipped schemas are sugimoto-2023"):
        load_schema(str(tmp_path / "no.json"))
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ConversionError, match="must hold a JSON object"):
        load_schema(str(tmp_path / "list.json"))


def test_inspect_names_what_is_wrong_with_a_checkpoints_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = {"tokenizer": {"profile": "char"}, "schema": {"name": "x", "entity_types": [{}]}}
    folder = write_checkpoint(tmp_path / "ner", tagger_tensors(), ENTITY_LABELS, sidecar=sidecar)
    assert main(["inspect", str(folder)]) == 0
    assert "schema: 'relation_types' is missing" in capsys.readouterr().out


def test_build_takes_a_shipped_schema_and_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = {
        "name": "two",
        "entity_types": [
            {"name": "Thing", "role": "object", "certainty": "likely"},
            {"name": "Place", "role": "attribute"},
        ],
        "relation_types": [
            {"name": "at", "heads": ["Thing"], "tails": ["Place"]},
            {"name": "of", "heads": ["Place"], "tails": ["Place"]},
        ],
    }
    (tmp_path / "two.json").write_text(json.dumps(schema))
    types = entity_types(schema)
    labels = ["O", *(f"{letter}-{kind}" for kind in types for letter in "BI")]
    tensors = tagger_tensors(crf=False)
    for name in ("classifier.weight", "classifier.bias"):
        tensors[name] = tensors[name][: len(labels)]
    markers = [m for kind in types for m in (f"<{kind}>", f"</{kind}>")]
    rest = len(relation_tensors()["bert.embeddings.word_embeddings.weight"]) - 4 - len(markers)
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *markers, *(chr(0x4E00 + i) for i in range(rest))]
    tagger = write_checkpoint(tmp_path / "ner", tensors, labels, vocab=vocab)
    relation = write_checkpoint(
        tmp_path / "re", relation_tensors(), ["none", *relation_types(schema)], vocab=vocab
    )
    arguments = ["build", "--tagger", str(tagger), "--relation", str(relation)]
    arguments += ["--output", str(tmp_path / "m.radie"), "--schema"]
    assert main([*arguments, str(tmp_path / "two.json")]) == 0
    assert read_model(tmp_path / "m.radie")[0]["schema"] == schema
    assert main(["inspect", str(tmp_path / "m.radie")]) == 0
    assert "  entity Thing (object, likely)\n" in capsys.readouterr().out
    assert main([*arguments, "radgraph"]) == 1
    assert "Thing" in capsys.readouterr().err
    schema["entity_types"][0]["role"] = "thing"  # type: ignore[index]  # JSON
    (tmp_path / "two.json").write_text(json.dumps(schema))
    assert main([*arguments, str(tmp_path / "two.json")]) == 1
    assert "has role 'thing'" in capsys.readouterr().err
