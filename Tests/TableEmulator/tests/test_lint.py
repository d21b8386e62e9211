"""Each rule of the lint: broken once and found, kept and silent."""

import json

from support import ACCOUNT, KEY, EmulatorTest, changeset, clean_headers, shared_key


class LintTest(EmulatorTest):
    def found(self) -> set[str]:
        rules = self.emulator.violations()
        self.emulator.control("DELETE", "/lint")
        return rules

    def test_a_careful_client_is_not_blamed(self) -> None:
        self.raw("POST", f"/{self.name}", self.entity("o'b+c"), {"Prefer": "return-no-content"})
        self.raw("GET", self.path("o%27%27b%2Bc"))
        self.raw("PUT", self.path("a"), self.entity("a", opId="1"))
        self.raw("PATCH", self.path("a"), self.entity("a", opId="2"), {"If-Match": "*"})
        self.raw("GET", f"/{self.name}()?$filter=RowKey%20eq%20%27a%27&$select=a%2Cb&timeout=8")
        self.raw("DELETE", self.path("a"), None, {"If-Match": "*"})
        operation = (
            f"DELETE {self.emulator.url}{self.path('o%27%27b%2Bc')} HTTP/1.1\r\nIf-Match: *\r\n"
            "Accept: application/json\r\nDataServiceVersion: 3.0\r\n\r\n"
        ).encode()
        answer = self.raw(
            "POST",
            "/$batch",
            changeset([operation]),
            {"Content-Type": "multipart/mixed; boundary=b1"},
        )
        self.assertEqual(answer.status, 202)
        self.assertEqual(self.found(), set())

    def test_headers_that_are_missing(self) -> None:
        for name in ("Accept", "DataServiceVersion", "x-ms-client-request-id", "x-ms-version"):
            self.raw("GET", self.path(), headers={name: None})
            self.assertEqual(self.found(), {f"missing_{name.lower().replace('-', '_')}"})
        self.raw("POST", f"/{self.name}", self.entity(), {"Content-Type": None})
        self.assertEqual(self.found(), {"missing_content_type"})
        self.raw("DELETE", self.path(), None, {"Content-Length": None, "If-Match": "*"})
        self.assertEqual(self.found(), {"missing_content_length"})

    def test_atom_and_expect(self) -> None:
        self.raw("GET", self.path(), headers={"Accept": "application/atom+xml"})
        self.assertEqual(self.found(), {"atom_accept"})
        self.raw("POST", f"/{self.name}", self.entity(), {"Expect": "100-continue"})
        self.assertEqual(self.found(), {"expect"})

    def test_characters_that_are_not_encoded(self) -> None:
        self.raw("GET", self.path("a+b"))
        self.assertEqual(self.found(), {"raw_character_in_key"})
        self.raw("GET", self.path("a%2bb"))
        self.assertEqual(self.found(), {"raw_character_in_key"})
        self.raw("GET", self.path("o%27b"))
        self.assertEqual(self.found(), {"quote_not_doubled"})
        self.raw("GET", f"/{self.name}()?$filter=RowKey%20eq%20'a'")
        self.assertEqual(self.found(), {"raw_character_in_query"})

    def test_a_sas_that_was_changed_on_its_way(self) -> None:
        token = self.emulator.control("POST", "/sas", {})["token"]
        self.emulator.control("POST", "/lint/tokens", {"token": f"?{token}"})

        def get(text: str) -> int:
            return self.raw("GET", f"/{self.name}()?$top=1&{text}", sign=False).status

        self.assertEqual((get(token), self.found()), (200, set()))
        self.assertEqual((get(token.replace("%3A", ":")), self.found()), (200, {"sas_changed"}))
        turned = "&".join(reversed(token.split("&")))
        self.assertEqual((get(turned), self.found()), (200, {"sas_changed"}))
        get(token.replace("%3A", "%253A"))
        self.assertIn("sas_encoded_twice", self.found())
        self.raw("GET", f"/{self.name}()", headers={"Referer": f"http://x/?{token}"})
        self.assertEqual(self.found(), {"signature_in_header"})

    def test_a_sas_inside_a_batch(self) -> None:
        token = self.emulator.control("POST", "/sas", {})["token"]
        operation = (
            f"DELETE {self.emulator.url}{self.path()}?{token} HTTP/1.1\r\nIf-Match: *\r\n"
            "Authorization: SharedKey a:b\r\n\r\n"
        ).encode()
        self.raw(
            "POST",
            "/$batch",
            changeset([operation]),
            {"Content-Type": "multipart/mixed; boundary=b1"},
        )
        self.assertEqual(
            self.found(),
            {
                "sas_in_part",
                "authorization_in_part",
                "part_missing_accept",
                "part_missing_dataserviceversion",
            },
        )

    def test_too_many_connections(self) -> None:
        self.emulator.control("POST", "/settings", {"connections_max": 2})
        links = [self.keep_alive() for _ in range(3)]
        for link in links[:2]:
            self.raw("GET", self.path(), connection=link)
        self.assertEqual(self.found(), set())
        self.raw("GET", self.path(), connection=links[2])
        self.assertEqual(self.found(), {"too_many_connections"})

    def test_writes_to_the_secondary(self) -> None:
        link = self.keep_alive()
        body = json.dumps(self.entity()).encode()
        headers = clean_headers("POST", body)
        path = f"/{ACCOUNT}-secondary/{self.name}"
        headers["Authorization"] = shared_key("POST", path, headers, KEY)
        link.request("POST", path, body, headers)
        self.assertEqual(link.getresponse().status, 403)
        self.assertEqual(self.found(), {"write_to_secondary"})

    def test_retries_are_the_same_and_wait(self) -> None:
        identifier = {"x-ms-client-request-id": "5f0b3e3c-0000-4000-8000-000000000002"}
        first = self.entity(opId="one")

        def send(body: dict) -> None:
            self.raw("POST", f"/{self.name}", body, identifier)

        self.emulator.fault("server_busy", retry_after=30)
        send(first)
        send(first)
        self.assertEqual(self.found(), {"retry_too_soon"})
        send(self.entity(opId="two"))
        self.assertEqual(self.found(), {"retry_with_another_body"})
        self.emulator.control("POST", "/reset", {"what": ["lint"]})
        send(self.entity())
        send(self.entity())
        self.assertEqual(self.found(), {"retry_without_op_id"})

    def test_a_retry_after_the_wait_is_right(self) -> None:
        self.emulator.control("POST", "/settings", {"backoff_seconds_min": 2.0})
        identifier = {"x-ms-client-request-id": "5f0b3e3c-0000-4000-8000-000000000003"}
        body = self.entity(opId="one")
        self.emulator.fault("internal_error")
        self.raw("POST", f"/{self.name}", body, identifier)
        self.emulator.control("POST", "/clock", {"offset_seconds": 3})
        self.raw("POST", f"/{self.name}", body, identifier)
        self.assertEqual(self.found(), set())

    def test_what_comes_after_its_deadline(self) -> None:
        self.emulator.control("POST", "/clock", {"offset_seconds": 60})
        self.raw("GET", f"/{self.name}()?timeout=8")
        self.assertEqual(self.found(), {"past_deadline"})
        self.raw("GET", f"/{self.name}()?timeout=30")
        self.assertEqual(self.found(), {"past_deadline"})
        self.emulator.control("POST", "/clock", {"offset_seconds": 0})
        self.emulator.control("POST", "/settings", {"deadline_seconds": 5.0})
        identifier = {"x-ms-client-request-id": "5f0b3e3c-0000-4000-8000-000000000004"}
        self.raw("GET", self.path(), headers=identifier)
        self.emulator.control("POST", "/clock", {"offset_seconds": 6})
        self.raw("GET", self.path(), headers=identifier)
        self.assertEqual(self.found(), {"past_deadline"})
