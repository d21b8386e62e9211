"""The client of the benchmarks, with deadlines and words for what becomes of a call."""

import base64
import json
import pathlib
import sys
from typing import Any

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Benchmarks"))
import authd_client  # noqa: E402
from authd_client import field, fields  # noqa: E402, F401

# Sent with each call; a daemon must have answered by then, whatever the store does.
DEADLINE_SECONDS = 10
# Behind that only a daemon that hangs.
ANSWER_SECONDS_MAX = 60


class Refused(Exception):
    """An answer that is an error: its gRPC code, and the reason of its ErrorInfo."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code, self.reason = code, reason


class Lost(Exception):
    """The connection ended before an answer came."""


class NotThere(Exception):
    """Nobody listens: nothing was sent."""


def claims(token: str) -> dict[str, Any]:
    """What a token says; its signature is the daemon's business."""
    text = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Client:
    """One connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        try:
            self._client = authd_client.Client(path, timeout=ANSWER_SECONDS_MAX)
        except OSError as error:
            raise NotThere(str(error)) from error

    def close(self) -> None:
        self._client.close()

    def call(
        self, service: str, method: str, payload: bytes, metadata: dict[str, str]
    ) -> dict[int, Any]:
        """The fields of the answer."""
        try:
            answer = self._client.exchange(
                service, method, payload, metadata.items(), DEADLINE_SECONDS * 1_000_000_000
            )
        except OSError as error:
            raise Lost(str(error)) from error
        status = fields(answer.get(1, b""))
        if status.get(1, 0) != 0:
            # google.rpc.Status: code, message, details, the first of them an ErrorInfo in an Any.
            info = fields(fields(status.get(3, b"")).get(2, b"")) if 3 in status else {}
            reason = info.get(1, b"")
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else ""
            raise Refused(status[1], reason, status.get(2, b"").decode())
        return fields(answer.get(2, b""))
