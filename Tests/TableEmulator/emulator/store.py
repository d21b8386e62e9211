"""The tables, and the commits that made them, in memory; with a file, in SQLite too.

Memory answers, SQLite remembers: each commit is one transaction there, so a killed process starts
again with all that it answered. `synchronous` is off: a process may die here, the machine may not.
"""

import bisect
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .edm import value_from_json
from .entity import Row
from .errors import TableError

Policies = dict[str, dict[str, str]]
_SCHEMA = """
    CREATE TABLE IF NOT EXISTS tables (name TEXT PRIMARY KEY, policies TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS rows (
        tab TEXT, partition TEXT, row TEXT, ticks INTEGER, properties TEXT,
        PRIMARY KEY (tab, partition, row));
    CREATE TABLE IF NOT EXISTS commits (number INTEGER PRIMARY KEY, content TEXT NOT NULL);
"""


def ordinal(key: tuple[str, str]) -> tuple[bytes, bytes]:
    """Keys sort by their UTF-16 units."""
    return (key[0].encode("utf-16-be"), key[1].encode("utf-16-be"))


@dataclass
class Table:
    """One table; `order` has the keys of `rows`, sorted."""

    name: str
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    order: list[tuple[tuple[bytes, bytes], tuple[str, str]]] = field(default_factory=list)
    policies: Policies = field(default_factory=dict)

    def put(self, row: Row) -> None:
        if row.key not in self.rows:
            bisect.insort(self.order, (ordinal(row.key), row.key))
        self.rows[row.key] = row

    def remove(self, key: tuple[str, str]) -> None:
        del self.rows[key]
        self.order.pop(bisect.bisect_left(self.order, (ordinal(key), key)))

    def following(self, key: tuple[str, str]) -> Iterator[Row]:
        """Rows from `key` on, in order."""
        for index in range(bisect.bisect_left(self.order, (ordinal(key), key)), len(self.order)):
            yield self.rows[self.order[index][1]]


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
        self._file = sqlite3.connect(path, isolation_level=None) if path else None
        if self._file:
            self._file.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)
            self._load(self._file)

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
        self.tables[name.lower()] = Table(name)
        self._execute("INSERT INTO tables VALUES (?, '{}')", name)

    def drop(self, name: str, deleting_seconds: float) -> None:
        if name.lower() not in self.tables:
            raise TableError("ResourceNotFound")
        table = self.tables.pop(name.lower())
        if deleting_seconds > 0:
            self.deleting[name.lower()] = self.clock.now() + deleting_seconds
        self._execute("DELETE FROM rows WHERE tab = ?", table.name)
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
                self._execute(
                    "DELETE FROM rows WHERE tab = ? AND partition = ? AND row = ?",
                    table.name,
                    *write.key,
                )
            else:
                table.put(write.after)
                self._execute(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)",
                    table.name,
                    *write.key,
                    write.after.ticks,
                    json.dumps(plain(write.after)),
                )
        self.commits.append(record)
        self._execute("INSERT INTO commits VALUES (?, ?)", number, json.dumps(record))
        self._execute("COMMIT")
        return number

    def clear(self, keep_commits: bool = False) -> None:
        """No table is left: state is lost."""
        self.tables.clear()
        self.deleting.clear()
        self._execute("DELETE FROM rows")
        self._execute("DELETE FROM tables")
        if not keep_commits:
            self.commits.clear()
            self._execute("DELETE FROM commits")

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _check_deleting(self, name: str) -> None:
        until = self.deleting.get(name.lower(), 0.0)
        if self.clock.now() < until:
            raise TableError("TableBeingDeleted")
        self.deleting.pop(name.lower(), None)

    def _execute(self, statement: str, *values: Any) -> None:
        if self._file:
            self._file.execute(statement, values)

    def _load(self, file: sqlite3.Connection) -> None:
        for name, policies in file.execute("SELECT name, policies FROM tables"):
            self.tables[name.lower()] = Table(name, policies=json.loads(policies))
        for table, partition, row, ticks, text in file.execute("SELECT * FROM rows"):
            values = json.loads(text)
            properties = {
                name: value_from_json(value, values.get(f"{name}@odata.type"))
                for name, value in values.items()
                if not name.endswith("@odata.type")
            }
            self.tables[table.lower()].put(Row(partition, row, properties, ticks))
            self.clock.not_below(ticks)
        for (text,) in file.execute("SELECT content FROM commits ORDER BY number"):
            self.commits.append(json.loads(text))
