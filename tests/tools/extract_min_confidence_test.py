"""radie extract --min-confidence: what is left out, and that it is told."""

import unittest

from harness import SAMPLES, check_record, models, radie, records


class MinConfidence(unittest.TestCase):
    def test_what_is_left_out_is_told(self) -> None:
        lost = kept = 0
        for model in models():
            full = records(radie("extract", *SAMPLES, model=model).stdout)
            values = sorted(x["confidence"] for r in full for x in r["entities"] + r["relations"])
            minimum = values[len(values) // 3] + 0.00005  # between two confidences of four decimals
            done = radie("extract", "--min-confidence", f"{minimum:.5f}", *SAMPLES, model=model)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            for path, some, all_of_it in zip(SAMPLES, records(done.stdout), full, strict=True):
                check_record(some, path.read_bytes().decode())
                facts = [
                    [(e["start"], e["end"], e["type"], e["confidence"]) for e in r["entities"]]
                    for r in (some, all_of_it)
                ]
                self.assertEqual(facts[0], [e for e in facts[1] if e[3] > minimum])
                self.assertTrue(all(r["confidence"] > minimum for r in some["relations"]))
                less = len(some["entities"]) + len(some["relations"]) < len(
                    all_of_it["entities"]
                ) + len(all_of_it["relations"])
                codes = [w["code"] for w in some["warnings"]]
                self.assertEqual(codes.count("below_min_confidence"), int(less))
                lost += less
                kept += len(some["relations"])
        self.assertGreater(lost, 0)
        self.assertGreater(kept, 0)

    def test_formats_without_warnings_tell_it_on_standard_error(self) -> None:
        done = radie(
            "extract",
            "--min-confidence",
            "1",
            "--format",
            "brat",
            "--stage",
            "entities",
            SAMPLES[0],
        )
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"below_min_confidence", done.stderr)

    def test_it_is_a_probability(self) -> None:
        for bad in ("-0.1", "1.01", "nan", "x", ""):
            done = radie("extract", f"--min-confidence={bad}", SAMPLES[0])
            self.assertEqual((done.returncode, done.stdout), (2, b""), bad)


if __name__ == "__main__":
    unittest.main()
