"""What the tests of the radie command share: running it, models to run it with, and what its
records must look like.

RADIE_COMMAND is the command, RADIE_SOURCE the source tree.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

RADIE = os.environ["RADIE_COMMAND"]
SOURCE = Path(os.environ["RADIE_SOURCE"])
DEMO_MODEL = SOURCE / "weights_converter/demo/demo.radie"
SAMPLES = sorted((SOURCE / "examples/reports").glob("*.txt"))
# Short reports with what is hard to count and to cut: marks, line ends, wide characters, nothing.
TEXTS = [
    "右肺上葉に12mm大の不整形結節を認めます。原発性肺癌を疑います。",
    "\ufeff【所見】\r\n肝Ｓ６に嚢胞を認める。\r\nﾘﾝﾊﾟ節腫大なし",
    "𠮷①㎜⻑⼤ か\u3099 \x00 胸水(-)，腹水(-).",
    "S1+2 に 3.5cm の GGN を認め\nます。follow up",
    "",
    "\n\n",
]

_folder = tempfile.TemporaryDirectory()
WORK = Path(_folder.name)


def read_safetensors(path: Path) -> tuple[dict[str, Any], bytes]:
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def tiny_model() -> Path:
    """Two stages with random weights, joined from two golden files: fast, and busy with entities
    and relations."""
    path = WORK / "tiny.radie"
    if path.exists():
        return path
    header: dict[str, Any] = {"__metadata__": {}}
    buffer = b""
    for name in ("relation_tail_both_mean.radie", "tagger_crf.radie"):
        part, data = read_safetensors(SOURCE / "tests/golden" / name)
        header["__metadata__"].update(part.pop("__metadata__"))
        for tensor, facts in part.items():
            begin, end = facts["data_offsets"]
            header[tensor] = {**facts, "data_offsets": [begin + len(buffer), end + len(buffer)]}
        buffer += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + buffer)
    return path


def models() -> list[Path]:
    return [tiny_model()] + ([DEMO_MODEL] if DEMO_MODEL.exists() else [])


def radie(
    *arguments: object, stdin: bytes = b"", model: Path | None = None, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "RADIE_MODEL": str(model or tiny_model())}
    environment.update(options.pop("env", {}))
    return subprocess.run(
        [RADIE, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=environment,
        timeout=300,
        check=False,
        **options,
    )


def packed_model(name: str, *options: object) -> Path:
    """The tiny model, packed. The test is skipped where no kernel set can."""
    path = WORK / name
    done = radie("pack", "--output", path, *options, model=tiny_model())
    if b"has no layout" in done.stderr:
        raise unittest.SkipTest("no kernel set of this machine packs")
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return path


def records(output: bytes) -> list[dict[str, Any]]:
    assert output == b"" or output.endswith(b"\n"), "the last line is not whole"
    return [json.loads(line) for line in output.decode("utf-8").split("\n")[:-1]]


def json_lines(*items: object) -> bytes:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()


# ---- the system around the command ----


def obey_permissions() -> None:
    """Takes from what root starts next the right to pass over the permissions of files."""
    if os.geteuid() == 0:
        drop_from_bounding_set = 24  # PR_CAPBSET_DROP
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(drop_from_bounding_set, capability, 0, 0, 0)


def needs_permissions() -> None:
    """The test is skipped where what obeys permissions passes over them all the same."""
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        closed = Path(name, "closed")
        closed.mkdir(mode=0)
        listing = subprocess.run(
            ["ls", closed], capture_output=True, check=False, preexec_fn=obey_permissions
        )
    if listing.returncode == 0:
        raise unittest.SkipTest("nothing is closed to this user")


def preloaded(name: str, source: str) -> dict[str, str]:
    """Compiles functions in C that stand before the system's; what to add to the environment of a
    command that is to call them. The test is skipped where that cannot be."""
    if shutil.which("cc") is None:
        raise unittest.SkipTest("no C compiler: no library can be preloaded")
    if "RADIE_SANITIZED" in os.environ:
        raise unittest.SkipTest("a sanitizer has functions of its own before the system's")
    path, library = WORK / f"{name}.c", WORK / f"{name}.so"
    path.write_text(source, encoding="utf-8")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, path], check=True)
    return {"LD_PRELOAD": str(library)}


# ---- the schema ----

SCHEMA = json.loads((SOURCE / "docs/output.schema.json").read_text(encoding="utf-8"))

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "null": type(None),
    "number": (int, float),
    "integer": int,
    "boolean": bool,
}


def fits(value: Any, schema: dict[str, Any], where: str, root: dict[str, Any]) -> list[str]:
    """Problems, by the part of JSON Schema that the project's schemas use. `root` holds the
    $defs."""
    known = {
        "$schema",
        "title",
        "description",
        "$defs",
        "$ref",
        "oneOf",
        "type",
        "enum",
        "pattern",
        "minLength",
        "minimum",
        "maximum",
        "items",
        "uniqueItems",
        "required",
        "properties",
        "additionalProperties",
    }
    assert set(schema) <= known, f"this checker does not know {set(schema) - known}"
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], where, root)
    if "oneOf" in schema:
        results = [fits(value, option, where, root) for option in schema["oneOf"]]
        return (
            []
            if sum(not result for result in results) == 1
            else [f"{where}: fits not one of {results}"]
        )
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not in {schema['enum']}"]
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if (isinstance(value, bool) and names != ["boolean"]) or not any(
            isinstance(value, _TYPES[name]) for name in names
        ):
            return [f"{where}: is no {names}"]
    problems = []
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            problems.append(f"{where}: {value!r} does not match")
        if len(value) < schema.get("minLength", 0):
            problems.append(f"{where}: too short")
    elif isinstance(value, (int, float)):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            problems.append(f"{where}: {value} is out of range")
    elif isinstance(value, list):
        if schema.get("uniqueItems") and len({json.dumps(item) for item in value}) < len(value):
            problems.append(f"{where}: not unique")
        for index, item in enumerate(value):
            problems += fits(item, schema.get("items", {}), f"{where}[{index}]", root)
    elif isinstance(value, dict):
        problems += [f"{where}: no {key}" for key in schema.get("required", []) if key not in value]
        rest = schema.get("additionalProperties", {})
        for key, item in value.items():
            inner = schema.get("properties", {}).get(key, rest)
            problems += (
                [f"{where}: {key} is unknown"]
                if inner is False
                else fits(item, inner, f"{where}.{key}", root)
            )
    return problems


def schema_problems(record: Any) -> list[str]:
    problems = fits(record, SCHEMA, "record", SCHEMA)
    try:
        import jsonschema
    except ImportError:
        return problems
    validator = jsonschema.Draft202012Validator(SCHEMA)
    by_library = [error.message for error in validator.iter_errors(record)]
    assert bool(problems) == bool(by_library), (problems, by_library)
    return problems


def _units(text: str, unit: str) -> bytes | str:
    """The text as something that slices in the unit."""
    return (
        text.encode() if unit == "utf8" else text.encode("utf-16-le") if unit == "utf16" else text
    )


def check_record(record: dict[str, Any], text: str) -> None:
    """A report's record against its schema, its own promises and the text it came from."""
    assert not (problems := schema_problems(record)), problems
    assert "error" not in record, record
    entities = {entity["id"]: entity for entity in record["entities"]}
    assert list(entities) == [f"T{n + 1}" for n in range(len(entities))], "entity ids"
    scale = 2 if record["offset_unit"] == "utf16" else 1
    units = _units(text, record["offset_unit"])
    last = 0
    for entity in record["entities"]:
        assert last <= entity["start"] < entity["end"], "order, overlap"
        last = entity["end"]
        piece = units[entity["start"] * scale : entity["end"] * scale]
        assert piece == _units(entity["text"], record["offset_unit"]), f"text at {entity['id']}"
    assert [r["id"] for r in record["relations"]] == [
        f"R{n + 1}" for n in range(len(record["relations"]))
    ]
    keys = [(int(r["tail"][1:]), int(r["head"][1:])) for r in record["relations"]]
    assert keys == sorted(keys), "order of relations"
    links: set[tuple[str, str]] = set()
    for finding in record["findings"]:
        assert entities[finding["object"]]["text"] == finding["text"]
        for kind, ids in finding["attributes"].items():
            assert all(entities[i]["type"] == kind for i in ids)
            links.update((i, finding["object"]) for i in ids)
        links.update((i, finding["object"]) for i in finding["evidence"])
    assert links == {(r["head"], r["tail"]) for r in record["relations"]}, (
        "findings say what relations say"
    )
