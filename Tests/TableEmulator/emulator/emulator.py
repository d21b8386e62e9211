"""The whole: one account, its three ports, and what a test may do to it."""

import asyncio
import ssl
from typing import Any

from .authentication import Authenticator
from .clock import Clock
from .edm import value_from_json
from .entity_operations import Change, Transaction
from .errors import TableError
from .exchange import Exchanges
from .fault_kinds import Context
from .faults import Faults
from .http import Connection, Server
from .identity import Identity
from .lint import Lint
from .log import Entry, Log
from .messages import Request, Response
from .operation import Operation
from .service import Service
from .settings import Account, Settings
from .store import Store

_CONTROL_IDLE_SECONDS = 600.0
_ACTIONS = {
    "insert": Operation.INSERT,
    "replace": Operation.UPSERT_REPLACE,
    "merge": Operation.UPSERT_MERGE,
    "touch": Operation.MERGE,
    "delete": Operation.DELETE,
}


class Emulator:
    """Wires the parts together."""

    def __init__(
        self, account: Account, state: str | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.account = account
        self.settings = Settings()
        self.clock = Clock()
        self.store = Store(self.clock, state)
        self.identity = Identity(self.clock)
        self.log = Log()
        self.faults = Faults()
        self.lint = Lint(self.settings, self.clock)
        self.restarts = 0
        authenticator = Authenticator(account, self.settings, self.clock, self.identity)
        service = Service(lambda: self.store, self.settings, self.clock, authenticator)
        self.tables = Server(
            self._handle_tables,
            lambda: self.settings.idle_close_seconds,
            self.faults.refuses_connection,
            tls,
        )
        self.identity_port = Server(self._handle_identity, lambda: _CONTROL_IDLE_SECONDS)
        self._exchanges = Exchanges(
            service,
            self.settings,
            self.clock,
            self.log,
            self.lint,
            self.faults,
            self._context,
            lambda: self.tables.open_connections,
        )

    async def stop(self) -> None:
        self._exchanges.forget_late()
        await self.tables.stop()
        await self.identity_port.stop()
        self.store.close()

    async def restart(self, keep_state: bool, down_seconds: float) -> None:
        """As if the service's process died: connections end, and it is away for a while."""
        self._exchanges.forget_late()
        await self.tables.stop()
        if not keep_state:
            self.store.clear(keep_commits=True)
        await asyncio.sleep(down_seconds)
        await self.tables.start(self.tables.port)
        self.restarts += 1

    def write(self, value: dict[str, Any], source: str = "writer") -> int | None:
        """Another program's change of a row: the number of its commit. A TableError when it can't
        be; None when a row to touch or delete is not there."""
        action = value.get("action", "touch")
        if action not in _ACTIONS:
            raise ValueError(f"an action is one of {', '.join(_ACTIONS)}")
        raw = value.get("properties", {})
        properties = {
            name: value_from_json(item, raw.get(f"{name}@odata.type"))
            for name, item in raw.items()
            if not name.endswith("@odata.type") and item is not None
        }
        operation = _ACTIONS[action]
        condition = "*" if action in ("touch", "delete") else None
        change = Change(
            operation, value["table"], value["partition"], value["row"], properties, condition
        )
        transaction = Transaction(self.store)
        try:
            transaction.apply(change)
        except TableError as error:
            if error.status == 404 and condition:
                return None
            raise
        return self.store.commit(transaction.writes, "", source)

    def _context(self, request: Request, entry: Entry) -> Context:
        def write(value: dict[str, Any]) -> None:
            try:
                self.write(value)
            except TableError:
                return  # the row is there already, or its table is not: the fault has no effect

        def move_clock(seconds: float) -> None:
            self.clock.offset_seconds += seconds

        def delete_table(name: str, seconds: float) -> None:
            if name.lower() in self.store.tables:
                self.store.drop(name, seconds)

        def rotate(which: str) -> None:
            self.account.rotate(which)

        def expire() -> None:
            signature = request.query.get("sig")
            if signature:
                self.account.seen_signatures.add(signature)
            self.account.expire_signatures()

        return Context(
            request,
            entry.touched,
            self.clock.now(),
            write,
            expire,
            rotate,
            self.identity.revoke_all,
            move_clock,
            delete_table,
        )

    async def _handle_tables(self, request: Request, connection: Connection) -> None:
        await self._exchanges.handle(request, connection)

    async def _handle_identity(self, request: Request, connection: Connection) -> None:
        await send(self.identity.answer(request), connection)


async def send(response: Response, connection: Connection) -> None:
    """An answer without faults."""
    for piece in connection.encode(response, 64 * 1024):
        await connection.write(piece)
