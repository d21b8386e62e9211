"""Refresh, which writes and syncs before it answers, beside one sync for each write."""
import statistics

import servers
from authd_client import Client
from section_logins import PASSWORD

CALLERS = 64
# What a disk in a network takes for a sync, about; the machine's own may be much faster.
SLOWER_MICROSECONDS = 1000


def refresh(run, directory):
    here = measure(run, directory, "refresh", {})
    slower = measure(run, directory, "refresh-slower", {
        "LD_PRELOAD": str(servers.BUILD / "slow_sync.so"),
        "SLOW_SYNC_MICROSECONDS": str(SLOWER_MICROSECONDS)})
    run.table("Refresh, durable before the answer", ["", "this disk", "with syncs 1 ms longer"], [
        [title, *(form.format(figures[key]) for figures in (here, slower))]
        for title, form, key in (
            ("a page and fdatasync, one after the other", "{:.0f}/s", "syncs"),
            ("authd Refresh, one caller: a sync for each", "{:.0f}/s", "alone"),
            (f"authd Refresh, {CALLERS} callers", "{:.0f}/s", "rps"),
            ("of one sync for each write", "{:.1f} x", "times"),
            ("CPU for each of them", "{:.0f} us", "cpu_us"),
            ("p99", "{:.1f} ms", "p99_ms"))])
    run.results["refresh"] = {"here": here, "syncs_1_ms_longer": slower}
    run.say()
    run.target("Refresh of one sync for each write", here["times"], 10)


def measure(run, directory, name, environment):
    """Figures of a daemon of its own, and of the disk, with `environment` for both."""
    authd = servers.Authd(directory, run.binary, name, AUTHD_BCRYPT_COST=4, **environment)
    try:
        client = Client(authd.socket)
        for number in range(CALLERS):
            client.register(f"user-{number}@example.com", PASSWORD)
        client.close()
        syncs, rates, alone = [], [], []
        for _ in range(3 if run.quick else 5):
            syncs.append(float(servers.output(
                servers.BUILD / "baselines", "sync", directory, run.seconds,
                environment=environment)))
            # A chain of refreshes ends with its run: each has sessions of its own.
            rates.append(load(run, authd, CALLERS))
            alone.append(load(run, authd, 1)["rps"])
    finally:
        authd.stop()
    sync = statistics.median(syncs)
    rate = statistics.median(figure["rps"] for figure in rates)
    return {
        "syncs": sync, "alone": statistics.median(alone), "rps": rate, "times": rate / sync,
        "cpu_us": statistics.median(figure["cpu_us"] for figure in rates),
        "p99_ms": statistics.median(figure["p99_us"] for figure in rates) / 1e3,
        "failures": sum(figure["failures"] for figure in rates)}


def load(run, authd, callers):
    client = Client(authd.socket)
    path = servers.BUILD / "tokens"
    path.write_text("".join(
        client.login(f"user-{number}@example.com", PASSWORD)[1] + "\n"
        for number in range(callers)))
    client.close()
    return servers.load(
        authd.socket, "-S", "authd.v1.AuthService", "-M", "Refresh", "-R", path, "-c", callers,
        "-t", run.seconds, "-w", 0, "-i", authd.pid)
