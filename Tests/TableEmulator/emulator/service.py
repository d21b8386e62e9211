"""The Table service: from a request to an answer.

Sources: REST "Table service REST API"; headers as in the recordings of azure-data-tables' tests.
"""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from . import batch, multipart, query, xml_resources
from .authentication import VERSIONS, Authenticator
from .clock import Clock, http_date, ticks_text
from .entity import Format, check_key, check_table_name, read_json, write_row
from .entity_operations import Change, Transaction, check_media_type, operation_of, read_change
from .errors import FRONT_END, TableError, json_body, xml_body
from .log import Entry
from .messages import Address, Request, Resource, Response, whole_number
from .operation import Operation
from .sas import Grant
from .settings import Settings
from .store import Policies, Store, Table

_XML = [("Content-Type", "application/xml")]


class Service:
    """One account's tables. `store` is asked each time: a restart may replace it."""

    def __init__(
        self,
        store: Callable[[], Store],
        settings: Settings,
        clock: Clock,
        authenticator: Authenticator,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._authenticator = authenticator
        self._batches = batch.Batches(store, settings)
        self._properties = xml_resources.PROPERTIES

    def handle(self, request: Request, entry: Entry, source: str = "client") -> Response:
        """The answer, with all headers. `entry` notes what was decided and committed."""
        try:
            response = self._route(request, entry, source)
        except TableError as error:
            entry.detail = error.detail
            response = self.failure(request, error)
        return self._finish(request, response, entry)

    def error(self, request: Request, entry: Entry, error: TableError) -> Response:
        """An answer that a fault puts in the place of another."""
        return self._finish(request, self.failure(request, error), entry)

    def _finish(self, request: Request, response: Response, entry: Entry) -> Response:
        if response.is_front_end:
            response.headers += [
                ("Server", "Microsoft-HTTPAPI/2.0"),
                ("x-ms-request-id", entry.request_id),
                ("Date", http_date(self._clock.now())),
            ]
            return response
        common = [
            ("Cache-Control", "no-cache"),
            ("Server", "Windows-Azure-Table/1.0 Microsoft-HTTPAPI/2.0"),
            ("x-ms-request-id", entry.request_id),
            ("x-ms-version", self._version(request)),
            ("X-Content-Type-Options", "nosniff"),
            ("Date", http_date(self._clock.now())),
        ]
        if request.method == "GET" and response.status == 200:
            common.append(("Vary", "Origin"))
        if request.client_request_id and self._version(request) >= "2019-02-02":
            common.append(("x-ms-client-request-id", request.client_request_id))
        response.headers = response.headers + common
        return response

    def _version(self, request: Request) -> str:
        given = request.header("x-ms-version") or request.query.get("sv", "")
        return given if given in VERSIONS else self._settings.version

    def failure(self, request: Request, error: TableError) -> Response:
        """The body of an error, in XML where the front end speaks."""
        request_id, moment = str(uuid.uuid4()), ticks_text(self._clock.ticks())
        arguments = (error.code, error.message, request_id, moment)
        if error.code in FRONT_END and not request.in_batch:
            return self._front_end_failure(request, error, arguments)
        as_xml = self._settings.permission_errors_as_xml and error.status == 403
        if (as_xml and not request.in_batch) or request.header("accept") == "application/xml":
            headers = [*_XML, ("x-ms-error-code", error.code)]
            return Response(
                error.status, _phrase(error.status), headers, xml_body(*arguments), error.code
            )
        level = _level(request)
        kind = f"application/json;odata={level};streaming=true;charset=utf-8"
        headers = [("Content-Type", kind), *error.headers]
        body = json_body(*arguments)
        return Response(error.status, _phrase(error.status), headers, body, error.code)

    def _front_end_failure(
        self, request: Request, error: TableError, arguments: tuple[str, str, str, str]
    ) -> Response:
        """A sentence as the reason phrase, a length, no echo of the caller's id."""
        by_accept = self._settings.front_end_errors == "accept"
        as_json = by_accept and "json" in (request.header("accept") or "")
        kind = "application/json" if as_json else "application/xml"
        headers = [("Content-Type", kind), ("x-ms-error-code", error.code), *error.headers]
        body = json_body(*arguments) if as_json else xml_body(*arguments)
        return Response(error.status, error.message, headers, body, error.code, is_front_end=True)

    def _route(self, request: Request, entry: Entry, source: str) -> Response:
        request.check_query()
        address = request.address()
        grant = self._authenticator.check(request, address, self._policies)
        entry.grant = grant.kind
        if self._settings.firewall:
            raise TableError("AuthorizationFailure")
        _check_timeout(request)
        _check_length(request)
        comp = request.query.get("comp")
        if address.secondary and (request.method != "GET"):
            raise TableError("InsufficientAccountPermissions")
        if address.misplaced and comp is not None:
            raise TableError("InvalidQueryParameterValue")
        match address.resource:
            case Resource.SERVICE:
                return self._service(request, address, grant, entry)
            case Resource.TABLES | Resource.TABLE:
                return self._tables(request, address, grant, entry)
            case Resource.BATCH:
                return self._batch(request, address, grant, entry, source)
            case Resource.ENTITIES if comp == "acl":
                return self._acl(request, address, grant, entry)
            case _:
                return self._entity(request, address, grant, entry, source)

    def _policies(self, name: str) -> Policies:
        table = self._store().tables.get(name.lower())
        return table.policies if table else {}

    # Tables

    def _tables(self, request: Request, address: Address, grant: Grant, entry: Entry) -> Response:
        store = self._store()
        match (address.resource, request.verb):
            case (Resource.TABLES, "GET"):
                grant.check(entry.note(Operation.LIST_TABLES))
                names, headers = query.tables(store, request.query, self._settings)
                value = {"value": [{"TableName": name} for name in names]}
                return self._json(request, address, 200, value, headers, "Tables")
            case (Resource.TABLES, "POST"):
                grant.check(entry.note(Operation.CREATE_TABLE))
                check_media_type(request)
                name = read_json(request.body).get("TableName")
                if not isinstance(name, str):
                    raise TableError("PropertiesNeedValue")
                if name.lower() == "tables":
                    raise TableError("InvalidInput")
                check_table_name(name)
                entry.table = name
                store.create(name)
                location = ("Location", f"{_base_url(request, address)}/Tables('{name}')")
                return self._created(
                    request, address, {"TableName": name}, [location], "Tables/@Element"
                )
            case (Resource.TABLE, "DELETE"):
                entry.table = address.table
                grant.check(entry.note(Operation.DELETE_TABLE), address.table)
                store.drop(address.table, self._settings.table_deleting_seconds)
                return Response(204, "No Content")
            case (Resource.TABLE, "GET"):
                grant.check(entry.note(Operation.LIST_TABLES))
                name = self._table(address).name
                return self._json(request, address, 200, {"TableName": name}, [], "Tables/@Element")
        raise TableError("UnsupportedHttpVerb")

    def _table(self, address: Address) -> Table:
        return self._store().table(address.table)

    def _acl(self, request: Request, address: Address, grant: Grant, entry: Entry) -> Response:
        entry.table = address.table
        if request.verb == "GET":
            grant.check(entry.note(Operation.GET_POLICIES))
            body = xml_resources.write_policies(self._table(address).policies)
            return Response(200, "OK", list(_XML), body)
        if request.verb != "PUT":
            raise TableError("UnsupportedHttpVerb")
        grant.check(entry.note(Operation.SET_POLICIES))
        table = self._table(address)
        self._store().set_policies(table, xml_resources.read_policies(request.body))
        return Response(204, "No Content")

    def _service(self, request: Request, address: Address, grant: Grant, entry: Entry) -> Response:
        options = request.query
        if options.get("restype") != "service":
            raise TableError("InvalidUri")
        match (options.get("comp"), request.verb):
            case ("stats", "GET") if address.secondary:
                grant.check(entry.note(Operation.GET_SERVICE))
                body = xml_resources.statistics(self._clock.now())
                return Response(200, "OK", list(_XML), body)
            case ("properties", "GET"):
                grant.check(entry.note(Operation.GET_SERVICE))
                return Response(200, "OK", list(_XML), self._properties.encode())
            case ("properties", "PUT"):
                grant.check(entry.note(Operation.SET_SERVICE))
                self._properties = xml_resources.check_properties(request.body)
                return Response(202, "Accepted")
        raise TableError("InvalidQueryParameterValue")

    # Entities

    def _entity(
        self, request: Request, address: Address, grant: Grant, entry: Entry, source: str
    ) -> Response:
        operation = entry.note(operation_of(request, address))
        entry.table = address.table
        form = self._format(request, address)
        if operation is Operation.QUERY:
            grant.check(operation, address.table)
            table = self._table(address)
            page = query.entities(table, request.query, grant.keys, self._settings)
            if page.foreign_token:
                entry.violates("continuation_of_another_query", "the token came with other options")
            value = {"value": [write_row(row, table.name, form) for row in page.rows]}
            return self._json(request, address, 200, value, page.headers, table.name)
        if operation is Operation.GET:
            check_key("PartitionKey", address.partition)
            check_key("RowKey", address.row)
            grant.check(operation, address.table, (address.partition, address.row))
            table = self._table(address)
            row = table.row((address.partition, address.row))
            if row is None:
                raise TableError("ResourceNotFound")
            value = write_row(row, table.name, form)
            etag = [("ETag", row.etag)]
            return self._json(request, address, 200, value, etag, f"{table.name}/@Element")
        # A missing table shows before what is wrong with the entity.
        table = self._table(address)
        change = read_change(request, address)
        grant.check(operation, address.table, change.key)
        transaction = Transaction(self._store())
        transaction.apply(change)
        self._commit(transaction, entry, source)
        return self._written(request, change, transaction)

    def _batch(
        self, request: Request, address: Address, grant: Grant, entry: Entry, source: str
    ) -> Response:
        if request.verb != "POST":
            raise TableError("UnsupportedHttpVerb")
        entry.note(Operation.BATCH)
        if address.misplaced:
            raise TableError("InvalidUri")
        if len(request.body) > batch.BODY_BYTES_MAX:
            raise TableError("RequestBodyTooLarge")
        envelope = multipart.read(request)
        if not envelope.is_changeset:
            part = envelope.parts[0]
            try:
                answer = self._entity(part, part.address(), grant, entry, source)
            except TableError as error:
                answer = self.failure(part, error)
            return self._batches.answer([answer], False)
        return self._batches.run(
            envelope,
            grant,
            address.account,
            self._written,
            self.failure,
            lambda transaction: self._commit(transaction, entry, source),
        )

    def _commit(self, transaction: Transaction, entry: Entry, source: str) -> None:
        number = self._store().commit(transaction.writes, entry.request_id, source)
        entry.commits.append(number)

    def _written(self, request: Request, change: Change, transaction: Transaction) -> Response:
        if change.operation is Operation.DELETE:
            return Response(204, "No Content")
        row = transaction.row(change.table, change.key)
        table = transaction.store.table(change.table).name
        if row is None:
            raise TableError("InternalError")
        etag = ("ETag", row.etag)
        if change.operation is not Operation.INSERT:
            return Response(204, "No Content", [etag])
        address = request.address()
        link = write_row(row, table, Format("fullmetadata", _base_url(request, address), ""))
        headers = [("Location", link["odata.id"]), etag]
        value = write_row(row, table, self._format(request, address))
        return self._created(request, address, value, headers, f"{table}/@Element")

    # Answers

    def _created(
        self,
        request: Request,
        address: Address,
        value: dict[str, Any],
        headers: list[tuple[str, str]],
        context: str,
    ) -> Response:
        preference = request.header("prefer")
        if preference == "return-no-content":
            location, *more = headers
            identifier = ("DataServiceId", location[1])
            applied = ("Preference-Applied", preference)
            return Response(204, "No Content", [applied, location, identifier, *more])
        if preference == "return-content":
            headers = [*headers, ("Preference-Applied", preference)]
        return self._json(request, address, 201, value, headers, context)

    def _json(
        self,
        request: Request,
        address: Address,
        status: int,
        value: dict[str, Any],
        headers: list[tuple[str, str]],
        context: str,
    ) -> Response:
        form = self._format(request, address)
        if form.level != "nometadata":
            link = f"{form.base_url}/$metadata#{context}"
            if form.select:
                link += "&$select=" + ",".join(form.select)
            value = {"odata.metadata": link} | value
        headers = [("Content-Type", form.content_type), *headers]
        return Response.json(status, _phrase(status), value, headers)

    def _format(self, request: Request, address: Address) -> Format:
        accept = (request.header("accept") or "").lower()
        if "atom" in accept and "json" not in accept:
            raise TableError("AtomFormatNotSupported")
        return Format(
            _level(request),
            _base_url(request, address),
            address.account,
            query.select_of(request.query),
            self._settings.select_missing_as_null,
        )


def _level(request: Request) -> str:
    """Of metadata: what `Accept` asks for, minimal when it does not say."""
    accept = (request.header("accept") or "").lower()
    for level in ("nometadata", "fullmetadata"):
        if level in accept:
            return level
    return "minimalmetadata"


def _base_url(request: Request, address: Address) -> str:
    host = request.header("host") or ""
    scheme = "https" if request.https else "http"
    style = "" if host.lower().startswith(f"{address.account}.table.") else f"/{address.account}"
    return f"{scheme}://{host}{style}"


def _check_timeout(request: Request) -> None:
    text = request.query.get("timeout")
    if text is not None and not whole_number(text):
        raise TableError("InvalidQueryParameterValue")


def _check_length(request: Request) -> None:
    has_length = request.header("content-length") or request.header("transfer-encoding")
    if request.method in ("POST", "PUT", "PATCH", "MERGE") and not has_length:
        raise TableError("MissingContentLengthHeader")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
