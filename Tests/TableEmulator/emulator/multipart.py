"""The envelope of `$batch`: strict reading, and writing.

Sources: REST "Performing entity group transactions"; RFC 2046 §5.1; OData 3.0 batch processing.
"""

import re
import uuid
from dataclasses import dataclass

from .errors import TableError
from .messages import Request, Response, whole_number

_BOUNDARY = re.compile(
    r"multipart/mixed\s*;\s*boundary=(?:\"([^\"]{1,70})\"|([0-9A-Za-z'()+_,./:=?-]{1,70}))",
    re.IGNORECASE,
)
_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.1")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]+)(/\S*)")


@dataclass(frozen=True)
class Envelope:
    """The requests inside; `is_changeset` is false for a single GET."""

    parts: list[Request]
    is_changeset: bool


def malformed(reason: str) -> TableError:
    """Outside the envelope there is nothing to answer in."""
    return TableError("InvalidInput", f"The batch request is not well formed: {reason}")


def read(request: Request) -> Envelope:
    """A TableError when anything departs from the form."""
    parts = _split(request.body, _boundary(request.header("content-type")))
    if len(parts) != 1:
        raise malformed("it must have exactly one change set or one query")
    headers, content = _head(parts[0])
    kind = headers.get("content-type", "")
    if kind.lower().startswith("application/http"):
        inner = _operation(headers, content, request)
        if inner.method != "GET":
            raise malformed("a change needs a change set")
        return Envelope([inner], False)
    operations = _split(content, _boundary(kind))
    inside = [_operation(*_head(part), request) for part in operations]
    if any(part.method == "GET" for part in inside):
        raise malformed("a change set has no query")
    return Envelope(inside, True)


def _boundary(kind: str | None) -> bytes:
    found = _BOUNDARY.fullmatch(kind or "")
    if found is None:
        raise malformed("multipart/mixed with a boundary is expected")
    return (found[1] or found[2]).encode()


def _split(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between the delimiters, which stand alone on lines that end in CRLF."""
    delimiter = b"--" + boundary
    if not body.startswith(delimiter + b"\r\n"):
        raise malformed("it does not begin with its boundary")
    pieces = (b"\r\n" + body).split(b"\r\n" + delimiter)[1:]
    if pieces[-1].rstrip(b"\r\n") != b"--":
        raise malformed("it does not end with its boundary")
    parts = pieces[:-1]
    if not parts or any(not part.startswith(b"\r\n") for part in parts):
        raise malformed("a boundary does not end its line")
    return [part[2:] for part in parts]


def _head(part: bytes) -> tuple[dict[str, str], bytes]:
    """The headers of a part, with names in lower case, and what comes behind the empty line."""
    head, found, content = part.partition(b"\r\n\r\n")
    if not found:
        raise malformed("a part has no empty line")
    return dict(_headers(head.split(b"\r\n"))), content


def _headers(lines: list[bytes]) -> list[tuple[str, str]]:
    headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or b"\n" in line or b"\r" in line or name != name.strip() or not name:
            raise malformed("a header is not `name: value` on a line of its own")
        headers.append((name.decode("latin-1").lower(), value.decode("utf-8", "replace").strip()))
    return headers


def _operation(headers: dict[str, str], content: bytes, outer: Request) -> Request:
    if headers.get("content-type", "").lower() != "application/http":
        raise malformed("a part is not application/http")
    if headers.get("content-transfer-encoding", "").lower() != "binary":
        raise malformed("a part has no Content-Transfer-Encoding: binary")
    head, found, body = content.partition(b"\r\n\r\n")
    if not found:
        raise malformed("an operation has no empty line")
    lines = head.split(b"\r\n")
    line = _REQUEST_LINE.fullmatch(lines[0].decode("latin-1"))
    if line is None:
        raise malformed("an operation has no request line")
    address = _ABSOLUTE.fullmatch(line[2])
    if address is None:
        raise malformed("the URI of an operation is not absolute")
    if address[2].lower() != (outer.header("host") or "").lower():
        raise malformed("the URI of an operation names another host")
    inner = _headers(lines[1:])
    _check_length(dict(inner).get("content-length"), body)
    inner = [("host", address[2]), *((name, value) for name, value in inner if name != "host")]
    return Request(
        line[1], address[3], inner, body, outer.peer, outer.https, outer.connection, in_batch=True
    )


def _check_length(given: str | None, body: bytes) -> None:
    # A change without a body ends in one or two line ends.
    if given is None and body.strip(b"\r\n") == b"":
        return
    if given is None:
        raise malformed("a body has no Content-Length")
    length = whole_number(given)
    if length is None:
        raise malformed("a Content-Length is not a number")
    if length != len(body) and not (length == 0 and body.strip(b"\r\n") == b""):
        raise malformed(f"a Content-Length is {given}, the body has {len(body)} bytes")


def _part_headers(answer: Response) -> list[str]:
    """In the order of the recordings."""
    is_insert = answer.header("location") is not None
    headers = [("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-cache")]
    headers += [pair for pair in answer.headers if pair[0] == "Preference-Applied"]
    headers.append(("DataServiceVersion", "3.0;" if answer.body or is_insert else "1.0;"))
    headers += [pair for pair in answer.headers if pair[0] != "Preference-Applied"]
    return [f"{name}: {value}" for name, value in headers]


def write(
    answers: list[Response], is_changeset: bool, line_end: str, with_content_id: bool
) -> Response:
    """The answer to a batch: 202 whatever happened inside."""
    outer, inner = f"batchresponse_{uuid.uuid4()}", f"changesetresponse_{uuid.uuid4()}"
    out, ends = bytearray(), []

    def lines(*texts: str) -> None:
        for text in texts:
            out.extend(text.encode() + line_end.encode())

    lines(f"--{outer}")
    if is_changeset:
        lines(f"Content-Type: multipart/mixed; boundary={inner}", "")
    for index, answer in enumerate(answers):
        if is_changeset:
            lines(f"--{inner}")
        lines("Content-Type: application/http", "Content-Transfer-Encoding: binary")
        if with_content_id:
            lines(f"Content-ID: {index}")
        lines("", f"HTTP/1.1 {answer.status} {answer.reason}")
        lines(*_part_headers(answer), "")
        out.extend(answer.body or b"")
        lines("")
        ends.append(len(out))
    if is_changeset:
        lines(f"--{inner}--")
    lines(f"--{outer}--")
    kind = f"multipart/mixed; boundary={outer}"
    failed = next((answer.code for answer in answers if answer.code), "")
    return Response(202, "Accepted", [("Content-Type", kind)], bytes(out), failed, ends)
