"""radie pack: a packed model extracts what its source does and is replaced whole.

Processes share it; where it does not fit, it is refused.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import unittest
from pathlib import Path
from typing import Any

from harness import (
    DEMO_MODEL,
    RADIE,
    SAMPLES,
    WORK,
    json_lines,
    models,
    radie,
    read_safetensors,
    tiny_model,
)

PORTABLE = {"portable", "openblas"}


def kernel_sets() -> list[str]:
    rows = json.loads(
        radie(
            "bench",
            "--random",
            "demo",
            "--length",
            1,
            "--repeat",
            1,
            "--warmup",
            0,
            "--format",
            "json",
        ).stdout
    )
    return [name for name in rows["kernel_sets"] if name not in PORTABLE]


SETS = kernel_sets()


def packed(model: Path, *arguments: object, name: str = "packed.radie") -> Path:
    path = WORK / name
    done = radie("pack", "--model", model, "--output", path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done.stderr
    return path


def extracted(model: Path, *arguments: object) -> bytes:
    done = radie("extract", "--format", "jsonl", *arguments, *SAMPLES, model=model)
    assert done.returncode == 0, done.stderr
    return done.stdout


def floats(header: dict[str, Any], data: bytes, name: str) -> tuple[float, ...]:
    begin, end = header[name]["data_offsets"]
    letter = {"F32": "f", "F16": "e"}[header[name]["dtype"]]
    return struct.unpack(f"<{(end - begin) // struct.calcsize(letter)}{letter}", data[begin:end])


def matrix(header: dict[str, Any], data: bytes, name: str) -> list[tuple[float, ...]]:
    values, (rows, cols) = floats(header, data, name), header[name]["shape"]
    return [values[row * cols : (row + 1) * cols] for row in range(rows)]


@unittest.skipUnless(SETS, "no kernel set of this machine packs")
class Pack(unittest.TestCase):
    def test_records_are_those_of_the_source(self) -> None:
        for model in models():
            for precision in ("auto", "fp32", "int8"):
                expected = extracted(model, "--precision", precision)
                path = packed(model, "--precision", precision)
                for more in ([], ["--no-mmap"], ["--precision", precision]):
                    self.assertEqual(extracted(path, *more), expected, (model, precision, more))

    def test_every_kernel_set(self) -> None:
        for isa in SETS:
            path = packed(tiny_model(), "--isa", isa, "--precision", "int8")
            self.assertEqual(
                extracted(path, "--isa", isa),
                extracted(tiny_model(), "--isa", isa, "--precision", "int8"),
                isa,
            )

    def test_inspect_tells_and_verifies(self) -> None:
        path = packed(tiny_model(), "--precision", "int8")
        text = radie("inspect", "--verify", path)
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn("(verified)", text.stdout.decode())
        self.assertRegex(
            text.stdout.decode(), rf"packed for +int8 \(I8 in panels of \d+.*{SETS[0]}"
        )
        facts = json.loads(radie("inspect", "--json", path).stdout)
        self.assertTrue(facts["packed"].startswith("int8 ("))
        source = json.loads(radie("inspect", "--json", tiny_model()).stdout)
        self.assertIsNone(source["packed"])
        self.assertEqual(facts["parameters"], source["parameters"])
        damaged = bytearray(path.read_bytes())
        damaged[-100] ^= 1
        path.write_bytes(damaged)
        self.assertEqual(radie("inspect", "--verify", path).returncode, 3)

    def test_it_is_a_safetensors_file_of_the_same_metadata(self) -> None:
        header, data = read_safetensors(packed(tiny_model()))
        source, _ = read_safetensors(tiny_model())
        metadata = header.pop("__metadata__")
        self.assertEqual(
            {
                key: value
                for key, value in metadata.items()
                if key not in ("packed", "tensors_sha256")
            },
            {
                key: value
                for key, value in source["__metadata__"].items()
                if key != "tensors_sha256"
            },
        )
        end = 0
        for facts in sorted(header.values(), key=lambda facts: facts["data_offsets"]):
            self.assertEqual(facts["data_offsets"][0], end)
            end = facts["data_offsets"][1]
        self.assertEqual(end, len(data))
        before = (WORK / "packed.radie").stat().st_size - len(data)
        for name, facts in header.items():
            if name.endswith(".panels"):
                self.assertEqual((before + facts["data_offsets"][0]) % 64, 0, name)
        try:
            from safetensors import safe_open
        except ImportError:
            return
        with safe_open(WORK / "packed.radie", "numpy") as file:
            self.assertEqual(set(file.keys()), set(header))

    def test_panels_lie_as_the_documentation_says(self) -> None:
        source, source_data = read_safetensors(tiny_model())
        header, data = read_safetensors(packed(tiny_model(), "--precision", "fp32"))
        layouts = {
            layout["dtype"]: layout
            for layout in json.loads(header["__metadata__"]["packed"])["layouts"]
        }
        read = 0
        for name in (name for name in header if name.endswith(".panels")):
            width, group, unit = (
                layouts[header[name]["dtype"]][key] for key in ("width", "group", "depth_unit")
            )
            scope = name.removesuffix(".panels")
            scopes = (
                [scope.replace("query_key_value", part) for part in ("query", "key", "value")]
                if "query_key_value" in name
                else [scope]
            )
            rows = [row for part in scopes for row in matrix(source, source_data, part + ".weight")]
            panels, groups = -(-len(rows) // width), -(-len(rows[0]) // unit) * unit // group
            self.assertEqual(header[name]["shape"], [panels, groups, width, group])
            values = iter(floats(header, data, name))
            for p in range(panels):
                for d in range(groups):
                    for w in range(width):
                        for g in range(group):
                            output, k = p * width + w, d * group + g
                            expected = (
                                rows[output][k] if output < len(rows) and k < len(rows[0]) else 0
                            )
                            self.assertEqual(next(values), expected)
            read += 1
        self.assertGreater(read, 8)

    def test_what_does_not_fit_is_refused(self) -> None:
        path = packed(tiny_model(), "--isa", SETS[0], "--precision", "int8")
        for arguments, part in (
            (["--precision", "fp32"], b"packed for int8"),
            (["--isa", "portable"], b"does not read the file"),
            (["--isa", "portable"], SETS[0].encode()),
        ):
            done = radie("extract", *arguments, SAMPLES[0], model=path)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(part, done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_usage(self) -> None:
        path = packed(tiny_model())
        for arguments, code, part in (
            (["--output", WORK / "x.radie"], 2, b"packed already"),
            (
                ["--output", WORK / "x.radie", "--model", tiny_model(), "--isa", "portable"],
                2,
                b"portable",
            ),
            (["--output", tiny_model(), "--model", tiny_model()], 2, b"the model itself"),
            ([], 2, b"--output"),
            (["--output", WORK / "x.radie", "--model", WORK / "none.radie"], 3, b"none.radie"),
            (["--output", WORK / "none/x.radie", "--model", tiny_model()], 1, b"cannot write"),
        ):
            done = radie("pack", *arguments, model=path if part == b"packed already" else None)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(part, done.stderr)
        self.assertFalse((WORK / "x.radie").exists())

    def test_one_that_is_in_use_is_replaced_whole(self) -> None:
        path = packed(tiny_model())
        before = path.read_bytes()
        with path.open("rb") as held:
            self.assertEqual(packed(tiny_model(), "--precision", "int8"), path)
            self.assertEqual(held.read(), before)
        self.assertNotEqual(path.read_bytes(), before)
        self.assertEqual([p for p in WORK.iterdir() if p.name.endswith(".tmp")], [])

    @unittest.skipUnless(DEMO_MODEL.exists(), "no demo model")
    def test_processes_share_what_is_mapped(self) -> None:
        path = packed(DEMO_MODEL, "--precision", "fp32")
        mapped, read = (own_memory_of_two(path, *arguments) for arguments in ([], ["--no-mmap"]))
        self.assertLess(mapped, read - 0.8 * path.stat().st_size)


def own_memory_of_two(model: Path, *arguments: str) -> int:
    """Bytes that one of two processes has to itself, when both have extracted a report."""
    command = [
        RADIE,
        "extract",
        "--input-format",
        "jsonl",
        "--format",
        "jsonl",
        "--threads",
        "1",
        *arguments,
        "-",
    ]
    processes = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "RADIE_MODEL": str(model)},
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json_lines({"id": "r", "text": "右肺上葉に結節を認めます。"}))
        process.stdin.flush()
        assert process.stdout.readline().startswith(b'{"id":"r"')
    lines = Path(f"/proc/{processes[1].pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024


if __name__ == "__main__":
    unittest.main()
