"""Thousands of calls to three daemons on one table of a service that fails in every way.

main.py AUTHD [--seed N] [--calls 3000] [--probability 0.004] [--seconds 400]

Prints a line for each check and, last, `N passed, N failed`. The seed repeats what users do, which
faults are drawn, and when daemons die; how threads meet is the machine's.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import faultplan
from checks import Checks
from events import Events
from history import plain
from processes import Daemon, Emulator, accept_signals
from record import Caller, Outcome, Recorder
from report import Report
from workload import Worker

WORKERS = 12
# A run whose calls mostly fail says little.
OK_SHARE_MIN = 0.5
# Not minded here: on a busy machine a request may lie for a second before it is looked at.
_LINT_IGNORED = {"past_deadline"}


class Run:
    """One run, and what is left of it when everything has ended."""

    def __init__(self, options: argparse.Namespace, home: Path) -> None:
        self.options = options
        self.recorder = Recorder()
        self.emulator = Emulator(home)
        self.token = self.emulator.token()
        self.daemons = [
            Daemon(options.authd, home / name, self.emulator, self.token)
            for name in ("first", "second", "third")
        ]
        self.problems: list[str] = []
        self.is_complete = False

    def play(self) -> None:
        options, seed = self.options, self.options.seed
        for daemon in self.daemons:
            daemon.start()
        chance = random.Random(f"{seed}/faults")
        rules = faultplan.rules(chance, options.probability)
        self.emulator.control("POST", "/faults", {"faults": rules})
        events = Events(seed, self.emulator, self.daemons, self.recorder, options.calls)
        end = time.monotonic() + options.seconds
        paths = [daemon.path for daemon in self.daemons]
        workers = [
            Worker(number, seed, paths, self.recorder, options.calls, end)
            for number in range(WORKERS)
        ]
        threads: list[Any] = [events, *workers]
        for thread in threads:
            thread.start()
        for worker in workers:
            worker.join()
        self.is_complete = self.recorder.count >= options.calls
        events.is_over.set()
        events.join()
        self.fired = {one["name"]: one["fired"] for one in self._faults()}
        self.emulator.control("DELETE", "/faults")
        for daemon in self.daemons:
            daemon.stop()
        self.problems = [f"{one.name}: {one.error!r}" for one in threads if one.error]
        self.happened, self.planned = events.happened, events.planned

    def _faults(self) -> list[dict[str, Any]]:
        return self.emulator.control("GET", "/faults")["faults"]

    def stop(self) -> str:
        """What the emulator wrote to standard error."""
        for daemon in self.daemons:
            daemon.stop()
        return self.emulator.stop()


def judge(run: Run, report: Report) -> None:
    """All checks of a run whose daemons have ended."""
    calls = list(run.recorder.calls)
    commits = run.emulator.control("GET", "/commits")["commits"]
    outcomes = Counter((call.outcome.value, call.reason) for call in calls)
    entries = run.emulator.log()
    if run.options.dump:
        lines = [json.dumps({"commits": commits, "log": entries}), *map(str, calls)]
        run.options.dump.write_text("\n".join(lines))
    kinds = Counter(name.split(" ")[0] for entry in entries for name in entry["faults"])
    print(f"faults: {dict(kinds.most_common())}")
    faulty = sum(1 for entry in entries if entry["faults"])
    print(
        f"{len(calls)} calls, {len(entries)} exchanges, {faulty} of them with faults, "
        f"{len(commits)} commits; {', '.join(run.happened)}"
    )
    for (outcome, reason), count in outcomes.most_common():
        print(f"  {count:5} {outcome} {reason}")
    report.check("The run came to its end", run.problems or _incomplete(run))
    checks = Checks(calls, commits)
    for name, check in checks.all().items():
        report.check(name, check())
    state = run.emulator.control("GET", "/state")["tables"]["Users"]
    report.check("The table is what its commits made", _differences(checks, state))
    report.check("Every kind of fault came to pass", _unfired(run))
    shares = Counter(call.outcome for call in calls)
    share = shares[Outcome.OK] / max(1, len(calls))
    acknowledged = Counter(call.method for call in calls if call.is_ok)
    report.check(
        "Every kind of call was acknowledged, again and again",
        [name for name in Caller.METHODS if acknowledged[name] < run.options.calls // 300],
    )
    report.check(
        "Most calls succeeded all the same",
        [] if share >= OK_SHARE_MIN else [f"only {share:.0%} of them"],
    )
    violations = run.emulator.control("GET", "/lint")["violations"]
    report.check(
        "Nothing was sent that a careful client does not send",
        [str(one) for one in violations if one["rule"] not in _LINT_IGNORED],
    )
    logs = [daemon.log() for daemon in run.daemons]
    faults = ("Fatal error", "sig=", "INTERNAL")
    report.check(
        "No daemon broke, and none told a secret",
        [word for log in logs for word in faults if word in log]
        + [f"ended with {code}" for one in run.daemons for code in one.codes if code != 0],
    )


def _incomplete(run: Run) -> list[str]:
    if not run.is_complete:
        return [f"{run.recorder.count} of {run.options.calls} calls in {run.options.seconds} s"]
    missing = run.planned - len(run.happened)
    return [f"{missing} events did not happen"] if missing else []


def _unfired(run: Run) -> list[str]:
    # Of few calls not every kind can be expected.
    if run.options.calls < 2000:
        return []
    return [name for name, count in run.fired.items() if count == 0]


def _differences(checks: Checks, state: list[dict[str, Any]]) -> list[str]:
    told = {(one["partition"], one["row"]): plain(one["properties"]) for one in state}
    made = {
        (name, row): properties
        for name, found in checks.history.partitions.items()
        for row, properties in found.moments[-1].rows.items()
    }
    return [str(key) for key in told.keys() | made.keys() if told.get(key) != made.get(key)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("authd")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--probability", type=float, default=0.004)
    parser.add_argument("--seconds", type=float, default=400)
    parser.add_argument("--dump", type=Path, help="where commits, log and calls are kept")
    options = parser.parse_args()
    accept_signals()
    report = Report()
    print(f"seed {options.seed} ({WORKERS} users at a time)", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        run = Run(options, Path(name))
        try:
            run.play()
            judge(run, report)
        finally:
            errors = run.stop()
        report.check("The emulator did not break", errors.splitlines())
    print(f"{time.monotonic() - began:.0f} s")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
