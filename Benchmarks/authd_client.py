"""A ttRPC client in a page, none of it authd's: one call after the other on one connection."""
import socket
import struct
from typing import Any

REQUEST, RESPONSE = 1, 2


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, data: str | bytes) -> bytes:
    """A length-delimited field; nothing for no data."""
    if isinstance(data, str):
        data = data.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data if data else b""


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
            value, at = message[at:at + value], at + value
        found.setdefault(tag >> 3, value)
    return found


class Refused(Exception):
    """A call that was answered with an error: its gRPC code and message."""


class Client:
    """One connection to a Unix socket."""

    def __init__(self, path, timeout=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.stream = 1

    def close(self):
        self.socket.close()

    def call(self, method, payload=b"", service="authd.v1.AuthService", metadata=()):
        """The payload of the answer. Raises Refused. `metadata` are pairs of key and value."""
        answer = self.exchange(service, method, payload, metadata)
        status = fields(answer.get(1, b""))
        if status.get(1, 0) != 0:
            raise Refused(status.get(1), status.get(2, b"").decode())
        return answer.get(2, b"")

    def exchange(self, service, method, payload, metadata, timeout_nano=0):
        """The fields of the answer: its status, and its payload."""
        request = field(1, service) + field(2, method) + field(3, payload)
        if timeout_nano:
            request += varint(4 << 3) + varint(timeout_nano)
        for key, value in metadata:
            request += field(5, field(1, key) + field(2, value))
        self.socket.sendall(struct.pack(">IIBB", len(request), self.stream, REQUEST, 0) + request)
        length, stream, kind, _ = struct.unpack(">IIBB", self.receive(10))
        answer = fields(self.receive(length))
        if (stream, kind) != (self.stream, RESPONSE):
            raise ValueError(f"frame of type {kind} on stream {stream}")
        self.stream += 2
        return answer

    def receive(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the daemon closed the connection")
            data += part
        return bytes(data)

    def register(self, email, password):
        self.call("Register", field(1, email) + field(2, password))

    def login(self, email, password):
        """Access token and refresh token."""
        tokens = fields(fields(self.call("Login", field(1, email) + field(2, password)))[1])
        return tokens[1].decode(), tokens[3].decode()
