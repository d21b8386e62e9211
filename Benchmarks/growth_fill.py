"""Stores with as many accounts as wanted, in the rows that the daemon makes.

A daemon registers an account that never logs in and one that does. Their rows are the patterns: each
account of the store is one of them under an address, a user id and a partition of its own.
"""
import base64
import hashlib
import json
import pathlib
import random
import sqlite3
import struct
import sys
import time

import servers
from authd_client import Client
from section_logins import PASSWORD

# One account in so many has a session, and one in so many of these has one that expired long ago.
SESSION_EVERY = 4
EXPIRED_EVERY = 25
NEVER, ONCE = 9_999_998, 9_999_999
EXPIRED_DAYS = 60
TABLE = "Users"
# The partition of the sweep's lease.
SWEEP = "authd_sweep"


def address(number):
    """The address of an account; all are of one length."""
    return f"user-{number:07}@example.com"


def partition_of(email):
    return "u_" + hashlib.sha256(email.encode()).hexdigest()


def identifier(*parts):
    """A name as the daemon's random ones look."""
    digest = hashlib.sha256(repr(parts).encode()).digest()[:16]
    return base64.b32encode(digest).decode().lower().rstrip("=")


def accounts(size):
    """Number, and what the account has: "never" logged in, "live" or "expired" session."""
    for number in range(size):
        if number % SESSION_EVERY:
            yield number, "never"
        else:
            is_expired = number // SESSION_EVERY % EXPIRED_EVERY == 0
            yield number, "expired" if is_expired else "live"


def make_patterns(authd):
    """Registers both accounts, and lets one log in."""
    client = Client(authd.socket)
    for number in (NEVER, ONCE):
        client.register(address(number), PASSWORD)
    client.login(address(ONCE), PASSWORD)
    client.close()


def fill_sqlite(path, size):
    """Fills the file of a stopped daemon that has the patterns; in an order that spreads the rows
    over the tree as registrations do."""
    database = sqlite3.connect(path, isolation_level=None)
    patterns = {}
    for number, name in ((NEVER, "never"), (ONCE, "once")):
        patterns[name] = dict(database.execute(
            "SELECT CASE row WHEN 'account' THEN 'account' ELSE 'session' END, properties"
            " FROM entities WHERE partition = ?", (partition_of(address(number)),)))
    # Without a log, and with room for the whole tree: a million rows at random places.
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -1500000")
    database.execute("BEGIN")
    database.executemany("INSERT INTO entities VALUES (?, ?, ?, ?)", sqlite_rows(patterns, size))
    database.execute("COMMIT")
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


def sqlite_rows(patterns, size):
    versions = random.Random(size)
    for number, kind in accounts(size):
        pattern = patterns["never" if kind == "never" else "once"]
        user = string_property(pattern["account"], "userId")
        old = address(NEVER if kind == "never" else ONCE).encode()
        new_user = identifier("user", number).encode()
        partition = partition_of(address(number))
        yield (partition, "account", versions.getrandbits(62),
               pattern["account"].replace(old, address(number).encode()).replace(user, new_user))
        if kind != "never":
            session = pattern["session"].replace(user, new_user)
            if kind == "expired":
                session = long_ago(session)
            yield (partition, "s_" + identifier("session", number), versions.getrandbits(62),
                   session)


def string_property(properties, name):
    """The bytes of a text of less than 128 bytes, as PropertyCodec writes it."""
    at = properties.index(bytes([len(name)]) + name.encode() + b"\x01") + len(name) + 2
    return properties[at + 1:at + 1 + properties[at]]


def long_ago(properties):
    """Moves all times of a session back."""
    for name in ("createdAt", "rotatedAt", "authenticatedAt", "expiresAt"):
        at = properties.index(bytes([len(name)]) + name.encode() + b"\x06") + len(name) + 2
        micros = struct.unpack(">q", properties[at:at + 8])[0] - EXPIRED_DAYS * 86_400_000_000
        properties = properties[:at] + struct.pack(">q", micros) + properties[at + 8:]
    return properties


