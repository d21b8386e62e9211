"""`$filter`: reading an expression and deciding it for an entity.

Sources: REST "Querying tables and entities", "Filtering on ..."; OData 3.0 URL conventions §4.
Grammar: or < and < not < comparison; each side of a comparison is a property or a literal.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

from .clock import parse_ticks
from .edm import Edm, Value, ordinal
from .entity import Row
from .errors import TableError

Predicate = Callable[[Row], bool]
Operand = Callable[[Row], Value | None]

DEPTH_MAX = 50
TERMS_MAX = 15  # REST: "no more than 15 discrete comparisons"
_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))"
    r"|(?P<typed>(?:datetime|guid|X|binary)'(?:[^']|'')*')"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<double>-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)d?|-?\d+d|NaN|-?Infinity)"
    r"|(?P<long>-?\d+L)|(?P<int>-?\d+)"
    r"|(?P<name>[^\W\d]\w*))",
)
_NUMBERS = frozenset({Edm.INT32, Edm.INT64, Edm.DOUBLE})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


def parse(text: str, names: frozenset[str] | None = None) -> Predicate:
    """The test that the expression stands for. A TableError when it is not well formed.

    `names` are the only properties allowed (for the list of tables).
    """
    reader = _Reader(tokens(text), names)
    predicate = reader.disjunction(0)
    if not reader.ended:
        raise _error()
    return predicate


def _error(message: str = "") -> TableError:
    return TableError("InvalidInput", message or "Bad Request - Error in query syntax.")


def tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of each token. A TableError for what is none."""
    found_tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise _error()
        found_tokens.append((found.lastgroup, found[found.lastgroup]))
        position = found.end()
        # A word must end where the next begins: `1eq` is no comparison.
        is_word = found.lastgroup not in ("open", "close")
        if is_word and position < len(text) and text[position] not in " ()":
            raise _error()
    return found_tokens


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], names: frozenset[str] | None) -> None:
        self._tokens = tokens
        self._names = names
        self._next = 0
        self._terms = 0

    @property
    def ended(self) -> bool:
        return self._next == len(self._tokens)

    def disjunction(self, depth: int) -> Predicate:
        if depth > DEPTH_MAX:
            raise _error("The expression is too deep.")
        left = self._conjunction(depth)
        while self._takes_word("or"):
            left = _either(left, self._conjunction(depth))
        return left

    def _conjunction(self, depth: int) -> Predicate:
        left = self._negation(depth)
        while self._takes_word("and"):
            left = _both(left, self._negation(depth))
        return left

    def _negation(self, depth: int) -> Predicate:
        if self._takes_word("not"):
            if depth >= DEPTH_MAX:
                raise _error("The expression is too deep.")
            return _opposite(self._negation(depth + 1))
        if self._peek()[0] == "open":
            self._next += 1
            inner = self.disjunction(depth + 1)
            if self._peek()[0] != "close":
                raise _error()
            self._next += 1
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        self._terms += 1
        if self._terms > TERMS_MAX:
            raise _error("The expression has too many comparisons.")
        left, left_literal = self._operand()
        kind, word = self._peek()
        if kind != "name" or word not in _COMPARISONS:
            if left_literal is not None and left_literal.type is not Edm.BOOLEAN:
                raise _error()
            return lambda row: (value := left(row)) is not None and value.value is True
        self._next += 1
        right, right_literal = self._operand()
        if left_literal is not None and right_literal is not None:
            raise _error("Two literals are not compared.")
        compare = _COMPARISONS[word]
        return lambda row: _decide(compare, word, left(row), right(row))

    def _operand(self) -> tuple[Operand, Value | None]:
        kind, text = self._peek()
        self._next += 1
        if kind == "name" and text not in ("true", "false"):
            if text in ("and", "or", "not", *_COMPARISONS):
                raise _error()
            if self._names is not None and text not in self._names:
                raise _error()
            return (lambda row: row.get(text)), None
        literal = _literal(kind, text)
        return (lambda row: literal), literal

    def _peek(self) -> tuple[str, str]:
        return ("end", "") if self.ended else self._tokens[self._next]

    def _takes_word(self, word: str) -> bool:
        if self._peek() != ("name", word):
            return False
        self._next += 1
        return True


def _either(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) or right(row)


def _both(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) and right(row)


def _opposite(inner: Predicate) -> Predicate:
    return lambda row: not inner(row)


def _literal(kind: str, text: str) -> Value:
    try:
        match kind:
            case "text":
                return Value(Edm.STRING, text[1:-1].replace("''", "'"))
            case "name":
                return Value(Edm.BOOLEAN, text == "true")
            case "int":
                number = int(text)
                wide = not -(2**31) <= number < 2**31
                return Value(Edm.INT64 if wide else Edm.INT32, number)
            case "long":
                return Value(Edm.INT64, int(text[:-1]))
            case "double":
                return Value(Edm.DOUBLE, float(text.removesuffix("d")))
            case "typed":
                prefix, _, inside = text.partition("'")
                inside = inside[:-1]
                if prefix == "datetime":
                    return Value(Edm.DATETIME, parse_ticks(inside))
                if prefix == "guid":
                    return Value(Edm.GUID, uuid.UUID(inside))
                return Value(Edm.BINARY, bytes.fromhex(inside))
    except ValueError:
        pass
    raise _error()


def _decide(
    compare: Callable[[Any, Any], bool], word: str, left: Value | None, right: Value | None
) -> bool:
    """A property that a row lacks, or of another type, matches nothing."""
    if left is None or right is None:
        return False
    if left.type in _NUMBERS and right.type in _NUMBERS:
        return compare(left.value, right.value)
    if left.type is not right.type:
        return False
    if left.type is Edm.STRING:
        return compare(ordinal(left.value), ordinal(right.value))
    if left.type is Edm.BOOLEAN and word not in ("eq", "ne"):
        return False
    if left.type is Edm.GUID:
        return compare(left.value.bytes, right.value.bytes)
    return compare(left.value, right.value)

