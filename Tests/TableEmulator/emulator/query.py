"""Queries over a table and over the list of tables, page by page.

Sources: REST "Query Entities", "Query timeout and pagination", "Query Tables".
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from . import filter as filters
from .edm import Edm, Value, ordinal
from .entity import Row
from .errors import TableError
from .key_bounds import KeyBounds, key_bounds
from .messages import whole_number
from .sas import KeyRange
from .settings import Settings
from .store import Store, Table

PAGE_MAX = 1000
_UNSUPPORTED = ("$orderby", "$skip", "$expand", "$inlinecount", "$skiptoken", "$apply")


@dataclass(frozen=True)
class Page:
    """Rows and the headers that lead on."""

    rows: list[Row]
    headers: list[tuple[str, str]]
    foreign_token: bool = False  # the token came from a query with other options: lint


def select_of(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """The names in `$select`; None for all."""
    text = query.get("$select", "")
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return None if not names or "*" in names else names


def entities(table: Table, query: Mapping[str, str], keys: KeyRange, settings: Settings) -> Page:
    """One page of a table."""
    predicate = _predicate(query, None)
    limit = min(_top(query), settings.page_size)
    start, had_empty, digest = _start(query)
    if settings.empty_pages and not had_empty:
        return Page([], _lead_on(start, True, query, True), digest)
    # Pages that end with each partition are wanted for their number: none is left out then.
    is_stepping = settings.page_at_partitions
    bounds = KeyBounds() if is_stepping else key_bounds(query.get("$filter", ""))
    rows: list[Row] = []
    previous: Row | None = None
    for count, row in enumerate(table.following(max(start, bounds.start, key=_place))):
        if bounds.ends_before(row.key):
            break
        if count == settings.page_rows_read:
            return Page(rows, _lead_on(row.key, False, query, True), digest)
        if not keys.holds(*row.key):
            continue
        if previous and is_stepping and row.partition != previous.partition:
            headers = _lead_on((row.partition, ""), False, query, False)
            return Page(rows, headers, digest)
        previous = row
        if not predicate(row):
            continue
        if len(rows) == limit:
            return Page(rows, _lead_on(row.key, False, query, True), digest)
        rows.append(row)
    return Page(rows, [], digest)


def _place(key: tuple[str, str]) -> tuple[bytes, bytes]:
    return (ordinal(key[0]), ordinal(key[1]))


def tables(
    store: Store, query: Mapping[str, str], settings: Settings
) -> tuple[list[str], list[tuple[str, str]]]:
    """Names of one page of tables, and the header that leads on."""
    predicate = _predicate(query, frozenset({"TableName"}))
    limit = min(_top(query), settings.page_size)
    start = _open(query["NextTableName"])[0] if query.get("NextTableName") else ""
    names: list[str] = []
    for lower in sorted(store.tables):
        name = store.tables[lower].name
        if lower < start or not predicate(_TableRow(name)):  # type: ignore[arg-type]
            continue
        if len(names) == limit:
            return names, [("x-ms-continuation-NextTableName", _seal([lower]))]
        names.append(name)
    return names, []


@dataclass(frozen=True)
class _TableRow:
    name: str

    def get(self, name: str) -> Value | None:
        return Value(Edm.STRING, self.name) if name == "TableName" else None


def _predicate(query: Mapping[str, str], names: frozenset[str] | None) -> filters.Predicate:
    for name in _UNSUPPORTED:
        if name in query:
            raise TableError("NotImplemented")
    text = query.get("$filter", "").strip()
    return filters.parse(text, names) if text else lambda row: True


def _top(query: Mapping[str, str]) -> int:
    text = query.get("$top")
    if text is None:
        return PAGE_MAX
    number = whole_number(text)
    if number is None or not 1 <= number <= PAGE_MAX:
        raise TableError("InvalidInput")
    return number


def _digest(query: Mapping[str, str]) -> str:
    options = [query.get(name, "") for name in ("$filter", "$select", "$top")]
    return hashlib.sha256(json.dumps(options).encode()).hexdigest()[:16]


def _start(query: Mapping[str, str]) -> tuple[tuple[str, str], bool, bool]:
    """Where the page begins, whether an empty one came before, whether the query is another."""
    if not query.get("NextPartitionKey"):
        if query.get("NextRowKey"):
            raise TableError("InvalidInput")
        return ("", ""), False, False
    first = _open(query["NextPartitionKey"])
    if len(first) != 3:
        raise TableError("InvalidInput")
    row = _open(query["NextRowKey"])[0] if query.get("NextRowKey") else ""
    return (first[0], row), first[1] == "empty", first[2] != _digest(query)


def _lead_on(
    key: tuple[str, str], was_empty: bool, query: Mapping[str, str], with_row: bool
) -> list[tuple[str, str]]:
    mark = "empty" if was_empty else "page"
    token = _seal([key[0], mark, _digest(query)])
    headers = [("x-ms-continuation-NextPartitionKey", token)]
    if with_row:
        headers.append(("x-ms-continuation-NextRowKey", _seal([key[1]])))
    return headers


def _seal(values: list[str]) -> str:
    """`1!LENGTH!BASE64` with `-` for padding, as the service's look. Callers may not rely on it."""
    text = base64.b64encode(json.dumps(values).encode()).decode().replace("=", "-")
    return f"1!{len(text)}!{text}"


def _open(token: str) -> list[str]:
    try:
        version, length, text = token.split("!")
        if version != "1" or int(length) != len(text):
            raise ValueError
        values = json.loads(base64.b64decode(text.replace("-", "="), validate=True))
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise ValueError
    except (ValueError, binascii.Error):
        raise TableError("InvalidInput") from None
    return values or [""]
