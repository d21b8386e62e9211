"""Every RPC on two daemons in turns, one with few accounts and one with many.

What a call needs (accounts, tokens, codes) is made before the clock runs; what it is called for lies
at random places of the store.
"""
import base64
import hmac
import random
import statistics
import struct
import time

import servers
from authd_client import Client, field, fields, varint
from growth_fill import address
from section_logins import PASSWORD

ADMIN = "authd.v1.AdminService"
NEW_PASSWORD = "copper-lantern-58-harvest"
STEP_SECONDS = 30
PAGE_SIZE = 100
PAGES_OF_EMULATOR = 50
# How long the daemons believe that a session is alive.
CACHE_SECONDS = 2
# More calls of what takes so little that a few tell nothing.
CHEAP_TIMES = 5


class Figures:
    """What one RPC cost on one daemon in one round, a call on an average."""

    def __init__(self, cpu, latency, emulator_cpu=0.0, requests=0.0, count=0.0):
        self.cpu_us = cpu * 1e6
        self.latency_us = latency * 1e6
        self.emulator_us = emulator_cpu * 1e6
        # Of the daemon to the emulator.
        self.requests = requests
        self.bytes = count


class Round:
    """One round of all RPCs on one daemon.

    `steps` yields the name of each RPC with its calls (method, payload, service, metadata), and is
    sent the answers.
    """

    def __init__(self, daemon, number, calls, slow_calls, marks):
        self.daemon = daemon
        self.client = Client(daemon.authd.socket)
        self.random = random.Random(f"{daemon.size} {number}")
        self.mark = f"{number}-{time.monotonic_ns()}"
        self.calls = calls
        self.slow_calls = slow_calls
        self.marks = marks
        self.figures = {}

    def begin(self):
        """Before the calls of one RPC."""
        if self.daemon.emulator:
            self.daemon.emulator.control("/reset", {"what": ["log", "lint"]})
        self.latencies = []
        self.cpu_start = self.cpu()

    def cpu(self):
        """CPU seconds of the daemon, and of the emulator where there is one."""
        emulator = self.daemon.emulator
        return (servers.cpu_seconds(self.daemon.authd.pid),
                servers.cpu_seconds(emulator.pid) if emulator else 0)

    def call(self, request):
        begin = time.perf_counter()
        answer = self.client.call(*request)
        self.latencies.append(time.perf_counter() - begin)
        return answer

    def end(self, name):
        """Behind them: keeps what they cost."""
        count = len(self.latencies)
        cpu = [(end - start) / count for end, start in zip(self.cpu(), self.cpu_start)]
        log = self.daemon.emulator.control("/log")["entries"] if self.daemon.emulator else []
        size = sum(one["bytes_received"] + one["bytes_sent"] for one in log)
        self.figures[name] = Figures(
            cpu[0], statistics.median(self.latencies), cpu[1], len(log) / count, size / count)

    def auth(self, name, payloads, metadata=None):
        """The calls of a step."""
        metadata = metadata or [()] * len(payloads)
        return name, [(name, payload, "authd.v1.AuthService", pairs)
                      for payload, pairs in zip(payloads, metadata)]

    def admin(self, name, payloads, title=None):
        return title or f"Admin {name}", [(name, payload, ADMIN) for payload in payloads]

    def login(self, emails):
        """Tokens and session of each."""
        answers = [fields(self.client.call("Login", field(1, email) + field(2, PASSWORD)))
                   for email in emails]
        return [session_of(answer) for answer in answers]

    def steps(self):
        self.client.call("Check", service="grpc.health.v1.Health")
        yield from self.sessions()
        yield from self.new_accounts()
        yield from self.second_factor()
        yield from self.administration()

    def sessions(self):
        emails = [address(number) for number in self.random.sample(
            range(self.daemon.size), self.calls)]
        answers = yield self.auth(
            "Login", [field(1, email) + field(2, PASSWORD) for email in emails])
        sessions = [session_of(fields(answer)) for answer in answers]
        tokens = [field(1, one["access"]) for one in sessions]
        time.sleep(CACHE_SECONDS * 1.1)
        yield "VerifyToken, asks the store", [("VerifyToken", one) for one in tokens]
        yield self.auth("VerifyToken", tokens * CHEAP_TIMES)
        bearers = [bearer(one["access"]) for one in sessions]
        yield self.auth("Refresh", [field(1, one["refresh"]) for one in sessions])
        yield self.auth("ListSessions", [b""] * len(emails), bearers)
        yield self.auth("GetMfaStatus", [b""] * len(emails), bearers)
        others = self.login(emails)
        yield self.auth("RevokeSession", [field(1, one["session"]) for one in others], bearers)
        yield self.auth("Logout", [field(1, one["refresh"]) for one in self.login(emails)])
        yield "GetSigningKeys", [("GetSigningKeys",)] * self.calls * CHEAP_TIMES
        yield "Health", [("Check", b"", "grpc.health.v1.Health")] * self.calls * CHEAP_TIMES

    def new_accounts(self):
        """Calls that change or end an account: on new ones, which are as spread as the others."""
        emails = [f"new-{self.mark}-{number:04}@example.com" for number in range(self.calls)]
        yield self.auth("Register", [field(1, email) + field(2, PASSWORD) for email in emails])
        sessions = self.login(emails)
        bearers = [bearer(one["access"]) for one in sessions]
        yield self.auth("ChangePassword", [field(1, PASSWORD) + field(2, NEW_PASSWORD)] * len(emails),
                  bearers)
        answers = yield self.admin("IssuePasswordReset", [field(1, email) for email in emails])
        yield self.auth("ResetPassword", [field(1, fields(answer)[1]) + field(2, PASSWORD)
                                    for answer in answers])
        half = len(emails) // 2
        bearers = [bearer(one["access"]) for one in self.login(emails[:half])]
        yield self.auth("DeleteUser", [field(1, PASSWORD)] * half, bearers)
        yield self.admin("DeleteUser", [field(1, email) for email in emails[half:]])

    def second_factor(self):
        """MFA from its beginning to its end. A code counts for one step around the present one, and
        once: the step before, the present and the next one serve one call each."""
        emails = [f"mfa-{self.mark}-{number:04}@example.com" for number in range(self.slow_calls)]
        for email in emails:
            self.client.register(email, PASSWORD)
        bearers = [bearer(one["access"]) for one in self.login(emails)]
        late = time.time() % STEP_SECONDS
        if late > STEP_SECONDS / 2:
            time.sleep(STEP_SECONDS - late)
        step = int(time.time()) // STEP_SECONDS
        answers = yield self.auth("RegisterMfa", [field(1, PASSWORD)] * len(emails), bearers)
        tokens = [fields(answer)[1] for answer in answers]
        secrets = [fields(answer)[2].decode() for answer in answers]
        yield self.auth("VerifyMfa", [
            field(1, PASSWORD) + field(2, token) + field(3, code(secret, step - 1))
            for token, secret in zip(tokens, secrets)], bearers)
        yield self.auth("ValidateMfa", [field(1, PASSWORD) + field(2, code(secret, step))
                                  for secret in secrets], bearers)
        answers = yield self.auth("RegenerateRecoveryCodes", [
            field(1, PASSWORD) + field(2, code(secret, step + 1)) for secret in secrets], bearers)
        half = len(emails) // 2
        yield self.auth("DisableMfa", [field(1, PASSWORD) + field(3, fields(answer)[1])
                                 for answer in answers[:half]], bearers[:half])
        yield self.admin("ResetMfa", [field(1, email) for email in emails[half:]])

    def administration(self):
        emails = [address(number) for number in self.random.sample(
            range(self.daemon.size), self.calls)]
        names = [field(1, email) for email in emails]
        yield self.admin("GetUser", names)
        yield self.admin("SetUserDisabled", [name + varint(2 << 3) + varint(1) for name in names])
        for name in names:
            self.client.call("SetUserDisabled", name, ADMIN)
        yield self.admin("UnlockUser", names)
        yield self.admin("RevokeUserSessions", names)
        hash_text = "$2b$10$" + 53 * "."  # of the right form, for no password
        yield self.admin("ImportUser", [
            field(1, f"imported-{self.mark}-{number:04}@example.com") + field(2, hash_text)
            for number in range(self.calls)])
        yield self.admin("GetStats", [b""] * self.calls * CHEAP_TIMES)
        size = varint(1 << 3) + varint(PAGE_SIZE)
        for place, token in self.marks.items():
            for name in ("ListUsers", "ExportUsers"):
                title = f"Admin {name}, {place} page"
                yield self.admin(name, [size + field(2, token)] * self.slow_calls, title)


