"""The clock: the machine's, moved by an offset that a test sets.

Times of entities are ticks of 100 ns since 0001-01-01, as in the service (REST: "Understanding the
Table service data model", DateTime).
"""

import re
import time
from datetime import datetime, timedelta, timezone
from email.utils import formatdate, parsedate_to_datetime

TICKS_PER_SECOND = 10_000_000
_EPOCH_TICKS = 621_355_968_000_000_000  # 1970-01-01 in ticks
_YEAR_ONE = datetime(1, 1, 1, tzinfo=timezone.utc)
_TEXT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)


class Clock:
    """Seconds since 1970, and ticks that never repeat."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0
        self._last_ticks = 0

    def now(self) -> float:
        return time.time() + self.offset_seconds

    def ticks(self) -> int:
        """Ticks of now."""
        return _EPOCH_TICKS + int(self.now() * TICKS_PER_SECOND)

    def next_ticks(self) -> int:
        """Ticks of now, but always more than any given out before: ETags increase."""
        self._last_ticks = max(self.ticks(), self._last_ticks + 1)
        return self._last_ticks

    def not_below(self, ticks: int) -> None:
        """After a restart: what was given out before counts."""
        self._last_ticks = max(self._last_ticks, ticks)


def ticks_text(ticks: int) -> str:
    """`2026-11-23T21:06:03.1234567Z`, without the zeros at the end of the fraction."""
    seconds, fraction = divmod(ticks, TICKS_PER_SECOND)
    moment = _YEAR_ONE + timedelta(seconds=seconds)
    date = f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}"
    digits = f"{fraction:07}".rstrip("0")
    return f"{date}.{digits}Z" if digits else f"{date}Z"


def parse_ticks(text: str) -> int:
    """The ticks of an ISO 8601 date. A ValueError for any other text."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError(f"not a date: {text!r}")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    moment = datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        tzinfo=timezone.utc,
    )
    whole = (moment - _YEAR_ONE) // timedelta(seconds=1)
    if zone not in (None, "Z"):
        sign = -1 if zone[0] == "-" else 1
        whole -= sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)
    return whole * TICKS_PER_SECOND + int((fraction or "").ljust(7, "0"))


def unix_seconds(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 date, for `st` and `se`."""
    return (parse_ticks(text) - _EPOCH_TICKS) / TICKS_PER_SECOND


def http_date(seconds: float) -> str:
    """`Mon, 23 Nov 2026 21:06:03 GMT`."""
    return formatdate(seconds, usegmt=True)


def parse_http_date(text: str) -> float:
    """Seconds since 1970 of an RFC 1123 date in GMT. A ValueError for any other text."""
    if not text.endswith(" GMT"):
        raise ValueError(f"not a date in GMT: {text!r}")
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, OverflowError) as error:
        raise ValueError(str(error)) from None
