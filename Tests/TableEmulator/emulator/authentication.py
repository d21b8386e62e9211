"""Who calls: SAS, SharedKey, SharedKeyLite or a token.

Sources: REST "Authorize requests to Azure Storage", "Versioning for the Azure Storage services".
"""

import re
from collections.abc import Callable, Mapping

from . import sas, signatures
from .clock import Clock, parse_http_date
from .errors import TableError
from .identity import Identity
from .messages import Address, Request, Resource
from .settings import Account, Settings

SKEW_SECONDS_MAX = 15 * 60
BEARER_SINCE = "2017-11-09"
CHALLENGE_SINCE = "2019-12-12"  # before it, a request without a credential gets 403
# REST: "Previous Azure Storage service versions".
VERSIONS = frozenset(
    "2009-09-19 2011-08-18 2012-02-12 2013-08-15 2014-02-14 2015-02-21 2015-04-05 2015-07-08 "
    "2015-12-11 2016-05-31 2017-04-17 2017-07-29 2017-11-09 2018-03-28 2018-11-09 2019-02-02 "
    "2019-07-07 2019-12-12 2020-02-10 2020-04-08 2020-06-12 2020-08-04 2020-10-02 2020-12-06 "
    "2021-02-12 2021-04-10 2021-06-08 2021-08-06 2021-10-04 2021-12-02 2022-11-02 2023-01-03 "
    "2023-05-03 2023-08-03 2023-11-03 2024-02-04 2024-05-04 2024-08-04 2024-11-04 2025-01-05 "
    "2025-05-05 2025-07-05 2025-11-05".split()
)
_KEY_HEADER = re.compile(r"(SharedKey|SharedKeyLite) ([a-z0-9]+):(\S+)")

Policies = Callable[[str], Mapping[str, Mapping[str, str]]]


class Authenticator:
    """Checks the credential of a request."""

    def __init__(
        self, account: Account, settings: Settings, clock: Clock, identity: Identity
    ) -> None:
        self.account = account
        self._settings = settings
        self._clock = clock
        self._identity = identity

    def check(self, request: Request, address: Address, policies: Policies) -> sas.Grant:
        """What the caller may do. A TableError when the credential is not good."""
        if address.account != self.account.name:
            raise TableError("AuthenticationFailed", detail=f"No account {address.account!r}.")
        authorization = request.header("authorization")
        values = request.query
        if authorization is None and "sig" in values:
            return self._check_sas(request, address, policies)
        version = request.header("x-ms-version")
        if version is not None and version not in VERSIONS:
            raise TableError("InvalidHeaderValue")
        if authorization is None and (version or "") >= CHALLENGE_SINCE:
            raise self._challenge()
        if authorization is None:
            raise TableError("AuthenticationFailed", detail="There is no credential.")
        if version is None:
            raise TableError("MissingRequiredHeader")
        self._check_date(request)
        if authorization.startswith("Bearer "):
            return self._check_bearer(request, authorization.removeprefix("Bearer "), version)
        return self._check_shared_key(request, authorization)

    def _check_sas(self, request: Request, address: Address, policies: Policies) -> sas.Grant:
        if not self._settings.shared_key_allowed:
            raise TableError("KeyBasedAuthenticationNotPermitted")
        version = request.header("x-ms-version")
        if version is not None and version not in VERSIONS:
            raise TableError("InvalidHeaderValue")
        values = {name: value for name, value in request.query.items() if name in sas.SIGNED_NAMES}
        if len([name for name, _ in request.raw_query if name in sas.SIGNED_NAMES]) != len(values):
            raise TableError("AuthenticationFailed", detail="A parameter stands there twice.")
        if values.get("sv") not in VERSIONS:
            raise TableError("AuthenticationFailed", detail="sv is not a known version.")
        caller = sas.Caller(request.peer, request.https or self._settings.assume_https)
        now = self._clock.now()
        if "srt" in values or "ss" in values:
            return sas.check_account_sas(values, self.account, caller, now)
        in_url = address.table if address.resource in (Resource.ENTITY, Resource.ENTITIES) else ""
        stored = policies(in_url or values.get("tn", ""))
        return sas.check_table_sas(values, in_url, stored, self.account, caller, now)

    def _check_date(self, request: Request) -> None:
        text = request.header("x-ms-date") or request.header("date")
        if text is None:
            raise TableError("AuthenticationFailed", detail="The Date header is mandatory.")
        try:
            skew = abs(parse_http_date(text) - self._clock.now())
        except ValueError:
            raise TableError("AuthenticationFailed", detail="The Date is not valid.") from None
        if skew > SKEW_SECONDS_MAX:
            raise TableError("AuthenticationFailed", detail="Request date header too old.")

    def _check_shared_key(self, request: Request, authorization: str) -> sas.Grant:
        found = _KEY_HEADER.fullmatch(authorization)
        if found is None:
            raise TableError("AuthenticationFailed", detail="The header has an unknown form.")
        if not self._settings.shared_key_allowed:
            raise TableError("KeyBasedAuthenticationNotPermitted")
        scheme, account, signature = found.groups()
        text = signatures.shared_key_text(account, request, scheme == "SharedKeyLite")
        if account != self.account.name or not signatures.is_signed(
            self.account.keys, text, signature
        ):
            raise TableError(
                "AuthenticationFailed",
                detail="The MAC signature found in the HTTP request is not the same as any "
                f"computed signature. Server used following string to sign: '{text}'.",
            )
        return sas.Grant("shared-key")

    def _check_bearer(self, request: Request, token: str, version: str) -> sas.Grant:
        if version < BEARER_SINCE or not (request.https or self._settings.assume_https):
            raise TableError("AuthenticationFailed", detail="Tokens need HTTPS and 2017-11-09.")
        roles = self._identity.roles(token)
        if roles is None:
            raise self._challenge()
        if roles == "none":
            raise TableError("AuthorizationPermissionMismatch")
        return sas.Grant("bearer", {"contributor": "rw", "reader": "r"}[roles])

    def _challenge(self) -> TableError:
        error = TableError("InvalidAuthenticationInfo")
        tenant = self._identity.tenant
        error.headers.append(
            (
                "WWW-Authenticate",
                f"Bearer authorization_uri=https://login.microsoftonline.com/{tenant}"
                "/oauth2/authorize resource_id=https://storage.azure.com",
            )
        )
        return error
