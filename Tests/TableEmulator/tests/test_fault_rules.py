"""Which requests meet a fault: what rules match, how often, and by which seed."""

import json
from typing import Any

from support import EmulatorTest, changeset


class RuleTest(EmulatorTest):
    def operation(self, row: str) -> bytes:
        body = json.dumps(self.entity(row)).encode()
        return (
            f"POST {self.emulator.url}/{self.name} HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    def test_rules_choose_their_requests(self) -> None:
        def hit(match: dict[str, Any]) -> list[bool]:
            self.emulator.control("DELETE", "/faults")
            self.emulator.fault("server_busy", match, times=None)
            batch = changeset([self.operation("b")])
            answers = [
                self.raw("GET", self.path("a")),
                self.raw("PATCH", self.path("a"), self.entity("a")),
                self.raw("POST", f"/{self.name}", self.entity("c", opId="one")),
                self.raw(
                    "POST", "/$batch", batch, {"Content-Type": "multipart/mixed; boundary=b1"}
                ),
            ]
            return [answer.status == 503 for answer in answers]

        for match, wanted in (
            ({}, [True] * 4),
            ({"verb": "GET"}, [True, False, False, False]),
            ({"verb": "MERGE"}, [False, True, False, False]),
            ({"verb": "POST"}, [False, False, True, True]),
            ({"batch": True}, [False, False, False, True]),
            ({"batch": False}, [True, True, True, False]),
            ({"row": "a"}, [True, True, False, False]),
            ({"row": "b"}, [False, False, False, True]),
            ({"op_id": "one"}, [False, False, True, False]),
            ({"table": self.name.upper()}, [True] * 4),
            ({"table": "other"}, [False] * 4),
            ({"partition": "q"}, [False] * 4),
            ({"path": r"\$batch$"}, [False, False, False, True]),
            ({"nth": 3}, [False, False, True, False]),
            ({"every": 2}, [False, True, False, True]),
            ({"reused": True}, [False] * 4),
        ):
            self.assertEqual(hit(match), wanted, match)

    def test_a_seed_means_the_same_requests_each_time(self) -> None:
        def run(seed: int) -> list[int]:
            self.emulator.control("DELETE", "/faults")
            self.emulator.fault("server_busy", times=None, probability=0.5, seed=seed)
            return [self.raw("GET", self.path()).status for _ in range(30)]

        first = run(7)
        self.assertEqual(set(first), {404, 503})
        self.assertEqual(run(7), first)
        self.assertNotEqual(run(8), first)

    def test_a_rule_that_makes_no_sense_is_refused(self) -> None:
        for rule in (
            {},
            {"fault": {"kind": "nothing"}},
            {"fault": {"kind": "delay", "secs": 1}},
            {"fault": {"kind": "delay", "where": "nowhere"}},
            {"fault": {"kind": "close", "when": "never"}},
            {"fault": {"kind": "delay"}, "match": {"colour": 1}},
            {"fault": {"kind": "delay"}, "often": 1},
        ):
            answer = self.emulator.control("POST", "/faults", rule, status=400)
            self.assertIn("Error", answer["error"], rule)
        self.assertEqual(self.emulator.control("GET", "/faults")["faults"], [])
