"""One character changed: nothing of it may pass."""

import json
from typing import Any

from support import ACCOUNT, Answer, EmulatorTest, changeset, clean_headers, shared_key


def changes(text: str) -> list[str]:
    """The text with each of its characters replaced, one at a time."""
    other = {True: "1", False: "0"}
    return [
        text[:index] + other[text[index] == "0"] + text[index + 1 :] for index in range(len(text))
    ]


class MutationTest(EmulatorTest):
    def send(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        self.link.request(method, target, body or None, headers)
        return Answer(self.link.getresponse())

    def setUp(self) -> None:
        super().setUp()
        self.link = self.keep_alive()

    def refused(self, answer: Answer, what: str) -> None:
        self.assertEqual((answer.status, answer.code), (403, "AuthenticationFailed"), what)

    def test_a_shared_key_signature(self) -> None:
        target = f"/{ACCOUNT}/{self.name}()"
        headers = clean_headers("GET", None)
        good = shared_key("GET", target, headers)
        self.assertEqual(self.send("GET", target, headers | {"Authorization": good}).status, 200)
        signature = good.partition(":")[2]
        for changed in changes(signature):
            authorization = f"SharedKey {ACCOUNT}:{changed}"
            self.refused(
                self.send("GET", target, headers | {"Authorization": authorization}), changed
            )

    def test_what_a_shared_key_signs(self) -> None:
        self.table().create_entity(self.entity())
        target = f"/{ACCOUNT}{self.path()}"
        headers = clean_headers("GET", None)
        headers["Authorization"] = shared_key("GET", target, headers)
        self.assertEqual(self.send("GET", target, headers).status, 200)
        # The last second of the date, the path's keys, the type of the body, the verb.
        date = headers["x-ms-date"]
        second = str((int(date[24]) + 1) % 10)
        later = date[:24] + second + date[25:]
        self.refused(self.send("GET", target, headers | {"x-ms-date": later}), "date")
        self.refused(self.send("GET", target.replace("'r'", "'s'"), headers), "row")
        self.refused(self.send("GET", target.replace("'p'", "'q'"), headers), "partition")
        self.refused(self.send("GET", target.replace("'r'", "'%72'"), headers), "encoding")
        self.refused(self.send("GET", target, headers | {"Content-Type": "text/plain"}), "type")
        self.refused(self.send("DELETE", target, headers | {"If-Match": "*"}), "verb")
        self.assertEqual(len(self.emulator.commits()), 1)

    def test_every_character_of_an_account_sas(self) -> None:
        self.check_sas(
            {
                "sp": "rwdlacu",
                "sip": "127.0.0.1",
                "spr": "https,http",
                "st": "2020-01-01T00:00:00Z",
                "sv": "2020-12-06",
            }
        )

    def test_every_character_of_a_table_sas(self) -> None:
        self.check_sas(
            {
                "tn": self.name,
                "spk": "a",
                "srk": "b",
                "epk": "z",
                "erk": "z",
                "st": "2020-01-01T00:00:00Z",
            }
        )

    def check_sas(self, parameters: dict[str, Any]) -> None:
        token = self.emulator.control("POST", "/sas", parameters)["token"]
        headers = clean_headers("GET", None)
        path = f"/{ACCOUNT}/{self.name}()?"
        self.assertEqual(self.send("GET", path + token, headers).status, 200)
        for pair in token.split("&"):
            name, _, value = pair.partition("=")
            for changed in changes(value):
                if changed.lower() == value.lower():
                    continue
                answer = self.send("GET", path + token.replace(pair, f"{name}={changed}"), headers)
                self.assertIn(answer.status, (400, 403), f"{name}={changed}")
            without = "&".join(one for one in token.split("&") if one != pair)
            answer = self.send("GET", path + without, headers)
            self.assertIn(answer.status, (400, 401, 403), f"without {name}")
        self.assertEqual(self.send("GET", path + token, headers).status, 200)

    def test_every_character_of_an_etag(self) -> None:
        etag = self.table().create_entity(self.entity())["etag"]
        before = len(self.emulator.commits())
        for changed in changes(etag):
            for method in ("PUT", "PATCH", "DELETE"):
                body = None if method == "DELETE" else self.entity(a=1)
                answer = self.raw(
                    method, self.path(), body, {"If-Match": changed}, connection=self.link
                )
                self.assertIn(answer.status, (400, 412), changed)
        self.assertEqual(len(self.emulator.commits()), before)

    def test_every_character_of_a_key(self) -> None:
        self.table().create_entity(self.entity("row-key", "partition-key"))
        for partition, row in [(one, "row-key") for one in changes("partition-key")] + [
            ("partition-key", one) for one in changes("row-key")
        ]:
            answer = self.raw("GET", self.path(row, partition), connection=self.link)
            self.assertEqual((answer.status, answer.code), (404, "ResourceNotFound"))

    def test_every_character_of_a_boundary(self) -> None:
        body = json.dumps(self.entity()).encode()
        operation = (
            f"POST {self.emulator.url}/{self.name} HTTP/1.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        outer, inner = "batch_5f3a", "changeset_77e1"
        good = changeset([operation], outer, inner)
        for name in (outer, inner):
            for place in range(good.count(name.encode())):
                pieces = good.split(name.encode())
                for changed in changes(name):
                    left = name.encode().join(pieces[: place + 1])
                    right = name.encode().join(pieces[place + 1 :])
                    answer = self.raw(
                        "POST",
                        "/$batch",
                        left + changed.encode() + right,
                        {"Content-Type": f"multipart/mixed; boundary={outer}"},
                        connection=self.link,
                    )
                    self.assertEqual((answer.status, answer.code), (400, "InvalidInput"), changed)
        for changed in changes(outer):
            kind = f"multipart/mixed; boundary={changed}"
            answer = self.raw("POST", "/$batch", good, {"Content-Type": kind}, connection=self.link)
            self.assertEqual(answer.status, 400)
        self.assertEqual(self.emulator.commits(), [])
        kind = f"multipart/mixed; boundary={outer}"
        self.assertEqual(self.raw("POST", "/$batch", good, {"Content-Type": kind}).status, 202)
