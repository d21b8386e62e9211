"""The control port, restarts, and the life of the process."""

import concurrent.futures
import signal
import sqlite3
import subprocess
import tempfile
import unittest
from http.client import HTTPException
from pathlib import Path

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import EdmType, EntityProperty, TableServiceClient
from support import CREDENTIAL, Emulator, EmulatorTest, wait


class ControlTest(EmulatorTest):
    def test_round_trips_are_counted(self) -> None:
        since = self.emulator.control("GET", "/round-trips")["last"]
        one = {"x-ms-client-request-id": "one"}
        self.raw("GET", self.path(), headers=one)
        self.raw("GET", self.path(), headers=one)
        self.raw("POST", f"/{self.name}", self.entity(), {"x-ms-client-request-id": "two"})
        count = self.emulator.control("GET", f"/round-trips?since={since}")
        self.assertEqual((count["total"], count["last"]), (3, since + 3))
        self.assertEqual(count["by_client_request_id"], {"one": 2, "two": 1})
        self.assertEqual(count["by_operation"], {"get": 2, "insert": 1})
        entries = self.emulator.control("GET", "/log?client_request_id=one")["entries"]
        self.assertEqual(len(entries), 2)

    def test_the_log_names_operations_and_commits(self) -> None:
        self.table().submit_transaction(
            [("create", self.entity("1", opId="a")), ("create", self.entity("2", opId="b"))]
        )
        entry = self.emulator.log()[-1]
        self.assertEqual(
            (entry["batch"], entry["operation"], entry["status"]), (True, "batch", 202)
        )
        self.assertEqual(entry["op_ids"], ["a", "b"])
        self.assertEqual([one["row"] for one in entry["operations"]], ["1", "2"])
        commits = self.emulator.control("GET", "/commits?op_id=b")["commits"]
        self.assertEqual([one["commit"] for one in commits], entry["commits"])
        self.assertEqual(commits[0]["request"], entry["request_id"])
        self.assertEqual([one["action"] for one in commits[0]["writes"]], ["insert", "insert"])

    def test_the_state_can_be_seen_and_changed(self) -> None:
        self.emulator.control(
            "POST",
            "/write",
            {
                "table": self.name,
                "partition": "p",
                "row": "r",
                "action": "insert",
                "properties": {"a": "5", "a@odata.type": "Edm.Int64"},
            },
        )
        rows = self.emulator.control("GET", f"/state?table={self.name}")["tables"][self.name]
        self.assertEqual(rows[0]["properties"], {"a@odata.type": "Edm.Int64", "a": "5"})
        self.assertEqual(self.table().get_entity("p", "r")["a"].value, 5)
        self.assertEqual(rows[0]["etag"], self.table().get_entity("p", "r").metadata["etag"])
        gone = {"table": self.name, "partition": "p", "row": "none", "action": "delete"}
        self.assertEqual(self.emulator.control("POST", "/write", gone), {"commit": None})

    def test_wrong_calls_are_told_what_is_wrong(self) -> None:
        answer = self.emulator.control("GET", "/nothing", status=404)
        self.assertIn("POST /faults", answer["calls"])
        for path, body in (
            ("/settings", {"nothing": 1}),
            ("/settings", {"page_size": "1"}),
            ("/reset", {"what": ["all"]}),
            ("/keys", {"which": "third"}),
            ("/sas", {"tn": "T", "srt": "o"}),
            ("/tokens", {"token": "t", "role": "owner"}),
            ("/write", {"table": self.name}),
        ):
            self.emulator.control("POST", path, body, status=400)
        self.emulator.control("POST", "/tables", {"table": self.name}, status=409)

    def test_a_restart_keeps_or_loses_the_tables(self) -> None:
        table = self.table(retry_total=3)
        table.create_entity(self.entity())
        self.emulator.control("POST", "/restart", {"keep_state": True})
        self.assertEqual(table.get_entity("p", "r")["RowKey"], "r")
        self.emulator.control("POST", "/restart", {"keep_state": False})
        with self.assertRaises(ResourceNotFoundError):
            table.get_entity("p", "r")
        self.assertEqual(len(self.emulator.commits()), 1)

    def test_a_restart_ends_what_goes_on(self) -> None:
        self.emulator.fault("delay", seconds=30)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            caller = pool.submit(self.raw, "POST", f"/{self.name}", self.entity())
            self.until(lambda: self.emulator.log(), "the request")
            self.emulator.control("POST", "/restart", {})
            self.assertIsInstance(caller.exception(10), (ConnectionError, HTTPException))
        last = self.emulator.log()[-1]
        self.assertEqual((last["delivered"], last["commits"]), (False, []))
        self.assertEqual(self.emulator.commits(), [])


class ProcessTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = str(Path(folder.name) / "state.sqlite")

    def client(self, emulator: Emulator) -> TableServiceClient:
        client = TableServiceClient(emulator.url, credential=CREDENTIAL, retry_total=0)
        self.addCleanup(client.close)
        return client

    def test_a_killed_process_starts_again_with_all_it_answered(self) -> None:
        first = Emulator("--state", self.file)
        table = self.client(first).create_table("Users")
        etags = {}
        for index in range(50):
            entity = {
                "PartitionKey": "p",
                "RowKey": f"{index:02}",
                "opId": str(index),
                "n": EntityProperty(index, EdmType.INT64),
                "b": b"\0",
                "d": 1.0,
            }
            etags[entity["RowKey"]] = table.create_entity(entity)["etag"]
        table.delete_entity("p", "00")
        commits = first.commits()
        first.kill()
        second = Emulator("--state", self.file)
        self.addCleanup(second.stop)
        rows = {
            one["RowKey"]: one
            for one in self.client(second).get_table_client("Users").list_entities()
        }
        del etags["00"]
        self.assertEqual({key: row.metadata["etag"] for key, row in rows.items()}, etags)
        self.assertEqual(rows["07"]["n"].value, 7)
        self.assertEqual((rows["07"]["b"], rows["07"]["d"]), (b"\0", 1.0))
        self.assertEqual(second.commits(), commits)
        newer = (
            self.client(second)
            .get_table_client("Users")
            .upsert_entity({"PartitionKey": "p", "RowKey": "07"})["etag"]
        )
        self.assertGreater(newer, max(etags.values()))
        self.assertEqual(second.commits()[-1]["commit"], len(commits) + 1)

    def test_without_a_file_everything_is_lost(self) -> None:
        first = Emulator()
        self.client(first).create_table("Users")
        self.assertEqual(first.stop(), 0)
        second = Emulator("--port", str(first.port))
        self.addCleanup(second.stop)
        self.assertEqual(second.port, first.port)
        self.assertEqual(list(self.client(second).list_tables()), [])

    def test_it_stops_cleanly_in_the_midst_of_a_request(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            emulator = Emulator("--state", self.file)
            emulator.fault("delay", seconds=30)
            with (
                self.subTest(number),
                subprocess.Popen(
                    [
                        "python3",
                        "-c",
                        "import sys, urllib.request as r; r.urlopen(sys.argv[1])",
                        emulator.url,
                    ],
                    stderr=subprocess.DEVNULL,
                ) as caller,
            ):
                wait(lambda emulator=emulator: emulator.log())
                emulator.process.send_signal(number)
                self.assertEqual(emulator.process.wait(5), 0)
                emulator.process.stdout.close()
                self.assertNotEqual(caller.wait(5), 0)
        self.assertEqual(
            sqlite3.connect(self.file).execute("PRAGMA integrity_check").fetchone(), ("ok",)
        )

    def test_it_listens_on_the_loopback_address_alone(self) -> None:
        emulator = Emulator()
        self.addCleanup(emulator.stop)
        ports = {emulator.port, emulator.control_port, emulator.identity_port}
        found = set()
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            address, port = line.split()[1].split(":")
            if int(port, 16) in ports and line.split()[3] == "0A":
                self.assertEqual(address, "0100007F")
                found.add(int(port, 16))
        self.assertEqual(found, ports)
        for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]:
            self.assertNotIn(int(line.split()[1].split(":")[1], 16), ports)
