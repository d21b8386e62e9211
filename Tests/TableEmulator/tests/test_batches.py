"""Entity group transactions: scenarios of the SDK's test_table_batch.py, then raw envelopes."""

import json

from azure.core import MatchConditions
from azure.data.tables import (
    RequestTooLargeError,
    TableTransactionError,
    UpdateMode,
)
from support import ACCOUNT, Answer, EmulatorTest, changeset


class BatchTest(EmulatorTest):
    def fails(
        self, operations: list, status: int, code: str, index: int, name: str | None = None
    ) -> TableTransactionError:
        before = self.emulator.control("GET", "/state")
        commits = len(self.emulator.commits())
        with self.assertRaises(TableTransactionError) as caught:
            self.table(name).submit_transaction(operations)
        error = caught.exception
        self.assertEqual((error.status_code, error.error_code, error.index), (status, code, index))
        self.assertEqual(self.emulator.control("GET", "/state"), before, "something was committed")
        self.assertEqual(len(self.emulator.commits()), commits)
        return error

    def test_all_kinds_of_changes_happen_together(self) -> None:
        table = self.table()
        for row in ("update", "merge", "replace", "delete"):
            table.create_entity(self.entity(row, a=1, b=1))
        answers = table.submit_transaction(
            [
                ("create", self.entity("new", a=2)),
                ("update", self.entity("merge", a=2)),
                ("update", self.entity("replace", a=2), {"mode": UpdateMode.REPLACE}),
                ("upsert", self.entity("update", a=2), {"mode": "merge"}),
                ("upsert", self.entity("fresh", a=2), {"mode": "replace"}),
                ("delete", self.entity("delete")),
            ]
        )
        self.assertEqual([bool(one.get("etag")) for one in answers], [True] * 5 + [False])
        rows = {one["RowKey"]: dict(one) for one in table.list_entities()}
        self.assertEqual(set(rows), {"new", "merge", "replace", "update", "fresh"})
        self.assertEqual(rows["merge"], self.entity("merge", a=2, b=1))
        self.assertEqual(rows["replace"], self.entity("replace", a=2))
        commit = self.emulator.commits()[-1]
        self.assertEqual(len(commit["writes"]), 6)
        for answer, row in zip(
            answers[:5], ("new", "merge", "replace", "update", "fresh"), strict=True
        ):
            self.assertEqual(answer["etag"], table.get_entity("p", row).metadata["etag"])

    def test_rows_of_one_transaction_may_share_an_etag(self) -> None:
        self.emulator.control("POST", "/settings", {"batch_same_etags": True})
        answers = self.table().submit_transaction(
            [("create", self.entity(str(index))) for index in range(3)]
        )
        self.assertEqual(len({one["etag"] for one in answers}), 1)

    def test_a_condition_that_fails_undoes_everything(self) -> None:
        table = self.table()
        table.create_entity(self.entity("1", a=1))
        old = table.create_entity(self.entity("2", a=1))["etag"]
        table.update_entity(self.entity("2", a=2))
        condition = {"etag": old, "match_condition": MatchConditions.IfNotModified}
        error = self.fails(
            [("update", self.entity("1", a=9)), ("update", self.entity("2", a=9), condition)],
            412,
            "UpdateConditionNotSatisfied",
            1,
        )
        self.assertTrue(error.message.startswith("1:The update condition"))

    def test_one_operation_has_no_index(self) -> None:
        error = self.fails([("delete", self.entity("none"))], 404, "ResourceNotFound", 0)
        self.assertTrue(error.message.startswith("The specified resource"), error.message)

    def test_the_index_can_be_there_always_or_never(self) -> None:
        two = [("create", self.entity("1")), ("delete", self.entity("none"))]
        self.emulator.control("POST", "/settings", {"batch_index_prefix": "always"})
        error = self.fails(two[1:], 404, "ResourceNotFound", 0)
        self.assertTrue(error.message.startswith("0:"))
        self.emulator.control("POST", "/settings", {"batch_index_prefix": "never"})
        error = self.fails(two, 404, "ResourceNotFound", 0)
        self.assertTrue(error.message.startswith("The "))

    def test_a_row_may_stand_there_once(self) -> None:
        self.fails(
            [("create", self.entity()), ("upsert", self.entity())], 400, "InvalidDuplicateRow", 1
        )

    def test_all_rows_are_of_one_partition(self) -> None:
        with self.assertRaises(ValueError):  # the SDK looks for itself
            self.table().submit_transaction(
                [("create", self.entity("r", "a")), ("create", self.entity("r", "b"))]
            )
        parts = [self.insert("1", "a"), self.insert("2", "b")]
        answer = self.batch(changeset(parts))
        self.assertEqual(
            self.only_error(answer), ("400", "CommandsInBatchActOnDifferentPartitions")
        )
        self.assertIn(b'"1:All commands', answer.body)

    def test_a_hundred_operations_are_the_most(self) -> None:
        rows = [("create", self.entity(str(index))) for index in range(101)]
        self.fails(rows, 400, "InvalidInput", 99)
        self.assertEqual(len(self.table().submit_transaction(rows[:100])), 100)

    def test_a_missing_table_fails_the_first(self) -> None:
        operations = [("create", self.entity("1")), ("create", self.entity("2"))]
        self.fails(operations, 404, "TableNotFound", 0, name="missing")

    def test_an_insert_that_conflicts_undoes_everything(self) -> None:
        self.table().create_entity(self.entity("2"))
        operations = [("create", self.entity(str(row))) for row in range(4)]
        self.fails(operations, 409, "EntityAlreadyExists", 2)

    def test_more_than_four_megabytes_are_too_large(self) -> None:
        rows = [("create", self.entity(str(row), blob=bytes(65536))) for row in range(50)]
        with self.assertRaises(RequestTooLargeError):
            self.table().submit_transaction(rows)
        self.assertEqual(self.emulator.commits(), [])

    def test_nothing_in_it_is_nothing(self) -> None:
        self.assertEqual(self.table().submit_transaction([]), [])

    def test_four_megabytes_are_the_most(self) -> None:
        for size, status in ((4 * 1024 * 1024, 202), (4 * 1024 * 1024 + 1, 413)):
            entity = json.dumps(self.entity(str(size))).encode()
            spaces = size - len(changeset([self.operation("POST", f"/{self.name}", entity)]))
            # The length itself grows by the digits that it takes to say it.
            spaces -= len(str(size)) - len(str(len(entity)))
            padded = entity + b" " * spaces
            body = changeset([self.operation("POST", f"/{self.name}", padded)])
            self.assertEqual(len(body), size)
            self.assertEqual(self.batch(body).status, status)

    # By hand

    def insert(self, row: str, partition: str = "p", **more: object) -> bytes:
        body = json.dumps(self.entity(row, partition) | more).encode()
        return self.operation("POST", f"/{self.name}", body)

    def operation(self, method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" * bool(body)
        return (
            f"{method} {self.emulator.url}{path} HTTP/1.1\r\n{length}{headers}"
            "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0\r\n\r\n"
        ).encode() + body

    def batch(self, body: bytes, boundary: str = "b1") -> Answer:
        kind = f"multipart/mixed; boundary={boundary}"
        return self.raw("POST", "/$batch", body, {"Content-Type": kind})

    def only_error(self, answer: Answer) -> tuple[str, str]:
        self.assertEqual(answer.status, 202, answer.body)
        self.assertEqual(answer.body.count(b"HTTP/1.1 "), 1)
        inside = answer.body.partition(b"HTTP/1.1 ")[2]
        error = json.loads(inside.partition(b"\r\n\r\n")[2].partition(b"\r\n")[0])
        return inside[:3].decode(), error["odata.error"]["code"]

    def test_the_answer_has_the_form_of_the_recordings(self) -> None:
        gone = self.operation("DELETE", self.path("x"), headers="If-Match: *\r\n")
        body = changeset([self.insert("1"), gone])
        self.assertEqual(self.only_error(self.batch(body)), ("404", "ResourceNotFound"))
        quiet = self.insert("1").replace(b"Accept:", b"Prefer: return-no-content\r\nAccept:")
        answer = self.batch(changeset([self.insert("0"), quiet]))
        self.assertEqual((answer.status, answer.reason), (202, "Accepted"))
        self.assertRegex(
            answer.headers["content-type"], r"^multipart/mixed; boundary=batchresponse_[0-9a-f-]+$"
        )
        self.assertEqual(answer.headers["transfer-encoding"], "chunked")
        text = answer.body.decode()
        self.assertRegex(text, r"^--batchresponse_[0-9a-f-]+\r\nContent-Type: multipart/mixed; ")
        self.assertLess(text.index("HTTP/1.1 201 Created"), text.index("HTTP/1.1 204 No Content"))
        self.assertEqual(text.count("\r\nETag: W/"), 2)
        self.assertIn("\r\nPreference-Applied: return-no-content\r\n", text)
        self.assertEqual(text.count("\n"), text.count("\r\n"))

    def test_the_answer_can_have_the_forms_of_others(self) -> None:
        self.emulator.control(
            "POST", "/settings", {"batch_line_end": "\n", "batch_content_id": True}
        )
        text = self.batch(changeset([self.insert("1"), self.insert("2")])).body.decode()
        self.assertNotIn("\r", text)
        self.assertIn("\nContent-ID: 1\n", text)

    def test_one_query_may_stand_there_alone(self) -> None:
        self.table().create_entity(self.entity(a=1))
        head = "--b1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        inside = self.operation("GET", self.path())
        answer = self.batch(head.encode() + inside + b"\r\n--b1--\r\n")
        self.assertEqual(answer.status, 202)
        self.assertIn(b"HTTP/1.1 200 OK", answer.body)
        self.assertIn(b'"a":1', answer.body)

    def test_an_envelope_that_departs_from_the_form_is_refused_whole(self) -> None:
        good = changeset([self.insert("1"), self.insert("2")])
        host = f"127.0.0.1:{self.emulator.port}".encode()
        wrong = {
            "line feeds alone": good.replace(b"\r\n", b"\n"),
            "a preamble": b"hello\r\n" + good,
            "no end": good.replace(b"--b1--", b"--b1"),
            "no inner end": good.replace(b"--c1--", b"--c1"),
            "another boundary": good.replace(b"--b1", b"--b2"),
            "another inner boundary": good.replace(b"boundary=c1", b"boundary=c2"),
            "a relative URI": good.replace(b"http://" + host, b""),
            "another host": good.replace(host, b"example.org"),
            "no length": good.replace(b"Content-Length", b"Content-Langth"),
            "a wrong length": good.replace(b"Content-Length: ", b"Content-Length: 1"),
            "no encoding": good.replace(b"Content-Transfer-Encoding: binary\r\n", b""),
            "another part": good.replace(b"application/http", b"application/htmp"),
            "HTTP/1.0": good.replace(b" HTTP/1.1", b" HTTP/1.0"),
            "a change outside": good.replace(b"--c1\r\n", b"", 1),
            "nothing": b"",
            "no change set": b"--b1--\r\n",
            "a query inside": changeset([self.operation("GET", self.path())]),
        }
        for name, body in wrong.items():
            with self.subTest(name):
                answer = self.batch(body)
                self.assertEqual((answer.status, answer.code), (400, "InvalidInput"), answer.body)
        self.assertEqual(self.emulator.commits(), [])
        self.assertEqual(self.batch(good).status, 202)

    def test_a_boundary_may_be_quoted(self) -> None:
        body = changeset([self.insert("1")])
        self.assertEqual(self.batch(body, '"b1"').status, 202)
        self.assertEqual(len(self.emulator.commits()), 1)

    def test_another_account_inside_is_refused(self) -> None:
        body = changeset([self.insert("1").replace(ACCOUNT.encode(), b"otheraccount")])
        self.assertEqual(self.only_error(self.batch(body)), ("400", "InvalidInput"))

    def test_a_batch_has_its_media_type(self) -> None:
        body = changeset([self.insert("1")])
        for kind in ("application/json", "multipart/mixed", "multipart/form-data; boundary=b1"):
            answer = self.raw("POST", "/$batch", body, {"Content-Type": kind})
            self.assertEqual((answer.status, answer.code), (400, "InvalidInput"), kind)
