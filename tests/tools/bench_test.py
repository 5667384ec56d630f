"""radie bench: every combination is a row or is named as skipped, and the figures of a row fit
together."""

import csv
import json
import struct
import unittest
from pathlib import Path
from typing import Any

from harness import SOURCE, WORK, json_lines, preloaded, radie, read_safetensors, tiny_model

SAMPLES = SOURCE / "examples/reports"
COLUMNS = [
    "model",
    "stage",
    "lengths",
    "batch",
    "threads",
    "precision",
    "isa",
    "median_ms",
    "min_ms",
    "max_ms",
    "tokens_per_s",
    "sentences_per_s",
    "reports_per_s",
    "gflops",
    "share_of_peak",
]
# The system's answer on a machine whose mask of processors has 4096 bits.
MANY_CORES = """
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
int sched_getaffinity(pid_t process, size_t bytes, cpu_set_t* set) {
  (void)process;
  if (bytes < 512) return errno = EINVAL, -1;
  memset(set, 0, bytes);
  for (int cpu = 0; cpu < 2000; ++cpu) CPU_SET_S(cpu, bytes, set);
  return 0;
}
"""
FAST = ["--warmup", 1, "--repeat", 3]


def bench(*arguments: object) -> dict[str, Any]:
    done = radie("bench", *FAST, "--format", "json", *arguments)
    assert (done.returncode, done.stderr) == (0, b""), done
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


def half_relations() -> Path:
    """The tiny model, with the matrices of its relations in fp16."""
    header, buffer = read_safetensors(tiny_model())
    out = b""
    for name, facts in header.items():
        if name == "__metadata__":
            continue
        begin, end = facts["data_offsets"]
        data = buffer[begin:end]
        if name.startswith("relations.bert.encoder.") and len(facts["shape"]) == 2:
            count = len(data) // 4
            data = struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", data))
            facts["dtype"] = "F16"
        facts["data_offsets"] = [len(out), len(out) + len(data)]
        out += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = WORK / "half_relations.radie"
    path.write_bytes(struct.pack("<Q", len(text)) + text + out)
    return path


