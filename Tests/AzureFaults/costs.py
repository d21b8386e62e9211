"""What each call asks of the table service, counted in the emulator's log: costs.py AUTHD

The daemon says what it would cost; here it is what came over the wire. Prints a line for each check
and, last, `N passed, N failed`.
"""

import sys
import tempfile
from pathlib import Path

from processes import Daemon, Emulator, accept_signals
from record import Call, Caller, Recorder
from report import Report
from workload import Session, session_of

EMAIL = "ada@example.org"
PASSWORD, NEW_PASSWORD = "quartz-saddle-71-reed", "copper-meadow-58-lantern"
READ, WRITE, BATCH = "read", "write", "transaction"


class Costs:
    """One user, two daemons: one that remembers sessions for minutes, and one that never does."""

    def __init__(self, emulator: Emulator, paths: list[str], report: Report) -> None:
        self._emulator, self._report = emulator, report
        self._caller = Caller(paths, Recorder())

    def check(
        self, name: str, expected: list[str], method: str, bearer: str = "", daemon: int = 0,
        is_refused: bool = False, **sent: str,
    ) -> Call:  # fmt: skip
        """Makes a call, and expects its exchanges with the service, in order."""
        before = self._emulator.control("GET", "/round-trips")["last"]
        call = self._caller.call(daemon, method, EMAIL, bearer, **sent)
        entries = self._emulator.log(before)
        found = [
            READ if one["method"] == "GET" else BATCH if one["batch"] else WRITE for one in entries
        ]
        facts = [] if found == expected else [f"{call}: {found} instead of {expected}"]
        if call.is_ok == is_refused:
            facts.append(f"{call}: {call.outcome}")
        self._report.check(f"{name}: {len(expected)} ({', '.join(expected) or 'nothing'})", facts)
        return call

    def log_in(self, name: str = "Login") -> Session:
        return session_of(self.check(name, [READ, BATCH], "Login", password=PASSWORD))

    def all(self) -> None:
        self.check("Register", [WRITE], "Register", password=PASSWORD)
        self.check("Register of a taken address", [WRITE, READ], "Register", password=PASSWORD,
                   is_refused=True)  # fmt: skip
        session = self.log_in()
        refresh = self.check("Refresh", [READ, WRITE], "Refresh", refresh_token=session.refresh)
        session = session_of(refresh)
        access = session.access
        self.check("VerifyToken, not remembered", [READ], "VerifyToken", access_token=access)
        self.check("VerifyToken, remembered", [], "VerifyToken", access_token=access)
        for _ in range(2):
            self.check("VerifyToken without a memory", [READ], "VerifyToken", access_token=access,
                       daemon=1)  # fmt: skip
        other = self.log_in("Login a second time")
        self.check("Logout", [READ, WRITE], "Logout", other.access)
        self.check("ChangePassword", [READ, BATCH], "ChangePassword", access,
                   current_password=PASSWORD, new_password=NEW_PASSWORD)  # fmt: skip
        self.check("DeleteUser", [READ, BATCH], "DeleteUser", access, password=NEW_PASSWORD)
        self.check("Login of an unknown address", [READ], "Login", is_refused=True,
                   password=PASSWORD)  # fmt: skip


def main() -> int:
    accept_signals()
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        emulator = Emulator(home)
        # The sweep asks too, in its own time.
        settings = {"AUTHD_SWEEP_HOURS": "0"}
        seconds = ("300", "0")
        daemons = [
            Daemon(
                sys.argv[1], home / f"daemon-{one}", emulator, emulator.token(),
                AUTHD_SESSION_CACHE_SECONDS=one, **settings,
            )
            for one in seconds
        ]  # fmt: skip
        try:
            for daemon in daemons:
                daemon.start()
            Costs(emulator, [daemon.path for daemon in daemons], report).all()
            violations = emulator.control("GET", "/lint")["violations"]
            report.check(
                "Nothing was sent that a careful client does not send", map(str, violations)
            )
        finally:
            for daemon in daemons:
                daemon.stop()
            errors = emulator.stop()
        report.check("The emulator did not break", errors.splitlines())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
