"""How the SDK and programs on it behave when things go wrong: what the store's tests build on.

Scenarios of the SDK's test_retry.py, and of the old application that wrote by upsert.
"""

import json
import subprocess
import time
import unittest
from pathlib import Path

from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ServiceResponseError,
)
from azure.data.tables import TableServiceClient
from support import ACCOUNT, CREDENTIAL, PROGRAM, EmulatorTest

LEGACY = json.loads((Path(__file__).parents[2] / "Vectors" / "legacy_rows.json").read_text())


class RetryTest(EmulatorTest):
    def sent(self, method: str) -> int:
        return sum(entry["method"] == method for entry in self.emulator.log())

    def test_a_busy_server_is_asked_again(self) -> None:
        self.emulator.fault("server_busy", times=2)
        self.table(retry_total=3, retry_backoff_factor=0.01).create_entity(self.entity())
        self.assertEqual((self.sent("POST"), len(self.emulator.commits())), (3, 1))

    def test_retry_after_is_obeyed(self) -> None:
        self.emulator.fault("server_busy", retry_after=1)
        start = time.monotonic()
        self.table(retry_total=3, retry_backoff_factor=0.01).create_entity(self.entity())
        self.assertGreaterEqual(time.monotonic() - start, 1)
        self.assertNotIn("retry_too_soon", self.emulator.violations())

    def test_an_insert_that_was_committed_comes_back_as_a_conflict(self) -> None:
        self.emulator.fault("operation_timed_out", when="after")
        with self.assertRaises(ResourceExistsError):
            self.table(retry_total=3, retry_backoff_factor=0.01).create_entity(self.entity())
        self.assertEqual((self.sent("POST"), len(self.emulator.commits())), (2, 1))

    def test_a_lost_answer_is_asked_for_again_only_where_that_is_safe(self) -> None:
        table = self.table(retry_total=3, retry_backoff_factor=0.01)
        self.emulator.fault("drop_response", {"verb": "POST"})
        with self.assertRaises(ServiceResponseError):
            table.create_entity(self.entity())
        self.emulator.fault("drop_response", {"verb": "PUT"})
        table.upsert_entity(self.entity(a=1), mode="replace")
        self.assertEqual((self.sent("POST"), self.sent("PUT")), (1, 2))
        writes = [one["writes"][0]["action"] for one in self.emulator.commits()]
        self.assertEqual(writes, ["insert", "upsert_replace", "upsert_replace"])

    def test_an_error_inside_a_transaction_is_not_asked_again(self) -> None:
        table = self.table(retry_total=3, retry_backoff_factor=0.01)
        self.emulator.fault("internal_error", {"batch": True}, times=None)
        with self.assertRaises(HttpResponseError):
            table.submit_transaction([("create", self.entity())])
        self.assertEqual(self.sent("POST"), 4)  # outside the envelope it is
        self.emulator.control("POST", "/reset", {"what": ["faults", "log"]})
        with self.assertRaises(HttpResponseError):
            table.submit_transaction([("delete", self.entity())])
        self.assertEqual(self.sent("POST"), 1)

    def test_a_host_named_localhost_gets_merges_by_post(self) -> None:
        """The SDK takes it for Cosmos."""
        url = f"http://localhost:{self.emulator.port}/{ACCOUNT}"
        table = self.table(endpoint=url)
        table.create_entity(self.entity(a=1))
        table.update_entity(self.entity(b=2))
        table.submit_transaction([("upsert", self.entity(c=3))])
        self.assertEqual(dict(table.get_entity("p", "r")), self.entity(a=1, b=2, c=3))
        self.assertEqual(self.sent("PATCH"), 0)
        verbs = [entry["operations"][0]["verb"] for entry in self.emulator.log()]
        self.assertEqual(verbs, ["POST", "MERGE", "MERGE", "GET"])


class OldApplicationTest(EmulatorTest):
    def test_its_rows_are_kept_as_it_wrote_them(self) -> None:
        service = self.service()
        table = service.create_table_if_not_exists("Users")
        self.assertGreater(len(LEGACY["rows"]), 2)
        for one in LEGACY["rows"]:
            table.upsert_entity(one["row"])
        for one in LEGACY["rows"]:
            row = one["row"]
            self.assertEqual(dict(table.get_entity(row["PartitionKey"], row["RowKey"])), row)
        found = table.query_entities("PartitionKey eq 'Users'")
        self.assertEqual(len(list(found)), len(LEGACY["rows"]))

    def test_its_way_of_removing_a_property_removes_nothing(self) -> None:
        """It upserts None by merge, which the SDK leaves out: the secret stays."""
        table = self.table()
        table.upsert_entity(self.entity(totp_secret="secret"))
        table.upsert_entity(self.entity(totp_secret=None))
        self.assertEqual(table.get_entity("p", "r")["totp_secret"], "secret")


class StarterTest(unittest.TestCase):
    def test_the_script_starts_it_and_a_signal_ends_it(self) -> None:
        with subprocess.Popen(
            [str(PROGRAM / "run"), "--port", "0"], stdout=subprocess.PIPE, text=True, cwd="/"
        ) as process:
            ports = json.loads(process.stdout.readline())
            url = f"http://127.0.0.1:{ports['port']}/{ACCOUNT}"
            with TableServiceClient(url, credential=CREDENTIAL) as client:
                self.assertEqual(list(client.list_tables()), [])
            process.terminate()
            self.assertEqual(process.wait(10), 0)
            self.assertEqual(process.stdout.read(), "")


if __name__ == "__main__":
    unittest.main()
