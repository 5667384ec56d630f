"""bench/peers without the other engines: workloads, figures, the check of results, worker
processes."""

import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from array import array
from pathlib import Path

sys.path.insert(0, str(Path(os.environ["RADIE_SOURCE"]) / "bench/peers"))

from agreement import compare, compare_states
from engines import BASELINE, ENGINES, FAMILIES, REFERENCE
from figures import make_cells, markdown_table
from prepare import MAKERS
from process import Worker, WorkerError
from workloads import (
    VOCABULARY,
    all_workloads,
    check_workload,
    mixed_lengths,
    read_workload,
    write_workload,
)

SOURCE = Path(os.environ["RADIE_SOURCE"])
RADIE, RADIE_WORKER = os.environ["RADIE_COMMAND"], os.environ["RADIE_WORKER"]
_folder = tempfile.TemporaryDirectory()
WORK = Path(_folder.name)


class Workloads(unittest.TestCase):
    def test_columns(self) -> None:
        lengths = {
            w.name: [[len(ids) for ids in call] for call in w.calls] for w in all_workloads()
        }
        self.assertEqual(lengths["b1-s256"], [[256]])
        self.assertEqual(lengths["b16-s128"], [[128] * 16])
        ragged = [
            [n for call in lengths[name] for n in call]
            for name in ("ragged-bs16", "ragged-sorted", "ragged-b1")
        ]
        self.assertEqual(
            [len(lengths[n]) for n in ("ragged-bs16", "ragged-sorted", "ragged-b1")], [4, 4, 64]
        )
        self.assertEqual(ragged[0], ragged[2])
        self.assertEqual(ragged[1], sorted(ragged[0]))
        self.assertNotEqual(ragged[0], ragged[1])

    def test_ids_are_words_and_survive_the_file(self) -> None:
        for workload in [*all_workloads(), check_workload()]:
            self.assertEqual(read_workload(write_workload(workload, WORK)), workload.calls)
            self.assertTrue(
                all(5 <= x < VOCABULARY for call in workload.calls for ids in call for x in ids)
            )

    def test_mixed_lengths_are_those_of_radie_bench(self) -> None:
        command = [
            RADIE,
            "bench",
            "--random",
            "demo",
            "--ragged",
            "64",
            "--warmup",
            "0",
            "--repeat",
            "1",
            "--format",
            "json",
        ]
        (row,) = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["rows"]
        lengths = mixed_lengths(64)
        self.assertEqual(row["lengths"], f"{min(lengths)}-{max(lengths)}")
        self.assertAlmostEqual(
            row["tokens_per_s"] * row["median_ms"] / 1e3, sum(lengths), delta=0.5
        )


class Figures(unittest.TestCase):
    def test_ratios_are_of_the_same_round(self) -> None:
        # The machine is twice as slow in the second round and four times in the third.
        times = {"base": {"w": [10.0, 20.0, 40.0]}, "x": {"w": [5.0, 12.0, 20.0]}}
        cell = make_cells(times, "base")["x"]["w"]
        self.assertEqual(
            (cell.median_ms, cell.ratio, cell.lowest, cell.highest), (12.0, 0.5, 0.5, 0.6)
        )
        self.assertEqual(cell.text(), "12.0 (0.50; 0.50–0.60)")
        self.assertEqual(make_cells(times, "base")["base"]["w"].text(), "20.0 (1.00; 1.00–1.00)")

    def test_without_a_baseline_there_are_times_only(self) -> None:
        self.assertEqual(make_cells({"x": {"w": [1234.0]}}, "base")["x"]["w"].text(), "1234")

    def test_table(self) -> None:
        cells = make_cells({"base": {"a": [4.0]}, "x": {"a": [2.0], "b": [1.0]}}, "base")
        table = markdown_table(cells, {"base": "Base", "x": "X"}, ["a", "b"]).splitlines()
        self.assertEqual(
            table,
            [
                "| engine | a | b |",
                "|---|---|---|",
                "| Base | 4.0 (1.00) | – |",
                "| X | 2.0 (0.50) | 1.0 |",
            ],
        )


