"""Measures authd beside its limit and its peers. Called by scripts/bench, which builds authd.

Every comparison is made in one run, in turns, and told as a ratio: these figures mean something on a
machine that others use, too, where a figure alone does not.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile

import servers
from section_growth import growth
from section_logins import logins
from section_memory import memory
from section_rpc import rpc
from section_store import refresh

SECTIONS = {
    "rpc": rpc, "logins": logins, "refresh": refresh, "memory": memory, "growth": growth,
}
# Takes many minutes: a million accounts, twice.
NOT_BY_DEFAULT = {"growth"}


class Run:
    """What the sections share: settings, the binary, and what was measured."""

    def __init__(self, options):
        self.binary = options.authd
        self.authctl = options.authctl
        self.quick = options.quick
        self.seconds = 0.5 if options.quick else 2.0
        self.rounds = 3 if options.quick else 7
        self.peers = options.peers.split(",") if options.peers else []
        self.as_json = options.json
        self.results = {}

    def say(self, text=""):
        print(text, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def table(self, title, heads, rows):
        self.say()
        self.say(title)
        cells = [heads] + [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
        for index, row in enumerate(cells):
            first = row[0].ljust(widths[0])
            rest = "  ".join(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))
            self.say(f"  {first}  {rest}".rstrip())
            if index == 0:
                self.say("  " + "-" * (sum(widths) + 2 * (len(widths) - 1)))

    def target(self, text, value, at_least=None, at_most=None):
        """Says whether a figure is where it should be, and keeps that."""
        bound = f">= {at_least}" if at_least is not None else f"<= {at_most}"
        is_met = value >= at_least if at_least is not None else value <= at_most
        self.say(f"  {'met   ' if is_met else 'MISSED'} {text}: {value:.2f} ({bound})")
        self.results.setdefault("targets", []).append(
            {"what": text, "value": value, "bound": bound, "met": is_met})


def median(values):
    return statistics.median(values)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--authd", required=True)
    parser.add_argument("--authctl", help="for growth")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", default="ttrpc,grpc")
    parser.add_argument("sections", nargs="*")
    options = parser.parse_args()
    names = options.sections or [name for name in SECTIONS if name not in NOT_BY_DEFAULT]
    for name in names:
        if name not in SECTIONS:
            parser.error(f"there is no section {name}: {', '.join(SECTIONS)}")
    run = Run(options)
    servers.build_c()
    cpu = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo")
               if line.startswith("model name"))
    run.results["machine"] = {"cores": os.cpu_count(), "cpu": cpu, "load": os.getloadavg()[0]}
    run.say(f"{os.cpu_count()} cores of {cpu}, load {os.getloadavg()[0]:.1f}")
    # Beside the build, not in /tmp: that may be memory, and syncing it costs nothing.
    with tempfile.TemporaryDirectory(dir=servers.BUILD) as directory:
        for name in names:
            SECTIONS[name](run, directory)
    if options.json:
        print(json.dumps(run.results, indent=2))


main()
