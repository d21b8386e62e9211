"""Queries by Microsoft's SDK, and the rules of pages."""

import itertools
import unittest
import uuid
from datetime import datetime, timezone

from azure.core.exceptions import HttpResponseError
from azure.data.tables import EdmType, EntityProperty
from emulator import filter as filters
from emulator.edm import Edm, Value
from emulator.entity import Row
from emulator.errors import TableError
from support import EmulatorTest


class QueryTest(EmulatorTest):
    def fill(self, partitions: int = 3, rows: int = 4) -> list[tuple[str, str]]:
        keys = [(f"p{one}", f"r{two}") for one in range(partitions) for two in range(rows)]
        for partition, row in reversed(keys):
            self.table().create_entity(self.entity(row, partition, n=int(row[1:])))
        return keys

    def keys(self, found: object) -> list[tuple[str, str]]:
        return [(one["PartitionKey"], one["RowKey"]) for one in found]

    def test_rows_come_in_the_order_of_their_keys(self) -> None:
        keys = self.fill()
        self.assertEqual(self.keys(self.table().list_entities()), keys)

    def test_order_is_that_of_code_units(self) -> None:
        keys = ["A", "B", "Z", "_", "a", "b", "é", "🔑", "￼"]
        for key in keys:
            self.table().create_entity(self.entity(key))
        found = [row for _, row in self.keys(self.table().list_entities())]
        self.assertEqual(found, keys)

    def test_typed_values_are_compared(self) -> None:
        when = datetime(2026, 1, 2, tzinfo=timezone.utc)
        identifier = uuid.uuid4()
        self.table().create_entity(
            self.entity(
                i=5,
                n=EntityProperty(2**40, EdmType.INT64),
                d=1.5,
                b=True,
                t="o'k",
                w=when,
                g=identifier,
                x=b"\x01\xff",
            )
        )
        self.table().create_entity(self.entity("other", i=6, b=False))
        for text, parameters in (
            ("i eq @v", {"v": 5}),
            ("n eq @v", {"v": 2**40}),
            ("d gt @v", {"v": 1.25}),
            ("b eq @v", {"v": True}),
            ("t eq @v", {"v": "o'k"}),
            ("w le @v", {"v": when}),
            ("g eq @v", {"v": identifier}),
            ("x eq @v", {"v": b"\x01\xff"}),
            ("i lt 6 and not (i lt 5)", {}),
            ("(i eq 1 or i eq 5) and b", {}),
            ("d gt 1 and i ge 4.5", {}),
        ):
            with self.subTest(text):
                found = self.table().query_entities(text, parameters=parameters)
                self.assertEqual(self.keys(found), [("p", "r")])

    def test_a_missing_property_matches_nothing(self) -> None:
        self.table().create_entity(self.entity(a=1))
        for text in ("b eq 1", "b ne 1", "b lt 1", "a eq 'one'", "a ne 'one'"):
            self.assertEqual(self.keys(self.table().query_entities(text)), [], text)

    def test_expressions_that_are_none_are_refused(self) -> None:
        for text in (
            "a eq",
            "eq 1",
            "a eq 1 and",
            "(a eq 1",
            "a eq 1)",
            "a == 1",
            "a eq 'x",
            "a eq 1 b eq 2",
            "not",
            "'a' eq 'b'",
            "a eq datetime'x'",
            "a eq guid'x'",
            "a eq X'0'",
            "a like 'b'",
        ):
            with self.subTest(text), self.assertRaises(HttpResponseError) as caught:
                list(self.table().query_entities(text))
            self.assertEqual(
                (caught.exception.status_code, caught.exception.error_code), (400, "InvalidInput")
            )

    def test_injected_text_stays_text(self) -> None:
        self.fill(1, 2)
        found = self.table().query_entities("RowKey eq @v", parameters={"v": "r0' or RowKey ne 'x"})
        self.assertEqual(self.keys(found), [])

    def test_pages_of_every_size_give_all_rows(self) -> None:
        keys = self.fill()
        for size in (1, 2, 3, 5, 11, 12, 13, 1000):
            # A bound, for a token that leads in circles would never end.
            found_pages = self.table().list_entities(results_per_page=size).by_page()
            pages = list(itertools.islice(found_pages, 100))
            found = [self.keys(page) for page in pages]
            self.assertEqual(sum(found, []), keys)
            self.assertTrue(all(len(page) <= size for page in found))

    def test_the_service_may_make_pages_smaller(self) -> None:
        keys = self.fill()
        self.emulator.control("POST", "/settings", {"page_size": 1})
        pages = list(self.table().list_entities().by_page())
        self.assertEqual([self.keys(page) for page in pages], [[key] for key in keys])

    def test_a_page_looks_at_so_many_rows_at_most(self) -> None:
        keys = self.fill()
        self.emulator.control("POST", "/settings", {"page_rows_read": 5})
        found = self.table().query_entities("RowKey ge 'r0'").by_page()
        pages = [self.keys(page) for page in found]
        self.assertEqual([len(page) for page in pages], [5, 5, 2])
        self.assertEqual(sum(pages, []), keys)

    def test_a_filter_on_keys_does_not_look_at_the_rows_before(self) -> None:
        self.fill()
        self.emulator.control("POST", "/settings", {"page_rows_read": 1})
        for text, found in (
            ("PartitionKey eq 'p1' and RowKey eq 'r2'", ("p1", "r2")),
            ("RowKey ge 'r2' and ('p1' eq PartitionKey) and PartitionKey ge 'p1'", None),
            ("(PartitionKey eq 'p1') and RowKey eq 'r2'", None),
            ("'p1' eq PartitionKey and 'r2' le RowKey", ("p1", "r2")),
            ("PartitionKey gt 'p0' and PartitionKey lt 'p2' or RowKey eq 'none'", None),
        ):
            with self.subTest(text):
                query = text.replace(" ", "%20").replace("'", "%27")
                answer = self.raw("GET", f"/{self.name}()?$filter={query}")
                keys = [(one["PartitionKey"], one["RowKey"]) for one in answer.json["value"]]
                self.assertEqual(keys[:1], [found] if found else [])

    def test_an_empty_page_may_come_before_each(self) -> None:
        keys = self.fill()
        self.emulator.control("POST", "/settings", {"empty_pages": True, "page_size": 5})
        pages = [self.keys(page) for page in self.table().list_entities().by_page()]
        self.assertEqual([len(page) for page in pages], [0, 5, 0, 5, 0, 2])
        self.assertEqual(sum(pages, []), keys)

    def test_a_page_may_end_with_its_partition_and_without_a_row(self) -> None:
        keys = self.fill()
        self.emulator.control("POST", "/settings", {"page_at_partitions": True})
        answer = self.raw("GET", f"/{self.name}()")
        self.assertEqual(len(answer.json["value"]), 4)
        self.assertIn("x-ms-continuation-nextpartitionkey", answer.headers)
        self.assertNotIn("x-ms-continuation-nextrowkey", answer.headers)
        self.assertEqual(self.keys(self.table().list_entities()), keys)

    def test_a_page_token_of_another_query_is_noticed(self) -> None:
        self.fill()
        first = self.raw("GET", f"/{self.name}()?$top=2").headers
        token = first["x-ms-continuation-nextpartitionkey"].replace("!", "%21")
        row = first["x-ms-continuation-nextrowkey"].replace("!", "%21")
        same = f"/{self.name}()?$top=2&NextPartitionKey={token}&NextRowKey={row}"
        self.assertEqual(len(self.raw("GET", same).json["value"]), 2)
        self.assertEqual(self.emulator.violations(), set())
        self.raw("GET", same.replace("$top=2", "$top=3"))
        self.assertEqual(self.emulator.violations(), {"continuation_of_another_query"})

    def test_a_made_up_token_is_refused(self) -> None:
        self.fill()
        for token in ("p1", "1!4!abcd", "1!3!abcd", "2!4!cDE-", "1!8!WyJwMSJd"):
            answer = self.raw("GET", f"/{self.name}()?NextPartitionKey={token.replace('!', '%21')}")
            self.assertEqual((answer.status, answer.code), (400, "InvalidInput"), token)

    def test_top_has_limits(self) -> None:
        for top in ("0", "1001", "-1", "x", "1.5"):
            answer = self.raw("GET", f"/{self.name}()?$top={top}")
            self.assertEqual((answer.status, answer.code), (400, "InvalidInput"), top)

    def test_what_the_service_does_not_have_is_not_implemented(self) -> None:
        for option in ("$orderby=RowKey", "$skip=1", "$expand=a"):
            answer = self.raw("GET", f"/{self.name}()?{option}")
            self.assertEqual((answer.status, answer.code), (501, "NotImplemented"))

    def test_rows_that_vanish_between_pages_do_no_harm(self) -> None:
        keys = self.fill()
        pages = self.table().list_entities(results_per_page=5).by_page()
        found = self.keys(next(pages))
        for partition, row in keys[5:8]:
            self.table().delete_entity(partition, row)
        found += [key for page in pages for key in self.keys(page)]
        self.assertEqual(found, keys[:5] + keys[8:])


class FilterTest(unittest.TestCase):
    row = Row("p", "r", {"a": Value(Edm.INT32, 1), "yes": Value(Edm.BOOLEAN, True)}, 1)

    def test_and_binds_closer_than_or(self) -> None:
        for text, wanted in (
            ("a eq 1 or a eq 2 and a eq 3", True),
            ("(a eq 1 or a eq 2) and a eq 3", False),
            ("not a eq 1 or a eq 1", True),
            ("not (a eq 1 or a eq 1)", False),
            ("not yes", False),
            ("yes and not not yes", True),
        ):
            self.assertEqual(filters.parse(text)(self.row), wanted, text)

    def test_depth_and_number_of_terms_have_limits(self) -> None:
        filters.parse("(" * 50 + "yes" + ")" * 50)
        for text in ("(" * 51 + "yes" + ")" * 51, "not " * 60 + "yes", " and ".join(["yes"] * 16)):
            with self.assertRaises(TableError):
                filters.parse(text)
        filters.parse(" and ".join(["yes"] * 15))
