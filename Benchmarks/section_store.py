"""Refresh, which writes and syncs before it answers, beside one sync for each write."""
import statistics

import servers
from authd_client import Client
from section_logins import PASSWORD

CALLERS = 64


def refresh(run, directory):
    authd = servers.Authd(directory, run.binary, "refresh", AUTHD_BCRYPT_COST=4)
    try:
        client = Client(authd.socket)
        tokens = []
        for number in range(CALLERS):
            email = f"user-{number}@example.com"
            client.register(email, PASSWORD)
            tokens.append(client.login(email, PASSWORD)[1])
        client.close()
        syncs, rates, alone = [], [], []
        for _ in range(3 if run.quick else 5):
            syncs.append(float(servers.output(
                servers.BUILD / "baselines", "sync", directory, run.seconds)))
            path = servers.BUILD / "tokens"
            path.write_text("".join(token + "\n" for token in tokens))
            rates.append(servers.load(
                authd.socket, "-S", "authd.v1.AuthService", "-M", "Refresh", "-R", path, "-c",
                CALLERS, "-t", run.seconds, "-w", 0, "-i", authd.pid))
            path.write_text(renewed(authd, 1)[0] + "\n")
            alone.append(servers.load(
                authd.socket, "-S", "authd.v1.AuthService", "-M", "Refresh", "-R", path,
                "-t", run.seconds, "-w", 0)["rps"])
            # The chains end with the run: each round has sessions of its own.
            tokens = renewed(authd, CALLERS)
        sync = statistics.median(syncs)
        rate = statistics.median(figure["rps"] for figure in rates)
        run.table("Refresh, durable before the answer", ["", "figure"], [
            ["a page and fdatasync, one after the other", f"{sync:.0f}/s"],
            ["authd Refresh, one caller: a sync for each", f"{statistics.median(alone):.0f}/s"],
            [f"authd Refresh, {CALLERS} callers", f"{rate:.0f}/s"],
            ["CPU for each of them",
             f"{statistics.median(f['cpu_us'] for f in rates):.0f} us"],
            ["p99", f"{statistics.median(f['p99_us'] for f in rates) / 1e3:.1f} ms"],
        ])
        run.results["refresh"] = {
            "syncs_per_second": sync, "refreshes_per_second": rate,
            "refreshes_per_second_one_caller": statistics.median(alone),
            "failures": sum(figure["failures"] for figure in rates)}
        run.say()
        run.target("Refresh of one sync for each write", rate / sync, 10)
    finally:
        authd.stop()


def renewed(authd, count):
    """Refresh tokens of as many new sessions."""
    client = Client(authd.socket)
    tokens = [client.login(f"user-{number}@example.com", PASSWORD)[1] for number in range(count)]
    client.close()
    return tokens
