"""Password hashes, between authd's SQLite file and bcrypt and passlib, both ways."""

import re
import sqlite3
import unicodedata

import bcrypt
from daemon import Daemon
from passlib.hash import bcrypt as passlib_bcrypt
from passlib.hash import bcrypt_sha256
from report import require

from authd.v1 import auth_pb2

PLAIN = re.compile(rb"\$2b\$\d\d\$[./A-Za-z0-9]{53}")
PREHASHED = re.compile(rb"\$bcrypt-sha256\$v=2,t=2b,r=\d+\$[./A-Za-z0-9]{22}\$[./A-Za-z0-9]{31}")

SHORT = "quartz-Lantern-84-otter"
ACCENTS = unicodedata.normalize("NFD", "Café-größer-Ångström-84")
# bcrypt looks at 72 bytes only; one more, and its last byte must count.
LONG = (SHORT + " ") * 4
PASSWORDS = {
    "short": SHORT,
    "accents": ACCENTS,
    "bytes72": LONG[:72],
    "bytes73": LONG[:73],
    "nul": SHORT + "\0" + SHORT,
}


def check(report, program, home):
    home = home / "hashes"
    with report.check("A daemon for hashes runs"):
        with Daemon(program, home) as client:
            for name, password in PASSWORDS.items():
                request = auth_pb2.RegisterRequest(email=f"{name}@example.com", password=password)
                client.call("Register", request, auth_pb2.RegisterResponse())
    file = home / "state" / "authd.sqlite"
    stored = read_hashes(file)
    for name, password in PASSWORDS.items():
        with report.check(f"bcrypt and passlib verify authd's hash of {name}"):
            require_match(stored[name], unicodedata.normalize("NFC", password))
    with report.check("No password stands in the files of the store"):
        for path in file.parent.iterdir():
            data = path.read_bytes()
            require(not any(p.encode() in data for p in PASSWORDS.values()), path.name)
    strange = {
        "short": passlib_bcrypt.using(rounds=4).hash("written by passlib"),
        "accents": bcrypt.hashpw(b"written by bcrypt", bcrypt.gensalt(4)).decode(),
        "bytes73": bcrypt_sha256.using(rounds=4).hash("written by passlib " * 5),
    }
    with report.check("Hashes of bcrypt and passlib take the place of authd's"):
        replace_hashes(file, stored, strange)
        require(read_hashes(file)["short"] == strange["short"].encode())
    with report.check("A daemon with their hashes runs"), Daemon(program, home) as client:
        check_logins(report, client)


def check_logins(report, client):
    for name, password in {
        "short": "written by passlib",
        "accents": "written by bcrypt",
        "bytes73": "written by passlib " * 5,
        "bytes72": PASSWORDS["bytes72"],
        "nul": PASSWORDS["nul"],
    }.items():
        with report.check(f"authd verifies the hash now stored for {name}"):
            log_in(client, name, password)
        report.refused(
            f"A wrong password for {name}", "INVALID_CREDENTIALS",
            lambda: log_in(client, name, password[:-1]),
        )


def log_in(client, name, password):
    request = auth_pb2.LoginRequest(email=f"{name}@example.com", password=password)
    return client.call("Login", request, auth_pb2.LoginResponse())


def require_match(stored, password):
    """The hash must verify this password, by each library that knows its form, and no other."""
    text = stored.decode()
    wrong = password[:-1] + chr(ord(password[-1]) ^ 1)
    if PLAIN.fullmatch(stored):
        require(len(password.encode()) <= 72 and "\0" not in password, "not for plain bcrypt")
        require(bcrypt.checkpw(password.encode(), stored), text)
        require(not bcrypt.checkpw(wrong.encode(), stored), text)
        require(passlib_bcrypt.verify(password, text), text)
    else:
        require(PREHASHED.fullmatch(stored), text)
        require(bcrypt_sha256.verify(password, text), text)
        require(not bcrypt_sha256.verify(wrong, text), text)


def rows(database):
    """The account rows: key and properties."""
    return database.execute(
        "SELECT partition, row, properties FROM entities WHERE row = 'account'"
    ).fetchall()


def read_hashes(file):
    """The hash of each account, by the part of its email before the @."""
    hashes = {}
    database = sqlite3.connect(file)
    for _, _, properties in rows(database):
        email = re.search(rb"([a-z0-9]+)@example\.com", properties)
        hashes[email[1].decode()] = (PREHASHED.search(properties) or PLAIN.search(properties))[0]
    database.close()
    return hashes


def replace_hashes(file, stored, strange):
    """Writes other hashes of the same length, so that nothing else of a row changes."""
    database = sqlite3.connect(file)
    for partition, row, properties in rows(database):
        for name, text in strange.items():
            require(len(text) == len(stored[name]), text)
            properties = properties.replace(stored[name], text.encode())
        database.execute(
            "UPDATE entities SET properties = ? WHERE partition = ? AND row = ?",
            (properties, partition, row),
        )
    database.commit()
    database.close()
