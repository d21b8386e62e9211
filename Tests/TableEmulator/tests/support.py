"""What the emulator's tests share: the process, raw requests, and the SDK's clients."""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from email.utils import formatdate
from pathlib import Path
from typing import Any

from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential
from azure.data.tables import TableClient, TableServiceClient

PROGRAM = Path(__file__).resolve().parent.parent
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CREDENTIAL = AzureNamedKeyCredential(ACCOUNT, KEY)
WAIT_SECONDS = 10.0
_names = itertools.count(1)


class Emulator:
    """A process of its own."""

    def __init__(self, *arguments: str) -> None:
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the emulator did not start")
        ports = json.loads(line)
        self.port, self.control_port = ports["port"], ports["control"]
        self.identity_port = ports["identity"]
        scheme = "https" if "--certificate" in arguments else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}/{ACCOUNT}"

    def stop(self) -> int:
        """Its exit code."""
        self.process.terminate()
        code = self.process.wait(WAIT_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()
        if not self.errors.closed:
            self.errors.seek(0)
            text = self.errors.read()
            self.errors.close()
            # A fault of its own shows there and nowhere else.
            assert text == "", f"the emulator wrote to standard error:\n{text}"
        return code

    def kill(self) -> None:
        self.process.kill()
        self.stop()

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """A call on the control port."""
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            value = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != status:
            raise AssertionError(f"{method} {path}: {answer.status} {value}")
        return value

    def fault(self, kind: str, match: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Adds a rule; parameters of the fault are keywords, those of the rule too."""
        rule = {"match": match or {}, "fault": {"kind": kind}}
        for name, value in more.items():
            of_rule = name in ("times", "probability", "seed", "name")
            (rule if of_rule else rule["fault"])[name] = value
        return self.control("POST", "/faults", rule)["faults"][0]

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        return self.control("GET", f"/log?since={since}")["entries"]

    def commits(self) -> list[dict[str, Any]]:
        return self.control("GET", "/commits")["commits"]

    def violations(self) -> set[str]:
        return {one["rule"] for one in self.control("GET", "/lint")["violations"]}


def wait(condition: Any) -> bool:
    """Looks again until it holds, at most WAIT_SECONDS."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Answer:
    """An answer as it came over the wire."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.reason = answer.reason
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.raw_headers = answer.getheaders()
        self.body = answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        if self.headers.get("content-type", "").startswith("application/xml"):
            return self.body.decode().partition("<m:code>")[2].partition("<")[0]
        return self.json["odata.error"]["code"]


def shared_key(method: str, path: str, headers: dict[str, str], key: str = KEY) -> str:
    """Written for the tests alone (REST: "Authorize with Shared Key")."""
    text = "\n".join(
        [
            method,
            "",
            headers.get("Content-Type", ""),
            headers["x-ms-date"],
            f"/{ACCOUNT}{path.partition('?')[0]}",
        ]
    )
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    return f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"


def clean_headers(method: str, body: bytes | None) -> dict[str, str]:
    """What a careful client sends, without a credential."""
    headers = {
        "x-ms-version": "2019-02-02",
        "x-ms-date": formatdate(usegmt=True),
        "x-ms-client-request-id": str(uuid.uuid4()),
        "Accept": "application/json;odata=minimalmetadata",
        "DataServiceVersion": "3.0",
    }
    if method in ("POST", "PUT", "PATCH"):
        headers["Content-Type"] = "application/json"
    if method != "GET":
        headers["Content-Length"] = str(len(body or b""))
    return headers


class EmulatorTest(unittest.TestCase):
    """One emulator for a class; each test begins with nothing in it but one table."""

    arguments: tuple[str, ...] = ()
    emulator: Emulator

    @classmethod
    def setUpClass(cls) -> None:
        cls.emulator = Emulator(*cls.arguments)
        cls.addClassCleanup(cls._stop)

    @classmethod
    def _stop(cls) -> None:
        code = cls.emulator.stop()
        assert code == 0, f"the emulator ended with {code}"

    def setUp(self) -> None:
        self.emulator.control("POST", "/reset", {})
        self.emulator.control("POST", "/keys", {"which": "primary", "key": KEY})
        self.name = f"Users{next(_names)}"
        self.emulator.control("POST", "/tables", {"table": self.name})

    def service(self, **options: Any) -> TableServiceClient:
        """The SDK's client, which does not try again unless it is told to."""
        options = {"credential": CREDENTIAL, "retry_total": 0} | options
        client = TableServiceClient(options.pop("endpoint", self.emulator.url), **options)
        self.addCleanup(client.close)
        return client

    def table(self, name: str | None = None, **options: Any) -> TableClient:
        return self.service(**options).get_table_client(name or self.name)

    def sas_table(self, token: str, name: str | None = None) -> TableClient:
        return self.table(name, credential=AzureSasCredential(token))

    def raw(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str | None] | None = None,
        connection: http.client.HTTPConnection | None = None,
        key: str = KEY,
        sign: bool = True,
    ) -> Answer:
        """A request letter by letter, signed unless `sign` is false; headers of None stay out."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        target = f"/{ACCOUNT}{path}"
        sent = clean_headers(method, data)
        for name, value in (headers or {}).items():
            sent.pop(name, None)
            if value is not None:
                sent[name] = value
        if sign and "Authorization" not in sent and "x-ms-date" in sent:
            sent["Authorization"] = shared_key(method, target, sent, key)
        link = connection or http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=20)
        try:
            link.putrequest(method, target, skip_accept_encoding=True)
            for name, value in sent.items():
                link.putheader(name, str(value))
            link.endheaders(data)
            return Answer(link.getresponse())
        finally:
            if connection is None:
                link.close()

    def entity(self, row: str = "r", partition: str = "p", **properties: Any) -> dict[str, Any]:
        return {"PartitionKey": partition, "RowKey": row} | properties

    def path(self, row: str = "r", partition: str = "p") -> str:
        return f"/{self.name}(PartitionKey='{partition}',RowKey='{row}')"

    def keep_alive(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=20)
        self.addCleanup(connection.close)
        return connection

    def until(self, condition: Any, what: str) -> None:
        """Looks again until it holds."""
        self.assertTrue(wait(condition), f"it did not happen: {what}")


def changeset(operations: list[bytes], boundary: str = "b1", inner: str = "c1") -> bytes:
    """The body of a batch around operations, each with its own request line."""
    head = b"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    parts = b"".join(b"--%s\r\n%s%s\r\n" % (inner.encode(), head, one) for one in operations)
    return (
        f"--{boundary}\r\nContent-Type: multipart/mixed; boundary={inner}\r\n\r\n".encode()
        + parts
        + f"--{inner}--\r\n\r\n--{boundary}--\r\n".encode()
    )
