"""Every exchange in order: what came, what was committed, and whether the answer got out."""

import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .messages import Request
from .operation import Operation
from .touched import Touch, is_batch, touches

_SIGNATURE = re.compile(r"(?<=[?&]sig=)[^&]*")


@dataclass
class Entry:
    """One exchange. `delivered` is None while it goes on."""

    number: int
    time: float
    request: Request
    touched: list[Touch]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    grant: str = ""
    operation: str = ""
    table: str = ""
    status: int | None = None  # of the answer that was made, delivered or not
    code: str = ""
    detail: str = ""  # why a credential was refused
    commits: list[int] = field(default_factory=list)
    delivered: bool | None = None
    bytes_sent: int = 0  # of the answer
    faults: list[str] = field(default_factory=list)
    lint: list[dict[str, Any]] = field(default_factory=list)

    def note(self, operation: Operation) -> Operation:
        self.operation = self.operation or operation.name.lower()
        return operation

    def violates(self, rule: str, text: str) -> None:
        """For the lint."""
        self.lint.append({"rule": rule, "request": self.number, "text": text})

    @property
    def is_over(self) -> bool:
        return self.delivered is not None

    def description(self) -> dict[str, Any]:
        request = self.request
        return {
            "number": self.number,
            "time": self.time,
            "request_id": self.request_id,
            "client_request_id": request.client_request_id,
            "connection": request.connection,
            "reused": request.reused,
            "method": request.method,
            "target": _SIGNATURE.sub("...", request.target),
            "batch": is_batch(request),
            "operation": self.operation,
            "operations": [one.description() for one in self.touched],
            "op_ids": sorted({one.op_id for one in self.touched if one.op_id}),
            "grant": self.grant,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "commits": self.commits,
            "delivered": self.delivered,
            "bytes_received": len(request.target) + len(request.body),
            "bytes_sent": self.bytes_sent,
            "faults": self.faults,
        }


class Log:
    """The exchanges since the start or the last reset."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._next = 1

    def begin(self, request: Request, time: float) -> Entry:
        entry = Entry(self._next, time, request, touches(request))
        self._next += 1
        self.entries.append(entry)
        return entry

    def clear(self) -> None:
        """Numbers go on, so that `since` keeps its meaning."""
        self.entries.clear()

    @property
    def last_number(self) -> int:
        return self._next - 1

    def since(self, number: int, client_request_id: str | None = None) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if entry.number > number
            and client_request_id in (None, entry.request.client_request_id)
        ]

    def round_trips(self, number: int) -> dict[str, Any]:
        """How many exchanges there were after that number, in all and by what they were for."""
        entries = self.since(number)
        return {
            "since": number,
            "last": self.last_number,
            "total": len(entries),
            "by_client_request_id": Counter(one.request.client_request_id for one in entries),
            "by_operation": Counter(one.operation or one.request.method for one in entries),
        }
