"""Ten minutes of all kinds of calls, and whether the daemon's memory grows."""
import random
import socket
import subprocess
import threading
import time

import servers
from authd_client import Client, Refused, field, fields
from growth_calls import ADMIN, NEW_PASSWORD, STEP_SECONDS, bearer, code, session_of
from section_logins import PASSWORD

MIB = 1024
SECONDS = 600
# Until the daemon's tables have met everybody.
WARM_UP_SECONDS = 120
SAMPLE_SECONDS = 30
ACCOUNTS = 500
# More tokens than the daemon remembers: its caches have what they may have before memory is watched.
TOKENS_FIRST = 10_000
# Who guesses, and from where: always the same, for each pair has its row in the daemon's tables, which
# have room for 130,000.
STRANGERS = 300
GROWN_MIB_MAX = 2
# A failing call is answered at once when it is throttled: its caller does not spin.
REST_SECONDS = 0.01


class Soak:
    """Callers of each kind, on connections of their own, until the time is over."""

    def __init__(self, authd):
        self.authd = authd
        self.ends = threading.Event()
        self.lock = threading.Lock()
        self.counts = {}
        self.broken = []
        client = Client(authd.socket)
        for number in range(ACCOUNTS):
            client.register(f"user-{number}@example.com", PASSWORD)
        self.access, _ = client.login("user-0@example.com", PASSWORD)
        client.close()
        self.fill_caches()
        kinds = [self.user, self.user, self.stranger, self.newcomer, self.mfa_user,
                 self.administrator, self.passer_by, self.crowd]
        self.threads = [threading.Thread(target=self.loop, args=[kind, seed])
                        for seed, kind in enumerate(kinds)]
        for thread in self.threads:
            thread.start()

    def fill_caches(self):
        """Verifies so many tokens, each of them new."""
        def work(number, count):
            client = Client(self.authd.socket)
            _, refresh = client.login(f"user-{number}@example.com", PASSWORD)
            for _ in range(count):
                tokens = fields(fields(client.call("Refresh", field(1, refresh)))[1])
                client.call("VerifyToken", field(1, tokens[1]))
                refresh = tokens[3]
            client.close()
        callers = 8
        threads = [threading.Thread(target=work, args=[number, TOKENS_FIRST // callers])
                   for number in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()

    def loop(self, kind, seed):
        """Calls `kind` again and again; a new connection for each hundred."""
        chance = random.Random(seed)
        client, number = Client(self.authd.socket), 0
        try:
            while not self.ends.is_set():
                number += 1
                kind(client, chance, f"{seed}-{number}")
                if number % 100 == 0:
                    client.close()
                    client = Client(self.authd.socket)
        except Exception as error:  # told by the one who waits for the end
            self.broken.append(f"{kind.__name__}: {error!r}")
            self.ends.set()
        with self.lock:
            name = kind.__name__.replace("_", " ")
            self.counts[name] = self.counts.get(name, 0) + number
        client.close()

    def user(self, client, chance, _):
        """A session with all that can be done in it."""
        email = f"user-{chance.randrange(10, ACCOUNTS)}@example.com"
        session = session_of(fields(client.call(
            "Login", field(1, email) + field(2, PASSWORD),
            metadata=[("x-client-name", "soak"), ("x-client-address", "192.0.2.7")])))
        client.call("VerifyToken", field(1, session["access"]))
        client.call("Refresh", field(1, session["refresh"]))
        client.call("ListSessions", metadata=bearer(session["access"]))
        if chance.random() < 0.9:
            client.call("RevokeSession", field(1, session["session"]),
                        metadata=bearer(session["access"]))

    def stranger(self, client, chance, _):
        """Wrong passwords for accounts that are there or not, from many networks; bad tokens."""
        number = chance.randrange(STRANGERS)
        network = [("x-client-address", f"198.51.{number % 250}.9")]
        email = f"{'user' if number < 10 else 'nobody'}-{number}@example.com"
        for call in (("Login", field(1, email) + field(2, "wrong-password-1")),
                     ("VerifyToken", field(1, f"not.a.token{chance.random()}")),
                     ("Refresh", field(1, f"r1.no.{chance.random()}")), ("NoSuchMethod", b"")):
            try:
                client.call(*call, metadata=network)
                raise AssertionError(f"{call[0]} was not refused")
            except Refused:
                pass
        time.sleep(REST_SECONDS)

    def newcomer(self, client, _, mark):
        """An account from its beginning to its end."""
        email = f"new-{mark}@example.com"
        client.register(email, PASSWORD)
        access, _ = client.login(email, PASSWORD)
        client.call("ChangePassword", field(1, PASSWORD) + field(2, NEW_PASSWORD),
                    metadata=bearer(access))
        reset = fields(client.call("IssuePasswordReset", field(1, email), ADMIN))[1]
        client.call("ResetPassword", field(1, reset) + field(2, PASSWORD))
        access, _ = client.login(email, PASSWORD)
        client.call("DeleteUser", field(1, PASSWORD), metadata=bearer(access))

    def mfa_user(self, client, _, mark):
        """MFA from its beginning to its end."""
        email = f"mfa-{mark}@example.com"
        client.register(email, PASSWORD)
        bearers = bearer(client.login(email, PASSWORD)[0])
        found = fields(client.call("RegisterMfa", field(1, PASSWORD), metadata=bearers))
        step = int(time.time()) // STEP_SECONDS
        recovery = fields(client.call(
            "VerifyMfa", field(1, PASSWORD) + field(2, found[1])
            + field(3, code(found[2].decode(), step)), metadata=bearers))[1]
        client.call("GetMfaStatus", metadata=bearers)
        client.call("DisableMfa", field(1, PASSWORD) + field(3, recovery), metadata=bearers)
        client.call("DeleteUser", field(1, PASSWORD), metadata=bearers)

    def administrator(self, client, chance, _):
        """Looks at all accounts."""
        token = b""
        while True:
            page = fields(client.call("ListUsers", field(2, token), ADMIN))
            token = page.get(2, b"")
            if not token:
                break
        client.call("GetUser", field(1, f"user-{chance.randrange(ACCOUNTS)}@example.com"), ADMIN)
        client.call("GetStats", service=ADMIN)
        time.sleep(REST_SECONDS)

    def passer_by(self, _, chance, mark):
        """Comes, says something, nothing or nonsense, and goes."""
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(self.authd.socket)
            visitor.sendall(chance.choice([
                b"", b"\x00\x00", b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64,
                b"\x00\x01\x00\x00\x00\x00\x00\x01\x01\x00half"]))
        time.sleep(REST_SECONDS)

    def crowd(self, *_):
        """Fifty connections that verify, four calls at once on each, for a moment."""
        servers.load(self.authd.socket, "-S", "authd.v1.AuthService", "-M", "VerifyToken", "-x",
                     field(1, self.access).hex(), "-c", 50, "-p", 4, "-n", 5000, "-w", 0)


def soak(run, directory, seconds=SECONDS):
    """Private memory after the warm-up and at the end."""
    authd = servers.Authd(
        directory, run.binary, "soak", AUTHD_BCRYPT_COST=4, JWT_EXP_MINUTES=60)
    try:
        callers = Soak(authd)
        start = time.monotonic()
        series = []
        while time.monotonic() < start + seconds and not callers.ends.is_set():
            callers.ends.wait(SAMPLE_SECONDS)
            series.append((time.monotonic() - start, authd.memory("RssAnon") / MIB))
        callers.stop()
        if callers.broken:
            raise SystemExit(f"the soak broke: {callers.broken}")
        first = next(mib for at, mib in series if at > WARM_UP_SECONDS)
        grown = max(mib for at, mib in series[-4:]) - first
        run.table(f"Private memory under mixed calls of {seconds / 60:.0f} minutes",
                  ["seconds", "MiB"], [[f"{at:.0f}", f"{mib:.1f}"] for at, mib in series])
        run.say("  rounds: " + ", ".join(
            f"{name} {count}" for name, count in callers.counts.items()))
        run.say()
        run.target("MiB grown between the second minute and the last", grown,
                   at_most=GROWN_MIB_MAX)
        run.results["soak"] = {"rounds": callers.counts, "mib": series, "grown_mib": grown}
    finally:
        authd.stop()
