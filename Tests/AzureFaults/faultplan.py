"""The faults of a run: a rule for each kind that the emulator knows, each with a seed of its own.

Left out are three that would end the run instead of disturbing it: `table_being_deleted` takes the
accounts away, `clock_offset` the common time of calls and commits, `revoke_tokens` means another
kind of credential. `expire_sas` and `rotate_keys` come as events of their own: see events.py.
"""

import random
from typing import Any

# How late a commit may come after its connection has ended. The workload lets every account live
# longer than that: an insert that is later than the account lives is what no number can tell.
LATE_SECONDS = 0.3

_KINDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("delay", {"seconds": 0.3, "where": "before_processing"}, {}),
    ("delay", {"seconds": 0.3, "where": "before_headers"}, {}),
    ("delay", {"seconds": 0.3, "where": "before_body"}, {}),
    ("drip", {"bytes": 40, "seconds": 0.01}, {}),
    ("server_busy", {}, {}),
    ("server_busy", {"retry_after": 1}, {}),
    ("server_busy", {"when": "after"}, {}),
    ("operation_timed_out", {}, {}),
    ("operation_timed_out", {"when": "after"}, {}),
    ("internal_error", {}, {}),
    ("internal_error", {"when": "after"}, {}),
    ("bad_gateway", {"when": "before"}, {}),
    ("bad_gateway", {"when": "after"}, {}),
    ("gateway_timeout", {"when": "after"}, {}),
    ("too_many_requests", {"retry_after": 1}, {}),
    ("close_on_accept", {}, {}),
    ("close", {"when": "before"}, {}),
    ("close", {"when": "before", "reset": True}, {}),
    ("close", {"when": "after"}, {}),
    ("close", {"when": "delivered"}, {}),
    ("close_reused", {"when": "before"}, {}),
    ("close_reused", {"when": "after"}, {}),
    ("drop_response", {}, {}),
    ("drop_response", {"seconds": 0.2, "reset": True}, {}),
    ("reset", {"fraction": 0.5}, {}),
    ("truncate", {"fraction": 0.7}, {}),
    ("cut_batch", {"parts": 1}, {"batch": True}),
    ("cut_batch", {"parts": 0, "half": True}, {"batch": True}),
    ("cut_batch", {"parts": 1, "framed": True}, {"batch": True}),
    ("duplicate", {"answer": "first"}, {}),
    # Not of deletions alone: the second answer says that nothing is there, and nothing is left that
    # could tell why.
    ("duplicate", {"answer": "second"}, {"verb": "PUT"}),
    ("duplicate", {"answer": "second"}, {"verb": "POST", "batch": False}),
    ("late_commit", {"seconds": LATE_SECONDS}, {}),
    ("concurrent_writer", {"action": "touch"}, {}),
]
# A user who logs in more often than that is told to wait. Batches alone: queries name no partition
# that the emulator could count.
_THROTTLE = {"kind": "throttle", "scope": "partition", "per_second": 4, "burst": 4}


def _weight(kind: str, match: dict[str, Any]) -> int:
    """What happens to connections, batches or registrations alone is drawn more often: they are
    fewer than exchanges."""
    if match.get("verb") == "POST":
        return 24
    return 4 if match.get("batch") or kind == "close_on_accept" else 1


def rules(chance: random.Random, probability: float) -> list[dict[str, Any]]:
    """For `POST /faults`."""
    made = [
        {
            "name": f"{kind} {parameters} {match or ''}".rstrip(),
            "match": match,
            "fault": {"kind": kind} | parameters,
            "times": None,
            "probability": probability * _weight(kind, match),
            "seed": chance.randrange(2**31),
        }
        for kind, parameters, match in _KINDS
    ]
    throttle = {"name": "throttle", "match": {"batch": True}, "fault": _THROTTLE, "times": None}
    return made + [throttle]
