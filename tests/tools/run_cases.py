"""Runs a file of tests for ctest: run_cases.py FILE [ARGUMENT...], the arguments being unittest's.

A test that had nothing but cases to skip ends with 77 and is skipped to ctest. Of others, which
passed, each case that was skipped is a line, "skipped case: NAME: REASON", for tools/test.sh to
count.
"""

import sys
import unittest
from pathlib import Path

EVERYTHING_SKIPPED = 77


class Result(unittest.TextTestResult):
    succeeded = 0

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.succeeded += 1


class Runner(unittest.TextTestRunner):
    resultclass = Result  # type: ignore[assignment]  # typeshed: a function, of any stream


def main() -> int:
    file = Path(sys.argv[1])
    sys.path.insert(0, str(file.resolve().parent))
    program = unittest.main(file.stem, argv=sys.argv[1:], testRunner=Runner, exit=False)
    result = program.result
    assert isinstance(result, Result)
    if not result.wasSuccessful():
        return 1
    word = "skipped case" if result.succeeded else "skipped"
    for case, reason in result.skipped:
        print(f"{word}: {case.id()}: {reason}")
    if result.succeeded:
        return 0
    return EVERYTHING_SKIPPED if result.skipped else 1  # else nothing ran


if __name__ == "__main__":
    sys.exit(main())
