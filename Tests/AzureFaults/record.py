"""What was asked and what came of it, for the checks."""

import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ttrpc import Client, Lost, NotThere, Refused
from ttrpc import field as text

SERVICE = "authd.v1.AuthService"
# Answers that leave open whether the call did something. Codes of gRPC: CANCELLED,
# DEADLINE_EXCEEDED, ABORTED (CONFLICT), UNAVAILABLE.
_UNAVAILABLE = 14
_UNKNOWN_CODES = {1, 4, 10, _UNAVAILABLE}
# A caller who is told that the store does not answer does not ask again at once.
_PAUSE_SECONDS = 0.3


class Outcome(Enum):
    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass
class Call:
    """One RPC. Times are seconds since 1970, as the emulator's commits have them."""

    number: int
    method: str
    email: str
    daemon: int
    # What was sent, by the names of the fields; "bearer", and "label" for a login.
    sent: dict[str, str]
    start: float
    end: float = 0.0
    outcome: Outcome = Outcome.UNKNOWN
    reason: str = ""
    answer: dict[int, Any] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        return self.outcome is Outcome.OK

    def __str__(self) -> str:
        span = f"{self.start:.3f} to {self.end:.3f}"
        return f"call {self.number}, {self.method} of {self.email}: {self.reason or 'OK'}, {span}"


class Recorder:
    """All calls of a run, from any thread."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        return len(self.calls)

    def begin(self, method: str, email: str, daemon: int, sent: dict[str, str]) -> Call:
        with self._lock:
            call = Call(len(self.calls) + 1, method, email, daemon, sent, time.time())
            self.calls.append(call)
        if method == "Login":
            sent["label"] = f"call-{call.number}"
        return call


class Caller:
    """A service that calls the daemons: any of them, and another one where nobody listens."""

    # The fields of requests by their numbers in auth.proto.
    _FIELDS: dict[str, dict[str, int]] = {
        "Register": {"email": 1, "password": 2},
        "Login": {"email": 1, "password": 2, "totp_code": 3},
        "Refresh": {"refresh_token": 1},
        "Logout": {},
        "ChangePassword": {"current_password": 1, "new_password": 2, "totp_code": 3},
        "DeleteUser": {"password": 1},
        "VerifyToken": {"access_token": 1},
        "RegisterMfa": {"password": 1},
        "VerifyMfa": {"password": 1, "enrollment_token": 2, "totp_code": 3},
    }

    METHODS = tuple(_FIELDS)

    def __init__(self, paths: list[str], recorder: Recorder) -> None:
        self._paths, self._recorder = paths, recorder
        self._clients: dict[int, Client] = {}

    def call(self, daemon: int, method: str, email: str, bearer: str = "", **sent: str) -> Call:
        """The call, with what came of it."""
        known = sent | {"email": email}
        payload = b"".join(
            text(number, known.get(name, "")) for name, number in self._FIELDS[method].items()
        )
        daemon, client = self._client(daemon)
        everything = sent | ({"bearer": bearer} if bearer else {})
        call = self._recorder.begin(method, email, daemon, everything)
        metadata = {"authorization": f"Bearer {bearer}"} if bearer else {}
        if "label" in call.sent:
            metadata["x-client-name"] = call.sent["label"]
        try:
            answer = client.call(SERVICE, method, payload, metadata)
            call.end = time.time()
            call.answer, call.outcome = answer, Outcome.OK
        except Refused as refusal:
            call.end = time.time()
            call.reason = refusal.reason or f"code {refusal.code}"
            is_unknown = refusal.code in _UNKNOWN_CODES
            call.outcome = Outcome.UNKNOWN if is_unknown else Outcome.REFUSED
            if refusal.code == _UNAVAILABLE:
                time.sleep(_PAUSE_SECONDS)
        except Lost:
            call.end, call.reason = time.time(), "no answer"
            self._clients.pop(daemon).close()
        return call

    def _client(self, daemon: int) -> tuple[int, Client]:
        """One whose daemon listens: `daemon`, or else the next. Waits while none does."""
        deadline = time.monotonic() + 90
        while True:
            for number in range(daemon, daemon + len(self._paths)):
                number %= len(self._paths)
                if number in self._clients:
                    return number, self._clients[number]
                try:
                    self._clients[number] = Client(self._paths[number])
                    return number, self._clients[number]
                except NotThere:
                    continue
            if time.monotonic() > deadline:
                raise RuntimeError("no daemon listens")
            time.sleep(0.02)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
