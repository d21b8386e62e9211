"""The shapes of answers that the real service gave, as recorded in the tests of Microsoft's SDK.

Each test names the recording (azure-sdk-for-python, `azure-data-tables/tests/recordings`, 2020 to
2022) whose status, headers, keys and texts it compares; the recordings themselves are not copied.
"""

import base64
import json
import re

from support import ACCOUNT, Answer, EmulatorTest, changeset

ALWAYS = {
    "cache-control",
    "date",
    "server",
    "x-content-type-options",
    "x-ms-client-request-id",
    "x-ms-request-id",
    "x-ms-version",
}
BODY = ALWAYS | {"content-type", "transfer-encoding"}
KIND = "application/json;odata={};streaming=true;charset=utf-8"
# The entity of most recordings, and how it came back.
SENT = {
    "PartitionKey": "pk",
    "PartitionKey@odata.type": "Edm.String",
    "RowKey": "rk",
    "RowKey@odata.type": "Edm.String",
    "age": 39,
    "married": True,
    "ratio": 3.1,
    "ratio@odata.type": "Edm.Double",
    "evenratio": 3.0,
    "evenratio@odata.type": "Edm.Double",
    "double": 5,
    "double@odata.type": "Edm.Double",
    "Birthday": "1973-10-04T00:00:00.000000Z",
    "Birthday@odata.type": "Edm.DateTime",
    "birthday": "1970-10-04T00:00:00.000000Z",
    "birthday@odata.type": "Edm.DateTime",
    "binary": base64.b64encode(b"binary").decode(),
    "binary@odata.type": "Edm.Binary",
    "clsid": "c9da6455-213d-42c9-9a79-3e9149a57833",
    "clsid@odata.type": "Edm.Guid",
}
OWN = (
    '"age":39,"married":true,"ratio":3.1,"evenratio":3.0,"double":5.0,'
    '"Birthday@odata.type":"Edm.DateTime","Birthday":"1973-10-04T00:00:00Z",'
    '"birthday@odata.type":"Edm.DateTime","birthday":"1970-10-04T00:00:00Z",'
    '"binary@odata.type":"Edm.Binary","binary":"YmluYXJ5",'
    '"clsid@odata.type":"Edm.Guid","clsid":"c9da6455-213d-42c9-9a79-3e9149a57833"}'
)


