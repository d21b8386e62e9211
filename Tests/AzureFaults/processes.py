"""The processes of a run: the table emulator, and daemons on one table of it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ttrpc import Client, NotThere, Refused

HERE = Path(__file__).resolve().parent
ACCOUNT = "devstoreaccount1"
TABLE = "Users"
# A debug build on a busy machine.
START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 60
SAS = {"ss": "t", "srt": "co", "sp": "raudc", "se": "2100-01-01T00:00:00Z"}


def accept_signals() -> None:
    """For this process and its children: Swift's test runner starts us from a thread that blocks
    nearly all of them."""
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


class Emulator:
    """Tests/TableEmulator, with its state in a file so that it can begin anew."""

    def __init__(self, home: Path) -> None:
        self._errors = open(home / "emulator.log", "w+")
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE.parent / "TableEmulator")]
            + ["--state", str(home / "tables.sqlite")],
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the emulator did not start")
        ports = json.loads(line)
        self._control = ports["control"]
        self.endpoint = f"http://127.0.0.1:{ports['port']}/{ACCOUNT}"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._control, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            value = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {value}")
        return value

    def token(self, **more: str) -> str:
        return self.control("POST", "/sas", SAS | more)["token"]

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        return self.control("GET", f"/log?since={since}")["entries"]

    def stop(self) -> str:
        """What it wrote to standard error: a fault of its own shows there and nowhere else."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "it did not end on SIGTERM"
        self._errors.seek(0)
        text = self._errors.read()
        self._errors.close()
        return text


class Daemon:
    """One authd with a home of its own; its table is everybody's."""

    def __init__(
        self, program: str, home: Path, emulator: Emulator, token: str, **settings: str
    ) -> None:
        self._program, self._home, self._emulator = program, home, emulator
        home.mkdir(mode=0o700)
        self.path = str(home / "s")
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.codes: list[int] = []  # of each end that was asked for
        self.write_token(token)

    def write_token(self, token: str) -> None:
        path = self._home / ".env"
        new = self._home / ".env.new"
        with open(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"SAS_TOKEN='{token}'\n")
        new.rename(path)

    def start(self) -> None:
        """Returns when it serves."""
        with self._lock:
            log = open(self._home / "log", "ab")
            self._process = subprocess.Popen(
                [self._program],
                cwd=self._home,
                env={
                    "PATH": os.environ["PATH"],
                    "AUTHD_LISTEN": f"unix:{self.path}",
                    "AUTHD_STATE_DIR": str(self._home / "state"),
                    "AUTHD_BCRYPT_COST": "4",
                    "AUTHD_HASH_QUEUE_MAX": "1000",
                    "AUTHD_OLD_TABLE": "off",
                    "AUTHD_SESSION_CACHE_SECONDS": "0",
                    # All users come from one place here.
                    "AUTHD_THROTTLE_NETWORK_FREE_FAILURES": "1000000",
                    "JWT_SECRET": "0123456789abcdef0123456789abcdef",
                    "ENDPOINT": self._emulator.endpoint,
                    **self._settings,
                },
                stdout=log,
                stderr=log,
            )
            log.close()
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._serves():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("no start: " + self.log()[-2000:])
            time.sleep(0.02)

    def _serves(self) -> bool:
        try:
            client = Client(self.path)
        except NotThere:
            return False
        try:
            client.call("authd.v1.AuthService", "GetSigningKeys", b"", {})
        except (Refused, OSError):
            return False
        finally:
            client.close()
        return True

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """Without warning."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """As an operator does; the code is kept for the checks."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self.codes.append(self._process.wait(STOP_SECONDS_MAX))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.codes.append(self._process.wait())

    def log(self) -> str:
        return (self._home / "log").read_text(errors="replace")
