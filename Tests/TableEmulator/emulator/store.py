"""The tables, and the commits that made them, in SQLite: in memory, or in a file.

A row is found by its key and a page by where it begins, so a request costs the same however many rows
there are. Each commit is one transaction, so a killed process starts again with all that it answered.
`synchronous` is off: a process may die here, the machine may not.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .edm import ordinal, value_from_json
from .entity import Row
from .errors import TableError

Policies = dict[str, dict[str, str]]
# Keys are stored as their UTF-16 units, in whose order the service has them.
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS tables (name TEXT PRIMARY KEY, policies TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS entities (
        tab TEXT, partition BLOB, row BLOB, ticks INTEGER, properties TEXT,
        PRIMARY KEY (tab, partition, row)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS commits (number INTEGER PRIMARY KEY, content TEXT NOT NULL);
"""
_PUT = "INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?)"


@dataclass
class Table:
    """One table; its rows are in the database."""

    name: str
    database: sqlite3.Connection
    policies: Policies = field(default_factory=dict)

    def row(self, key: tuple[str, str]) -> Row | None:
        """The row of that key."""
        found = self.database.execute(
            "SELECT ticks, properties FROM entities WHERE tab = ? AND partition = ? AND row = ?",
            (self.name, ordinal(key[0]), ordinal(key[1])),
        ).fetchone()
        return None if found is None else _row(*key, *found)

    def following(self, key: tuple[str, str]) -> Iterator[Row]:
        """Rows from `key` on, in order."""
        for partition, row, ticks, text in self.database.execute(
            "SELECT partition, row, ticks, properties FROM entities"
            " WHERE tab = ? AND (partition, row) >= (?, ?) ORDER BY partition, row",
            (self.name, ordinal(key[0]), ordinal(key[1])),
        ):
            yield _row(_text(partition), _text(row), ticks, text)

    def put(self, rows: Iterable[Row]) -> None:
        self.database.executemany(_PUT, (self._columns(row) for row in rows))

    def remove(self, key: tuple[str, str]) -> None:
        self.database.execute(
            "DELETE FROM entities WHERE tab = ? AND partition = ? AND row = ?",
            (self.name, ordinal(key[0]), ordinal(key[1])),
        )

    def _columns(self, row: Row) -> tuple[str, bytes, bytes, int, str]:
        text = json.dumps(plain(row))
        return (self.name, ordinal(row.partition), ordinal(row.row), row.ticks, text)


def _row(partition: str, row: str, ticks: int, text: str) -> Row:
    values = json.loads(text)
    properties = {
        name: value_from_json(value, values.get(f"{name}@odata.type"))
        for name, value in values.items()
        if not name.endswith("@odata.type")
    }
    return Row(partition, row, properties, ticks)


def _text(key: bytes) -> str:
    return key.decode("utf-16-be", "surrogatepass")


@dataclass(frozen=True)
class Write:
    """A change of one row: `after` is None for a deletion."""

    table: str
    action: str
    key: tuple[str, str]
    before: Row | None
    after: Row | None

    def description(self) -> dict[str, Any]:
        row = self.after or self.before
        return {
            "table": self.table,
            "action": self.action,
            "partition": self.key[0],
            "row": self.key[1],
            "op_id": None if row is None else row.op_id,
            "etag_before": self.before.etag if self.before else None,
            "etag_after": self.after.etag if self.after else None,
            "after": plain(self.after) if self.after else None,
        }


def plain(row: Row) -> dict[str, Any]:
    """A row's own properties as JSON with annotations."""
    result: dict[str, Any] = {}
    for name, value in row.properties.items():
        if value.needs_annotation:
            result[f"{name}@odata.type"] = value.type.value
        result[name] = value.json()
    return result


class Store:
    """All tables of the account."""

    def __init__(self, clock: Clock, path: str | None = None) -> None:
        self.clock = clock
        self.tables: dict[str, Table] = {}  # by name in lower case
        self.deleting: dict[str, float] = {}  # lower-case name: until when
        self.commits: list[dict[str, Any]] = []
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)
        self._keeps_commits = path is not None
        self._load()

    def table(self, name: str) -> Table:
        """A TableError when there is none."""
        found = self.tables.get(name.lower())
        if found is None:
            self._check_deleting(name)
            raise TableError("TableNotFound")
        return found

    def create(self, name: str) -> None:
        self._check_deleting(name)
        if name.lower() in self.tables:
            raise TableError("TableAlreadyExists")
        self.tables[name.lower()] = Table(name, self._database)
        self._execute("INSERT INTO tables VALUES (?, '{}')", name)

    def drop(self, name: str, deleting_seconds: float) -> None:
        if name.lower() not in self.tables:
            raise TableError("ResourceNotFound")
        table = self.tables.pop(name.lower())
        if deleting_seconds > 0:
            self.deleting[name.lower()] = self.clock.now() + deleting_seconds
        self._execute("DELETE FROM entities WHERE tab = ?", table.name)
        self._execute("DELETE FROM tables WHERE name = ?", table.name)

    def set_policies(self, table: Table, policies: Policies) -> None:
        table.policies = policies
        self._execute(
            "UPDATE tables SET policies = ? WHERE name = ?", json.dumps(policies), table.name
        )

    def commit(self, writes: list[Write], request: str, source: str) -> int:
        """All writes at once; the number of the commit."""
        number = len(self.commits) + 1
        record = {
            "commit": number,
            "request": request,
            "source": source,
            "time": self.clock.now(),
            "writes": [write.description() for write in writes],
        }
        self._execute("BEGIN")
        for write in writes:
            table = self.tables[write.table.lower()]
            if write.after is None:
                table.remove(write.key)
            else:
                table.put([write.after])
        self.commits.append(record)
        if self._keeps_commits:
            self._execute("INSERT INTO commits VALUES (?, ?)", number, json.dumps(record))
        self._execute("COMMIT")
        return number

    def put_all(self, name: str, rows: Iterable[Row]) -> None:
        """Rows that no commit tells of, as if they had always been there."""
        self._execute("BEGIN")
        self.table(name).put(rows)
        self._execute("COMMIT")

    def clear(self, keep_commits: bool = False) -> None:
        """No table is left: state is lost."""
        self.tables.clear()
        self.deleting.clear()
        self._execute("DELETE FROM entities")
        self._execute("DELETE FROM tables")
        if not keep_commits:
            self.commits.clear()
            self._execute("DELETE FROM commits")

    def close(self) -> None:
        self._database.close()

    def _check_deleting(self, name: str) -> None:
        until = self.deleting.get(name.lower(), 0.0)
        if self.clock.now() < until:
            raise TableError("TableBeingDeleted")
        self.deleting.pop(name.lower(), None)

    def _execute(self, statement: str, *values: Any) -> None:
        self._database.execute(statement, values)

    def _load(self) -> None:
        for name, policies in self._database.execute("SELECT name, policies FROM tables"):
            self.tables[name.lower()] = Table(name, self._database, json.loads(policies))
        ((ticks,),) = self._database.execute("SELECT max(ticks) FROM entities")
        self.clock.not_below(ticks or 0)
        for (text,) in self._database.execute("SELECT content FROM commits ORDER BY number"):
            self.commits.append(json.loads(text))
