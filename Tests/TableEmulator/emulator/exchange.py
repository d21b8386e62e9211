"""One exchange: lint, faults, the service, and the delivery of its answer."""

import asyncio
from collections.abc import Callable

from .clock import Clock
from .errors import TableError, json_body
from .fault_kinds import Answer, Context, Plan
from .faults import Faults
from .http import Connection, Gone
from .lint import Lint
from .log import Entry, Log
from .messages import Request, Response, whole_number
from .service import Service
from .settings import Settings

TIMEOUT_SECONDS_MAX = 30  # REST: "Setting timeouts for Table service operations"


class Exchanges:
    """Serves the requests of the table port."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        clock: Clock,
        log: Log,
        lint: Lint,
        faults: Faults,
        context: Callable[[Request, Entry], Context],
        connections: Callable[[], int],
    ) -> None:
        self._service = service
        self._settings = settings
        self._clock = clock
        self._log = log
        self._lint = lint
        self._faults = faults
        self._context = context
        self._connections = connections
        self._late: set[asyncio.TimerHandle] = set()

    async def handle(self, request: Request, connection: Connection) -> None:
        entry = self._log.begin(request, self._clock.now())
        self._lint.check(entry, self._connections())
        plan = self._faults.plan(request, entry.touched, self._context(request, entry))
        entry.faults = plan.names
        retry_after = None
        try:
            response = await self._answer(request, entry, plan, connection)
            retry_after = response.header("retry-after")
            await self._deliver(response, entry, plan, connection)
        finally:
            # A fault, a peer that left and a stop come by here too.
            entry.delivered = entry.delivered or False
            self._lint.finish(entry, retry_after, self._clock.now())

    def forget_late(self) -> None:
        """Nothing that was put off happens any more: the emulator stops."""
        for handle in self._late:
            handle.cancel()
        self._late.clear()

    async def _answer(
        self, request: Request, entry: Entry, plan: Plan, connection: Connection
    ) -> Response:
        if plan.commit_late is not None:
            self._put_off(request, entry, plan.commit_late)
            _end(connection, plan)
        timeout = _timeout(request)
        if plan.delay_before > timeout:
            await asyncio.sleep(timeout)
            return self._replaced(request, entry, Answer(500, "OperationTimedOut"))
        await asyncio.sleep(plan.delay_before)
        for action in plan.before:
            action()
        if plan.close_before:
            _end(connection, plan)
        if plan.answer_before is not None:
            return self._replaced(request, entry, plan.answer_before)
        response = self._service.handle(request, entry)
        if plan.duplicate:
            again = self._service.handle(request, entry, "duplicate")
            response = again if plan.duplicate == "second" else response
        for action in plan.after:
            action()
        if plan.answer_after is not None:
            response = self._replaced(request, entry, plan.answer_after)
        return response

    async def _deliver(
        self, response: Response, entry: Entry, plan: Plan, connection: Connection
    ) -> None:
        entry.status, entry.code = response.status, response.code
        await asyncio.sleep(plan.delay_headers)
        if plan.close_after:
            _end(connection, plan)
        if plan.close_delivered:
            response.headers.append(("Connection", "close"))
        self._name_headers(response)
        cut = _cut(response, plan)
        if cut is not None and plan.send_framed and response.body:
            response.body, cut = response.body[:cut], None
        pieces = connection.encode(response, self._settings.chunk_bytes)
        limit = _limit(plan, pieces, cut, self._settings.chunk_bytes)
        if not plan.delay_body:
            pieces = [b"".join(pieces)]  # one call of the kernel instead of three
        for index, piece in enumerate(pieces):
            if index == 1:
                await asyncio.sleep(plan.delay_body)
            part = piece if limit is None else piece[: max(limit - entry.bytes_sent, 0)]
            await self._write(part, entry, plan, connection)
            if len(part) < len(piece):
                _end(connection, plan)
        if connection.peer_left:
            raise Gone
        entry.delivered = True

    async def _write(self, data: bytes, entry: Entry, plan: Plan, connection: Connection) -> None:
        step = plan.drip_bytes or len(data)
        for start in range(0, len(data), step or 1):
            piece = data[start : start + step]
            await connection.write(piece)
            entry.bytes_sent += len(piece)
            if plan.drip_bytes:
                await asyncio.sleep(plan.drip_seconds)

    def _put_off(self, request: Request, entry: Entry, seconds: float) -> None:
        def execute() -> None:
            self._late.discard(handle)
            response = self._service.handle(request, entry, "late")
            entry.status, entry.code = response.status, response.code

        handle = asyncio.get_running_loop().call_later(seconds, execute)
        self._late.add(handle)

    def _replaced(self, request: Request, entry: Entry, answer: Answer) -> Response:
        if answer.code:
            error = TableError("InternalError")
            if answer.code in ("ServerBusy", "OperationTimedOut"):
                error = TableError(answer.code)
            response = self._service.error(request, entry, error)
            if response.code != answer.code:
                response.body = json_body(answer.code, answer.code, entry.request_id, "")
            response.code = answer.code
            response.status = answer.status
        else:
            # A gateway's page: no header of the service is on it.
            page = f"<html><head><title>{answer.status}</title></head><body>Bad gateway</body>"
            kind = ("Content-Type", "text/html; charset=us-ascii")
            response = Response(answer.status, "Bad Gateway", [kind], f"{page}</html>".encode())
        if answer.retry_after is not None:
            response.headers.append(("Retry-After", f"{answer.retry_after:g}"))
        return response

    def _name_headers(self, response: Response) -> None:
        change = {"lower": str.lower, "upper": str.upper}.get(self._settings.header_case)
        if change:
            response.headers = [(change(name), value) for name, value in response.headers]


def _end(connection: Connection, plan: Plan) -> None:
    connection.abort(plan.reset)
    raise Gone


def _timeout(request: Request) -> float:
    seconds = whole_number(request.query.get("timeout"))
    return min(seconds or TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_MAX)


def _cut(response: Response, plan: Plan) -> int | None:
    """Where the body of a batch's answer ends too early; None for nowhere."""
    if plan.send_parts is None or not response.part_ends or not response.body:
        return None
    ends = [0, *response.part_ends, len(response.body)]
    parts = min(plan.send_parts, len(ends) - 2)
    return (ends[parts] + ends[parts + 1]) // 2 if plan.send_half_part else ends[parts]


def _limit(plan: Plan, pieces: list[bytes], cut: int | None, chunk_bytes: int) -> int | None:
    """After how many bytes of the answer it ends; None for never."""
    if plan.send_bytes is not None:
        return plan.send_bytes
    head, total = len(pieces[0]), sum(map(len, pieces))
    if plan.send_fraction is not None:
        # Of what stands behind the head, so that the caller sees the status.
        return head + int((total - head) * plan.send_fraction)
    if cut is None:
        return None
    whole, rest = divmod(cut, chunk_bytes)
    frame = pieces[whole + 1].index(b"\r\n") + 2  # the chunk's length stands before its bytes
    return head + sum(map(len, pieces[1 : whole + 1])) + frame + rest
