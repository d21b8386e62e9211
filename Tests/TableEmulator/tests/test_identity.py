"""Tokens: where they come from, and what the tables make of them."""

import http.client
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from support import EmulatorTest

RESOURCE = "resource=https%3A%2F%2Fstorage.azure.com"
IMDS = f"/metadata/identity/oauth2/token?api-version=2018-02-01&{RESOURCE}"
APP = f"/msi/token?api-version=2019-08-01&{RESOURCE}"


class Credential:
    """Gives the token that a test set."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.asked: list[Any] = []

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append((scopes, options.get("tenant_id")))
        return AccessToken(self.token, 2**33)


class IdentityTest(EmulatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.emulator.control("DELETE", "/tokens")
        self.identity = self.emulator.control("GET", "/identity")

    def ask(
        self, path: str, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self.emulator.identity_port, timeout=5)
        try:
            if form is None:
                link.request("GET", path, headers=headers)
            else:
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                link.request("POST", path, urlencode(form), headers | kind)
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            link.close()

    def opens(self, token: str) -> int:
        self.emulator.control("POST", "/settings", {"assume_https": True})
        return self.raw(
            "GET", f"/{self.name}()", headers={"Authorization": f"Bearer {token}"}
        ).status

    def test_a_virtual_machine_gets_a_token(self) -> None:
        status, token = self.ask(IMDS, {"Metadata": "true"})
        self.assertEqual((status, token["token_type"]), (200, "Bearer"))
        self.assertIsInstance(token["expires_in"], str)
        self.assertEqual(self.opens(token["access_token"]), 200)
        client = f"{IMDS}&client_id={self.identity['client_id']}"
        self.assertEqual(self.ask(client, {"Metadata": "true"})[0], 200)
        for path, headers in (
            (IMDS, {}),
            (IMDS, {"Metadata": "true", "X-Forwarded-For": "1.2.3.4"}),
            (IMDS.replace("2018", "2017"), {"Metadata": "true"}),
            (IMDS.replace("storage", "vault"), {"Metadata": "true"}),
            (f"{IMDS}&client_id=another", {"Metadata": "true"}),
        ):
            self.assertEqual(self.ask(path, headers)[0], 400, path)

    def test_an_app_service_gets_a_token(self) -> None:
        secret = self.identity["app_service_secret"]
        status, token = self.ask(APP, {"X-IDENTITY-HEADER": secret})
        self.assertEqual((status, self.opens(token["access_token"])), (200, 200))
        self.assertIn("expires_on", token)
        self.assertEqual(self.ask(APP, {"X-IDENTITY-HEADER": "wrong"})[0], 401)

    def test_a_workload_gets_a_token(self) -> None:
        path = f"/{self.identity['tenant']}/oauth2/v2.0/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self.identity["client_id"],
            "scope": "https://storage.azure.com/.default",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.identity["assertion"],
        }
        status, token = self.ask(path, {}, form)
        self.assertEqual((status, self.opens(token["access_token"])), (200, 200))
        self.assertEqual(self.ask(path, {}, form | {"client_assertion": "old"})[0], 401)
        for name in form:
            if name != "client_assertion":
                self.assertEqual(self.ask(path, {}, form | {name: "wrong"})[0], 400, name)

    def test_an_endpoint_can_fail_first(self) -> None:
        self.emulator.control("POST", "/identity", {"failures": [410, 429, 500]})
        statuses = [self.ask(IMDS, {"Metadata": "true"})[0] for _ in range(4)]
        self.assertEqual(statuses, [410, 429, 500, 200])
        self.emulator.control("POST", "/identity", {"assigned": False})
        self.addCleanup(self.emulator.control, "POST", "/identity", {"assigned": True})
        self.assertEqual(self.ask(IMDS, {"Metadata": "true"})[0], 400)

    def test_tokens_end_and_have_roles(self) -> None:
        for role in ("contributor", "reader", "none"):
            self.emulator.control("POST", "/tokens", {"token": role, "role": role, "seconds": 60})
        self.assertEqual(
            [self.opens(role) for role in ("contributor", "reader", "none", "unknown")],
            [200, 200, 403, 401],
        )
        write = self.raw("POST", f"/{self.name}", self.entity(), {"Authorization": "Bearer reader"})
        self.assertEqual((write.status, write.code), (403, "AuthorizationPermissionMismatch"))
        self.emulator.control("POST", "/clock", {"offset_seconds": 61})
        answer = self.raw("GET", f"/{self.name}()", headers={"Authorization": "Bearer contributor"})
        self.assertEqual((answer.status, answer.code), (401, "InvalidAuthenticationInfo"))
        self.assertIn("resource_id=https://storage.azure.com", answer.headers["www-authenticate"])

    def test_tokens_need_https(self) -> None:
        self.emulator.control("POST", "/tokens", {"token": "t"})
        answer = self.raw("GET", f"/{self.name}()", headers={"Authorization": "Bearer t"})
        self.assertEqual(answer.status, 403)


class BearerTest(EmulatorTest):
    """The SDK gives tokens to HTTPS alone."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.certificate = str(Path(folder.name) / "certificate.pem")
        key = str(Path(folder.name) / "key.pem")
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                key,
                "-out",
                cls.certificate,
                "-subj",
                "/CN=127.0.0.1",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-days",
                "2",
            ],
            check=True,
            capture_output=True,
        )
        cls.arguments = ("--certificate", cls.certificate, "--certificate-key", key)
        super().setUpClass()

    def test_a_token_opens_the_tables(self) -> None:
        self.emulator.control("POST", "/tokens", {"token": "good"})
        credential = Credential("good")
        table = self.table(credential=credential, connection_verify=self.certificate)
        table.create_entity(self.entity(a=1))
        self.assertEqual(table.get_entity("p", "r")["a"], 1)
        table.submit_transaction([("update", self.entity(a=2))])
        self.assertEqual(credential.asked[0][0], ("https://storage.azure.com/.default",))

    def test_a_refused_token_is_challenged(self) -> None:
        credential = Credential("bad")
        table = self.table(credential=credential, connection_verify=self.certificate)
        with self.assertRaises(ClientAuthenticationError) as caught:
            table.get_entity("p", "r")
        self.assertEqual(caught.exception.status_code, 401)
        tenant = self.emulator.control("GET", "/identity")["tenant"]
        self.assertEqual([one[1] for one in credential.asked], [None, tenant])

    def test_a_reader_may_not_write(self) -> None:
        self.emulator.control("POST", "/tokens", {"token": "reader", "role": "reader"})
        table = self.table(credential=Credential("reader"), connection_verify=self.certificate)
        self.assertEqual(list(table.list_entities()), [])
        with self.assertRaises(HttpResponseError) as caught:
            table.upsert_entity(self.entity())
        self.assertEqual(caught.exception.error_code, "AuthorizationPermissionMismatch")
