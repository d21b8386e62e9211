"""Where a query may begin and must end, by what its filter says about keys.

The service finds a partition without reading those before it (REST "Query timeout and pagination",
"Designing a scalable partitioning strategy": partition scans and table scans). Only comparisons that
all must hold count; the filter itself still decides about each row.
"""

from dataclasses import dataclass

from .edm import ordinal
from .filter import tokens

_MIRRORED = {"eq": "eq", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


@dataclass
class KeyBounds:
    """The first key, and what the last one is not after; None for no end."""

    first_partition: str = ""
    last_partition: str | None = None
    first_row: str = ""
    last_row: str | None = None

    @property
    def start(self) -> tuple[str, str]:
        """The first key. Rows count only inside of one partition."""
        return (self.first_partition, self.first_row if self._is_one_partition else "")

    def ends_before(self, key: tuple[str, str]) -> bool:
        """Whether no row from `key` on can match."""
        if self.last_partition is None or ordinal(key[0]) < ordinal(self.last_partition):
            return False
        if key[0] != self.last_partition:
            return True
        is_bound = self._is_one_partition and self.last_row is not None
        return is_bound and ordinal(key[1]) > ordinal(self.last_row or "")

    @property
    def _is_one_partition(self) -> bool:
        return self.first_partition == self.last_partition

    def narrow(self, name: str, word: str, text: str) -> None:
        """Takes in one comparison of a key with a text."""
        first, last = ("first_partition", "last_partition")
        if name == "RowKey":
            first, last = ("first_row", "last_row")
        if word in ("eq", "ge", "gt") and ordinal(text) > ordinal(getattr(self, first)):
            setattr(self, first, text)
        end = getattr(self, last)
        if word in ("eq", "le", "lt") and (end is None or ordinal(text) < ordinal(end)):
            setattr(self, last, text)


def key_bounds(text: str) -> KeyBounds:
    """The bounds of a filter that is well formed; none for an empty one."""
    bounds = KeyBounds()
    for term in _terms(text):
        if len(term) != 3 or term[1][1] not in _MIRRORED:
            continue
        left, (_, word), right = term
        if left[0] == "text":
            left, word, right = right, _MIRRORED[word], left
        if left[1] in ("PartitionKey", "RowKey") and right[0] == "text":
            bounds.narrow(left[1], word, right[1][1:-1].replace("''", "'"))
    return bounds


def _terms(text: str) -> list[list[tuple[str, str]]]:
    """What stands between the outermost `and`s; nothing when there is an `or` beside them."""
    terms: list[list[tuple[str, str]]] = [[]]
    depth = 0
    for token in tokens(text):
        depth += {"open": 1, "close": -1}.get(token[0], 0)
        if depth == 0 and token == ("name", "or"):
            return []
        if depth == 0 and token == ("name", "and"):
            terms.append([])
        else:
            terms[-1].append(token)
    return terms
