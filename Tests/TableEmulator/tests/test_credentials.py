"""Credentials by Microsoft's SDK: SAS of both kinds, keys, connection strings."""

import base64
import hashlib
import hmac
import socket
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables import (
    AccountSasPermissions,
    ResourceTypes,
    TableAccessPolicy,
    TableClient,
    TableSasPermissions,
    TableServiceClient,
    TableTransactionError,
    generate_account_sas,
    generate_table_sas,
)
from support import ACCOUNT, CREDENTIAL, KEY, EmulatorTest, clean_headers

FAR = "2099-01-01T00:00:00Z"
DEVELOPMENT_PORT = 10002


def account_sas(letters: str, types: str = "object", **more: Any) -> str:
    names = {
        "r": "read",
        "w": "write",
        "d": "delete",
        "l": "list",
        "a": "add",
        "c": "create",
        "u": "update",
    }
    return generate_account_sas(
        more.pop("credential", CREDENTIAL),
        resource_types=ResourceTypes(**{one: True for one in types.split()}),
        permission=AccountSasPermissions(**{names[one]: True for one in letters}),
        **{"expiry": FAR} | more,
    )


class SharedKeyTest(EmulatorTest):
    def test_a_connection_string_leads_here(self) -> None:
        text = (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"TableEndpoint={self.emulator.url};"
        )
        with TableServiceClient.from_connection_string(text) as client:
            self.assertEqual([one.name for one in client.list_tables()], [self.name])

    def test_a_connection_string_may_have_a_sas(self) -> None:
        token = account_sas("l", "container")
        text = f"TableEndpoint={self.emulator.url};SharedAccessSignature={token}"
        with TableServiceClient.from_connection_string(text) as client:
            self.assertEqual([one.name for one in client.list_tables()], [self.name])

    def test_the_secondary_key_works_and_a_foreign_one_does_not(self) -> None:
        overview = self.emulator.control("GET", "/")
        secondary = AzureNamedKeyCredential(ACCOUNT, overview["secondary_key"])
        self.table(credential=secondary).create_entity(self.entity())
        foreign = AzureNamedKeyCredential(ACCOUNT, KEY[:-4] + "AA==")
        with self.assertRaises(ClientAuthenticationError):
            self.table(credential=foreign).upsert_entity(self.entity("2"))
        with self.assertRaises(ClientAuthenticationError):
            self.table(credential=foreign).submit_transaction([("create", self.entity("3"))])
        other = AzureNamedKeyCredential("otheraccount", KEY)
        with self.assertRaises(ClientAuthenticationError):
            self.table(credential=other).upsert_entity(self.entity("2"))

    def test_the_lite_scheme_works_too(self) -> None:
        headers = clean_headers("GET", None)
        path = f"/{ACCOUNT}/{self.name}()"
        text = f"{headers['x-ms-date']}\n/{ACCOUNT}{path}"
        digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
        signature = base64.b64encode(digest).decode()
        other = ("B" if signature[0] == "A" else "A") + signature[1:]
        for changed, status in ((signature, 200), (other, 403)):
            authorization = f"SharedKeyLite {ACCOUNT}:{changed}"
            answer = self.raw(
                "GET", f"/{self.name}()", headers=headers | {"Authorization": authorization}
            )
            self.assertEqual(answer.status, status)

    def test_a_rotated_key_is_refused_and_the_new_one_is_taken(self) -> None:
        table = self.table()
        table.create_entity(self.entity("1"))
        new = self.emulator.control("POST", "/keys", {"which": "primary"})["key"]
        with self.assertRaises(ClientAuthenticationError):
            table.upsert_entity(self.entity("2"))
        self.table(credential=AzureNamedKeyCredential(ACCOUNT, new)).create_entity(self.entity("2"))

    def test_an_account_may_forbid_keys(self) -> None:
        self.emulator.control("POST", "/settings", {"shared_key_allowed": False})
        for client in (self.table(), self.sas_table(account_sas("r"))):
            with self.assertRaises(HttpResponseError) as caught:
                list(client.list_entities())
            self.assertEqual(caught.exception.error_code, "KeyBasedAuthenticationNotPermitted")

    def test_the_firewall_keeps_everyone_out(self) -> None:
        self.emulator.control("POST", "/settings", {"firewall": True})
        with self.assertRaises(HttpResponseError) as caught:
            list(self.table().list_entities())
        self.assertEqual(caught.exception.error_code, "AuthorizationFailure")

    def test_a_clock_that_is_off_by_more_than_fifteen_minutes(self) -> None:
        for offset, works in ((880, True), (-880, True), (920, False), (-920, False)):
            self.emulator.control("POST", "/clock", {"offset_seconds": offset})
            with self.subTest(offset):
                if works:
                    list(self.table().list_entities())
                    continue
                with self.assertRaises(ClientAuthenticationError):
                    list(self.table().list_entities())

    def test_writes_to_the_secondary_are_refused(self) -> None:
        url = self.emulator.url + "-secondary"
        table = self.table(endpoint=url)
        with self.assertRaisesRegex(HttpResponseError, "Write operations are not allowed"):
            table.upsert_entity(self.entity())
        with self.assertRaises(ResourceNotFoundError):
            table.get_entity("p", "r")


