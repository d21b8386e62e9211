"""Signature vectors, and the SDK's own signatures next to the emulator's."""

import base64
import json
import unittest
from pathlib import Path
from urllib.parse import parse_qs

from azure.data.tables import (
    AccountSasPermissions,
    ResourceTypes,
    TableSasPermissions,
    generate_account_sas,
    generate_table_sas,
)
from emulator import signatures
from emulator.messages import Request
from support import ACCOUNT, CREDENTIAL, KEY

VECTORS = json.loads((Path(__file__).parents[2] / "Vectors" / "azure_signatures.json").read_text())
KEY_BYTES = base64.b64decode(KEY)


def decoded(token: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(token, strict_parsing=True).items()}


class SignatureTest(unittest.TestCase):
    def test_every_vector_is_met(self) -> None:
        self.assertEqual(VECTORS["account"], ACCOUNT)
        self.assertEqual(VECTORS["key"], KEY)
        self.assertGreaterEqual(len(VECTORS["vectors"]), 6)
        for vector in VECTORS["vectors"]:
            with self.subTest(vector["name"]):
                self.assertEqual(signatures.sign(KEY_BYTES, self.text(vector)), vector["signature"])

    def test_no_vector_is_met_by_a_text_with_one_changed_character(self) -> None:
        for vector in VECTORS["vectors"]:
            text = self.text(vector)
            for index in range(len(text)):
                changed = text[:index] + ("x" if text[index] != "x" else "y") + text[index + 1 :]
                self.assertFalse(
                    signatures.is_signed([KEY_BYTES], changed, vector["signature"]), changed
                )

    def test_another_spelling_of_the_same_signature_is_refused(self) -> None:
        vector = VECTORS["vectors"][0]
        text, good = self.text(vector), vector["signature"]
        self.assertTrue(signatures.is_signed([KEY_BYTES], text, good))
        # The last letter before the padding has unused bits; other letters decode to the same.
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        twin = good[:-2] + letters[letters.index(good[-2]) ^ 1] + "="
        self.assertEqual(base64.b64decode(twin), base64.b64decode(good))
        for other in (twin, good + "\n", " " + good, good.rstrip("=")):
            self.assertFalse(signatures.is_signed([KEY_BYTES], text, other), other)

    def test_the_sdk_signs_an_account_sas_like_the_emulator(self) -> None:
        token = generate_account_sas(
            CREDENTIAL,
            resource_types=ResourceTypes(service=True, object=True),
            permission=AccountSasPermissions(read=True, add=True),
            start="2026-01-01T00:00:00Z",
            expiry="2030-01-01T00:00:00Z",
            ip_address_or_range="127.0.0.1-127.0.0.9",
            protocol="https,http",
        )
        values = decoded(token)
        text = signatures.account_sas_text(ACCOUNT, values)
        self.assertEqual(signatures.sign(KEY_BYTES, text), values["sig"])

    def test_the_sdk_signs_a_table_sas_like_the_emulator(self) -> None:
        ranges = {"start_pk": "a", "start_rk": "é'/", "end_pk": "c", "end_rk": "d+ e"}
        for more in ({}, ranges, {"policy_id": "policy"}, {"ip_address_or_range": "10.0.0.1"}):
            with self.subTest(more):
                token = generate_table_sas(
                    CREDENTIAL,
                    "Users",
                    permission=TableSasPermissions(read=True, delete=True),
                    expiry="2030-01-01T00:00:00Z",
                    **more,
                )
                values = decoded(token)
                text = signatures.table_sas_text(ACCOUNT, "Users", values)
                self.assertEqual(signatures.sign(KEY_BYTES, text), values["sig"])

    def test_old_versions_sign_fewer_lines(self) -> None:
        values = {"sp": "r", "se": "e", "sip": "i", "spr": "p", "sv": "2014-02-14"}
        text = signatures.table_sas_text(ACCOUNT, "Users", values)
        self.assertEqual(text, f"r\n\ne\n/{ACCOUNT}/users\n\n2014-02-14\n\n\n\n")

    @staticmethod
    def text(vector: dict) -> str:
        match vector["kind"]:
            case "account-sas":
                return signatures.account_sas_text(ACCOUNT, vector["parameters"])
            case "table-sas":
                return signatures.table_sas_text(ACCOUNT, vector["table"], vector["parameters"])
            case kind:
                request = Request(vector["method"], vector["path"], [("x-ms-date", vector["date"])])
                return signatures.shared_key_text(ACCOUNT, request, kind == "shared-key-lite")


if __name__ == "__main__":
    unittest.main()
