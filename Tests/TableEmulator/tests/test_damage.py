"""Seeded damage: whatever comes, the emulator answers or hangs up, and goes on."""

import json
import random
import socket

from support import ACCOUNT, EmulatorTest, changeset, clean_headers, shared_key

ROUNDS = 300


class DamageTest(EmulatorTest):
    def requests(self) -> list[bytes]:
        """Good ones of every sort, as bytes."""
        entity = json.dumps(self.entity(a=1, text="Grüße")).encode()
        operation = (
            f"POST {self.emulator.url}/{self.name} HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(entity)}\r\n\r\n"
        ).encode() + entity
        token = self.emulator.control("POST", "/sas", {"tn": self.name})["token"]
        batch = {"Content-Type": "multipart/mixed; boundary=b1"}
        return [
            self.bytes(
                "GET", f"/{self.name}()?$filter=a%20eq%201%20and%20not%20(b%20lt%20%27x%27)"
            ),
            self.bytes("GET", f"/{self.name}()?$select=a&$top=2&{token}"),
            self.bytes("POST", f"/{self.name}", entity),
            self.bytes("PATCH", self.path(), entity, {"If-Match": "W/\"datetime'x'\""}),
            self.bytes("POST", "/$batch", changeset([operation]), batch),
            self.bytes("PUT", f"/{self.name}?comp=acl", b"<SignedIdentifiers/>"),
            self.bytes("POST", "/Tables", b'{"TableName":"other"}'),
        ]

    def bytes(
        self, method: str, path: str, body: bytes = b"", more: dict[str, str] | None = None
    ) -> bytes:
        target = f"/{ACCOUNT}{path}"
        headers = clean_headers(method, body) | (more or {})
        headers["Authorization"] = shared_key(method, target, headers)
        headers["Host"] = f"127.0.0.1:{self.emulator.port}"
        if "sig=" in path:
            del headers["Authorization"]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body

    def damaged(self, data: bytes, source: random.Random) -> bytes:
        data = bytearray(data)
        for _ in range(source.randint(1, 3)):
            place = source.randrange(len(data))
            match source.randrange(5):
                case 0:
                    data[place] = source.randrange(256)
                case 1:
                    del data[place : place + source.randint(1, 30)]
                case 2:
                    data[place:place] = data[place : place + source.randint(1, 30)]
                case 3:
                    data[place:place] = source.choice([b"'", b"%", b"\x00", b"\r\n", b"9" * 20])
                case 4:
                    del data[place:]
            if not data:
                return b"\r\n"
        return bytes(data)

    def test_damaged_requests_do_no_harm(self) -> None:
        source = random.Random(20261124)
        good = self.requests()
        for data in good:
            with socket.create_connection(("127.0.0.1", self.emulator.port), timeout=10) as link:
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)
                self.assertRegex(link.recv(100), rb"^HTTP/1\.1 (20|4)")
        for index in range(ROUNDS):
            data = self.damaged(good[index % len(good)], source)
            with socket.create_connection(("127.0.0.1", self.emulator.port), timeout=10) as link:
                try:
                    link.sendall(data)
                    link.shutdown(socket.SHUT_WR)
                    answer = link.recv(4096)
                except OSError:
                    continue
                self.assertFalse(answer.startswith(b"HTTP/1.1 500"), data)
        self.assertEqual(self.raw("GET", f"/{self.name}()").status, 200)

    def test_damaged_bodies_behind_a_good_signature_do_no_harm(self) -> None:
        source = random.Random(4)
        token = self.emulator.control("POST", "/sas", {})["token"]
        entity = json.dumps(
            self.entity(a=1) | {"w": "2026-01-01T00:00:00Z", "w@odata.type": "Edm.DateTime"}
        ).encode()
        operation = (
            f"PUT {self.emulator.url}{self.path()} HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(entity)}\r\n\r\n"
        ).encode() + entity
        link = self.keep_alive()
        for index in range(ROUNDS):
            is_batch = index % 2 == 0
            body = self.damaged(changeset([operation]) if is_batch else entity, source)
            path = "/$batch" if is_batch else f"/{self.name}"
            kind = "multipart/mixed; boundary=b1" if is_batch else "application/json"
            answer = self.raw(
                "POST", f"{path}?{token}", body, {"Content-Type": kind}, link, sign=False
            )
            self.assertIn(answer.status // 100, (2, 4), body)
        query = "a eq 1 and (b lt 'x' or not c ge datetime'2026-01-01T00:00:00Z')"
        for _ in range(ROUNDS):
            text = self.damaged(query.encode(), source).decode("latin-1")
            path = "".join(f"%{one:02X}" for one in text.encode())
            answer = self.raw("GET", f"/{self.name}()?$filter={path}&{token}", connection=link)
            self.assertIn(answer.status // 100, (2, 4), text)
