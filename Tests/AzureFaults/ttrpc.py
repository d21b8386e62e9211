"""A ttRPC client in a page: one call after the other on one connection. Nothing of it is ours."""

import base64
import json
import socket
import struct
from typing import Any

REQUEST, RESPONSE = 1, 2
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


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, data: str | bytes) -> bytes:
    """A length-delimited field; nothing for no data."""
    raw = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(raw)) + raw if raw else b""


def fields(message: bytes) -> dict[int, Any]:
    """The fields of a message: {number: first value}."""
    found: dict[int, Any] = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = number()
        value: Any = number()
        if tag & 7 == 2:
            value, at = message[at : at + value], at + value
        found.setdefault(tag >> 3, value)
    return found


def claims(token: str) -> dict[str, Any]:
    """What a token says; its signature is the daemon's business."""
    text = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Client:
    """One connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(ANSWER_SECONDS_MAX)
        try:
            self._socket.connect(path)
        except OSError as error:
            self._socket.close()
            raise NotThere(str(error)) from error
        self._stream = 1

    def close(self) -> None:
        self._socket.close()

    def call(
        self, service: str, method: str, payload: bytes, metadata: dict[str, str]
    ) -> dict[int, Any]:
        """The fields of the answer."""
        request = field(1, service) + field(2, method) + field(3, payload)
        request += varint(4 << 3) + varint(DEADLINE_SECONDS * 1_000_000_000)
        for key, value in metadata.items():
            request += field(5, field(1, key) + field(2, value))
        header = struct.pack(">IIBB", len(request), self._stream, REQUEST, 0)
        try:
            self._socket.sendall(header + request)
            length, stream, kind, _ = struct.unpack(">IIBB", self._receive(10))
            answer = fields(self._receive(length))
        except OSError as error:
            raise Lost(str(error)) from error
        if (stream, kind) != (self._stream, RESPONSE):
            raise ValueError(f"frame of type {kind} on stream {stream}")
        self._stream += 2
        status = fields(answer.get(1, b""))
        if status.get(1, 0) != 0:
            # google.rpc.Status: code, message, details, the first of them an ErrorInfo in an Any.
            info = fields(fields(status.get(3, b"")).get(2, b"")) if 3 in status else {}
            reason = info.get(1, b"")
            reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else ""
            raise Refused(status[1], reason, status.get(2, b"").decode())
        return fields(answer.get(2, b""))

    def _receive(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise Lost("the daemon closed the connection")
            data += part
        return bytes(data)
