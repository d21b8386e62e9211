"""What callers are told while another program holds the SQLite file."""

import sqlite3

import tokens
from daemon import Daemon
from report import require

from authd.v1 import auth_pb2

UNAVAILABLE = 14


def check(report, program, home):
    home = home / "store"

    def register():
        request = auth_pb2.RegisterRequest(email="bob@example.com", password=tokens.PASSWORD)
        return client.call("Register", request, auth_pb2.RegisterResponse())

    with report.check("A daemon whose file is locked runs"), Daemon(program, home) as client:
        token = tokens.log_in(client).tokens.access_token
        database = sqlite3.connect(home / "state" / "authd.sqlite", isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        report.refused("Register in a locked store", "STORE_UNAVAILABLE", register, UNAVAILABLE)
        with report.check("VerifyToken in a locked store"):
            require(tokens.verify(client, token).email == "ada@example.com")
        database.execute("ROLLBACK")
        database.close()
        with report.check("Register when the lock is gone"):
            require(register().email == "bob@example.com")
