"""Counts checks and prints a line for each."""

from contextlib import contextmanager

from daemon import Refused

UNAUTHENTICATED = 16


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    @contextmanager
    def check(self, name):
        """A check passes when its body ends without an exception."""
        try:
            yield
        except Exception as error:  # Any fault of a body is a failed check, and the run goes on.
            self.failed += 1
            print(f"FAIL {name}: {type(error).__name__}: {error}")
        else:
            self.passed += 1
            print(f"ok {name}")

    def refused(self, name, reason, call, code=UNAUTHENTICATED):
        """A check that `call` is refused with this reason."""
        with self.check(name):
            try:
                call()
            except Refused as refusal:
                require((refusal.code, refusal.reason) == (code, reason), refusal)
            else:
                raise AssertionError("it was not refused")


def require(condition, *facts):
    """Like assert, but never optimised away, and it shows the facts."""
    if not condition:
        raise AssertionError(", ".join(map(str, facts)))
