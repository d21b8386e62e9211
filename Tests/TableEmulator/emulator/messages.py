"""One HTTP request as it came, and one answer before it is cut into bytes.

Sources: REST "Addressing Table service resources", RFC 3986 §2.
"""

import json
import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from .errors import TableError

_ENTITY = re.compile(r"([^()']*)\((.*)\)", re.DOTALL)
_KEY = re.compile(r"(PartitionKey|RowKey)='((?:[^']|'')*)'", re.DOTALL)
_HOST_STYLE = re.compile(r"([a-z0-9]{3,24}(?:-secondary)?)\.table\.[A-Za-z0-9.:-]+")
_SECONDARY = "-secondary"


class Resource(Enum):
    """What an address names."""

    SERVICE = "service"
    TABLES = "tables"
    TABLE = "table"  # Tables('name')
    ENTITIES = "entities"
    ENTITY = "entity"
    BATCH = "batch"


@dataclass(frozen=True)
class Address:
    """The resource behind a URL."""

    account: str
    secondary: bool
    resource: Resource
    table: str = ""
    partition: str = ""
    row: str = ""
    misplaced: bool = False  # a table's name stood in the endpoint, and more came behind it


@dataclass
class Request:
    """Head and body of a request; a part of a batch is one too."""

    method: str
    target: str  # as sent
    headers: list[tuple[str, str]]  # names in lower case, in order
    body: bytes = b""
    peer: str = "127.0.0.1"
    https: bool = False
    connection: int = 0
    reused: bool = False  # not the first request of its connection
    in_batch: bool = False
    expects_continue: bool = False

    def header(self, name: str) -> str | None:
        """The first header of that name in lower case."""
        return next((value for key, value in self.headers if key == name), None)

    @property
    def raw_path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def raw_query(self) -> list[tuple[str, str]]:
        """Names and values as sent."""
        text = self.target.partition("?")[2]
        pairs = (item.partition("=") for item in text.split("&") if item)
        return [(unquote(name), value) for name, _, value in pairs]

    @cached_property
    def query(self) -> dict[str, str]:
        """Decoded values; `+` is a space, as in the service. U+FFFD stands for what is no UTF-8."""
        return {name: unquote(value.replace("+", " ")) for name, value in self.raw_query}

    def check_query(self) -> None:
        """A TableError when a value is no UTF-8."""
        for _, value in self.raw_query:
            decode(value)

    @property
    def verb(self) -> str:
        """The method, or the one that `X-HTTP-Method` puts in its place."""
        override = self.header("x-http-method")
        if override is None:
            return "MERGE" if self.method == "PATCH" else self.method
        if self.method != "POST":
            raise TableError("XMethodNotUsingPost")
        if override.upper() not in ("MERGE", "PUT", "DELETE"):
            raise TableError("XMethodIncorrectValue")
        return override.upper()

    @property
    def client_request_id(self) -> str:
        return self.header("x-ms-client-request-id") or ""

    def address(self) -> Address:
        """A TableError when the path names nothing."""
        host = (self.header("host") or "").lower()
        segments = self.raw_path.split("/")[1:]
        style = _HOST_STYLE.fullmatch(host)
        account = style[1] if style else segments.pop(0) if segments else ""
        secondary = account.endswith(_SECONDARY)
        account = account.removesuffix(_SECONDARY)
        if segments and segments[-1] == "" and len(segments) > 1:
            segments.pop()
        first = decode(segments[0]) if segments else ""
        return _address(account, secondary, first, misplaced=len(segments) > 1)


@dataclass
class Response:
    """Status, headers and body. A body of None is no body, with `Content-Length: 0`."""

    status: int
    reason: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    code: str = ""  # of an error, for the log
    part_ends: list[int] = field(default_factory=list)  # in the body of a batch's answer
    is_front_end: bool = False  # sent with its length, and with few headers

    def header(self, name: str) -> str | None:
        """The first header of that name in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @staticmethod
    def json(status: int, reason: str, value: Any, headers: list[tuple[str, str]]) -> "Response":
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        return Response(status, reason, headers, text.encode())


def whole_number(text: str | None) -> int | None:
    """Of decimal digits alone, nine at most; None for anything else."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else None


def decode(text: str) -> str:
    """Without percent-encoding. A TableError when that is not UTF-8."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise TableError("InvalidUri") from None


def _address(account: str, secondary: bool, first: str, misplaced: bool) -> Address:
    def made(resource: Resource, table: str = "", partition: str = "", row: str = "") -> Address:
        return Address(account, secondary, resource, table, partition, row, misplaced)

    if first == "":
        return made(Resource.SERVICE)
    if first == "$batch":
        return made(Resource.BATCH)
    found = _ENTITY.fullmatch(first)
    if found is None:
        if "(" in first or "'" in first:
            raise TableError("InvalidUri")
        is_list = first.lower() == "tables"
        return made(Resource.TABLES) if is_list else made(Resource.ENTITIES, first)
    name, inside = found.groups()
    if name.lower() == "tables":
        if inside == "":
            return made(Resource.TABLES)
        if re.fullmatch(r"'[^']*'", inside) is None:
            raise TableError("InvalidUri")
        return made(Resource.TABLE, inside[1:-1])
    if inside == "":
        return made(Resource.ENTITIES, name)
    keys = _KEY.match(inside)
    rest = _KEY.fullmatch(inside, keys.end() + 1) if keys else None
    if not keys or not rest or inside[keys.end()] != "," or keys[1] == rest[1]:
        raise TableError(
            "InvalidInput",
            "Bad Request - Error in query syntax.",
        )
    values = {keys[1]: keys[2], rest[1]: rest[2]}
    partition, row = values["PartitionKey"], values["RowKey"]
    return made(Resource.ENTITY, name, partition.replace("''", "'"), row.replace("''", "'"))
