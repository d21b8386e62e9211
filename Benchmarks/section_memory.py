"""Memory, start, and ten minutes of calls."""
import resource
import socket
import statistics
import time

import servers
from authd_client import Client
from soak import soak

MIB = 1024
CONNECTIONS = [1000, 10_000]


def memory(run, directory):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    starts = [start_seconds(run, directory, number) for number in range(5)]
    authd = servers.Authd(directory, run.binary, "memory")
    held = []
    try:
        Client(authd.socket).call("Check", service="grpc.health.v1.Health")
        idle, resident = authd.memory("RssAnon"), authd.memory("VmRSS")
        anonymous = {0: idle}
        for count in CONNECTIONS:
            while len(held) < count:
                held.append(socket.socket(socket.AF_UNIX))
                held[-1].connect(authd.socket)
            # Answered behind all that were accepted before.
            Client(authd.socket).call("Check", service="grpc.health.v1.Health")
            anonymous[count] = authd.memory("RssAnon")
        each = (anonymous[10_000] - anonymous[1000]) / 9000
        start = statistics.median(starts) * 1e3
        run.table("Memory and start", ["", "figure"], [
            ["private memory, idle", f"{idle / MIB:.1f} MiB"],
            ["resident memory, idle", f"{resident / MIB:.1f} MiB"],
            ["1,000 connections add", f"{(anonymous[1000] - idle) / MIB:.1f} MiB"],
            ["each further one, to 10,000", f"{each:.2f} KiB"],
            ["start to first answer", f"{start:.0f} ms"],
        ])
        run.results["memory"] = {
            "rss_anon_idle_kib": idle, "rss_idle_kib": resident,
            "rss_anon_1000_kib": anonymous[1000], "rss_anon_10000_kib": anonymous[10_000],
            "start_ms": start}
        run.say()
        run.target("idle private MiB", idle / MIB, at_most=8)
        run.target("idle resident MiB", resident / MIB, at_most=24)
        run.target("MiB added by 1,000 connections", (anonymous[1000] - idle) / MIB, at_most=8)
        run.target("KiB for each further connection", each, at_most=6)
        run.target("ms from start to first answer", start, at_most=100)
    finally:
        for connection in held:
            connection.close()
        authd.stop()
    if not run.quick:
        soak(run, directory)


def start_seconds(run, directory, number):
    """From the start of the process to its first answer, with a state directory that is there."""
    name = f"start-{number}"
    servers.Authd(directory, run.binary, name).stop()
    authd = servers.Authd(directory, run.binary, name)
    Client(authd.socket).call("Check", service="grpc.health.v1.Health")
    seconds = time.monotonic() - authd.started
    authd.stop()
    return seconds
