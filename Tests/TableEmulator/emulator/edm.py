"""Values of the Entity Data Model, to and from JSON.

Sources: REST "Payload format for Table service operations", "Understanding the Table service data
model"; azure-data-tables `_serialize.py`.
"""

import base64
import binascii
import math
import uuid
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .clock import parse_ticks, ticks_text
from .errors import TableError

STRING_UNITS_MAX = 32 * 1024
BINARY_BYTES_MAX = 64 * 1024
_DATE_MIN = parse_ticks("1601-01-01T00:00:00Z")
_INFINITIES = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Edm(Enum):
    """The types a property can have."""

    STRING = "Edm.String"
    BOOLEAN = "Edm.Boolean"
    INT32 = "Edm.Int32"
    INT64 = "Edm.Int64"
    DOUBLE = "Edm.Double"
    DATETIME = "Edm.DateTime"
    GUID = "Edm.Guid"
    BINARY = "Edm.Binary"


@dataclass(frozen=True)
class Value:
    """A typed value: str, bool, int, float, ticks, UUID or bytes."""

    type: Edm
    value: Any

    @property
    def size(self) -> int:
        """Bytes that count towards the 1 MiB of an entity (REST: Set Entity size, "1 MiB")."""
        match self.type:
            case Edm.STRING:
                return 4 + 2 * utf16_units(self.value)
            case Edm.BINARY:
                return 4 + len(self.value)
            case Edm.GUID:
                return 16
            case Edm.BOOLEAN:
                return 1
            case Edm.INT32:
                return 4
            case _:
                return 8

    def json(self) -> Any:
        """As it stands in JSON."""
        match self.type:
            case Edm.INT64:
                return str(self.value)
            case Edm.DATETIME:
                return ticks_text(self.value)
            case Edm.GUID:
                return str(self.value)
            case Edm.BINARY:
                return base64.b64encode(self.value).decode()
            case Edm.DOUBLE if not math.isfinite(self.value):
                return "NaN" if math.isnan(self.value) else _infinity(self.value)
            case _:
                return self.value

    @property
    def needs_annotation(self) -> bool:
        """Whether JSON alone does not tell the type (minimalmetadata)."""
        if self.type is Edm.DOUBLE:
            return not math.isfinite(self.value)  # a whole one still has its `.0`
        return self.type in (Edm.INT64, Edm.DATETIME, Edm.GUID, Edm.BINARY)


def ordinal(text: str) -> bytes:
    """What texts sort by: their UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")


def utf16_units(text: str) -> int:
    """The length as the service counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def value_from_json(value: Any, annotation: str | None) -> Value:
    """A TableError when the value does not have the type that it says."""
    try:
        result = _plain(value) if annotation is None else _annotated(value, Edm(annotation))
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise TableError(
            "InvalidInput", "An error occurred while processing this request."
        ) from None
    if result.type is Edm.STRING and utf16_units(result.value) > STRING_UNITS_MAX:
        raise TableError("PropertyValueTooLarge")
    if result.type is Edm.BINARY and len(result.value) > BINARY_BYTES_MAX:
        raise TableError("PropertyValueTooLarge")
    if result.type is Edm.DATETIME and result.value < _DATE_MIN:
        raise TableError("OutOfRangeInput")
    return result


def _infinity(value: float) -> str:
    return "Infinity" if value > 0 else "-Infinity"


def _plain(value: Any) -> Value:
    match value:
        case bool():
            return Value(Edm.BOOLEAN, value)
        case int():
            return Value(Edm.INT32, _int(value, 32))
        case float():
            return Value(Edm.DOUBLE, value)
        case str():
            return Value(Edm.STRING, value)
    raise ValueError("neither text nor number nor truth")


def _annotated(value: Any, kind: Edm) -> Value:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match kind:
        case Edm.STRING | Edm.BOOLEAN:
            plain = _plain(value)
            if plain.type is not kind:
                raise ValueError("another type")
            return plain
        case Edm.INT32:
            return Value(kind, _int(value, 32))
        case Edm.INT64:
            if not isinstance(value, str):
                raise ValueError("a 64-bit integer is text")
            return Value(kind, _int(int(value), 64))
        case Edm.DOUBLE if is_number:
            return Value(kind, float(value))
        case Edm.DOUBLE:
            return Value(kind, _INFINITIES[value] if value in _INFINITIES else float(value))
        case Edm.DATETIME:
            return Value(kind, parse_ticks(_text(value)))
        case Edm.GUID:
            text = _text(value)
            if len(text) != 36:
                raise ValueError("a GUID is hyphenated")
            return Value(kind, uuid.UUID(text))
        case Edm.BINARY:
            return Value(kind, base64.b64decode(_text(value), validate=True))
    raise ValueError("unknown type")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    return value


def _int(value: Any, bits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not a whole number")
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError("out of range")
    return value
