"""run_cases.py: what is skipped does not pass for what was tested."""

import subprocess
import sys
import unittest
from pathlib import Path

from harness import WORK

PASSES = "    def test_passes(self): pass\n"
SKIPS = "    def test_skips(self): self.skipTest('not here')\n"
FAILS = "    def test_fails(self): self.fail()\n"


class RunCases(unittest.TestCase):
    def ends(self, cases: str, *arguments: str, above: str = "") -> tuple[int, str]:
        file = WORK / "some_test.py"
        file.write_text(
            f"import unittest\n{above}class Some(unittest.TestCase):\n    size = 0\n{cases}",
            encoding="utf-8",
        )
        done = subprocess.run(
            [sys.executable, "-B", Path(__file__).with_name("run_cases.py"), file, *arguments],
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout.decode()

    def test_some_are_skipped(self) -> None:
        told = "skipped case: some_test.Some.test_skips: not here\n"
        self.assertEqual(self.ends(PASSES + SKIPS), (0, told))
        self.assertEqual(self.ends(PASSES), (0, ""))
        self.assertEqual(self.ends(PASSES + SKIPS, "Some.test_passes"), (0, ""))

    def test_all_are_skipped(self) -> None:
        told = "skipped: some_test.Some.test_skips: not here\n"
        self.assertEqual(self.ends(SKIPS), (77, told))
        self.assertEqual(self.ends(PASSES + SKIPS, "Some.test_skips"), (77, told))
        code, output = self.ends(PASSES, above="@unittest.skip('nor here')\n")
        self.assertEqual(code, 77)
        self.assertIn("nor here", output)

    def test_a_failure_is_one_whatever_is_skipped(self) -> None:
        for cases in (FAILS, FAILS + SKIPS, FAILS + SKIPS + PASSES, "    nonsense\n", ""):
            self.assertEqual(self.ends(cases), (1, ""), cases)


if __name__ == "__main__":
    unittest.main()
