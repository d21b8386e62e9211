"""What goes over all accounts: listing, exporting and sweeping, their memory, and what others feel."""
import os
import signal
import statistics
import subprocess
import threading
import time

import servers
from authd_client import Client, field
from growth_fill import address
from section_logins import PASSWORD

MIB = 1024
GROWN_MIB_MAX = 16
NEIGHBOUR_RATIO_MAX = 3
# Others are looked at for so long, so often, beside the walk and while it stands still.
WINDOW_SECONDS = 1.5
WINDOWS = 6
# A sweep begins within 65 s of the daemon's start.
SWEEP_BEGINS_SECONDS = 90
SWEEP_PAUSE_MILLISECONDS = 10
SWEEP_SECONDS_MAX = 3600


class MemoryWatch:
    """The private memory of a process, looked at all the time: at the start, and the most."""

    def __init__(self, pid):
        self.pid = pid
        self.first = self.most = private_kib(pid)
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.ends.wait(0.02):
            kib = private_kib(self.pid)
            # The first look at a child may have seen it before it was the program.
            self.first = self.first or kib
            self.most = max(self.most, kib)

    def stop(self):
        """MiB at the start and the most."""
        self.ends.set()
        self.thread.join()
        return self.first / MIB, self.most / MIB


def private_kib(pid):
    try:
        for line in open(f"/proc/{pid}/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0  # it has ended


class Neighbour:
    """Somebody who verifies a token, and somebody who logs in, one call after the other."""

    METHODS = ("VerifyToken", "Login")

    def __init__(self, authd):
        client = Client(authd.socket)
        access, _ = client.login(address(1), PASSWORD)
        client.close()
        payloads = {"VerifyToken": field(1, access),
                    "Login": field(1, address(2)) + field(2, PASSWORD)}
        self.command = {
            method: [servers.BUILD / "loadgen", "-s", authd.socket, "-l", "-w", "0.2", "-S",
                     "authd.v1.AuthService", "-M", method, "-x", payloads[method].hex()]
            for method in self.METHODS}

    def measure(self, seconds=WINDOW_SECONDS):
        """p99 of both in microseconds, of one window."""
        running = {method: subprocess.Popen(
            [str(part) for part in command + ["-t", seconds]], stdout=subprocess.PIPE, text=True)
            for method, command in self.command.items()}
        figures = {}
        for method, process in running.items():
            text = process.communicate()[0]
            pairs = dict(pair.split("=") for pair in text.split())
            figures[method] = float(pairs["p99_us"])
        return figures

    def middle(self, windows):
        """The median of some windows."""
        return {method: statistics.median(window[method] for window in windows)
                for method in self.METHODS}

    def beside(self, process):
        """What is felt while a process of ours stands still, and while it runs: windows in turns."""
        still, felt = [], []
        for _ in range(WINDOWS):
            process.send_signal(signal.SIGSTOP)
            still.append(self.measure())
            process.send_signal(signal.SIGCONT)
            window = self.measure()
            if process.poll() is not None:
                break
            felt.append(window)
        if not felt:
            return None  # it was over at once
        return self.middle(still), self.middle(felt)


def walks(run, directory, daemon, settings):
    """All of them on the larger store."""
    # On the emulator others wait for the emulator, which has one thread for all.
    neighbour = Neighbour(daemon.authd) if daemon.emulator is None else None
    rows = [
        tool(run, daemon, "admin users list", ["admin", "users", "list", "--json"], neighbour),
        tool(run, daemon, "admin export",
             ["admin", "export", f"{directory}/{daemon.store}-export"], neighbour),
        sweep(run, directory, daemon, settings),
    ]
    run.table(f"Walks over {daemon.size:,} accounts, on {daemon.store}",
              ["", "seconds", "authd MiB before", "at most", "authctl MiB at most",
               "VerifyToken p99 us", "without it", "Login p99 us", "without it"], rows)


def tool(run, daemon, title, arguments, neighbour):
    """One command of authctl, and what daemon and command need for it."""
    environment = {"AUTHD_SOCKET": f"unix:{daemon.authd.socket}", "PATH": os.environ["PATH"],
                   "HOME": str(daemon.path) + "-home"}
    start = time.monotonic()
    daemon_watch = MemoryWatch(daemon.authd.pid)
    process = subprocess.Popen(
        [run.authctl, *arguments], env=environment, stdout=subprocess.PIPE)
    tool_watch = MemoryWatch(process.pid)
    felt = threaded(lambda: neighbour.beside(process)) if neighbour else None
    lines = sum(chunk.count(b"\n") for chunk in iter(lambda: process.stdout.read1(1 << 16), b""))
    figures = felt() if felt else None
    if process.wait() != 0:
        raise SystemExit(f"authctl {' '.join(arguments)} failed")
    seconds = time.monotonic() - start
    if title.endswith("list") and lines < daemon.size:
        raise SystemExit(f"authctl listed {lines} accounts of {daemon.size}")
    daemon_mib, tool_mib = daemon_watch.stop(), tool_watch.stop()
    run.target(f"{title} on {daemon.store}: MiB of authctl", tool_mib[1], at_most=GROWN_MIB_MAX)
    return row_of(run, daemon, title, seconds, daemon_mib, tool_mib, figures)


def row_of(run, daemon, title, seconds, daemon_mib, tool_mib, figures):
    run.target(f"{title} on {daemon.store}: MiB that authd grows by",
               daemon_mib[1] - daemon_mib[0], at_most=GROWN_MIB_MAX)
    row = [title, f"{seconds:.0f}"] + [f"{mib:.1f}" for mib in daemon_mib]
    row.append(f"{tool_mib[1]:.1f}" if tool_mib else "")
    for method in Neighbour.METHODS if figures else ():
        still, felt = (figure[method] for figure in figures)
        row += [f"{felt:.0f}", f"{still:.0f}"]
        run.target(f"{method} beside {title} on {daemon.store}: p99 of the one without it",
                   felt / still, at_most=NEIGHBOUR_RATIO_MAX)
    run.results["growth"][daemon.store][title] = {
        "seconds": seconds, "authd_mib": daemon_mib, "authctl_mib": tool_mib, "p99_us": figures}
    return row + [""] * (9 - len(row))


def threaded(work):
    """Starts `work`; the answer waits for what it gives back."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()

    def wait():
        thread.join()
        return found[0]
    return wait


def sweep(run, directory, daemon, settings):
    """A daemon that sweeps: from the lease that says so to the one that says when the next begins."""
    daemon.authd.stop()
    emulated = daemon.emulator.environment if daemon.emulator else {}
    settings = settings | emulated | {
        "AUTHD_SWEEP_HOURS": 1, "AUTHD_SWEEP_PAUSE_MILLISECONDS": SWEEP_PAUSE_MILLISECONDS}
    name = os.path.basename(daemon.authd.socket).removesuffix(".sock")
    daemon.authd = servers.Authd(directory, run.binary, name, **settings)
    before = daemon.session_count()
    neighbour = Neighbour(daemon.authd) if daemon.emulator is None else None
    if neighbour:
        neighbour.measure()  # so that the daemon has its caches before it is looked at
    await_sweep(daemon, True, SWEEP_BEGINS_SECONDS)
    start = time.monotonic()
    watch = MemoryWatch(daemon.authd.pid)
    felt = []
    while neighbour and daemon.is_swept() and len(felt) < WINDOWS:
        felt.append(neighbour.measure())
    await_sweep(daemon, False, SWEEP_SECONDS_MAX)
    seconds = time.monotonic() - start
    daemon_mib = watch.stop()
    figures = None
    if neighbour:
        still = [neighbour.measure() for _ in felt]
        figures = neighbour.middle(still), neighbour.middle(felt)
        # The logins put out old sessions of their own.
    else:
        run.say(f"  the sweep removed {before - daemon.session_count()} sessions")
    return row_of(run, daemon, "sweep", seconds, daemon_mib, None, figures)


def await_sweep(daemon, is_under_way, seconds):
    """Waits until a sweep has begun, or has ended."""
    end = time.monotonic() + seconds
    while daemon.is_swept() != is_under_way:
        if time.monotonic() > end:
            raise SystemExit(f"the sweep did not {'begin' if is_under_way else 'end'}")
        time.sleep(0.05)
