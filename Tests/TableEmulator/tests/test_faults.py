"""Every kind of fault, seen from outside, and what the log says of it."""

import http.client
import json
import subprocess
import threading
import time
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ServiceResponseError
from support import Answer, EmulatorTest, changeset

MODIFIED = MatchConditions.IfNotModified
BROKEN = (http.client.HTTPException, ConnectionError, TimeoutError)


class FaultTest(EmulatorTest):
    def insert(self, row: str = "r", **more: Any) -> Answer:
        body = self.entity(row, opId=f"op-{row}")
        return self.raw("POST", f"/{self.name}", body, **more)

    def breaks(self, row: str = "r", **more: Any) -> None:
        with self.assertRaises(BROKEN):
            self.insert(row, **more)

    def last(self) -> dict[str, Any]:
        def over() -> bool:
            return self.emulator.log()[-1]["delivered"] is not None

        self.until(over, "the end of the exchange")
        return self.emulator.log()[-1]

    def has_row(self, row: str = "r") -> bool:
        rows = self.emulator.control("GET", "/state")["tables"][self.name]
        return any(one["row"] == row for one in rows)

    # Errors

    def test_errors_before_and_after_the_commit(self) -> None:
        for kind, status, code in (
            ("server_busy", 503, "ServerBusy"),
            ("operation_timed_out", 500, "OperationTimedOut"),
            ("internal_error", 500, "InternalError"),
            ("too_many_requests", 429, "TooManyRequests"),
        ):
            for when in ("before", "after"):
                with self.subTest(kind, when=when):
                    row = f"{kind}-{when}"
                    self.emulator.fault(kind, when=when)
                    answer = self.insert(row)
                    self.assertEqual((answer.status, answer.code), (status, code))
                    self.assertNotIn("retry-after", answer.headers)
                    self.assertEqual(self.has_row(row), when == "after")
                    last = self.last()
                    self.assertEqual((last["status"], last["code"]), (status, code))
                    self.assertTrue(last["delivered"])
                    self.assertEqual(len(last["commits"]), when == "after")

    def test_a_busy_server_can_say_when(self) -> None:
        self.emulator.fault("server_busy", retry_after=3)
        self.assertEqual(self.insert().headers["retry-after"], "3")

    def test_any_status_and_code_can_be_asked_for(self) -> None:
        self.emulator.fault("error", status=409, code="TableBeingDeleted")
        answer = self.insert()
        self.assertEqual((answer.status, answer.code), (409, "TableBeingDeleted"))

    def test_a_gateway_speaks_html(self) -> None:
        for kind, status in (("bad_gateway", 502), ("gateway_timeout", 504)):
            self.emulator.fault(kind, when="after")
            answer = self.insert(kind)
            self.assertEqual(answer.status, status)
            self.assertTrue(answer.body.startswith(b"<html>"))
            self.assertNotIn("x-ms-request-id", answer.headers)
            self.assertTrue(self.has_row(kind))

    # Time

    def test_delays_at_every_place(self) -> None:
        for where in ("before_processing", "before_headers", "before_body"):
            with self.subTest(where):
                self.emulator.fault("delay", seconds=0.15, where=where)
                start = time.monotonic()
                self.assertEqual(self.insert(where).status, 201)
                self.assertGreaterEqual(time.monotonic() - start, 0.15)

    def test_a_delay_beyond_the_timeout_ends_without_a_commit(self) -> None:
        self.emulator.fault("delay", seconds=5, where="before_processing")
        start = time.monotonic()
        answer = self.raw("POST", f"/{self.name}?timeout=1", self.entity())
        self.assertLess(time.monotonic() - start, 4)
        self.assertEqual((answer.status, answer.code), (500, "OperationTimedOut"))
        self.assertFalse(self.has_row())

    def test_an_abandoned_request_still_commits(self) -> None:
        self.emulator.fault("delay", seconds=1.5, where="before_processing")
        link = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=0.1)
        self.breaks(connection=link)
        link.close()
        self.assertFalse(self.has_row())
        self.until(self.has_row, "the late commit")
        self.assertFalse(self.last()["delivered"])

    def test_an_answer_can_drip(self) -> None:
        self.emulator.fault("drip", bytes=200, seconds=0.01)
        start = time.monotonic()
        self.assertEqual(self.insert().status, 201)
        self.assertGreater(time.monotonic() - start, 0.03)

    def test_a_commit_can_come_after_the_end(self) -> None:
        self.emulator.fault("late_commit", seconds=1.5)
        self.breaks()
        self.assertFalse(self.has_row())
        self.until(self.has_row, "the late commit")
        self.assertEqual(self.emulator.commits()[-1]["source"], "late")
        self.assertFalse(self.last()["delivered"])

    # Connections

    def test_a_connection_can_end_as_it_comes(self) -> None:
        self.emulator.fault("close_on_accept", times=2)
        self.breaks("1")
        self.breaks("2")
        self.assertEqual(self.insert("3").status, 201)
        self.assertEqual(len(self.emulator.commits()), 1)

    def test_a_connection_can_end_before_and_after_the_commit(self) -> None:
        for when in ("before", "after"):
            for reset in (False, True):
                with self.subTest(when, reset=reset):
                    row = f"{when}{reset}"
                    self.emulator.fault("close", when=when, reset=reset)
                    self.breaks(row)
                    self.assertEqual(self.has_row(row), when == "after")
                    last = self.last()
                    self.assertEqual((last["delivered"], last["bytes_sent"]), (False, 0))
                    self.assertEqual(len(last["commits"]), when == "after")

    def test_a_connection_can_end_behind_the_answer(self) -> None:
        self.emulator.fault("close", when="delivered")
        answer = self.insert()
        self.assertEqual((answer.status, answer.headers["connection"]), (201, "close"))

    def test_only_a_connection_that_served_before_ends(self) -> None:
        for when in ("before", "after"):
            rule = self.emulator.fault("close_reused", when=when)
            link = self.keep_alive()
            self.assertEqual(self.insert(f"{when}1", connection=link).status, 201)
            self.breaks(f"{when}2", connection=link)
            link.close()
            self.assertEqual(self.has_row(f"{when}2"), when == "after")
            rules = self.emulator.control("GET", "/faults")["faults"]
            self.assertEqual(
                [one["fired"] for one in rules if one["number"] == rule["number"]], [1]
            )

    def test_a_response_can_be_lost(self) -> None:
        self.emulator.fault("drop_response")
        self.breaks()
        self.assertTrue(self.has_row())
        last = self.last()
        self.assertEqual((last["status"], last["delivered"]), (201, False))
        self.assertEqual(last["commits"], [1])
        self.assertEqual(last["op_ids"], ["op-r"])

    def test_an_answer_can_end_in_its_midst(self) -> None:
        for kind in ("truncate", "reset"):
            for more in ({"fraction": 0.5}, {"bytes": 10}, {"bytes": 0}, {"fraction": 0.0}):
                with self.subTest(kind, **more):
                    row = f"{kind}{more}".replace("'", "")
                    self.emulator.fault(kind, **more)
                    self.breaks(row)
                    self.assertTrue(self.has_row(row))
                    self.assertFalse(self.last()["delivered"])

    def cut_batch(self, **more: Any) -> bytes:
        """What came of an answer with three parts: the body without the frames of its chunks."""
        body = changeset([self.operation(f"{more}{row}") for row in range(3)])
        self.emulator.fault("cut_batch", {"batch": True}, **more)
        kind = {"Content-Type": "multipart/mixed; boundary=b1"}
        if more.get("framed"):
            return self.raw("POST", "/$batch", body, kind).body
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.raw("POST", "/$batch", body, kind)
        self.assertFalse(self.last()["delivered"])
        return caught.exception.partial

    def test_the_answer_to_a_batch_can_end_between_its_parts(self) -> None:
        for chunk in (1, 16, 4096):
            self.emulator.control("POST", "/settings", {"chunk_bytes": chunk})
            for parts in (0, 1, 2):
                got = self.cut_batch(parts=parts, framed=chunk == 4096)
                self.assertEqual(got.count(b"HTTP/1.1 201"), parts)
                if chunk != 16 and parts:
                    self.assertTrue(got.endswith(b"}\r\n"), got[-20:])
                self.emulator.control("POST", "/reset", {"what": ["state"]})
                self.emulator.control("POST", "/tables", {"table": self.name})

    def test_the_answer_to_a_batch_can_end_in_the_midst_of_a_part(self) -> None:
        got = self.cut_batch(parts=1, half=True, framed=True)
        self.assertEqual(got.count(b"HTTP/1.1 201"), 2)
        self.assertEqual(got.count(b'"RowKey"'), 1)

    def operation(self, row: str) -> bytes:
        body = json.dumps(self.entity(row)).encode()
        return (
            f"POST {self.emulator.url}/{self.name} HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    # Others

    def test_a_request_can_be_executed_twice(self) -> None:
        self.emulator.fault("duplicate", answer="second")
        answer = self.insert()
        self.assertEqual((answer.status, answer.code), (409, "EntityAlreadyExists"))
        self.emulator.fault("duplicate", answer="first")
        answer = self.raw("PUT", self.path(), self.entity(a=1))
        self.assertEqual(answer.status, 204)
        self.assertEqual(
            [one["source"] for one in self.emulator.commits()], ["client", "client", "duplicate"]
        )
        self.assertEqual(self.last()["commits"], [2, 3])

    def test_another_writer_can_come_between(self) -> None:
        etag = self.insert().headers["etag"]
        self.emulator.fault("concurrent_writer", {"verb": "PUT"})
        answer = self.raw("PUT", self.path(), self.entity(a=1), {"If-Match": etag})
        self.assertEqual((answer.status, answer.code), (412, "UpdateConditionNotSatisfied"))
        commit = self.emulator.commits()[-1]
        self.assertEqual((commit["source"], commit["writes"][0]["action"]), ("writer", "merge"))
        self.emulator.fault("concurrent_writer", {"verb": "MERGE"}, action="delete")
        answer = self.raw("PATCH", self.path(), self.entity(a=1), {"If-Match": "*"})
        self.assertEqual((answer.status, answer.code), (404, "ResourceNotFound"))
        self.emulator.fault("concurrent_writer", action="insert", properties={"by": "other"})
        self.assertEqual(self.insert().code, "EntityAlreadyExists")

    def test_credentials_can_end_on_the_way(self) -> None:
        token = self.emulator.control("POST", "/sas", {})["token"]
        path = f"/{self.name}()?{token}"
        self.emulator.fault("expire_sas", {"nth": 2})
        statuses = [self.raw("GET", path, sign=False).status for _ in range(3)]
        self.assertEqual(statuses, [200, 403, 403])
        self.emulator.fault("rotate_keys", when="after")
        statuses = [self.raw("GET", f"/{self.name}()").status for _ in range(2)]
        self.assertEqual(statuses, [200, 403])

    def test_a_table_can_be_being_deleted(self) -> None:
        self.emulator.fault("table_being_deleted", seconds=60)
        self.assertEqual(self.insert().code, "TableBeingDeleted")
        answer = self.raw("POST", "/Tables", {"TableName": self.name})
        self.assertEqual((answer.status, answer.code), (409, "TableBeingDeleted"))
        self.emulator.control("POST", "/clock", {"offset_seconds": 61})
        answer = self.raw("POST", "/Tables", {"TableName": self.name})
        self.assertEqual(answer.status, 201)

    def test_the_clock_can_move(self) -> None:
        self.emulator.fault("clock_offset", seconds=1800, when="after")
        self.assertEqual(self.insert("1").status, 201)
        self.assertEqual(self.insert("2").status, 403)

    def test_partitions_have_a_throughput(self) -> None:
        self.emulator.fault("throttle", per_second=0.001, burst=3)
        codes = [self.insert(str(row)).status for row in range(5)]
        self.assertEqual(codes, [201, 201, 201, 503, 503])
        answer = self.raw("POST", f"/{self.name}", self.entity("r", "other"))
        self.assertEqual(answer.status, 201)
        self.emulator.control("DELETE", "/faults")
        self.emulator.fault("throttle", scope="account", per_second=0.001, burst=1)
        self.assertEqual([self.insert("a").status, self.insert("b").status], [201, 503])

    def test_many_callers_at_once_get_one_order(self) -> None:
        table = self.table()
        table.create_entity(self.entity("counter", n=0))
        self.emulator.fault("drop_response", {"verb": "MERGE"}, times=None, probability=0.2, seed=3)
        acknowledged: list[str] = []

        def work(number: int) -> None:
            own = self.table()
            for step in range(10):
                operation = f"{number}-{step}"
                row = own.get_entity("p", "counter")
                condition = {"etag": row.metadata["etag"], "match_condition": MODIFIED}
                try:
                    own.update_entity(
                        self.entity("counter", n=row["n"] + 1, opId=operation), **condition
                    )
                    acknowledged.append(operation)
                except (HttpResponseError, ServiceResponseError):
                    continue

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writes = [write for one in self.emulator.commits() for write in one["writes"]]
        values = [write["after"]["n"] for write in writes]
        self.assertEqual(values, list(range(len(values))), "a counter went back or jumped")
        committed = [write["op_id"] for write in writes]
        self.assertTrue(acknowledged)
        for operation in acknowledged:
            self.assertEqual(committed.count(operation), 1)
        chain = [(one["etag_before"], one["etag_after"]) for one in writes]
        for before, after in zip(chain, chain[1:], strict=False):
            self.assertEqual(before[1], after[0])

    def test_libcurl_sends_again_by_itself(self) -> None:
        """Debian's curl: why every write must survive being executed twice."""
        token = self.emulator.control("POST", "/sas", {})["token"]
        self.emulator.fault("close_reused", {"verb": "POST"}, when="after")
        url = f"{self.emulator.url}/{self.name}"
        body = json.dumps(self.entity(opId="one"))
        subprocess.run(
            [
                "curl",
                "-s",
                "-o",
                "/dev/null",
                f"{url}()?{token}",
                "--next",
                "-s",
                "-o",
                "/dev/null",
                "-H",
                "Content-Type: application/json",
                "-d",
                body,
                f"{url}?{token}",
            ],
            check=True,
            timeout=20,
        )
        sent = [one for one in self.emulator.log() if one["method"] == "POST"]
        self.assertEqual([one["status"] for one in sent], [201, 409])
        self.assertEqual([one["delivered"] for one in sent], [False, True])
        self.assertEqual([one["reused"] for one in sent], [True, False])
        self.assertEqual(len(self.emulator.commits()), 1)