class RecordingTest(EmulatorTest):
    def shape(self, answer: Answer, status: int, names: set[str]) -> None:
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(set(answer.headers), names)

    def test_create_table(self) -> None:
        answer = self.raw("POST", "/Tables", {"TableName": "created"})
        self.shape(answer, 201, BODY | {"location"})
        self.assertEqual(list(answer.json), ["odata.metadata", "TableName"])
        self.assertTrue(answer.json["odata.metadata"].endswith("/$metadata#Tables/@Element"))
        self.assertTrue(answer.headers["location"].endswith("/Tables('created')"))
        answer = self.raw("GET", "/Tables")
        self.shape(answer, 200, BODY | {"vary"})
        self.assertTrue(answer.json["odata.metadata"].endswith("/$metadata#Tables"))
        answer = self.raw("DELETE", "/Tables('created')")
        self.shape(answer, 204, ALWAYS | {"content-length"})

    def test_insert_entity_conflict(self) -> None:
        answer = self.raw("POST", f"/{self.name}", SENT)
        self.shape(answer, 201, BODY | {"etag", "location"})
        self.assertEqual(answer.headers["content-type"], KIND.format("minimalmetadata"))
        text = answer.body.decode()
        self.assertEqual(text[text.index('"age"') :], OWN)
        self.assertRegex(
            text[: text.index('"age"')],
            r'^\{"odata.metadata":"[^"]+/@Element","odata.etag":"W/\\"[^"]+\\"",'
            r'"PartitionKey":"pk","RowKey":"rk","Timestamp":"[^"]+Z",$',
        )
        answer = self.raw("POST", f"/{self.name}", SENT)
        self.shape(answer, 409, BODY)
        self.assertEqual(answer.code, "EntityAlreadyExists")

    def test_get_entity_with_select(self) -> None:
        self.raw("POST", f"/{self.name}", SENT)
        path = f"/{self.name}(PartitionKey='pk',RowKey='rk')?$select=age%2Cratio"
        answer = self.raw("GET", path)
        self.shape(answer, 200, BODY | {"etag", "vary"})
        self.assertEqual(list(answer.json), ["odata.metadata", "odata.etag", "age", "ratio"])
        self.assertTrue(answer.json["odata.metadata"].endswith("/@Element&$select=age,ratio"))

    def test_get_entity_full_metadata(self) -> None:
        self.raw("POST", f"/{self.name}", SENT)
        key = "(PartitionKey='pk',RowKey='rk')"
        level = {"Accept": "application/json;odata=fullmetadata"}
        answer = self.raw("GET", f"/{self.name}{key}", headers=level)
        self.assertEqual(answer.headers["content-type"], KIND.format("fullmetadata"))
        names = ["metadata", "type", "id", "etag", "editLink"]
        self.assertEqual(list(answer.json)[:5], [f"odata.{name}" for name in names])
        self.assertEqual(answer.json["odata.type"], f"{ACCOUNT}.{self.name}")
        self.assertEqual(answer.json["odata.editLink"], f"{self.name}{key}")
        self.assertEqual(answer.json["odata.id"], f"{self.emulator.url}/{self.name}{key}")
        self.assertEqual(answer.json["Timestamp@odata.type"], "Edm.DateTime")
        self.assertEqual(answer.body.decode()[answer.body.decode().index('"age"') :], OWN)

    def test_query_entities_no_metadata(self) -> None:
        self.raw("POST", f"/{self.name}", SENT)
        level = {"Accept": "application/json;odata=nometadata"}
        answer = self.raw("GET", f"/{self.name}()", headers=level)
        self.assertEqual(answer.headers["content-type"], KIND.format("nometadata"))
        own = re.sub(r'"\w+@odata.type":"[^"]+",', "", OWN)
        self.assertTrue(answer.body.decode().startswith('{"value":[{"PartitionKey":"pk","RowKey"'))
        self.assertTrue(answer.body.decode().endswith(own + "]}"))

    def test_sas_add_outside_range(self) -> None:
        token = self.emulator.control(
            "POST",
            "/sas",
            {
                "tn": self.name,
                "sp": "a",
                "spk": "test",
                "srk": "test1",
                "epk": "test",
                "erk": "test1",
            },
        )["token"]
        answer = self.raw("POST", f"/{self.name}?{token}", SENT, sign=False)
        self.shape(answer, 403, BODY)
        self.assertEqual(answer.code, "AuthorizationFailure")
        message = answer.json["odata.error"]["message"]["value"]
        self.assertTrue(
            message.startswith("This request is not authorized to perform this operation.\n")
        )

    def test_new_invalid_key(self) -> None:
        wrong = {"Authorization": f"SharedKey {ACCOUNT}:AAAA", "Accept": "*/*"}
        names = {
            "content-length",
            "content-type",
            "date",
            "server",
            "x-ms-error-code",
            "x-ms-request-id",
        }
        answer = self.raw("GET", f"/{self.name}()", headers=wrong)
        self.shape(answer, 403, names)
        self.assertEqual(
            answer.reason,
            "Server failed to authenticate the request. Make sure the value of Authorization "
            "header is formed correctly including the signature.",
        )

    def test_challenge_auth(self) -> None:
        headers = {"x-ms-version": "2020-12-06", "Accept": "application/xml"}
        answer = self.raw("GET", f"/{self.name}()", headers=headers, sign=False)
        self.assertEqual((answer.status, answer.code), (401, "InvalidAuthenticationInfo"))
        tenant = self.emulator.control("GET", "/identity")["tenant"]
        self.assertEqual(
            answer.headers["www-authenticate"],
            f"Bearer authorization_uri=https://login.microsoftonline.com/{tenant}"
            "/oauth2/authorize resource_id=https://storage.azure.com",
        )
        older = headers | {"x-ms-version": "2019-07-07"}
        answer = self.raw("GET", f"/{self.name}()", headers=older, sign=False)
        self.assertEqual((answer.status, answer.code), (403, "AuthenticationFailed"))

    def batch(self, *operations: tuple[str, str, dict | None, str]) -> Answer:
        parts = []
        for method, path, entity, headers in operations:
            body = b"" if entity is None else json.dumps(entity).encode()
            kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            head = f"{method} {self.emulator.url}{path} HTTP/1.1\r\n{kind * bool(body)}{headers}"
            parts.append(f"{head}Accept: application/json\r\n\r\n".encode() + body)
        kind = {"Content-Type": "multipart/mixed; boundary=b1", "Accept": "application/json"}
        return self.raw("POST", "/$batch", changeset(parts), kind)

    def test_batch_all_operations_together(self) -> None:
        for row in "12":
            self.raw("POST", f"/{self.name}", self.entity(row))
        answer = self.batch(
            ("POST", f"/{self.name}", self.entity("0"), "Prefer: return-no-content\r\n"),
            ("DELETE", self.path("1"), None, "If-Match: *\r\n"),
            ("PATCH", self.path("2"), self.entity("2"), "If-Match: *\r\n"),
        )
        self.shape(answer, 202, BODY)
        text = re.sub(r"(batch|changeset)response_[0-9a-f-]{36}", r"\1", answer.body.decode())
        text = re.sub(r"W/\"[^\"]+\"", "ETAG", text)
        link = f"{self.emulator.url}/{self.name}(PartitionKey='p',RowKey='0')"
        part = [
            "--changeset",
            "Content-Type: application/http",
            "Content-Transfer-Encoding: binary",
            "",
            "HTTP/1.1 204 No Content",
            "X-Content-Type-Options: nosniff",
            "Cache-Control: no-cache",
        ]
        wanted = [
            "--batch",
            "Content-Type: multipart/mixed; boundary=changeset",
            "",
            *part,
            "Preference-Applied: return-no-content",
            "DataServiceVersion: 3.0;",
            f"Location: {link}",
            f"DataServiceId: {link}",
            "ETag: ETAG",
            "",
            "",
            *part,
            "DataServiceVersion: 1.0;",
            "",
            "",
            *part,
            "DataServiceVersion: 1.0;",
            "ETag: ETAG",
            "",
            "",
            "--changeset--",
            "--batch--",
            "",
        ]
        self.assertEqual(text.split("\r\n"), wanted)

    def test_batch_same_row_operations_fail(self) -> None:
        self.raw("POST", f"/{self.name}", self.entity("1"))
        change = ("PATCH", self.path("1"), self.entity("1"), "If-Match: *\r\n")
        answer = self.batch(change, change)
        self.shape(answer, 202, BODY)
        lines = answer.body.decode().split("\r\n")
        self.assertEqual(
            lines[7:13],
            [
                "HTTP/1.1 400 Bad Request",
                "X-Content-Type-Options: nosniff",
                "Cache-Control: no-cache",
                "DataServiceVersion: 3.0;",
                f"Content-Type: {KIND.format('minimalmetadata')}",
                "",
            ],
        )
        self.assertRegex(
            lines[13],
            r'^\{"odata.error":\{"code":"InvalidDuplicateRow","message":\{"lang":"en-US",'
            r'"value":"1:The batch request contains multiple changes with same row key\. An entity '
            r"can appear only once in a batch request\.\\nRequestId:[0-9a-f-]+\\nTime:"
            r'[^"]+"\}\}\}$',
        )
        self.assertTrue(lines[14].startswith("--changesetresponse_"))
