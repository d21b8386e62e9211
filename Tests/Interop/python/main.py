"""Checks authd with PyJWT, bcrypt, passlib, Python's SQLite and Prometheus's parser: main.py AUTHD DIRECTORY

Prints a line for each check and, last, `N passed, N failed`.
"""

import signal
import sys
from pathlib import Path

import hashes
import metrics
import store
import tokens
from report import Report

if __name__ == "__main__":
    # Ends by an exception, so that every daemon that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report = Report()
    program, home = sys.argv[1], Path(sys.argv[2])
    tokens.check(report, program, home)
    hashes.check(report, program, home)
    store.check(report, program, home)
    metrics.check(report, program, home)
    print(f"{report.passed} passed, {report.failed} failed")
    sys.exit(report.failed > 0 or report.passed == 0)