class Rows(unittest.TestCase):
    def check_row(self, row: dict[str, Any]) -> None:
        self.assertEqual(set(row), {*COLUMNS, "peak_gflops"})
        self.assertLessEqual(row["min_ms"], row["median_ms"])
        self.assertLessEqual(row["median_ms"], row["max_ms"])
        self.assertGreater(row["min_ms"], 0)

    def test_facts_of_the_run(self) -> None:
        result = bench("--random", "demo", "--length", 8)
        version = radie("--version").stdout.decode()
        self.assertIn(f"radie {result['radie']}\n", version)
        self.assertIn(f"compiler: {result['compiler']}\n", version)
        self.assertIn("best first: " + " ".join(result["kernel_sets"]), version)
        self.assertTrue(result["cpu"])
        self.assertGreaterEqual(result["cores"], 1)

    def test_more_cores_than_the_usual_mask_holds(self) -> None:
        done = radie(
            *["bench", *FAST, "--random", "demo", "--length", 8, "--threads", 1],
            *["--format", "json"],
            env=preloaded("cores", MANY_CORES),
        )
        self.assertEqual(json.loads(done.stdout)["cores"], 2000)

    def test_figures_of_a_row_fit_together(self) -> None:
        (row,) = bench("--random", "demo", "--length", 20, "--batch", 3, "--threads", 1)["rows"]
        self.check_row(row)
        self.assertEqual(
            (
                row["model"],
                row["stage"],
                row["lengths"],
                row["batch"],
                row["threads"],
                row["precision"],
            ),
            ("demo", "encoder", "20", 3, 1, "fp32"),
        )
        seconds = row["median_ms"] / 1e3
        self.assertAlmostEqual(row["tokens_per_s"] * seconds / 60, 1, delta=0.01)
        self.assertAlmostEqual(row["sentences_per_s"] * seconds / 3, 1, delta=0.01)
        weights = 4 * (4 * 192 * 192 + 2 * 192 * 768)
        flops = 60 * 2 * weights + 3 * 4 * 4 * 20 * 20 * 192
        self.assertAlmostEqual(row["gflops"] * 1e9 * seconds / flops, 1, delta=0.01)
        self.assertAlmostEqual(
            row["share_of_peak"], row["gflops"] / row["peak_gflops"], delta=0.001
        )
        self.assertIsNone(row["reports_per_s"])

    def test_every_combination_is_there(self) -> None:
        result = bench(
            "--random",
            "demo",
            "--length",
            "4,9",
            "--batch",
            "1,2",
            "--threads",
            "1,2",
            "--isa",
            "portable",
            "--precision",
            "fp32,fp16",
            "--ragged",
            5,
        )
        keys = [(r["precision"], r["threads"], r["lengths"], r["batch"]) for r in result["rows"]]
        self.assertEqual(len(keys), 2 * 2 * (2 * 2 + 1))
        self.assertEqual(len(set(keys)), len(keys))
        self.assertEqual({r["isa"] for r in result["rows"]}, {"portable"})
        self.assertEqual(sum(r["batch"] == 5 for r in result["rows"]), 4)
        self.assertEqual(result["skipped"], [])

    def test_what_cannot_be_is_named(self) -> None:
        result = bench(
            "--random",
            "demo",
            "--length",
            "8,513",
            "--threads",
            "1,2",
            "--isa",
            "portable",
            "--precision",
            "fp32,int8,bf16",
        )
        self.assertEqual(len(result["rows"]), 2)
        self.assertEqual(
            [(s["precision"], s.get("lengths")) for s in result["skipped"]],
            [("fp32", "513"), ("int8", None), ("bf16", None)],
        )
        self.assertIn("512", result["skipped"][0]["reason"])
        done = radie(
            "bench",
            *FAST,
            "--random",
            "demo",
            "--length",
            8,
            "--isa",
            "portable",
            "--precision",
            "int8",
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"skipped: int8 on portable", done.stdout)
        self.assertIn(b"nothing could be measured", done.stderr)

    def test_the_peak_is_that_of_the_set_in_use(self) -> None:
        best, *_ = bench("--random", "demo", "--length", 8)["kernel_sets"]
        rows = bench("--random", "demo", "--length", 8, "--isa", f"auto,{best}")["rows"]
        self.assertEqual(rows[0]["peak_gflops"], rows[1]["peak_gflops"])  # measured once

    def test_the_peak_of_a_packed_model(self) -> None:
        packed = WORK / "avx2.radie"
        done = radie("pack", "--isa", "avx2", "--output", packed)
        if done.returncode != 0:
            self.skipTest("no AVX2 here")
        arguments = ("--model", packed, "--stage", "entities", "--length", 8, "--isa")
        chosen = bench(*arguments, "auto")["rows"][0]["isa"]
        self.assertIn(chosen, ("avx2", "avx2_vnni"))  # which read fp16 panels alike
        first, second = bench(*arguments, f"auto,{chosen}")["rows"]
        self.assertEqual((first["isa"], second["isa"]), (chosen, chosen))
        self.assertEqual(first["peak_gflops"], second["peak_gflops"])  # measured once

    def test_a_model_with_stages(self) -> None:
        rows = bench("--model", tiny_model(), "--length", 8)["rows"]
        self.assertEqual([row["stage"] for row in rows], ["entities", "relations"])
        rows = bench("--model", tiny_model(), "--length", 8, "--stage", "relations")["rows"]
        self.assertEqual([row["stage"] for row in rows], ["relations"])