class DevelopmentStorageTest(unittest.TestCase):
    def test_the_development_connection_string_leads_here(self) -> None:
        from support import Emulator

        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", DEVELOPMENT_PORT))
            except OSError:
                self.skipTest("port 10002 is taken")
        emulator = Emulator("--port", str(DEVELOPMENT_PORT))
        self.addCleanup(emulator.stop)
        with TableClient.from_connection_string("UseDevelopmentStorage=true", "Users") as table:
            table.create_table()
            table.create_entity({"PartitionKey": "p", "RowKey": "r"})
            self.assertEqual(len(list(table.list_entities())), 1)


class AccountSasTest(EmulatorTest):
    def refused(self, token: str, call: Any, code: str) -> None:
        with self.assertRaises(HttpResponseError) as caught:
            call(self.sas_table(token))
        self.assertIn(code, str(caught.exception))
        self.assertEqual(caught.exception.status_code, 403)

    def test_each_operation_needs_its_letters(self) -> None:
        operations: dict[str, tuple[str, Any]] = {
            "query": ("r", lambda t: list(t.list_entities())),
            "insert": ("a", lambda t: t.create_entity(self.entity("new"))),
            "update": ("u", lambda t: t.update_entity(self.entity("old", a=1))),
            "upsert": ("au", lambda t: t.upsert_entity(self.entity("up"))),
            "delete": ("d", lambda t: t.delete_entity(self.entity("old"))),
        }
        self.table().create_entity(self.entity("old"))
        everything = "rwdlacu"
        for name, (letters, call) in operations.items():
            for letter in letters:
                with self.subTest(name, without=letter):
                    others = everything.replace(letter, "")
                    self.refused(account_sas(others), call, "AuthorizationPermissionMismatch")
            with self.subTest(name, with_=letters):
                call(self.sas_table(account_sas(letters)))

    def test_a_transaction_needs_the_letters_of_all_its_operations(self) -> None:
        operations = [("create", self.entity("1")), ("upsert", self.entity("2"))]
        with self.assertRaises(TableTransactionError) as caught:
            self.sas_table(account_sas("a")).submit_transaction(operations)
        error = caught.exception
        self.assertEqual((error.index, error.error_code), (1, "AuthorizationPermissionMismatch"))
        self.sas_table(account_sas("au")).submit_transaction(operations)
        self.assertEqual(len(self.emulator.commits()), 1)

    def test_tables_need_the_container_type(self) -> None:
        def create(table: TableClient) -> None:
            table.create_table()

        self.refused(account_sas("rwdlacu", "object"), create, "AuthorizationResourceTypeMismatch")
        self.refused(account_sas("r", "container"), create, "AuthorizationPermissionMismatch")
        for letter in "cw":
            self.sas_table(account_sas(letter, "container"), f"made{letter}").create_table()

        def read(table: TableClient) -> None:
            list(table.list_entities())

        self.refused(account_sas("r", "container"), read, "AuthorizationResourceTypeMismatch")

    def test_a_sas_of_another_service_is_refused(self) -> None:
        token = self.emulator.control("POST", "/sas", {"ss": "bq"})["token"]
        self.refused(token, lambda t: list(t.list_entities()), "AuthorizationServiceMismatch")

    def test_times_bound_a_sas(self) -> None:
        now = datetime.now(timezone.utc)
        hour = timedelta(hours=1)

        def read(table: TableClient) -> None:
            list(table.list_entities())

        read(self.sas_table(account_sas("r", start=now - hour, expiry=now + hour)))
        for more in ({"expiry": now - hour}, {"start": now + hour, "expiry": now + 2 * hour}):
            self.refused(account_sas("r", **more), read, "AuthenticationFailed")
        token = account_sas("r", start=now - hour, expiry=now + hour)
        self.emulator.control("POST", "/clock", {"offset_seconds": 3700})
        self.refused(token, read, "AuthenticationFailed")

    def test_protocol_and_address_bound_a_sas(self) -> None:
        def read(table: TableClient) -> None:
            list(table.list_entities())

        self.refused(account_sas("r", protocol="https"), read, "AuthorizationProtocolMismatch")
        read(self.sas_table(account_sas("r", protocol="https,http")))
        self.emulator.control("POST", "/settings", {"assume_https": True})
        read(self.sas_table(account_sas("r", protocol="https")))
        for addresses in ("127.0.0.1", "127.0.0.0-127.0.0.9"):
            read(self.sas_table(account_sas("r", ip_address_or_range=addresses)))
        for addresses in ("127.0.0.2", "10.0.0.1-10.0.0.9"):
            token = account_sas("r", ip_address_or_range=addresses)
            self.refused(token, read, "AuthorizationSourceIPMismatch")

    def test_used_signatures_can_expire_on_the_way(self) -> None:
        table = self.sas_table(account_sas("r"))
        list(table.list_entities())
        self.emulator.control("POST", "/sas/expire")
        with self.assertRaises(ClientAuthenticationError):
            list(table.list_entities())


