"""Rules that say which requests meet which fault.

A rule is JSON: `match` says when, `times` how often (null: always), `probability` with `seed` how
likely, `fault` what happens. The kinds are in fault_kinds.py.
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from .fault_kinds import KINDS, Context, Plan
from .messages import Request
from .touched import Touch, is_batch

_MATCH_NAMES = frozenset(
    "verb path table partition row operation batch reused nth every op_id".split()
)
_RULE_NAMES = frozenset("name match times probability seed fault".split())


@dataclass
class Rule:
    """One rule and what it has seen."""

    number: int
    name: str
    match: dict[str, Any]
    times: int | None
    probability: float
    seed: int
    fault: dict[str, Any]
    seen: int = 0  # requests that matched
    fired: int = 0
    memory: dict[str, Any] = field(default_factory=dict)  # of a throttle: its buckets
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def kind(self) -> str:
        return str(self.fault["kind"])

    def fires(self, request: Request | None, touched: list[Touch]) -> bool:
        """Whether it strikes now; counts. `request` is None when a connection is accepted."""
        if self.times is not None and self.fired >= self.times:
            return False
        if request is not None and not self._matches(request, touched):
            return False
        self.seen += 1
        if "nth" in self.match and self.seen != self.match["nth"]:
            return False
        if "every" in self.match and self.seen % self.match["every"]:
            return False
        # Drawn for every match, so that a seed means the same requests each time.
        if self._random.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def _matches(self, request: Request, touched: list[Touch]) -> bool:
        match = self.match
        if "batch" in match and is_batch(request) != match["batch"]:
            return False
        if "reused" in match and request.reused != match["reused"]:
            return False
        if "path" in match and not re.search(match["path"], request.target):
            return False
        verbs = {request.method, *(one.verb for one in touched)}
        if "verb" in match and match["verb"] not in verbs:
            return False
        rows = touched or [Touch(request.method, "")]
        return any(_is_meant(match, one) for one in rows)

    def description(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "match": self.match,
            "times": self.times,
            "probability": self.probability,
            "seed": self.seed,
            "fault": self.fault,
            "seen": self.seen,
            "fired": self.fired,
        }


def _is_meant(match: dict[str, Any], touch: Touch) -> bool:
    if "table" in match and match["table"].lower() != touch.table.lower():
        return False
    return all(
        match[name] == value
        for name, value in (
            ("partition", touch.partition),
            ("row", touch.row),
            ("op_id", touch.op_id),
            ("operation", touch.verb),
        )
        if name in match
    )


def _nothing(*_: Any) -> None:
    """Stands for every action."""


_NOWHERE = Context(
    Request("GET", "/", []), [], 0.0, _nothing, _nothing, _nothing, _nothing, _nothing, _nothing
)


class Faults:
    """The rules, asked in the order in which they were added."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._next = 1

    def add(self, value: dict[str, Any]) -> Rule:
        """A ValueError says what is wrong with the rule."""
        unknown = (set(value) - _RULE_NAMES) | (set(value.get("match", {})) - _MATCH_NAMES)
        if unknown:
            raise ValueError(f"unknown in a rule: {', '.join(sorted(unknown))}")
        fault = value.get("fault")
        if not isinstance(fault, dict) or fault.get("kind") not in KINDS:
            raise ValueError(f"fault.kind must be one of {', '.join(sorted(KINDS))}")
        kind = KINDS[fault["kind"]]
        wrong = set(fault) - {"kind"} - set(kind.parameters)
        if wrong:
            raise ValueError(f"{fault['kind']} has no {', '.join(sorted(wrong))}")
        match = dict(value.get("match", {}))
        re.compile(match.get("path", ""))
        if fault["kind"] == "close_reused":
            match.setdefault("reused", True)
        # Tried on nothing: wrong values show here and not in the midst of a test.
        kind.arrange(Plan(), fault, {}, _NOWHERE)
        rule = Rule(
            self._next,
            value.get("name", f"{fault['kind']}-{self._next}"),
            match,
            value.get("times", kind.times),
            float(value.get("probability", 1.0)),
            int(value.get("seed", 1)),
            fault,
        )
        self._next += 1
        self.rules.append(rule)
        return rule

    def remove(self, number: int | None) -> None:
        self.rules = [rule for rule in self.rules if number not in (None, rule.number)]

    def refuses_connection(self) -> bool:
        """Whether a connection that was just accepted is closed at once."""
        rules = [rule for rule in self.rules if rule.kind == "close_on_accept"]
        return any([rule.fires(None, []) for rule in rules])

    def plan(self, request: Request, touched: list[Touch], context: Context) -> Plan:
        """Everything that is to happen to this request."""
        plan = Plan()
        for rule in self.rules:
            if rule.kind != "close_on_accept" and rule.fires(request, touched):
                acted = KINDS[rule.kind].arrange(plan, rule.fault, rule.memory, context)
                if acted is not False:
                    plan.names.append(rule.name)
        return plan