class Text(unittest.TestCase):
    def test_reports_a_second(self) -> None:
        rows = bench("--model", tiny_model(), "--text", SAMPLES, "--batch", "1,4")["rows"]
        self.assertEqual(
            [(row["stage"], row["lengths"], row["batch"]) for row in rows],
            [("pipeline", "text", 1), ("pipeline", "text", 4)],
        )
        count = len(list(SAMPLES.glob("*.txt")))
        for row in rows:
            self.assertAlmostEqual(
                row["reports_per_s"] * row["median_ms"] / 1e3 / count, 1, delta=0.01
            )
            self.assertIsNone(row["tokens_per_s"])
            self.assertIsNone(row["gflops"])

    def test_precisions_that_differ(self) -> None:
        model = half_relations()
        (row,) = bench("--model", model, "--text", SAMPLES, "--isa", "portable")["rows"]
        self.assertEqual(row["precision"], "mixed")
        rows = bench("--model", model, "--length", 8, "--isa", "portable")["rows"]
        self.assertEqual([row["precision"] for row in rows], ["fp32", "fp16"])

    def test_lines_and_failures(self) -> None:
        lines = WORK / "bench.jsonl"
        lines.write_bytes(
            json_lines({"id": "a", "text": "結節を認める。"}, {"id": "b", "text": "胸水なし。"})
        )
        (row,) = bench("--model", tiny_model(), "--text", lines)["rows"]
        self.assertEqual(row["batch"], 2)
        bad = WORK / "bench.txt"
        bad.write_bytes(b"\xff\xfe")
        done = radie("bench", *FAST, "--text", bad)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"1 of 1 reports failed", done.stderr)
        lines.write_bytes(b'{"id": "a"}\n')
        done = radie("bench", "--text", lines)
        self.assertEqual((done.returncode, b"line 1: text: missing" in done.stderr), (1, True))
        self.assertEqual(radie("bench", "--text", WORK / "none.txt").returncode, 1)


class Formats(unittest.TestCase):
    def run_in(self, name: str) -> str:
        done = radie(
            "bench",
            *FAST,
            "--random",
            "demo",
            "--length",
            8,
            "--isa",
            "portable",
            "--precision",
            "fp32,int8",
            "--format",
            name,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        text = done.stdout.decode()
        for fact in ("radie ", "cpu: ", "kernel sets: ", "skipped: int8 on portable"):
            self.assertIn(fact, text)
        return text

    def test_csv(self) -> None:
        lines = [line for line in self.run_in("csv").splitlines() if not line.startswith("#")]
        header, row = list(csv.reader(lines))
        self.assertEqual(header, COLUMNS)
        self.assertEqual(len(row), len(header))
        self.assertGreater(float(row[header.index("median_ms")]), 0)

    def test_markdown(self) -> None:
        table = [line for line in self.run_in("markdown").splitlines() if line.startswith("|")]
        self.assertEqual([line.count("|") for line in table], [len(COLUMNS) + 1] * 3)

    def test_table_columns_line_up(self) -> None:
        heading, row = [
            line for line in self.run_in("table").splitlines() if line.startswith(("model", "demo"))
        ]
        self.assertEqual(heading.split(), COLUMNS)
        self.assertEqual((len(row.split()), len(row)), (len(COLUMNS), len(heading)))


class Usage(unittest.TestCase):
    def test_environment(self) -> None:
        def run(*arguments: object, **environment: str) -> list[dict[str, Any]]:
            fixed = ["--random", "demo", "--length", 8, "--format", "json"]
            done = radie("bench", *FAST, *fixed, *arguments, env=environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            rows: list[dict[str, Any]] = json.loads(done.stdout)["rows"]
            return rows

        (row,) = run(RADIE_ISA="portable", RADIE_PRECISION="fp16")
        self.assertEqual((row["isa"], row["precision"]), ("portable", "fp16"))
        (row,) = run("--precision", "fp32", RADIE_ISA="portable", RADIE_PRECISION="fp16")
        self.assertEqual(row["precision"], "fp32")  # what was said goes before
        done = radie("bench", "--random", "demo", env={"RADIE_ISA": "mmx"})
        self.assertEqual((done.returncode, b"'mmx'" in done.stderr), (2, True))

    def test_mistakes(self) -> None:
        for arguments in (
            ["--random", "bert-huge"],
            ["--isa", "mmx"],
            ["--precision", "fp8"],
            ["--length", "0"],
            ["--length", "8,x"],
            ["--repeat", "0"],
            ["--random", "demo", "--model", "x"],
            ["--random", "demo", "--text", "x"],
            ["--length", "65536", "--batch", "65536"],
            ["--format", "xml"],
        ):
            self.assertEqual(radie("bench", *arguments).returncode, 2, arguments)
        self.assertEqual(radie("bench", "--model", WORK / "none.radie").returncode, 3)


if __name__ == "__main__":
    unittest.main()
