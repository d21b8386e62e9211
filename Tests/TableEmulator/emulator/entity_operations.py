"""One operation on one entity, single or inside a transaction.

Sources: REST "Insert Entity", "Update Entity", "Merge Entity", "Delete Entity", "Insert Or Replace
Entity", "Insert Or Merge Entity", "Specifying conditional headers"; the recordings of
azure-data-tables' tests.
"""

import re
from dataclasses import dataclass, field

from .edm import Value
from .entity import Draft, Row, check_key, check_size, read_draft
from .errors import TableError
from .messages import Address, Request, Resource
from .operation import Operation
from .store import Store, Write

_ETAG = re.compile(r"W/\"[^\"]*\"")
_VERBS = {
    "PUT": (Operation.REPLACE, Operation.UPSERT_REPLACE),
    "MERGE": (Operation.MERGE, Operation.UPSERT_MERGE),
}
_JSON = re.compile(r"application/json(\s*;.*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """A write as it was asked for."""

    operation: Operation
    table: str
    partition: str
    row: str
    properties: dict[str, Value]
    if_match: str | None

    @property
    def key(self) -> tuple[str, str]:
        return (self.partition, self.row)


@dataclass
class Transaction:
    """Writes that become visible together."""

    store: Store
    writes: list[Write] = field(default_factory=list)
    same_ticks: int | None = None

    def row(self, table: str, key: tuple[str, str]) -> Row | None:
        for write in reversed(self.writes):
            if write.key == key and write.table.lower() == table.lower():
                return write.after
        return self.store.table(table).row(key)

    def apply(self, change: Change) -> Row | None:
        """The row afterwards, None when it is gone. A TableError when it may not be."""
        table = self.store.table(change.table)
        before = self.row(change.table, change.key)
        _check_conditions(change, before)
        after = None
        if change.operation is not Operation.DELETE:
            properties = change.properties
            merges = change.operation in (Operation.MERGE, Operation.UPSERT_MERGE)
            if merges and before is not None:
                properties = before.properties | properties
            check_size(change.partition, change.row, properties)
            ticks = self.same_ticks or self.store.clock.next_ticks()
            after = Row(change.partition, change.row, properties, ticks)
        action = change.operation.name.lower()
        self.writes.append(Write(table.name, action, change.key, before, after))
        return after


def operation_of(request: Request, address: Address) -> Operation:
    """Of a request for entities. A TableError for a verb that they do not have."""
    verb, condition = request.verb, request.header("if-match")
    if address.resource is Resource.ENTITIES:
        if address.misplaced and verb == "DELETE":
            raise TableError(
                "InvalidInput",
                "The number of keys specified in the URI does not match number of key properties "
                "for the resource.",
            )
        known = {"GET": Operation.QUERY, "POST": Operation.INSERT}
    elif verb in _VERBS:
        return _VERBS[verb][condition is None]
    else:
        known = {"GET": Operation.GET, "DELETE": Operation.DELETE}
    if verb not in known:
        raise TableError("UnsupportedHttpVerb")
    return known[verb]


def read_change(request: Request, address: Address) -> Change:
    """The change that a request asks for, with everything checked that needs no stored row."""
    operation = operation_of(request, address)
    condition = request.header("if-match")
    if request.header("if-none-match") is not None:
        raise TableError("InvalidInput", "If-None-Match is not supported for this operation.")
    if operation is Operation.DELETE:
        if condition is None:
            raise TableError("InvalidInput", "The If-Match header is required.")
        _check_condition_form(condition)
        _check_address(address)
        return Change(operation, address.table, address.partition, address.row, {}, condition)
    check_media_type(request)
    draft = read_draft(request.body)
    if operation is Operation.INSERT:
        if draft.partition is None or draft.row is None:
            raise TableError("PropertiesNeedValue")
        key = (draft.partition, draft.row)
    else:
        _check_address(address)
        _check_same_keys(draft, address)
        key = (address.partition, address.row)
    if condition is not None:
        _check_condition_form(condition)
    return Change(operation, address.table, *key, draft.properties, condition)


def check_media_type(request: Request) -> None:
    """Bodies are JSON. Atom went with version 2015-12-11."""
    kind = request.header("content-type")
    if kind is None:
        raise TableError("MissingRequiredHeader")
    if "atom" in kind.lower():
        raise TableError("AtomFormatNotSupported")
    if not _JSON.fullmatch(kind):
        raise TableError("MediaTypeNotSupported")


def _check_address(address: Address) -> None:
    check_key("PartitionKey", address.partition)
    check_key("RowKey", address.row)


def _check_same_keys(draft: Draft, address: Address) -> None:
    """Keys in the body may be left out; they may not differ."""
    for given, wanted in ((draft.partition, address.partition), (draft.row, address.row)):
        if given is not None and given != wanted:
            raise TableError("InvalidInput", "The key in the body is not that of the address.")


def _check_condition_form(condition: str) -> None:
    if condition != "*" and not _ETAG.fullmatch(condition):
        raise TableError("InvalidInput", "The etag value specified in the header is not valid.")


def _check_conditions(change: Change, before: Row | None) -> None:
    match change.operation:
        case Operation.INSERT:
            if before is not None:
                raise TableError("EntityAlreadyExists")
        case Operation.REPLACE | Operation.MERGE | Operation.DELETE:
            if before is None:
                raise TableError("ResourceNotFound")
            if change.if_match not in ("*", before.etag):
                raise TableError("UpdateConditionNotSatisfied")
