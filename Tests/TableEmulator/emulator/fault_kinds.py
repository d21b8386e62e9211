"""The faults: what each kind does to the plan of one exchange.

`when` is "before" (nothing was committed) or "after" (the commit stands, the caller can't know).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .messages import Request
from .touched import Touch

Memory = dict[str, Any]
Action = Callable[[], None]


@dataclass
class Answer:
    """An error in the place of the service's answer. HTML when `code` is empty."""

    status: int
    code: str
    retry_after: float | None = None


@dataclass
class Plan:
    """What happens to one exchange, in the order of the fields."""

    names: list[str] = field(default_factory=list)
    delay_before: float = 0.0
    before: list[Action] = field(default_factory=list)
    answer_before: Answer | None = None  # nothing is executed
    close_before: bool = False
    commit_late: float | None = None  # closed now, executed after so many seconds
    duplicate: str = ""  # executed twice; which answer goes out: "first", "second"
    after: list[Action] = field(default_factory=list)
    answer_after: Answer | None = None
    close_after: bool = False
    delay_headers: float = 0.0
    delay_body: float = 0.0
    drip_bytes: int = 0
    drip_seconds: float = 0.0
    send_bytes: int | None = None  # so many bytes of the answer, then the end
    send_fraction: float | None = None
    send_parts: int | None = None  # so many whole parts of a batch's answer
    send_half_part: bool = False  # and half of the next
    send_framed: bool = False  # the cut answer is whole as HTTP: only the batch inside is not
    reset: bool = False  # the end is RST instead of FIN
    close_delivered: bool = False  # the answer goes out whole, then the connection ends


@dataclass
class Context:
    """What a fault may reach besides the exchange itself."""

    request: Request
    touched: list[Touch]
    now: float
    write: Callable[[dict[str, Any]], None]  # another writer's change: see control.py
    expire_signatures: Action
    rotate_key: Callable[[str], None]  # the new one is asked for on the control port
    revoke_tokens: Action
    move_clock: Callable[[float], None]
    delete_table: Callable[[str, float], None]


@dataclass(frozen=True)
class Kind:
    """`times` is how often a rule of this kind fires when it does not say. `arrange` returns False
    when it left the plan as it was."""

    parameters: tuple[str, ...]
    arrange: Callable[[Plan, dict[str, Any], Memory, Context], bool | None]
    times: int | None = 1