class TableSasTest(EmulatorTest):
    def token(self, letters: str = "raud", **more: Any) -> str:
        permission = TableSasPermissions.from_string(letters) if letters else None
        options = {"expiry": FAR, "permission": permission} | more
        return generate_table_sas(CREDENTIAL, options.pop("table_name", self.name), **options)

    def test_a_table_sas_opens_entities_and_transactions(self) -> None:
        table = self.sas_table(self.token())
        table.create_entity(self.entity("1"))
        table.submit_transaction([("upsert", self.entity("2")), ("update", self.entity("1", a=1))])
        self.assertEqual(len(list(table.query_entities("RowKey ge '1'"))), 2)
        table.delete_entity("p", "1")

    def test_the_case_of_the_table_does_not_matter(self) -> None:
        table = self.sas_table(self.token(table_name=self.name.upper()), self.name.lower())
        table.create_entity(self.entity())
        list(table.list_entities())

    def test_it_does_not_open_tables(self) -> None:
        for call in (TableClient.create_table, TableClient.delete_table):
            with self.assertRaises(HttpResponseError) as caught:
                call(self.sas_table(self.token()))
            self.assertEqual(caught.exception.status_code, 403)

    def test_another_table_is_closed(self) -> None:
        self.emulator.control("POST", "/tables", {"table": "Other"})
        table = self.sas_table(self.token(), "Other")
        with self.assertRaises(ClientAuthenticationError):
            list(table.list_entities())
        with self.assertRaises(HttpResponseError) as caught:
            table.submit_transaction([("create", self.entity())])
        self.assertEqual(caught.exception.status_code, 403)
        self.assertEqual(self.emulator.commits(), [])

    def test_keys_outside_the_range_are_closed(self) -> None:
        token = self.token(start_pk="b", start_rk="2", end_pk="d", end_rk="2")
        table = self.sas_table(token)
        inside = [("b", "2"), ("b", "9"), ("c", ""), ("d", "2")]
        outside = [("b", "1"), ("a", "3"), ("d", "3"), ("e", "")]
        for partition, row in inside:
            table.create_entity(self.entity(row, partition))
            table.submit_transaction([("upsert", self.entity(row, partition))])
        for partition, row in outside:
            self.table().create_entity(self.entity(row, partition))
            with self.assertRaises(HttpResponseError) as caught:
                table.upsert_entity(self.entity(row, partition))
            self.assertEqual(caught.exception.error_code, "AuthorizationFailure")
            with self.assertRaises(TableTransactionError) as failed:
                table.submit_transaction([("upsert", self.entity(row, partition, a=1))])
            self.assertEqual(failed.exception.error_code, "AuthorizationFailure")
        found = [(one["PartitionKey"], one["RowKey"]) for one in table.list_entities()]
        self.assertEqual(found, inside)

    def test_half_a_range_is_none(self) -> None:
        for more in ({"start_pk": "a"}, {"end_rk": "a"}):
            with self.assertRaises(ClientAuthenticationError):
                list(self.sas_table(self.token(**more)).list_entities())

    def test_a_stored_policy_says_what_the_token_leaves_out(self) -> None:
        policy = TableAccessPolicy(permission="ra", start="2020-01-01T00:00:00Z", expiry=FAR)
        self.table().set_table_access_policy({"policy": policy})
        got = self.table().get_table_access_policy()["policy"]
        self.assertEqual((got.permission, got.expiry.year), ("ra", 2099))
        table = self.sas_table(self.token("", expiry=None, policy_id="policy"))
        table.create_entity(self.entity())
        with self.assertRaises(HttpResponseError) as caught:
            table.delete_entity("p", "r")
        self.assertEqual(caught.exception.error_code, "AuthorizationPermissionMismatch")
        both = self.sas_table(self.token("r", expiry=None, policy_id="policy"))
        with self.assertRaises(ClientAuthenticationError):
            list(both.list_entities())
        self.table().set_table_access_policy({})
        with self.assertRaises(HttpResponseError) as caught:
            list(table.list_entities())
        self.assertEqual(caught.exception.error_code, "AuthorizationFailure")

    def test_more_than_five_policies_are_refused(self) -> None:
        policies = {f"id{index}": TableAccessPolicy() for index in range(6)}
        with self.assertRaises(ValueError):
            self.table().set_table_access_policy(policies)

    def test_permission_errors_can_come_in_xml(self) -> None:
        self.emulator.control("POST", "/settings", {"permission_errors_as_xml": True})
        with self.assertRaises(HttpResponseError) as caught:
            self.sas_table(self.token("r")).create_entity(self.entity())
        self.assertIn("AuthorizationPermissionMismatch", str(caught.exception))
        self.assertIn("application/xml", caught.exception.response.headers["Content-Type"])
