"""Entities by Microsoft's SDK: scenarios of its test_table_entity.py and test_table.py."""

import base64
import hashlib
import hmac
import math
import uuid
from datetime import datetime, timezone
from enum import Enum

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import EdmType, EntityProperty, UpdateMode
from support import ACCOUNT, KEY, Answer, EmulatorTest, clean_headers


class Color(Enum):
    RED = "red"


class TableTest(EmulatorTest):
    def test_tables_are_made_listed_and_deleted(self) -> None:
        service = self.service()
        service.create_table("Second")
        with self.assertRaises(ResourceExistsError):
            service.create_table("sECOND")
        service.create_table_if_not_exists("Second")
        self.assertEqual({one.name for one in service.list_tables()}, {self.name, "Second"})
        found = service.query_tables("TableName eq 'Second'")
        self.assertEqual([one.name for one in found], ["Second"])
        service.delete_table("second")
        self.assertEqual([one.name for one in service.list_tables()], [self.name])
        service.delete_table("second")  # the SDK hides the 404

    def test_tables_come_page_by_page(self) -> None:
        service = self.service()
        for index in range(5):
            service.create_table(f"page{index}")
        pages = service.list_tables(results_per_page=2).by_page()
        self.assertEqual([len(list(page)) for page in pages], [2, 2, 2])

    def test_names_of_tables_have_limits(self) -> None:
        service = self.service()
        for name in ("ab", "a" * 64, "1abc", "my_table", "my-table", "täble"):
            with self.subTest(name), self.assertRaisesRegex(ValueError, "alphanumeric"):
                service.create_table(name)
        service.create_table("a" * 63)
        with self.assertRaises(HttpResponseError) as caught:
            service.create_table("Tables")
        self.assertEqual(caught.exception.status_code, 400)

    def test_a_deleted_table_may_be_being_deleted(self) -> None:
        self.emulator.control("POST", "/settings", {"table_deleting_seconds": 30.0})
        self.table().delete_table()
        with self.assertRaises(HttpResponseError) as caught:
            self.table().create_table()
        self.assertEqual(caught.exception.error_code, "TableBeingDeleted")
        self.emulator.control("POST", "/clock", {"offset_seconds": 31})
        self.emulator.control("GET", "/clock")
        self.table().create_table()

    def test_an_endpoint_with_a_table_in_it_is_refused_like_by_the_service(self) -> None:
        wrong = self.emulator.url + "/missing"
        with self.assertRaisesRegex(ResourceNotFoundError, "table specified does not exist"):
            self.table("missing", endpoint=wrong).create_table()
        wrong = f"{self.emulator.url}/{self.name}"
        with self.assertRaisesRegex(HttpResponseError, "values are not specified"):
            self.table(endpoint=wrong).create_table()
        with self.assertRaisesRegex(HttpResponseError, "does not match number of key properties"):
            self.table(endpoint=wrong).delete_table()
        with self.assertRaises(HttpResponseError) as caught:
            self.table(endpoint=wrong).submit_transaction([("upsert", self.entity())])
        self.assertEqual(
            (caught.exception.status_code, caught.exception.error_code),
            (415, "MediaTypeNotSupported"),
        )

    def test_service_properties_and_statistics_are_there(self) -> None:
        service = self.service()
        self.assertFalse(service.get_service_properties()["analytics_logging"].read)
        # By hand: on a path-style endpoint the SDK signs another path than it sends here.
        path = f"/{ACCOUNT}-secondary/?restype=service&comp=stats"
        headers = clean_headers("GET", None)
        text = f"GET\n\n\n{headers['x-ms-date']}\n/{ACCOUNT}/{ACCOUNT}-secondary/?comp=stats"
        digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
        headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
        connection = self.keep_alive()
        connection.request("GET", path, headers=headers)
        answer = Answer(connection.getresponse())
        self.assertIn(b"<Status>live</Status>", answer.body)
        self.assertEqual(answer.status, 200)


