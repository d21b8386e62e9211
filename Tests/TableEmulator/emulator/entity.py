"""Entities: reading one from a body with all limits, and writing it at the three metadata levels.

Sources: REST "Understanding the Table service data model", "Payload format for Table service
operations", "Inserting and updating entities"; the recordings of azure-data-tables' tests.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .clock import ticks_text
from .edm import Edm, Value, utf16_units, value_from_json
from .errors import TableError

KEY_UNITS_MAX = 512  # 1 KiB of UTF-16
NAME_UNITS_MAX = 255
PROPERTIES_MAX = 252
ENTITY_BYTES_MAX = 1024 * 1024
_BAD_KEY = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_NAME = re.compile(r"[^\W\d]\w*")  # C# identifiers: letters of any script, digits, `_`
_TYPE = "@odata.type"
_TABLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
KEYS = ("PartitionKey", "RowKey")


@dataclass(frozen=True)
class Row:
    """One stored entity."""

    partition: str
    row: str
    properties: dict[str, Value]
    ticks: int  # of its Timestamp, and of its ETag

    @property
    def key(self) -> tuple[str, str]:
        return (self.partition, self.row)

    @property
    def etag(self) -> str:
        return f"W/\"datetime'{quote(ticks_text(self.ticks), safe='')}'\""

    def get(self, name: str) -> Value | None:
        """With the three of the system."""
        match name:
            case "PartitionKey":
                return Value(Edm.STRING, self.partition)
            case "RowKey":
                return Value(Edm.STRING, self.row)
            case "Timestamp":
                return Value(Edm.DATETIME, self.ticks)
        return self.properties.get(name)

    @property
    def op_id(self) -> str | None:
        value = self.properties.get("opId")
        return None if value is None else str(value.json())


@dataclass(frozen=True)
class Draft:
    """What a body says."""

    partition: str | None
    row: str | None
    properties: dict[str, Value]


@dataclass(frozen=True)
class Format:
    """How the caller wants entities."""

    level: str  # "nometadata", "minimalmetadata", "fullmetadata"
    base_url: str  # of the account, for odata.metadata
    account: str
    select: tuple[str, ...] | None = None
    missing_as_null: bool = False

    @property
    def content_type(self) -> str:
        return f"application/json;odata={self.level};streaming=true;charset=utf-8"


def check_table_name(name: str) -> None:
    """REST: "Understanding the Table service data model", table names."""
    if not 3 <= len(name) <= 63:
        raise TableError(
            "OutOfRangeInput",
            "The specified resource name length is not within the permissible limits.",
        )
    if not _TABLE_NAME.fullmatch(name):
        raise TableError("InvalidResourceName")


def check_key(name: str, value: str) -> None:
    """Of PartitionKey and RowKey."""
    if utf16_units(value) > KEY_UNITS_MAX:
        raise TableError("PropertyValueTooLarge")
    if _BAD_KEY.search(value):
        raise TableError(
            "OutOfRangeInput", f"The '{name}' parameter of value '{value}' is out of range."
        )


def read_json(body: bytes) -> dict[str, Any]:
    """The object in a body. A TableError when there is none, or a name stands there twice."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise TableError("DuplicatePropertiesSpecified")
        return dict(pairs)

    try:
        value = json.loads(body.decode(), object_pairs_hook=unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise TableError("InvalidInput") from None
    if not isinstance(value, dict):
        raise TableError("InvalidInput")
    return value


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def read_draft(body: bytes) -> Draft:
    """The entity in a body, checked. Null is as if the property were not there."""
    value = read_json(body)
    properties: dict[str, Value] = {}
    for name, item in value.items():
        if name.startswith("odata.") or name.endswith(_TYPE) or name == "Timestamp":
            continue
        if name in KEYS:
            if item is not None and not isinstance(item, str):
                raise TableError("InvalidInput")
            continue
        if utf16_units(name) > NAME_UNITS_MAX:
            raise TableError("PropertyNameTooLong")
        if not _NAME.fullmatch(name):
            raise TableError("PropertyNameInvalid")
        annotation = value.get(name + _TYPE)
        if annotation is not None and not isinstance(annotation, str):
            raise TableError("InvalidInput")
        if item is not None:
            properties[name] = value_from_json(item, annotation)
    for name in KEYS:
        if value.get(name) is not None:
            check_key(name, value[name])
    draft = Draft(value.get("PartitionKey"), value.get("RowKey"), properties)
    check_size(draft.partition or "", draft.row or "", properties)
    return draft


def check_size(partition: str, row: str, properties: dict[str, Value]) -> None:
    """Number of properties and bytes of a whole entity."""
    if len(properties) > PROPERTIES_MAX:
        raise TableError("TooManyProperties")
    size = 4 + 2 * (utf16_units(partition) + utf16_units(row))
    size += sum(8 + 2 * utf16_units(name) + value.size for name, value in properties.items())
    if size > ENTITY_BYTES_MAX:
        raise TableError("EntityTooLarge")


def write_row(row: Row, table: str, form: Format) -> dict[str, Any]:
    """The JSON object of one entity, without `odata.metadata`."""
    names = ["PartitionKey", "RowKey", "Timestamp", *row.properties]
    if form.select is not None:
        names = list(dict.fromkeys(form.select))
    result: dict[str, Any] = {}
    if form.level == "fullmetadata":
        keys = ",".join(
            f"{name}='{quote(key.replace(chr(39), chr(39) * 2), safe='')}'"
            for name, key in zip(KEYS, row.key, strict=True)
        )
        link = f"{table}({keys})"
        result["odata.type"] = f"{form.account}.{table}"
        result["odata.id"] = f"{form.base_url}/{link}"
        result["odata.etag"] = row.etag
        result["odata.editLink"] = link
    elif form.level == "minimalmetadata":
        result["odata.etag"] = row.etag
    for name in names:
        value = row.get(name)
        if value is None:
            if form.missing_as_null:
                result[name] = None
            continue
        is_full = form.level == "fullmetadata"
        annotated = value.needs_annotation and (is_full or name != "Timestamp")
        if annotated and form.level != "nometadata":
            result[name + _TYPE] = value.type.value
        result[name] = value.json()
    return result
