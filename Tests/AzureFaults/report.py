"""Counts checks and prints a line for each."""

import itertools
from collections.abc import Iterable

EXAMPLES_MAX = 4


class Report:
    """A check passes when nothing speaks against it."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, name: str, facts: Iterable[str]) -> None:
        against = list(facts)
        if not against:
            self.passed += 1
            print(f"ok {name}", flush=True)
            return
        self.failed += 1
        print(f"FAIL {name}: {len(against)}", flush=True)
        for fact in itertools.islice(against, EXAMPLES_MAX):
            print(f"     {fact}", flush=True)

    def end(self) -> int:
        """The last line, and the exit code. A run of nothing is no success."""
        print(f"{self.passed} passed, {self.failed} failed")
        return int(self.failed > 0 or self.passed == 0)
