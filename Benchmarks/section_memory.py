"""Memory and start, and whether calls cost the same with a million accounts."""
import resource
import socket
import statistics
import time

import servers
from authd_client import Client, field
from section_logins import PASSWORD

MIB = 1024
CONNECTIONS = [1000, 10_000]
SOAK_SECONDS = 600


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


def soak(run, directory):
    """Ten minutes of mixed calls: private memory after the first minute and at the end."""
    authd = servers.Authd(directory, run.binary, "soak", AUTHD_BCRYPT_COST=4)
    try:
        client = Client(authd.socket)
        end = time.monotonic() + SOAK_SECONDS
        after_a_minute, number = None, 0
        while time.monotonic() < end:
            email = f"user-{number % 500}@example.com"
            number += 1
            if number <= 500:
                client.register(email, PASSWORD)
            access, refresh = client.login(email, PASSWORD)
            client.call("VerifyToken", field(1, access))
            client.call("Refresh", field(1, refresh))
            if after_a_minute is None and time.monotonic() > end - SOAK_SECONDS + 60:
                after_a_minute = authd.memory("RssAnon")
        grown = (authd.memory("RssAnon") - after_a_minute) / MIB
        run.say(f"  {number} rounds of Login, VerifyToken and Refresh in ten minutes")
        run.target("MiB grown between the first minute and the tenth", grown, at_most=2)
        run.results["soak"] = {"rounds": number, "grown_mib": grown}
        client.close()
    finally:
        authd.stop()


def growth(run, directory):
    """The same calls on a thousand and on a million accounts, in turns."""
    sizes = [1000, 1_000_000]
    running = {}
    try:
        for size in sizes:
            running[size] = filled(run, directory, size)
        figures = {}
        for _ in range(run.rounds):
            for size, (authd, email) in running.items():
                for name, seconds in one_round(authd, email).items():
                    figures.setdefault((name, size), []).append(seconds)
        names = list(dict.fromkeys(name for name, _ in figures))
        rows, ratios = [], {}
        for name in names:
            small, large = (statistics.median(figures[name, size]) for size in sizes)
            ratios[name] = large / small
            rows.append([name, f"{small * 1e6:.0f}", f"{large * 1e6:.0f}", f"{large / small:.2f}"])
        run.table("Microseconds a call", ["", "1,000", "1,000,000", "ratio"], rows)
        run.results["growth"] = ratios
        run.say()
        for name, ratio in ratios.items():
            run.target(f"{name} at 1,000,000 accounts of 1,000", ratio, at_most=1.2)
    finally:
        for authd, _ in running.values():
            authd.stop()


def filled(run, directory, size):
    """A daemon whose file has `size` copies of one account's row under partitions of their own."""
    import sqlite3
    name = f"growth-{size}"
    authd = servers.Authd(directory, run.binary, name, AUTHD_BCRYPT_COST=4)
    client = Client(authd.socket)
    email = "user@example.com"
    client.register(email, PASSWORD)
    client.close()
    authd.stop()
    path = f"{directory}/{name}-state/authd.sqlite"
    database = sqlite3.connect(path)
    columns = [row[1] for row in database.execute("PRAGMA table_info(entities)")]
    key = columns.index("partition")
    row = list(database.execute("SELECT * FROM entities LIMIT 1"))[0]
    marks = ",".join("?" * len(columns))

    def copies():
        for number in range(size):
            copy = list(row)
            # Spread like hashes, so that the tree is as random as with real accounts.
            copy[key] = "u_%064x" % (number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 256))
            yield copy

    with database:
        database.executemany(f"INSERT INTO entities VALUES ({marks})", copies())
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return servers.Authd(directory, run.binary, name, AUTHD_BCRYPT_COST=4), email


def one_round(authd, email):
    """Seconds of a call each, the mean of some."""
    client = Client(authd.socket)
    times = {}

    def timed(name, count, call):
        start = time.perf_counter()
        for number in range(count):
            call(number)
        times[name] = (time.perf_counter() - start) / count

    mark = time.monotonic_ns()
    timed("Register", 50, lambda n: client.register(f"new-{mark}-{n}@example.com", PASSWORD))
    timed("Login", 50, lambda n: client.login(email, PASSWORD))
    access, refresh = client.login(email, PASSWORD)
    timed("VerifyToken", 500, lambda n: client.call("VerifyToken", field(1, access)))
    timed("Refresh", 50, lambda n: client.call("Refresh", field(1, refresh)))
    client.close()
    return times
