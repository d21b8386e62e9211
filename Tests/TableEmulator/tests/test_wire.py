"""Answers and refusals letter by letter, by raw requests."""

import re
import socket
import struct

from support import ACCOUNT, Answer, EmulatorTest, clean_headers, shared_key


class WireTest(EmulatorTest):
    def test_every_answer_has_the_headers_of_the_service(self) -> None:
        identifier = "5f0b3e3c-0000-4000-8000-000000000001"
        answer = self.raw(
            "POST", f"/{self.name}", self.entity(a=1), {"x-ms-client-request-id": identifier}
        )
        self.assertEqual((answer.status, answer.reason), (201, "Created"))
        for name, pattern in (
            ("server", r"Windows-Azure-Table/1\.0 Microsoft-HTTPAPI/2\.0"),
            ("x-ms-request-id", r"[0-9a-f-]{36}"),
            ("x-ms-version", r"2019-02-02"),
            ("x-ms-client-request-id", identifier),
            ("date", r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT"),
            ("cache-control", "no-cache"),
            ("x-content-type-options", "nosniff"),
            ("transfer-encoding", "chunked"),
            (
                "content-type",
                r"application/json;odata=minimalmetadata;streaming=true;charset=utf-8",
            ),
            ("location", r"http://.*\(PartitionKey='p',RowKey='r'\)"),
            ("etag", r"W/\"datetime'\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d(\.\d{1,7})?Z'\""),
        ):
            self.assertRegex(answer.headers[name], f"^{pattern}$")
        self.assertEqual(answer.json["odata.etag"], answer.headers["etag"])
        self.assertNotIn("content-length", answer.headers)

    def test_no_content_has_a_length_of_zero(self) -> None:
        for method, body, more in (
            ("PUT", self.entity(), {}),
            ("PATCH", self.entity(), {"If-Match": "*"}),
            ("DELETE", None, {"If-Match": "*"}),
        ):
            answer = self.raw(method, self.path(), body, more)
            self.assertEqual((answer.status, answer.headers["content-length"]), (204, "0"))
            self.assertEqual("etag" in answer.headers, method != "DELETE")
            self.assertNotIn("transfer-encoding", answer.headers)

    def test_an_error_has_the_form_of_the_service(self) -> None:
        answer = self.raw("GET", self.path())
        self.assertEqual((answer.status, answer.reason), (404, "Not Found"))
        error = answer.json["odata.error"]
        self.assertEqual((error["code"], error["message"]["lang"]), ("ResourceNotFound", "en-US"))
        self.assertRegex(
            error["message"]["value"],
            r"^The specified resource does not exist\.\nRequestId:[0-9a-f-]{36}\nTime:[\d:.TZ-]+$",
        )

    def test_the_front_end_answers_in_xml_with_a_sentence(self) -> None:
        answer = self.raw(
            "GET", self.path(), headers={"Authorization": f"SharedKey {ACCOUNT}:AA=="}
        )
        self.assertEqual((answer.status, answer.code), (403, "AuthenticationFailed"))
        self.assertTrue(answer.reason.startswith("Server failed to authenticate the request."))
        self.assertEqual(answer.headers["x-ms-error-code"], "AuthenticationFailed")
        self.assertEqual(answer.headers["content-type"], "application/xml")
        self.assertTrue(answer.body.startswith(b'<?xml version="1.0" encoding="utf-8"?><m:error'))
        self.assertEqual(answer.headers["content-length"], str(len(answer.body)))
        self.assertEqual(answer.headers["server"], "Microsoft-HTTPAPI/2.0")
        self.assertNotIn("x-ms-client-request-id", answer.headers)
        self.emulator.control("POST", "/settings", {"front_end_errors": "accept"})
        wrong = {"Authorization": f"SharedKey {ACCOUNT}:AA=="}
        answer = self.raw("GET", self.path(), headers=wrong)
        self.assertEqual((answer.status, answer.code), (403, "AuthenticationFailed"))
        self.assertEqual(answer.headers["content-type"], "application/json")
        answer = self.raw("GET", self.path(), headers=wrong | {"Accept": "*/*"})
        self.assertEqual(answer.headers["content-type"], "application/xml")

    def test_names_of_headers_can_have_another_case(self) -> None:
        for case, name in (("lower", "x-ms-request-id"), ("upper", "X-MS-REQUEST-ID")):
            self.emulator.control("POST", "/settings", {"header_case": case})
            answer = self.raw("GET", f"/{self.name}()")
            self.assertIn(name, [one for one, _ in answer.raw_headers])

    def test_every_verb_for_a_merge(self) -> None:
        self.table().create_entity(self.entity(a=1))
        for method, more in (
            ("PATCH", {}),
            ("MERGE", {"Content-Type": "application/json"}),
            ("POST", {"X-HTTP-Method": "MERGE"}),
        ):
            answer = self.raw(method, self.path(), self.entity(b=2), {"If-Match": "*"} | more)
            self.assertEqual(answer.status, 204, method)
        wrong = self.raw("POST", self.path(), self.entity(), {"X-HTTP-Method": "FOO"})
        self.assertEqual((wrong.status, wrong.code), (400, "XMethodIncorrectValue"))
        wrong = self.raw("PUT", self.path(), self.entity(), {"X-HTTP-Method": "MERGE"})
        self.assertEqual((wrong.status, wrong.code), (400, "XMethodNotUsingPost"))

    def test_conditions_have_a_form(self) -> None:
        self.table().create_entity(self.entity())
        answer = self.raw("DELETE", self.path())
        self.assertEqual((answer.status, answer.code), (400, "InvalidInput"))
        for condition in ("", "x", '"x"', "W/x"):
            answer = self.raw("PUT", self.path(), self.entity(), {"If-Match": condition})
            self.assertEqual((answer.status, answer.code), (400, "InvalidInput"), condition)
        answer = self.raw("PUT", self.path(), self.entity(), {"If-None-Match": "*"})
        self.assertEqual((answer.status, answer.code), (400, "InvalidInput"))
        answer = self.raw("PUT", self.path(), self.entity(), {"If-Match": 'W/"x"'})
        self.assertEqual((answer.status, answer.code), (412, "UpdateConditionNotSatisfied"))

    def test_bodies_that_are_no_entities_are_refused(self) -> None:
        for body, code in (
            (b"", "InvalidInput"),
            (b"[]", "InvalidInput"),
            (b"{", "InvalidInput"),
            (b"\xff{}", "InvalidInput"),
            (b"[" * 100_000, "InvalidInput"),
            (b'{"PartitionKey":"p"}', "PropertiesNeedValue"),
            (b'{"PartitionKey":"p","RowKey":null}', "PropertiesNeedValue"),
            (b'{"PartitionKey":1,"RowKey":"r"}', "InvalidInput"),
            (b'{"PartitionKey":"p","RowKey":"r","a":1,"a":2}', "DuplicatePropertiesSpecified"),
            (b'{"PartitionKey":"p","RowKey":"r","a":[1]}', "InvalidInput"),
            (b'{"PartitionKey":"p","RowKey":"r","a":2147483648}', "InvalidInput"),
            (b'{"PartitionKey":"p","RowKey":"r","a":NaN}', "InvalidInput"),
        ):
            answer = self.raw("POST", f"/{self.name}", body)
            self.assertEqual((answer.status, answer.code), (400, code), body[:60])
        for value, kind in (
            (1, "Int64"),
            ("x", "Int64"),
            ("9223372036854775808", "Int64"),
            ("x", "DateTime"),
            ("2026-13-01T00:00:00Z", "DateTime"),
            ("x", "Guid"),
            ("*", "Binary"),
            (1, "String"),
            ("true", "Boolean"),
            ("x", "Double"),
            (1.5, "Int32"),
            (1, "Foo"),
            ("1600-12-31T23:59:59Z", "DateTime"),
        ):
            body = self.entity(a=value) | {"a@odata.type": f"Edm.{kind}"}
            answer = self.raw("POST", f"/{self.name}", body)
            self.assertEqual(answer.status, 400, f"{value!r} as {kind}")
        self.assertEqual(self.emulator.commits(), [])

    def test_keys_of_body_and_address_are_the_same(self) -> None:
        answer = self.raw("PUT", self.path("r"), self.entity("s"))
        self.assertEqual((answer.status, answer.code), (400, "InvalidInput"))

    def test_media_types_are_json(self) -> None:
        for kind, status, code in (
            (None, 400, "MissingRequiredHeader"),
            ("text/plain", 415, "MediaTypeNotSupported"),
            ("application/atom+xml", 415, "AtomFormatNotSupported"),
        ):
            answer = self.raw("POST", f"/{self.name}", self.entity(), {"Content-Type": kind})
            self.assertEqual((answer.status, answer.code), (status, code))
        answer = self.raw("GET", f"/{self.name}()", headers={"Accept": "application/atom+xml"})
        self.assertEqual((answer.status, answer.code), (415, "AtomFormatNotSupported"))

    def test_a_body_has_a_length(self) -> None:
        answer = self.raw("POST", f"/{self.name}", None, {"Content-Length": None})
        self.assertEqual((answer.status, answer.code), (411, "MissingContentLengthHeader"))

    def test_versions_and_dates_are_needed_with_a_key(self) -> None:
        for headers, status, code in (
            ({"x-ms-version": None}, 400, "MissingRequiredHeader"),
            ({"x-ms-version": "2019-02-03"}, 400, "InvalidHeaderValue"),
            ({"x-ms-date": "yesterday"}, 403, "AuthenticationFailed"),
        ):
            answer = self.raw("GET", f"/{self.name}()", headers=headers)
            self.assertEqual((answer.status, answer.code), (status, code), headers)
        headers = {"x-ms-date": None, "Authorization": f"SharedKey {ACCOUNT}:AA=="}
        answer = self.raw("GET", f"/{self.name}()", headers=headers)
        self.assertEqual((answer.status, answer.code), (403, "AuthenticationFailed"))

    def test_no_credential_is_answered_with_a_challenge(self) -> None:
        answer = self.raw("GET", f"/{self.name}()", sign=False)
        self.assertEqual((answer.status, answer.code), (403, "AuthenticationFailed"))
        newer = {"x-ms-version": "2020-12-06"}
        answer = self.raw("GET", f"/{self.name}()", headers=newer, sign=False)
        self.assertEqual((answer.status, answer.code), (401, "InvalidAuthenticationInfo"))
        self.assertRegex(answer.headers["www-authenticate"], r"^Bearer authorization_uri=\S+ ")

    def test_the_account_may_stand_in_the_host(self) -> None:
        host = f"{ACCOUNT}.table.localhost:{self.emulator.port}"
        headers = clean_headers("GET", None) | {"Host": host}
        path = f"/{self.name}()"
        headers["Authorization"] = shared_key("GET", path, headers)
        link = self.keep_alive()
        link.request("GET", path, headers=headers)
        answer = Answer(link.getresponse())
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.json["odata.metadata"].startswith(f"http://{host}/$metadata"))

    def test_addresses_that_name_nothing_are_refused(self) -> None:
        for path in (
            f"/{self.name}(PartitionKey='p')",
            f"/{self.name}(PartitionKey='p',RowKey='r'r')",
            f"/{self.name}('p')",
            f"/{self.name}(PartitionKey='p',PartitionKey='p')",
            f"/{self.name}(PartitionKey='p',RowKey='%FF')",
            f"/{self.name}(",
        ):
            self.assertEqual(self.raw("GET", path).status, 400, path)
        self.assertEqual(self.raw("DELETE", f"/{self.name}()").status, 405)

    def test_timeouts_are_numbers(self) -> None:
        for text in ("0", "-1", "x"):
            answer = self.raw("GET", f"/{self.name}()?timeout={text}")
            self.assertEqual((answer.status, answer.code), (400, "InvalidQueryParameterValue"))
        self.assertEqual(self.raw("GET", f"/{self.name}()?timeout=8").status, 200)

    def test_connections_stay_open_and_end_when_idle(self) -> None:
        link = self.keep_alive()
        for _ in range(3):
            self.raw("GET", f"/{self.name}()", connection=link)
        last = self.emulator.log()[-3:]
        self.assertEqual(len({one["connection"] for one in last}), 1)
        self.assertEqual([one["reused"] for one in last], [False, True, True])
        self.emulator.control("POST", "/settings", {"idle_close_seconds": 0.05})
        self.raw("GET", f"/{self.name}()", connection=link)
        link.sock.settimeout(5)
        self.assertEqual(link.sock.recv(1), b"")

    def test_what_is_no_http_ends_its_connection_alone(self) -> None:
        with socket.create_connection(("127.0.0.1", self.emulator.port), timeout=5) as link:
            link.sendall(b"NONSENSE\r\n\r\n")
            self.assertTrue(link.recv(1000).startswith(b"HTTP/1.1 400 "))
        with socket.create_connection(("127.0.0.1", self.emulator.port), timeout=5) as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.sendall(b"GET / HTTP/1.1\r\n")
        for target in ("*", "http://127.0.0.1/x", "//", "/", "/x/%FF?%FF=%FF"):
            with socket.create_connection(("127.0.0.1", self.emulator.port), timeout=5) as link:
                link.sendall(f"OPTIONS {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertRegex(link.recv(1000), rb"^HTTP/1\.1 4", target)
        self.assertEqual(self.raw("GET", f"/{self.name}()").status, 200)

    def test_signatures_do_not_stand_in_the_log(self) -> None:
        token = self.emulator.control("POST", "/sas", {})["token"]
        self.raw("GET", f"/{self.name}()?{token}", sign=False)
        target = self.emulator.log()[-1]["target"]
        self.assertIsNone(re.search(r"sig=[A-Za-z0-9%]", target), target)
