"""The control port: JSON over HTTP for tests. README.md lists the calls with examples."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from . import sas_tokens
from .emulator import Emulator, send
from .errors import TableError
from .http import Connection, Server
from .messages import Request, Response
from .store import plain

Call = Callable[[dict[str, Any], dict[str, str]], Awaitable[Any]]
_IDLE_SECONDS = 600.0
_RESETS = ("state", "faults", "log", "lint", "clock", "settings", "credentials")


class Control:
    """Calls by method and path; each gets the body's object and the query's values."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.server = Server(self._handle, lambda: _IDLE_SECONDS)
        self._calls: dict[tuple[str, str], Call] = {
            ("GET", "/"): self._overview,
            ("GET", "/settings"): self._settings,
            ("POST", "/settings"): self._settings,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._add_faults,
            ("DELETE", "/faults"): self._remove_faults,
            ("GET", "/log"): self._log,
            ("GET", "/commits"): self._commits,
            ("GET", "/round-trips"): self._round_trips,
            ("GET", "/state"): self._state,
            ("GET", "/lint"): self._lint,
            ("DELETE", "/lint"): self._clear_lint,
            ("POST", "/lint/tokens"): self._register_token,
            ("GET", "/clock"): self._clock,
            ("POST", "/clock"): self._clock,
            ("POST", "/keys"): self._keys,
            ("POST", "/sas"): self._sas,
            ("POST", "/sas/expire"): self._expire,
            ("POST", "/policies"): self._policies,
            ("GET", "/identity"): self._identity,
            ("POST", "/identity"): self._identity,
            ("POST", "/tokens"): self._tokens,
            ("DELETE", "/tokens"): self._revoke,
            ("POST", "/tables"): self._create,
            ("POST", "/write"): self._write,
            ("POST", "/reset"): self._reset,
            ("POST", "/restart"): self._restart,
        }

    @property
    def calls(self) -> list[tuple[str, str]]:
        """Method and path of each."""
        return list(self._calls)

    async def _handle(self, request: Request, connection: Connection) -> None:
        await send(await self._answer(request), connection)

    async def _answer(self, request: Request) -> Response:
        call = self._calls.get((request.method, request.raw_path))
        if call is None:
            calls = [" ".join(key) for key in self.calls]
            return _json(404, {"error": "there is no such call", "calls": calls})
        try:
            body = json.loads(request.body) if request.body else {}
            if not isinstance(body, dict):
                raise ValueError("the body must be an object")
            return _json(200, await call(body, request.query))
        except TableError as error:
            return _json(409, {"error": str(error), "code": error.code})
        except (ValueError, KeyError, TypeError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})

    async def _overview(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        emulator = self._emulator
        return {
            "account": emulator.account.name,
            "primary_key": emulator.account.primary_key,
            "secondary_key": emulator.account.secondary_key,
            "ports": self.ports,
            "restarts": emulator.restarts,
            "connections": emulator.tables.open_connections,
            "requests": emulator.log.last_number,
            "commits": len(emulator.store.commits),
            "tables": [table.name for table in emulator.store.tables.values()],
            "lint": len(emulator.lint.violations),
        }

    @property
    def ports(self) -> dict[str, int]:
        return {
            "port": self._emulator.tables.port,
            "control": self.server.port,
            "identity": self._emulator.identity_port.port,
        }

    async def _settings(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.settings.change(body)
        return asdict(self._emulator.settings)

    async def _faults(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        return {"faults": [rule.description() for rule in self._emulator.faults.rules]}

    async def _add_faults(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        rules = body["faults"] if "faults" in body else [body]
        added = [self._emulator.faults.add(rule) for rule in rules]
        return {"faults": [rule.description() for rule in added]}

    async def _remove_faults(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.faults.remove(int(query["number"]) if "number" in query else None)
        return {}

    async def _log(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        since = int(query.get("since", "0"))
        entries = self._emulator.log.since(since, query.get("client_request_id"))
        return {
            "last": self._emulator.log.last_number,
            "entries": [entry.description() for entry in entries],
        }

    async def _commits(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        commits = self._emulator.store.commits[int(query.get("since", "0")) :]
        for name in ("table", "partition", "row", "op_id"):
            if name in query:
                commits = [
                    commit
                    for commit in commits
                    if any(write[name] == query[name] for write in commit["writes"])
                ]
        return {"last": len(self._emulator.store.commits), "commits": commits}

    async def _round_trips(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        return self._emulator.log.round_trips(int(query.get("since", "0")))

    async def _state(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        tables = self._emulator.store.tables.values()
        return {
            "tables": {
                table.name: [
                    {
                        "partition": row.partition,
                        "row": row.row,
                        "etag": row.etag,
                        "properties": plain(row),
                    }
                    for row in table.following((query.get("partition", ""), ""))
                    if query.get("partition") in (None, row.partition)
                ]
                for table in tables
                if query.get("table", table.name).lower() == table.name.lower()
            }
        }

    async def _lint(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        return {"violations": self._emulator.lint.violations}

    async def _clear_lint(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.lint.violations.clear()
        return {}

    async def _register_token(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.lint.register(body["token"])
        return {}

    async def _clock(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        clock = self._emulator.clock
        if "offset_seconds" in body:
            clock.offset_seconds = float(body["offset_seconds"])
        return {"offset_seconds": clock.offset_seconds, "now": clock.now()}

    async def _keys(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        return {"key": self._emulator.account.rotate(body["which"], body.get("key"))}

    async def _sas(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        token = sas_tokens.make(self._emulator.account, body)
        return {"token": token}

    async def _expire(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.account.expire_signatures()
        return {}

    async def _policies(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        table = self._emulator.store.table(body["table"])
        self._emulator.store.set_policies(table, body["policies"])
        return {}

    async def _identity(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        identity = self._emulator.identity
        identity.change(body)
        return {
            "tenant": identity.tenant,
            "client_id": identity.client_id,
            "app_service_secret": identity.app_service_secret,
            "assertion": identity.assertion,
            "requests": identity.log,
        }

    async def _tokens(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.identity.add(
            body["token"], body.get("role", "contributor"), float(body.get("seconds", 3600))
        )
        return {}

    async def _revoke(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.identity.revoke_all()
        return {}

    async def _create(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        self._emulator.store.create(body["table"])
        return {}

    async def _write(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        return {"commit": self._emulator.write(body)}

    async def _reset(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        emulator = self._emulator
        what = body.get("what", list(_RESETS))
        unknown = set(what) - set(_RESETS)
        if unknown:
            raise ValueError(f"only these can be reset: {', '.join(_RESETS)}")
        if "state" in what:
            emulator.store.clear()
        if "faults" in what:
            emulator.faults.remove(None)
        if "log" in what:
            emulator.log.clear()
        if "lint" in what:
            emulator.lint.clear()
        if "clock" in what:
            emulator.clock.offset_seconds = 0.0
        if "credentials" in what:
            emulator.account.forget_signatures()
            emulator.identity.revoke_all()
        if "settings" in what:
            emulator.settings.reset()
        return {}

    async def _restart(self, body: dict[str, Any], query: dict[str, str]) -> Any:
        await self._emulator.restart(
            bool(body.get("keep_state", True)), float(body.get("seconds", 0.0))
        )
        return {"restarts": self._emulator.restarts}


def _json(status: int, value: Any) -> Response:
    reason = {200: "OK", 400: "Bad Request", 404: "Not Found", 409: "Conflict"}[status]
    return Response.json(status, reason, value, [("Content-Type", "application/json")])
