"""Tokens, and the three places where Azure's programs get them.

Sources: Microsoft Learn "How to use managed identities on a virtual machine to acquire an access
token", "How to use managed identities for App Service", "Workload identity federation";
azure-identity `imds.py`, `app_service.py`, `workload_identity.py`.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from .clock import Clock
from .messages import Request, Response

RESOURCE = "https://storage.azure.com"
ROLES = ("contributor", "reader", "none")
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Identity:
    """The tenant's tokens. Roles: contributor, reader, none (a valid token without a role)."""

    clock: Clock
    tenant: str = "72f988bf-86f1-41af-91ab-2d7cd011db47"
    client_id: str = "9d3e1f5a-58ed-4f2f-9e0a-0f6d9bb1a4c7"
    app_service_secret: str = "emulated-identity-header"
    assertion: str = "emulated.federated.token"  # what the federated token file must hold
    lifetime_seconds: float = 86399
    role: str = "contributor"  # of tokens to come
    assigned: bool = True  # False: no identity, IMDS answers 400
    failures: list[int] = field(default_factory=list)  # statuses to answer first, one each
    tokens: dict[str, tuple[float, str]] = field(default_factory=dict)  # (expiry, role)
    log: list[dict[str, Any]] = field(default_factory=list)

    def roles(self, token: str) -> str | None:
        """The role of a token that is valid now."""
        expiry, role = self.tokens.get(token, (0.0, ""))
        return role if self.clock.now() < expiry else None

    def add(self, token: str, role: str, lifetime_seconds: float) -> None:
        """A fixed token for tests."""
        if role not in ROLES:
            raise ValueError(f"a role is one of {', '.join(ROLES)}")
        self.tokens[token] = (self.clock.now() + lifetime_seconds, role)

    def revoke_all(self) -> None:
        self.tokens.clear()

    def change(self, values: dict[str, Any]) -> None:
        """A ValueError names what is unknown; then nothing changes."""
        names = (
            "client_id",
            "app_service_secret",
            "assertion",
            "lifetime_seconds",
            "role",
            "assigned",
            "failures",
            "tenant",
        )
        for name in values:
            if name not in names:
                raise ValueError(f"no such field: {name!r}; known: {', '.join(names)}")
        if values.get("role", self.role) not in ROLES:
            raise ValueError(f"a role is one of {', '.join(ROLES)}")
        for name, value in values.items():
            setattr(self, name, value)

    def answer(self, request: Request) -> Response:
        """Serves the three token endpoints on the identity port."""
        path = request.raw_path
        self.log.append({"method": request.method, "target": request.target})
        if self.failures:
            status = self.failures.pop(0)
            return _json(status, {"error": "emulated", "error_description": "asked for by a test"})
        if path == "/metadata/identity/oauth2/token":
            return self._imds(request)
        if path == "/msi/token":
            return self._app_service(request)
        if path == f"/{self.tenant}/oauth2/v2.0/token":
            return self._workload(request)
        return _json(404, {"error": "not_found"})

    def _imds(self, request: Request) -> Response:
        if request.method != "GET" or request.header("metadata") != "true":
            return _json(400, {"error": "bad_request_102", "error_description": "Metadata header"})
        if request.header("x-forwarded-for") is not None:
            return _json(400, {"error": "bad_request", "error_description": "it was forwarded"})
        refusal = self._refusal(request, "2018-02-01")
        return refusal or _json(200, self._token() | {"token_type": "Bearer"})

    def _app_service(self, request: Request) -> Response:
        if request.header("x-identity-header") != self.app_service_secret:
            return _json(401, {"statusCode": 401, "message": "X-IDENTITY-HEADER is not right"})
        refusal = self._refusal(request, "2019-08-01")
        if refusal:
            return refusal
        token = self._token()
        token.pop("expires_in")
        return _json(200, token | {"token_type": "Bearer"})

    def _refusal(self, request: Request, version: str) -> Response | None:
        query = request.query
        if query.get("api-version") != version:
            return _json(400, {"error": "bad_request", "error_description": "api-version"})
        if query.get("resource") not in (RESOURCE, RESOURCE + "/"):
            return _json(400, {"error": "invalid_resource", "error_description": "resource"})
        known = query.get("client_id", self.client_id) == self.client_id
        if not self.assigned or not known:
            return _json(
                400, {"error": "invalid_request", "error_description": "Identity not found"}
            )
        return None

    def _workload(self, request: Request) -> Response:
        kind = request.header("content-type") or ""
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "scope": RESOURCE + "/.default",
            "client_assertion_type": _ASSERTION,
        }
        wrong = [name for name, value in wanted.items() if form.get(name) != value]
        if request.method != "POST" or not kind.startswith("application/x-www-form-urlencoded"):
            wrong.append("request")
        if wrong:
            text = f"AADSTS900144: wrong: {', '.join(wrong)}"
            return _json(400, {"error": "invalid_request", "error_description": text})
        if form.get("client_assertion") != self.assertion:
            text = "AADSTS700024: Client assertion is not within its valid time range."
            return _json(401, {"error": "invalid_client", "error_description": text})
        token = self._token()
        seconds = int(token["expires_in"])
        answer = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds}
        return _json(200, answer | {"access_token": token["access_token"]})

    def _token(self) -> dict[str, Any]:
        token = f"emulator.{secrets.token_urlsafe(24)}"
        self.add(token, self.role, self.lifetime_seconds)
        return {
            "access_token": token,
            "client_id": self.client_id,
            "expires_in": str(int(self.lifetime_seconds)),
            "expires_on": str(int(self.clock.now() + self.lifetime_seconds)),
            "resource": RESOURCE,
        }


def _json(status: int, value: dict[str, Any]) -> Response:
    reason = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}
    headers = [("Content-Type", "application/json; charset=utf-8")]
    return Response.json(status, reason.get(status, "Failure"), value, headers)
