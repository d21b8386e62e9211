"""What the emulator's commits say: every account and session at every moment."""

import bisect
import ctypes
import hashlib
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
_CRYPT = ctypes.CDLL("libcrypt.so.1").crypt
_CRYPT.restype = ctypes.c_char_p


def partition(email: str) -> str:
    return "u_" + hashlib.sha256(email.encode()).hexdigest()


def plain(row: Row) -> Row:
    """Numbers of 64 bits, which JSON has as texts, as numbers."""
    return {
        name: int(value) if row.get(f"{name}@odata.type") == "Edm.Int64" else value
        for name, value in row.items()
        if not name.endswith("@odata.type")
    }


def matches(password: str, stored: str) -> bool:
    """By the system's bcrypt, which is not the daemon's."""
    return _CRYPT(password.encode(), stored.encode()) == stored.encode()


@dataclass
class Change:
    """One row by one commit."""

    commit: int
    time: float
    source: str
    row: str
    before: Row | None
    after: Row | None
    # Made by the daemons, not by the fault that plays another writer.
    is_ours: bool

    @property
    def is_account(self) -> bool:
        return self.row == "account"

    @property
    def session(self) -> str:
        return self.row.removeprefix("s_") if self.row.startswith("s_") else ""

    def __str__(self) -> str:
        return f"commit {self.commit} at {self.time:.3f} ({self.source})"


@dataclass
class Moment:
    """A partition between two commits."""

    start: float
    commit: int
    rows: dict[str, Row]

    @property
    def account(self) -> Row | None:
        return self.rows.get("account")

    def is_live(self, session: str) -> bool:
        """Whether the session is the account's and of its epoch: all that makes it valid."""
        row, account = self.rows.get(f"s_{session}"), self.account
        return (
            row is not None
            and account is not None
            and row["userId"] == account["userId"]
            and row["epoch"] == account["sessionEpoch"]
        )


@dataclass
class Partition:
    """One user's rows through the run."""

    changes: list[Change] = field(default_factory=list)
    # The first is the empty partition, from the beginning of time.
    moments: list[Moment] = field(default_factory=lambda: [Moment(0.0, 0, {})])

    def during(self, start: float, end: float) -> list[Moment]:
        """What held at some time from `start` to `end`."""
        starts = [moment.start for moment in self.moments]
        first = max(0, bisect.bisect_right(starts, start) - 1)
        return self.moments[first : bisect.bisect_right(starts, end)]


class History:
    """All partitions, and each write by its number."""

    def __init__(self, commits: list[dict[str, Any]]) -> None:
        self.partitions: dict[str, Partition] = {}
        self.op_ids: dict[str, list[int]] = {}
        for commit in commits:
            self._add(commit)

    def of(self, email: str) -> Partition:
        return self.partitions.get(partition(email), Partition())

    def _add(self, commit: dict[str, Any]) -> None:
        is_ours = commit["source"] != "writer"
        for name in {write["partition"] for write in commit["writes"]}:
            found = self.partitions.setdefault(name, Partition())
            rows = dict(found.moments[-1].rows)
            for write in commit["writes"]:
                if write["partition"] != name:
                    continue
                before, after = rows.get(write["row"]), None
                if write["after"] is not None:
                    after = plain(write["after"])
                found.changes.append(
                    Change(
                        commit["commit"], commit["time"], commit["source"], write["row"],
                        before, after, is_ours,
                    )
                )  # fmt: skip
                if after is None:
                    rows.pop(write["row"], None)
                else:
                    rows[write["row"]] = after
            found.moments.append(Moment(commit["time"], commit["commit"], rows))
        if not is_ours:
            return
        numbers = {write["op_id"] for write in commit["writes"] if write["after"] is not None}
        for number in numbers - {None}:
            self.op_ids.setdefault(number, []).append(commit["commit"])