def _delay(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    seconds = float(fault.get("seconds", 0.1))
    where = fault.get("where", "before_processing")
    match where:
        case "before_processing":
            plan.delay_before += seconds
        case "before_headers":
            plan.delay_headers += seconds
        case "before_body":
            plan.delay_body += seconds
        case _:
            raise ValueError(f"no such place: {where!r}")


def _drip(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.drip_bytes = int(fault.get("bytes", 1))
    plan.drip_seconds = float(fault.get("seconds", 0.01))


def _answer(plan: Plan, answer: Answer, when: str) -> None:
    if when == "after":
        plan.answer_after = answer
    else:
        plan.answer_before = answer


def _error(status: int, code: str, before: str = "before") -> Callable[..., None]:
    def arrange(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
        answer = Answer(
            int(fault.get("status", status)), fault.get("code", code), fault.get("retry_after")
        )
        _answer(plan, answer, fault.get("when", before))

    return arrange


def _close(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.reset = bool(fault.get("reset", False))
    match fault.get("when", "before"):
        case "before":
            plan.close_before = True
        case "after":
            plan.close_after = True
        case "delivered":
            plan.close_delivered = True
        case when:
            raise ValueError(f"no such stage: {when!r}")


def _cut(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.reset = bool(fault.get("reset", fault["kind"] == "reset"))
    if "bytes" in fault:
        plan.send_bytes = int(fault["bytes"])
    else:
        plan.send_fraction = float(fault.get("fraction", 0.5))


def _cut_batch(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.send_parts = int(fault.get("parts", 1))
    plan.send_half_part = bool(fault.get("half", False))
    plan.send_framed = bool(fault.get("framed", False))
    plan.reset = bool(fault.get("reset", False))


def _drop(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.close_after = True
    plan.delay_headers += float(fault.get("seconds", 0.0))
    plan.reset = bool(fault.get("reset", False))


def _duplicate(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.duplicate = str(fault.get("answer", "first"))


def _late(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    plan.commit_late = float(fault.get("seconds", 0.2))
    plan.reset = bool(fault.get("reset", False))


def _writer(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    """Another program changes each row of the request; or the one that the fault names."""
    keys = [(one.table, one.partition, one.row) for one in context.touched if one.row is not None]
    if "row" in fault:
        keys = [(fault["table"], fault["partition"], fault["row"])]
    actions = [
        {
            "table": table,
            "partition": partition,
            "row": row,
            "action": fault.get("action", "touch"),
            "properties": fault.get("properties", {}),
        }
        for table, partition, row in keys
    ]
    stage = plan.after if fault.get("when") == "after" else plan.before
    stage += [partial(context.write, action) for action in actions]


def _stage(plan: Plan, fault: dict[str, Any], action: Action) -> None:
    (plan.after if fault.get("when") == "after" else plan.before).append(action)


def _expire_sas(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    _stage(plan, fault, context.expire_signatures)


def _rotate(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    which = [fault["which"]] if "which" in fault else ["primary", "secondary"]
    for one in which:
        _stage(plan, fault, partial(context.rotate_key, one))


def _revoke(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    _stage(plan, fault, context.revoke_tokens)


def _deleting(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    """The table goes, and its name can't be used for a while."""
    table = fault.get("table") or next((one.table for one in context.touched), "")
    seconds = float(fault.get("seconds", 30.0))
    _stage(plan, fault, lambda: context.delete_table(table, seconds))


def _clock(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    _stage(plan, fault, lambda: context.move_clock(float(fault.get("seconds", 1800.0))))


def _throttle(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> bool:
    """A token bucket for each partition, or one for the account. False: there was a token."""
    per_second = float(fault.get("per_second", 10.0))
    burst = float(fault.get("burst", per_second))
    names = {f"{one.table}/{one.partition}" for one in context.touched}
    if fault.get("scope", "partition") == "account":
        names = {"account"}
    is_empty = False
    for name in sorted(names):
        level, last = memory.get(name, (burst, context.now))
        level = min(burst, level + (context.now - last) * per_second)
        is_empty = is_empty or level < 1
        memory[name] = (max(level - 1, 0.0) if level >= 1 else level, context.now)
    if is_empty:
        plan.answer_before = Answer(503, "ServerBusy", fault.get("retry_after"))
    return is_empty


def _accept(plan: Plan, fault: dict[str, Any], memory: Memory, context: Context) -> None:
    """Decided when the connection comes: see Faults.refuses_connection."""


_STATUS = ("when", "status", "code", "retry_after")
KINDS: dict[str, Kind] = {
    "delay": Kind(("seconds", "where"), _delay),
    "drip": Kind(("bytes", "seconds"), _drip),
    "server_busy": Kind(_STATUS, _error(503, "ServerBusy")),
    "operation_timed_out": Kind(_STATUS, _error(500, "OperationTimedOut")),
    "internal_error": Kind(_STATUS, _error(500, "InternalError")),
    "bad_gateway": Kind(_STATUS, _error(502, "")),
    "gateway_timeout": Kind(_STATUS, _error(504, "")),
    "too_many_requests": Kind(_STATUS, _error(429, "TooManyRequests")),
    "error": Kind(_STATUS, _error(500, "InternalError")),
    "close_on_accept": Kind((), _accept),
    "close": Kind(("when", "reset"), _close),
    # Only on a connection that served before: libcurl then sends again by itself.
    "close_reused": Kind(("when", "reset"), _close),
    "reset": Kind(("bytes", "fraction"), _cut),
    "truncate": Kind(("bytes", "fraction", "reset"), _cut),
    "cut_batch": Kind(("parts", "half", "framed", "reset"), _cut_batch),
    "drop_response": Kind(("seconds", "reset"), _drop),
    "duplicate": Kind(("answer",), _duplicate),
    "late_commit": Kind(("seconds", "reset"), _late),
    "concurrent_writer": Kind(
        ("action", "properties", "table", "partition", "row", "when"), _writer
    ),
    "expire_sas": Kind(("when",), _expire_sas),
    "rotate_keys": Kind(("which", "when"), _rotate),
    "revoke_tokens": Kind(("when",), _revoke),
    "table_being_deleted": Kind(("table", "seconds", "when"), _deleting),
    "throttle": Kind(("scope", "per_second", "burst", "retry_after"), _throttle, None),
    "clock_offset": Kind(("seconds", "when"), _clock),
}
