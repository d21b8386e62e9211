"""Starts and stops an authd of our own, and calls it: a ttRPC client in a page of Python."""

import os
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

from google.rpc import error_details_pb2
from ttrpc import ttrpc_pb2

SECONDS_MAX = 60  # Long enough for a debug build on a busy machine.


class Refused(Exception):
    """A call that failed, with its gRPC code and the reason of its ErrorInfo."""

    def __init__(self, status):
        self.code, self.reason = status.code, ""
        for detail in status.details:
            if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                info = error_details_pb2.ErrorInfo()
                detail.Unpack(info)
                self.reason = info.reason
        super().__init__(f"{self.code} {self.reason}: {status.message}")


class Client:
    """One connection, one call at a time."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(SECONDS_MAX)
        self._socket.connect(str(path))
        self._stream = 1

    def call(self, method, request, response, *, service="authd.v1.AuthService", **metadata):
        """Calls a method, of AuthService where no other is named; an underscore in a metadata key stands for a hyphen."""
        envelope = ttrpc_pb2.Request(
            service=service, method=method, payload=request.SerializeToString()
        )
        for key, value in metadata.items():
            envelope.metadata.add(key=key.replace("_", "-"), value=value)
        data = envelope.SerializeToString()
        self._socket.sendall(struct.pack(">IIBB", len(data), self._stream, 1, 0) + data)
        count, stream, kind, _ = struct.unpack(">IIBB", self._read(10))
        if (stream, kind) != (self._stream, 2):
            raise ValueError(f"frame of type {kind} on stream {stream}")
        self._stream += 2
        answer = ttrpc_pb2.Response.FromString(self._read(count))
        if answer.status.code:
            raise Refused(answer.status)
        response.ParseFromString(answer.payload)
        return response

    def close(self):
        self._socket.close()

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the daemon closed the connection")
            data += more
        return data


class Daemon:
    """A daemon with its state in `home`, for the time of a `with`; gives a client."""

    def __init__(self, program, home, **settings):
        self._program, self._home = program, Path(home)
        self._settings = settings

    def __enter__(self):
        self._home.mkdir(mode=0o700, exist_ok=True)
        path = self._home / "socket"
        with open(self._home / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._program],
                cwd=self._home,
                env={
                    "PATH": os.environ["PATH"],
                    "AUTHD_LISTEN": f"unix:{path}",
                    "AUTHD_STATE_DIR": str(self._home / "state"),
                    "AUTHD_BCRYPT_COST": "4",
                    **self._settings,
                },
                stdout=log,
                stderr=log,
            )
        try:
            deadline = time.monotonic() + SECONDS_MAX
            while not path.exists():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("no start: " + (self._home / "log").read_text()[-2000:])
                time.sleep(0.02)
            self._client = Client(path)
        except BaseException:
            self._stop()
            raise
        return self._client

    def __exit__(self, *_):
        self._client.close()
        code = self._stop()
        if code != 0:
            raise RuntimeError(f"the daemon ended with {code}")

    def _stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