def session_of(answer):
    tokens = fields(answer[1])
    return {"access": tokens[1].decode(), "refresh": tokens[3].decode(),
            "session": answer[2].decode()}


def bearer(token):
    return (("authorization", f"Bearer {token}"),)


def code(secret, step):
    """The TOTP code of a step (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def page_marks(daemon):
    """Tokens of pages: nothing for the first, one far from it, and one half as far."""
    client = Client(daemon.authd.socket)
    tokens, token = [], b""
    # To the end, but for the emulator, which would take many minutes.
    while len(tokens) < (PAGES_OF_EMULATOR if daemon.emulator else daemon.size):
        page = fields(client.call(
            "ListUsers", varint(1 << 3) + varint(min(1000, daemon.size // 4)) + field(2, token),
            ADMIN))
        token = page.get(2, b"")
        if not token:
            break
        tokens.append(token)
    client.close()
    return {"first": b"", "middle": tokens[len(tokens) // 2], "last": tokens[-1]}


def run_round(rounds):
    """Every RPC, one call on each daemon in turn: both meet the same machine and the same disk."""
    steps = [one.steps() for one in rounds]
    answers = [None] * len(rounds)
    while True:
        try:
            wanted = [step.send(answer) for step, answer in zip(steps, answers)]
        except StopIteration:
            break
        (name, _), answers = wanted[0], [[] for _ in rounds]
        for one in rounds:
            one.begin()
        for requests in zip(*(requests for _, requests in wanted), strict=True):
            for one, request, answered in zip(rounds, requests, answers):
                answered.append(one.call(request))
        for one in rounds:
            one.end(name)
    for one in rounds:
        one.client.close()


def compare(run, daemons, calls, slow_calls):
    """Rounds of all RPCs on both daemons in turns: {RPC: {size: [figures of each round]}}."""
    marks = {daemon.size: page_marks(daemon) for daemon in daemons}
    figures = {}
    for number in range(run.rounds + 1):
        rounds = [Round(daemon, number, calls, slow_calls, marks[daemon.size])
                  for daemon in daemons]
        if number % 2:
            rounds.reverse()
        run_round(rounds)
        if number == 0:
            continue  # for warming up
        for one in rounds:
            for name, figure in one.figures.items():
                figures.setdefault(name, {}).setdefault(one.daemon.size, []).append(figure)
    return figures