class Agreements(unittest.TestCase):
    def test_limits(self) -> None:
        expected = [1.0, -2.0, 3.0]
        near, far = [1.0, -2.0, 3.0005], [1.0, -2.0, 3.002]
        self.assertTrue(compare(near, expected, True).holds)
        self.assertFalse(compare(far, expected, True).holds)
        self.assertTrue(compare(far, expected, False).holds)
        self.assertFalse(compare([-x for x in expected], expected, False).holds)
        rms = compare([1.1, -2.2, 3.3], expected, False).relative_rms
        self.assertAlmostEqual(rms, 0.1)

    def test_what_is_no_number_does_not_agree(self) -> None:
        for exact in (True, False):
            for bad in ([1.0, math.nan], [math.inf, 2.0], [1.0], []):
                self.assertFalse(compare(bad, [1.0, 2.0], exact).holds, bad)


class Engines(unittest.TestCase):
    def test_names(self) -> None:
        names = [engine.name for engine in ENGINES]
        self.assertEqual(len(set(names)), len(names))
        self.assertLess({BASELINE, REFERENCE}, set(names))
        self.assertEqual({engine.family for engine in ENGINES}, set(FAMILIES))
        self.assertEqual(set(MAKERS), set(FAMILIES))


def fake_worker(body: str) -> Worker:
    return Worker([sys.executable, "-c", body], {}, WORK / "fake.log")


class Workers(unittest.TestCase):
    def test_noise_is_passed_over(self) -> None:
        worker = fake_worker(
            "print('a library says hello'); print('ready to go', flush=True)\n"
            "import sys\nfor line in sys.stdin: print('noise\\nok', line.strip()[::-1], flush=True)"
        )
        self.assertEqual(worker.details, "to go")
        self.assertEqual(worker.ask("12 34"), ["43", "21"])
        self.assertEqual(worker.ask("5"), ["5"])
        worker.close()

    def test_the_reason_is_the_last_line_of_the_log(self) -> None:
        with self.assertRaisesRegex(WorkerError, "^no such engine$"):
            fake_worker("import sys; print('x', file=sys.stderr); sys.exit('no such engine')")
        worker = fake_worker(
            "import sys; print('ready', flush=True); sys.stdin.readline(); sys.exit('lost')"
        )
        with self.assertRaisesRegex(WorkerError, "^lost$"):
            worker.ask("x")
        worker.close()

    def test_radies_worker(self) -> None:
        model = SOURCE / "tests/golden/encoder_h32_heads4.radie"
        calls = [[[1, 2, 3]], [[4, 5], [6, 7, 8, 9, 10]]]
        path = WORK / "calls.txt"
        path.write_text("1 2 3\n4 5;6 7 8 9 10\n")
        worker = Worker([RADIE_WORKER, str(model), "fp32", "portable", "2"], {}, WORK / "radie.log")
        self.assertEqual(worker.details, "portable")
        times = [float(word) for word in worker.ask(f"time 0.05 {path}")]
        self.assertGreater(len(times), 1)
        self.assertGreater(min(times), 0)
        self.assertEqual(len(worker.ask(f"time 0 {path}")), 1)
        states = WORK / "worker.states"
        self.assertEqual(worker.ask(f"states {states} {path}"), [])
        with self.assertRaisesRegex(WorkerError, "cannot read"):
            worker.ask(f"time 0 {WORK / 'none.txt'}")
        worker.close()

        ids = WORK / "ids.jsonl"
        ids.write_text("".join(json.dumps(sequence) + "\n" for call in calls for sequence in call))
        out = WORK / "states.safetensors"
        subprocess.run(
            [RADIE, "encode", "--model", model, "--ids", ids, "--output", out, "--isa", "portable"],
            check=True,
        )
        data = out.read_bytes()
        (header,) = struct.unpack("<Q", data[:8])
        self.assertEqual(states.read_bytes(), data[8 + header :])
        expected = WORK / "expected.states"
        expected.write_bytes(data[8 + header :])
        self.assertEqual(compare_states(states, expected, True).largest, 0)
        values = array("f", data[8 + header :])
        values[3] += 1
        expected.write_bytes(values.tobytes())
        self.assertFalse(compare_states(states, expected, True).holds)


if __name__ == "__main__":
    unittest.main()