class EntityTest(EmulatorTest):
    def test_every_type_comes_back_as_it_went(self) -> None:
        entity = self.entity(
            text="Grüße, 世界 🔑",
            empty="",
            spaces="  a  ",
            yes=True,
            small=-(2**31),
            big=EntityProperty(2**63 - 1, EdmType.INT64),
            whole=3.0,
            fraction=0.1,
            blob=bytes(range(256)),
            when=datetime(2026, 11, 23, 21, 6, 3, 123456, tzinfo=timezone.utc),
            id=uuid.UUID("c9da6455-213d-42c9-9a79-3e9149a57833"),
            color=Color.RED,
        )
        self.table().create_entity(entity)
        got = self.table().get_entity("p", "r")
        self.assertEqual(set(got), set(entity))
        self.assertEqual(got["big"].value, 2**63 - 1)
        self.assertIn(got["color"], ("Color.RED", "red"))  # by the version of Python
        for name in set(entity) - {"big", "color"}:
            self.assertEqual(got[name], entity[name], name)
            self.assertEqual(type(got[name]) is bool, type(entity[name]) is bool, name)

    def test_special_doubles_come_back(self) -> None:
        self.table().create_entity(self.entity(a=math.inf, b=-math.inf, c=math.nan))
        got = self.table().get_entity("p", "r")
        self.assertEqual((got["a"], got["b"]), (math.inf, -math.inf))
        self.assertTrue(math.isnan(got["c"]))

    def test_dates_keep_seven_digits(self) -> None:
        for sent, kept in (
            ("2026-11-23T21:06:03.1234567Z", "2026-11-23T21:06:03.1234567Z"),
            ("2026-11-23T21:06:03.1200000Z", "2026-11-23T21:06:03.12Z"),
            ("2026-11-23T23:06:03+02:00", "2026-11-23T21:06:03Z"),
            ("1601-01-01T00:00:00Z", "1601-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"),
        ):
            with self.subTest(sent):
                value = EntityProperty(sent, EdmType.DATETIME)
                self.table().upsert_entity(self.entity(when=value), UpdateMode.REPLACE)
                got = self.table().get_entity("p", "r")
                self.assertEqual(got["when"].tables_service_value, kept)

    def test_an_insert_conflicts_with_a_row_that_is_there(self) -> None:
        self.table().create_entity(self.entity(a=1))
        with self.assertRaisesRegex(ResourceExistsError, "EntityAlreadyExists"):
            self.table().create_entity(self.entity(a=2))
        self.assertEqual(self.table().get_entity("p", "r")["a"], 1)

    def test_keys_differ_by_case_and_may_be_empty(self) -> None:
        table = self.table()
        for partition, row in (("p", "r"), ("P", "r"), ("p", "R"), ("", ""), ("", "r")):
            table.create_entity(self.entity(row, partition))
        self.assertEqual(len(list(table.list_entities())), 5)
        table.delete_entity("", "")
        with self.assertRaises(ResourceNotFoundError):
            table.get_entity("", "")

    def test_keys_with_special_characters_work_everywhere(self) -> None:
        table = self.table()
        keys = [
            "o'brien+x@y.z",
            "a b%20c",
            "'",
            "''",
            "a&b=c;d,e",
            "(x)",
            "ü🔑",
            "%",
            ':$!*~|"<>',
        ]
        for key in keys:
            with self.subTest(key):
                table.create_entity(self.entity(key, key, a=1))
                table.update_entity(self.entity(key, key, b=2), UpdateMode.MERGE)
                table.submit_transaction([("upsert", self.entity(key, key, c=3))])
                got = table.get_entity(key, key)
                self.assertEqual((got["a"], got["b"], got["c"]), (1, 2, 3))
                found = table.query_entities(
                    "PartitionKey eq @k and RowKey eq @k", parameters={"k": key}
                )
                self.assertEqual([one["RowKey"] for one in found], [key])
                table.delete_entity(key, key)

    def test_keys_that_are_not_allowed_are_refused(self) -> None:
        for key in ("a/b", "a\\b", "a#b", "a?b", "a\tb", "a\x7fb", "a\x9fb"):
            with self.subTest(key), self.assertRaisesRegex(HttpResponseError, "OutOfRangeInput"):
                self.table().create_entity(self.entity(key))
        self.table().create_entity(self.entity("k" * 512))
        with self.assertRaisesRegex(HttpResponseError, "PropertyValueTooLarge"):
            self.table().create_entity(self.entity("k" * 513))

    def test_missing_keys_are_named(self) -> None:
        for entity in ({"PartitionKey": "p"}, {"RowKey": "r"}):
            with self.assertRaises(ValueError):
                self.table().create_entity(entity)

    def test_limits_of_properties_hold_at_their_edge(self) -> None:
        def refused(code: str, **properties: object) -> None:
            with self.assertRaises(HttpResponseError) as caught:
                self.table().upsert_entity(self.entity(**properties), UpdateMode.REPLACE)
            self.assertEqual(
                (caught.exception.status_code, caught.exception.error_code), (400, code)
            )

        def accepted(**properties: object) -> None:
            self.table().upsert_entity(self.entity(**properties), UpdateMode.REPLACE)

        accepted(**{f"p{index}": index for index in range(252)})
        refused("TooManyProperties", **{f"p{index}": index for index in range(253)})
        accepted(**{"n" * 255: 1})
        refused("PropertyNameTooLong", **{"n" * 256: 1})
        refused("PropertyNameInvalid", **{"a-b": 1})
        accepted(text="x" * 32768)
        refused("PropertyValueTooLarge", text="x" * 32769)
        accepted(text="🔑" * 16384)
        refused("PropertyValueTooLarge", text="🔑" * 16384 + "x")
        accepted(blob=bytes(65536))
        refused("PropertyValueTooLarge", blob=bytes(65537))
        accepted(**{f"b{index}": bytes(65536) for index in range(15)})
        refused("EntityTooLarge", **{f"b{index}": bytes(65536) for index in range(16)})

    def test_nothing_is_removed_by_null_in_a_merge(self) -> None:
        table = self.table()
        table.create_entity(self.entity(a=1, b=2))
        answer = self.raw("PATCH", self.path(), self.entity(a=None, c=3), {"If-Match": "*"})
        self.assertEqual(answer.status, 204)
        self.assertEqual(dict(table.get_entity("p", "r")), self.entity(a=1, b=2, c=3))
        answer = self.raw("PUT", self.path(), self.entity(a=None, c=3), {"If-Match": "*"})
        self.assertEqual(dict(table.get_entity("p", "r")), self.entity(c=3))

    def test_updates_need_the_etag_that_they_name(self) -> None:
        table = self.table()
        first = table.create_entity(self.entity(a=1))["etag"]
        condition = {"etag": first, "match_condition": MatchConditions.IfNotModified}
        second = table.update_entity(self.entity(a=2), UpdateMode.REPLACE, **condition)["etag"]
        self.assertNotEqual(first, second)
        for mode in (UpdateMode.REPLACE, UpdateMode.MERGE):
            with self.assertRaises(ResourceModifiedError) as caught:
                table.update_entity(self.entity(a=3), mode, **condition)
            self.assertEqual(caught.exception.error_code, "UpdateConditionNotSatisfied")
        with self.assertRaises(ResourceModifiedError):
            table.delete_entity(self.entity(), **condition)
        self.assertEqual(table.get_entity("p", "r")["a"], 2)
        table.delete_entity(
            self.entity(), etag=second, match_condition=MatchConditions.IfNotModified
        )
        with self.assertRaises(ResourceNotFoundError):
            table.update_entity(self.entity())
        table.delete_entity("p", "r")  # the SDK hides the 404

    def test_upserts_replace_or_merge(self) -> None:
        table = self.table()
        table.upsert_entity(self.entity(a=1), UpdateMode.MERGE)
        table.upsert_entity(self.entity(b=2), UpdateMode.MERGE)
        self.assertEqual(dict(table.get_entity("p", "r")), self.entity(a=1, b=2))
        table.upsert_entity(self.entity(c=3), UpdateMode.REPLACE)
        self.assertEqual(dict(table.get_entity("p", "r")), self.entity(c=3))

    def test_etags_only_grow(self) -> None:
        table = self.table()
        etags = [table.upsert_entity(self.entity(a=index))["etag"] for index in range(20)]
        self.assertEqual(len(set(etags)), 20)
        commits = self.emulator.commits()
        self.assertEqual([one["writes"][0]["etag_after"] for one in commits], etags)
        got = table.get_entity("p", "r").metadata
        self.assertEqual(got["etag"], etags[-1])

    def test_an_insert_echoes_unless_it_is_told_not_to(self) -> None:
        got = self.table().create_entity(self.entity(a=1))
        self.assertIsNone(got.get("preference_applied"))
        quiet = self.table().create_entity(
            self.entity("q"), headers={"Prefer": "return-no-content"}
        )
        self.assertEqual(quiet["preference_applied"], "return-no-content")

    def test_selected_properties_alone_come_back(self) -> None:
        self.table().create_entity(self.entity(a=1, b=2))
        got = self.table().get_entity("p", "r", select=["a", "none"])
        self.assertEqual(dict(got), {"a": 1})
        self.emulator.control("POST", "/settings", {"select_missing_as_null": True})
        got = self.table().get_entity("p", "r", select=["a", "none"])
        self.assertEqual(dict(got), {"a": 1, "none": None})

    def test_three_levels_of_metadata(self) -> None:
        blob = base64.b64encode(b"x").decode()
        self.table().create_entity(self.entity(a=b"x", n=EntityProperty(5, EdmType.INT64)))

        def got(level: str, path: str) -> dict:
            return self.raw("GET", path, None, {"Accept": f"application/json;odata={level}"}).json

        none, minimal = got("nometadata", self.path()), got("minimalmetadata", self.path())
        full = got("fullmetadata", self.path())
        self.assertEqual(set(none), {"PartitionKey", "RowKey", "Timestamp", "a", "n"})
        self.assertEqual((none["a"], none["n"]), (blob, "5"))
        added = {"odata.metadata", "odata.etag", "a@odata.type", "n@odata.type"}
        self.assertEqual(set(minimal), set(none) | added)
        self.assertTrue(minimal["odata.metadata"].endswith(f"$metadata#{self.name}/@Element"))
        more = {"odata.type", "odata.id", "odata.editLink", "Timestamp@odata.type"}
        self.assertEqual(set(full), set(minimal) | more)
        rows = got("nometadata", f"/{self.name}()")
        self.assertEqual(list(rows), ["value"])
        self.assertNotIn("odata.etag", rows["value"][0])
