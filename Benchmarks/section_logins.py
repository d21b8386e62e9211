"""Logins at saturation, a lone one, and what other calls feel of them."""
import statistics
import threading
import time

import servers
from authd_client import Client, Refused, field

COST = 12
PASSWORD = "violet-anchor-93-trumpet"


def logins(run, directory):
    cores = servers.os.cpu_count()
    callers = 8 * cores
    authd = servers.Authd(directory, run.binary, "logins", AUTHD_BCRYPT_COST=COST,
                          AUTHD_HASH_QUEUE_MAX=4 * callers)
    try:
        emails = [f"user-{number}@example.com" for number in range(callers)]
        register(authd, emails)
        seconds = 3 if run.quick else 10
        # In turns, so that both meet the same machine.
        baselines, rates, alone = [], [], []
        for _ in range(3):
            baselines.append(float(servers.output(
                servers.BUILD / "baselines", "hash", COST, seconds / 3)))
            alone += lone_logins(authd, emails[0], 3 if run.quick else 8)
            rates.append(saturate(authd, emails, seconds / 3 + 1))
        hash_ms = statistics.median(baselines)
        rate = statistics.median(rates)
        alone_ms = statistics.median(alone) * 1e3
        ceiling = cores / (hash_ms / 1e3)
        quiet, loaded = other_calls(run, authd, emails)
        run.table("Logins", ["", "figure"], [
            ["libxcrypt, one hash", f"{hash_ms:.0f} ms"],
            [f"cores / one libxcrypt hash ({cores} cores)", f"{ceiling:.1f}/s"],
            ["authd, a lone login", f"{alone_ms:.0f} ms"],
            [f"authd, {callers} callers", f"{rate:.1f}/s"],
            ["VerifyToken p99, idle", f"{quiet['verify'] * 1e3:.2f} ms"],
            ["VerifyToken p99, under logins", f"{loaded['verify'] * 1e3:.2f} ms"],
            ["Refresh p99, idle", f"{quiet['refresh'] * 1e3:.2f} ms"],
            ["Refresh p99, under logins", f"{loaded['refresh'] * 1e3:.2f} ms"],
        ])
        run.results["logins"] = {
            "libxcrypt_ms": hash_ms, "lone_login_ms": alone_ms, "logins_per_second": rate,
            "idle_p99_s": quiet, "loaded_p99_s": loaded}
        run.say()
        run.target("logins a second of cores / one libxcrypt hash", rate / ceiling, 2.2)
        run.target("a lone login of one libxcrypt hash", alone_ms / hash_ms, at_most=1.1)
        for name in ("verify", "refresh"):
            run.target(f"{name}: p99 under logins of the idle p99", loaded[name] / quiet[name],
                       at_most=3)
    finally:
        authd.stop()


def register(authd, emails):
    def one(email):
        client = Client(authd.socket)
        client.register(email, PASSWORD)
        client.close()
    threads = [threading.Thread(target=one, args=[email]) for email in emails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lone_logins(authd, email, count):
    client = Client(authd.socket)
    times = []
    for _ in range(count):
        start = time.perf_counter()
        client.login(email, PASSWORD)
        times.append(time.perf_counter() - start)
    client.close()
    return times


class Saturation:
    """Callers that log in without a pause, each into an account of his own."""

    def __init__(self, authd, emails):
        self.ends = threading.Event()
        self.done = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, args=[authd, email])
                        for email in emails]
        for thread in self.threads:
            thread.start()

    def work(self, authd, email):
        client = Client(authd.socket)
        while not self.ends.is_set():
            try:
                client.login(email, PASSWORD)
            except Refused:
                continue
            with self.lock:
                self.done += 1
        client.close()

    def count(self):
        with self.lock:
            return self.done

    def stop(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()


def saturate(authd, emails, seconds):
    saturation = Saturation(authd, emails)
    # Until all lanes are full and answers come steadily.
    time.sleep(1)
    first, start = saturation.count(), time.perf_counter()
    time.sleep(seconds)
    rate = (saturation.count() - first) / (time.perf_counter() - start)
    saturation.stop()
    return rate


def other_calls(run, authd, emails):
    client = Client(authd.socket)
    access, refresh = client.login(emails[0], PASSWORD)
    seconds = 2 if run.quick else 5
    quiet = {"verify": verify_p99(authd, access, seconds),
             "refresh": refresh_p99(authd, refresh, seconds)}
    refresh = client.login(emails[0], PASSWORD)[1]
    saturation = Saturation(authd, emails)
    time.sleep(1)
    loaded = {"verify": verify_p99(authd, access, seconds),
              "refresh": refresh_p99(authd, refresh, seconds)}
    saturation.stop()
    client.close()
    return quiet, loaded


def verify_p99(authd, token, seconds):
    figures = servers.load(
        authd.socket, "-S", "authd.v1.AuthService", "-M", "VerifyToken", "-x",
        field(1, token).hex(), "-t", seconds, "-w", 0.2)
    return figures["p99_us"] / 1e6


def refresh_p99(authd, token, seconds):
    with open(servers.BUILD / "token", "w") as file:
        file.write(token + "\n")
    figures = servers.load(
        authd.socket, "-S", "authd.v1.AuthService", "-M", "Refresh", "-R",
        servers.BUILD / "token", "-t", seconds, "-w", 0.2)
    return figures["p99_us"] / 1e6
