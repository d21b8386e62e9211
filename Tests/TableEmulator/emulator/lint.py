"""What the service forgives and a careful client still does not do.

Each rule has a name; a test fails when the list is not empty. Sources: REST "Representation of
date/time values in headers", "Setting the OData data service version headers", "Querying tables and
entities" (encoding), "Best practices for monitoring" (client request id); RFC 3986 §2.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from . import multipart
from .clock import Clock, parse_http_date
from .errors import TableError
from .log import Entry
from .messages import Request, whole_number
from .sas import SIGNED_NAMES
from .settings import Settings
from .touched import is_batch

_UNRESERVED = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*")
_KEYS_IN_PATH = re.compile(r"\(PartitionKey='(.*)',RowKey='(.*)'\)$")
_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_NOTED_SECONDS = 0.05
_OP_ID_VERBS = frozenset({"POST", "PUT", "MERGE"})


@dataclass
class _Attempt:
    """The last time that a client request id was seen."""

    first_time: float
    ended_time: float
    line: str
    digest: str
    content_type: str | None
    entry: Entry
    retry_after: float | None = None


class Lint:
    """Looks at each request, and at each together with the one it repeats."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._attempts: dict[str, _Attempt] = {}
        self.tokens: dict[str, str] = {}  # a SAS as configured, by its decoded signature
        self.violations: list[dict[str, Any]] = []

    def clear(self) -> None:
        """Forgets violations, and what it would compare a retry with."""
        self.violations.clear()
        self._attempts.clear()

    def register(self, token: str) -> None:
        """A SAS that must come back letter by letter."""
        request = Request("GET", f"/?{token.strip().lstrip('?')}", [])
        signature = request.query.get("sig")
        if not signature:
            raise ValueError("the token has no sig")
        self.tokens[signature] = token.strip().lstrip("?")

    def check(self, entry: Entry, connections: int) -> None:
        """Before the request is served."""
        request = entry.request
        _check_headers(entry, request)
        _check_target(entry, request)
        self._check_sas(entry, request)
        self._check_age(entry, request)
        if is_batch(request):
            _check_parts(entry, request)
        if connections > self._settings.connections_max:
            entry.violates("too_many_connections", f"{connections} are open")
        is_secondary = any(one.endswith("-secondary") for one in request.raw_path.split("/")[:2])
        if is_secondary and request.method != "GET":
            entry.violates("write_to_secondary", request.method)
        self._check_retry(entry, request)

    def finish(self, entry: Entry, retry_after: str | None, now: float) -> None:
        """When the exchange is over: remembers it, and takes what it violated."""
        attempt = self._attempts.get(entry.request.client_request_id)
        if attempt is not None and attempt.entry is entry:
            attempt.ended_time = now
            seconds = whole_number(retry_after) if entry.delivered else None
            attempt.retry_after = None if seconds is None else float(seconds)
        self.violations.extend(entry.lint)

    def _check_sas(self, entry: Entry, request: Request) -> None:
        pairs = [(name, value) for name, value in request.raw_query if name in SIGNED_NAMES]
        for name, value in pairs:
            if re.search(r"%25[0-9A-Fa-f]{2}", value):
                entry.violates("sas_encoded_twice", name)
        if not any(name == "sig" for name, _ in pairs):
            return
        token = self.tokens.get(request.query["sig"])
        text = request.target.partition("?")[2]
        if token is not None and f"&{token}&" not in f"&{text}&":
            entry.violates("sas_changed", "the token did not come back as it was given")

    def _check_age(self, entry: Entry, request: Request) -> None:
        timeout = whole_number(request.query.get("timeout"))
        date = request.header("x-ms-date")
        if timeout is None or date is None:
            return
        try:
            age = self._clock.now() - parse_http_date(date)
        except ValueError:
            return
        # The date has whole seconds.
        if age > timeout + 1:
            entry.violates("past_deadline", f"made {age:.1f} s ago with timeout={timeout}")

    def _check_retry(self, entry: Entry, request: Request) -> None:
        identifier = request.client_request_id
        if not identifier:
            return
        now = entry.time
        line = f"{request.method} {request.raw_path}"
        digest = hashlib.sha256(request.body).hexdigest()
        kind = request.header("content-type")
        before = self._attempts.get(identifier)
        first = before.first_time if before else now
        if before is not None and before.line == line:
            self._check_pause(entry, before, now)
            if (digest, kind) != (before.digest, before.content_type):
                entry.violates("retry_with_another_body", "a retry sends the same bytes")
            writes = [one for one in entry.touched if one.verb in _OP_ID_VERBS and one.row]
            if any(one.op_id is None for one in writes):
                entry.violates("retry_without_op_id", "its outcome can't be told from others'")
        if now - first > self._settings.deadline_seconds:
            entry.violates("past_deadline", f"{now - first:.1f} s after the first attempt")
        self._attempts[identifier] = _Attempt(first, now, line, digest, kind, entry)

    def _check_pause(self, entry: Entry, before: _Attempt, now: float) -> None:
        last = before.entry
        # A connection that died without a byte: libcurl itself sends again, at once.
        if last.request.reused and last.delivered is False and last.bytes_sent == 0:
            return
        if not last.is_over or (last.delivered and last.status not in _RETRIED):
            return
        wanted = max(before.retry_after or 0.0, self._settings.backoff_seconds_min)
        pause = now - before.ended_time
        # The end of an exchange is noted some time after the peer has the last byte.
        if pause < wanted - _NOTED_SECONDS:
            entry.violates("retry_too_soon", f"after {pause:.3f} s instead of {wanted:g} s")


def _check_headers(entry: Entry, request: Request) -> None:
    has_body = request.method in ("POST", "PUT", "PATCH", "MERGE")
    needed = ["accept", "dataserviceversion", "x-ms-client-request-id", "x-ms-version"]
    if has_body:
        needed.append("content-type")
    if has_body or request.method == "DELETE":
        needed.append("content-length")
    for name in needed:
        if request.header(name) is None:
            entry.violates(f"missing_{name.replace('-', '_')}", request.method)
    if "atom" in (request.header("accept") or "").lower():
        entry.violates("atom_accept", request.header("accept") or "")
    if request.expects_continue:
        entry.violates("expect", "100-continue costs a round trip")
    for name, value in request.headers:
        if re.search(r"(?:^|[?&;,\s])sig=", value):
            entry.violates("signature_in_header", name)


def _check_target(entry: Entry, request: Request) -> None:
    # What stands inside the quotes: everything but the unreserved is encoded.
    keys = _KEYS_IN_PATH.search(request.raw_path)
    for text in keys.groups() if keys else ():
        if not _UNRESERVED.fullmatch(text):
            entry.violates("raw_character_in_key", "a key has to be percent-encoded")
        if text.count("%27") % 2 or re.search(r"(?<!')'(?!')", text):
            entry.violates("quote_not_doubled", "a ' in a key stands there twice")
    for name, value in request.raw_query:
        if name not in SIGNED_NAMES and not _UNRESERVED.fullmatch(value):
            entry.violates("raw_character_in_query", name)


def _check_parts(entry: Entry, request: Request) -> None:
    try:
        parts = multipart.read(request).parts
    except TableError:
        return
    for part in parts:
        if any(name in SIGNED_NAMES for name, _ in part.raw_query):
            entry.violates("sas_in_part", "the signature belongs to the outer URL alone")
        if part.header("authorization") is not None:
            entry.violates("authorization_in_part", "only the outer request is signed")
        _check_target(entry, part)
        for name in ("accept", "dataserviceversion"):
            if part.header(name) is None:
                entry.violates(f"part_missing_{name}", part.method)
