"""Runs the emulator's tests: main.py [NAME...]

Prints a line for each test and, last, `N passed, N failed`. Names choose test files.
"""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]


class Report(unittest.TextTestResult):
    """One line for a test."""

    def addSuccess(self, test: unittest.TestCase) -> None:
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok {_sentence(test)}")

    def addFailure(self, test, err) -> None:  # type: ignore[no-untyped-def]
        unittest.TestResult.addFailure(self, test, err)
        self.stream.writeln(f"FAIL {_sentence(test)}")

    def addError(self, test, err) -> None:  # type: ignore[no-untyped-def]
        unittest.TestResult.addError(self, test, err)
        self.stream.writeln(f"FAIL {_sentence(test)}")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        unittest.TestResult.addSkip(self, test, reason)
        self.stream.writeln(f"skip {_sentence(test)}: {reason}")

    def addSubTest(self, test, subtest, err) -> None:  # type: ignore[no-untyped-def]
        unittest.TestResult.addSubTest(self, test, subtest, err)
        if err is not None:
            self.stream.writeln(f"FAIL {_sentence(test)} {subtest._subDescription()}")


def _sentence(test: unittest.TestCase) -> str:
    return test.id().rpartition(".")[2].removeprefix("test_").replace("_", " ")


def main() -> int:
    suite = unittest.TestSuite()
    loader = unittest.TestLoader()
    for path in sorted(HERE.glob("test_*.py")):
        if not sys.argv[1:] or path.stem.removeprefix("test_") in sys.argv[1:]:
            suite.addTests(loader.loadTestsFromName(path.stem))
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Report, verbosity=0)
    result = runner.run(suite)
    failed = {str(test) for test, _ in result.failures + result.errors}
    passed = max(result.testsRun - len(failed) - len(result.skipped), 0)
    # One test at least: a run of nothing is no success.
    print(f"{passed} passed, {len(failed)} failed")
    return int(bool(failed) or passed == 0)


if __name__ == "__main__":
    sys.exit(main())
