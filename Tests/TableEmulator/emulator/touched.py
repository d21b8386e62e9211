"""Which rows a request means, read with a light hand: for matching faults and for the log.

The service's own strict reading comes later; a request that it refuses touches nothing here.
"""

import json
from dataclasses import dataclass
from typing import Any

from . import multipart
from .errors import TableError
from .messages import Request, Resource


@dataclass(frozen=True)
class Touch:
    """One operation on a row, a table or a query."""

    verb: str
    table: str
    partition: str | None = None
    row: str | None = None
    op_id: str | None = None

    def description(self) -> dict[str, Any]:
        return {
            "verb": self.verb,
            "table": self.table,
            "partition": self.partition,
            "row": self.row,
            "op_id": self.op_id,
        }


def is_batch(request: Request) -> bool:
    return request.raw_path.endswith("/$batch")


def touches(request: Request) -> list[Touch]:
    """All operations of a request; empty when it can't be read."""
    try:
        if is_batch(request):
            return [one for part in multipart.read(request).parts for one in touches(part)]
        return [_touch(request)]
    except TableError:
        return []


def _touch(request: Request) -> Touch:
    address = request.address()
    verb = request.verb
    body = _object(request.body)
    op_id = body.get("opId")
    if address.resource is Resource.TABLES:
        return Touch(verb, body.get("TableName", ""))
    if address.resource is Resource.ENTITY:
        return Touch(verb, address.table, address.partition, address.row, op_id)
    if address.resource is Resource.ENTITIES and verb == "POST":
        return Touch(verb, address.table, body.get("PartitionKey"), body.get("RowKey"), op_id)
    return Touch(verb, address.table)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
