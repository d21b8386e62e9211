"""As much of a ttRPC client as measuring authd needs: one call after the other on one connection."""
import socket
import struct

REQUEST = 1


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, data):
    """A length-delimited field; nothing for no data."""
    if isinstance(data, str):
        data = data.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data if data else b""


def fields(message):
    """The fields of a message: {number: last value}."""
    found, at = {}, 0

    def number():
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
        value = number()
        if tag & 7 == 2:
            value, at = message[at:at + value], at + value
        found[tag >> 3] = value
    return found


class Refused(Exception):
    """A call that was answered with an error: its gRPC code and message."""


class Client:
    """One connection to a Unix socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.stream = 1

    def close(self):
        self.socket.close()

    def call(self, method, payload=b"", service="authd.v1.AuthService", metadata=()):
        """The payload of the answer. Raises Refused. `metadata` are pairs of key and value."""
        request = field(1, service) + field(2, method) + field(3, payload)
        for key, value in metadata:
            request += field(5, field(1, key) + field(2, value))
        header = struct.pack(">IIBB", len(request), self.stream, REQUEST, 0)
        self.stream += 2
        self.socket.sendall(header + request)
        length, _, _, _ = struct.unpack(">IIBB", self.receive(10))
        answer = fields(self.receive(length))
        status = fields(answer.get(1, b""))
        if status.get(1, 0) != 0:
            raise Refused(status.get(1), status.get(2, b"").decode())
        return answer.get(2, b"")

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