def fill_emulator(path, patterns, size):
    """Makes the file of an emulator, from rows that another one answered to GET /state."""
    sys.path.insert(0, str(servers.ROOT / "Tests" / "TableEmulator"))
    from emulator.clock import Clock
    from emulator.edm import Value, value_from_json
    from emulator.entity import Row
    from emulator.store import Store

    def typed(row):
        values = row["properties"]
        return {name: value_from_json(value, values.get(f"{name}@odata.type"))
                for name, value in values.items() if not name.endswith("@odata.type")}

    kinds = {}
    for row in patterns["tables"][TABLE]:
        if row["partition"] == partition_of(address(NEVER)):
            kinds["never"] = typed(row)
        elif row["partition"] == partition_of(address(ONCE)):
            kinds["account" if row["row"] == "account" else "session"] = typed(row)
    store = Store(Clock(), str(path))
    store.create(TABLE)
    ticks_per_day = 86_400 * 10_000_000

    def rows():
        ordered = sorted((partition_of(address(number)), number, kind)
                         for number, kind in accounts(size))
        for partition, number, kind in ordered:
            user = {"userId": Value(kinds["never"]["userId"].type, identifier("user", number))}
            email = {"email": Value(kinds["never"]["email"].type, address(number))}
            account = kinds["never" if kind == "never" else "account"] | user | email
            yield Row(partition, "account", account, store.clock.next_ticks())
            if kind == "never":
                continue
            session = kinds["session"] | user
            if kind == "expired":
                for name in ("createdAt", "rotatedAt", "authenticatedAt", "expiresAt"):
                    moment = session[name]
                    session[name] = Value(moment.type, moment.value - EXPIRED_DAYS * ticks_per_day)
            yield Row(partition, "s_" + identifier("session", number), session,
                      store.clock.next_ticks())

    store.put_all(TABLE, rows())
    store.close()


def look_up(path, statement, *values):
    """Rows of a file that another process has open."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    try:
        return database.execute(statement, values).fetchall()
    finally:
        database.close()


class SQLiteDaemon:
    """A daemon on a file with `size` accounts."""

    store = "SQLite"

    def __init__(self, run, directory, size, settings):
        name = f"growth-{size}"
        authd = servers.Authd(directory, run.binary, name, **settings)
        make_patterns(authd)
        authd.stop()
        self.path = f"{directory}/{name}-state/authd.sqlite"
        self.size = size
        self.emulator = None
        start = time.monotonic()
        fill_sqlite(self.path, size)
        self.filled_seconds = time.monotonic() - start
        self.authd = servers.Authd(directory, run.binary, name, **settings)

    def is_swept(self):
        """Whether a sweep is under way, by the row of its lease; None before the first one."""
        rows = look_up(self.path, "SELECT properties FROM entities WHERE partition = ?", SWEEP)
        # A truth in the form of PropertyCodec.
        return b"\x08sweeping\x03" in rows[0][0] if rows else None

    def session_count(self):
        return look_up(self.path, "SELECT count(*) FROM entities WHERE row >= 's_'")[0][0]

    def stop(self):
        self.authd.stop()


class EmulatorDaemon:
    """A daemon on an emulated table with `size` accounts."""

    store = "emulator"

    def __init__(self, run, directory, size, settings):
        name = f"growth-azure-{size}"
        pattern_maker = servers.Emulator(f"{directory}/{name}-patterns")
        authd = servers.Authd(
            directory, run.binary, name, **settings, **pattern_maker.environment)
        make_patterns(authd)
        authd.stop()
        patterns = pattern_maker.control(f"/state?table={TABLE}")
        pattern_maker.stop()
        self.path = pathlib.Path(directory) / f"{name}-tables"
        self.size = size
        start = time.monotonic()
        fill_emulator(self.path, patterns, size)
        self.filled_seconds = time.monotonic() - start
        self.emulator = servers.Emulator(self.path)
        self.authd = servers.Authd(
            directory, run.binary, name, **settings, **self.emulator.environment)

    def is_swept(self):
        """As of SQLiteDaemon."""
        rows = look_up(self.path, "SELECT properties FROM entities WHERE partition = ?",
                       SWEEP.encode("utf-16-be"))
        return json.loads(rows[0][0])["sweeping"] if rows else None

    def session_count(self):
        return look_up(self.path, "SELECT count(*) FROM entities WHERE row >= ?",
                       "s_".encode("utf-16-be"))[0][0]

    def stop(self):
        self.authd.stop()
        self.emulator.stop()
