"""Shared access signatures: reading one, checking it, and what it opens.

Sources: REST "Create an account SAS", "Create a service SAS", "Define a stored access policy".
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import signatures
from .clock import unix_seconds
from .errors import TableError
from .operation import Operation
from .settings import Account

SIGNED_NAMES = frozenset("sv ss srt sp st se sip spr sig tn si spk srk epk erk ses".split())
_VERSION = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class KeyRange:
    """Keys between two ends, both inside. None is no bound."""

    first: tuple[str, str] | None
    last: tuple[str, str] | None

    def holds(self, partition: str, row: str) -> bool:
        key = (partition, row)
        return (self.first is None or self.first <= key) and (self.last is None or key <= self.last)


EVERYTHING = KeyRange(None, None)


@dataclass(frozen=True)
class Grant:
    """What a checked credential opens."""

    kind: str  # for the log: "shared-key", "account-sas", "table-sas", "bearer"
    letters: str | None = None  # None: everything
    resource_types: str | None = None
    table: str | None = None
    keys: KeyRange = EVERYTHING

    def check(
        self, operation: Operation, table: str = "", key: tuple[str, str] | None = None
    ) -> None:
        """A TableError when the operation is not opened."""
        if self.letters is None:
            return
        if self.kind == "bearer":
            if operation.writes and "w" not in self.letters:
                raise TableError("AuthorizationPermissionMismatch")
            return
        if self.table is not None:
            if not operation.is_of_table:
                raise TableError("AuthorizationFailure")
            if table and table.lower() != self.table.lower():
                raise TableError("AuthorizationFailure")
        elif operation.resource_type == "":
            raise TableError("AuthorizationFailure")
        elif operation.resource_type not in (self.resource_types or ""):
            raise TableError("AuthorizationResourceTypeMismatch")
        if not operation.is_granted(self.letters):
            raise TableError("AuthorizationPermissionMismatch")
        if key is not None and not self.keys.holds(*key):
            raise TableError("AuthorizationFailure")


@dataclass(frozen=True)
class Caller:
    """Where a request came from."""

    address: str
    https: bool


def check_account_sas(
    values: Mapping[str, str], account: Account, caller: Caller, now: float
) -> Grant:
    """The grant of an account SAS. A TableError when it is not valid."""
    for name in ("sv", "ss", "srt", "sp", "se", "sig"):
        if not values.get(name):
            raise TableError("AuthenticationFailed", detail=f"{name} is mandatory.")
    text = signatures.account_sas_text(account.name, values)
    _check_signature(values, account, text)
    _check_times(values.get("st", ""), values["se"], now)
    _check_caller(values, caller)
    if "t" not in values["ss"]:
        raise TableError("AuthorizationServiceMismatch")
    return Grant("account-sas", values["sp"], values["srt"])


def check_table_sas(
    values: Mapping[str, str],
    table: str,
    policies: Mapping[str, Mapping[str, str]],
    account: Account,
    caller: Caller,
    now: float,
) -> Grant:
    """The grant of a table SAS. `policies` are those stored with the table, by their id."""
    for name in ("sv", "tn", "sig"):
        if not values.get(name):
            raise TableError("AuthenticationFailed", detail=f"{name} is mandatory.")
    # On $batch the URL has no table, and the one of the token is signed.
    _check_signature(
        values, account, signatures.table_sas_text(account.name, table or values["tn"], values)
    )
    terms = {name: values.get(name, "") for name in ("st", "se", "sp")}
    if values.get("si"):
        policy = policies.get(values["si"])
        if policy is None:
            raise TableError("AuthorizationFailure")
        for name in terms:
            if terms[name] and policy.get(name):
                raise TableError("AuthenticationFailed", detail=f"{name} is in the policy too.")
            terms[name] = terms[name] or policy.get(name, "")
    for name in ("se", "sp"):
        if not terms[name]:
            raise TableError("AuthenticationFailed", detail=f"{name} is mandatory.")
    _check_times(terms["st"], terms["se"], now)
    _check_caller(values, caller)
    return Grant("table-sas", terms["sp"], None, values["tn"], _range(values))


def _check_signature(values: Mapping[str, str], account: Account, text: str) -> None:
    if not _VERSION.fullmatch(values["sv"]):
        raise TableError("AuthenticationFailed", detail="sv is not a version.")
    if not signatures.is_signed(account.keys, text, values["sig"]):
        raise TableError(
            "AuthenticationFailed",
            detail=f"Signature did not match. String to sign used was {text}",
        )
    account.seen_signatures.add(values["sig"])
    if values["sig"] in account.expired_signatures:
        raise TableError(
            "AuthenticationFailed", detail="Signature not valid in the specified time frame"
        )


def _check_times(start: str, expiry: str, now: float) -> None:
    try:
        valid = (not start or unix_seconds(start) <= now) and now < unix_seconds(expiry)
    except ValueError as error:
        raise TableError("AuthenticationFailed", detail=str(error)) from None
    if not valid:
        raise TableError(
            "AuthenticationFailed",
            detail=f"Signature not valid in the specified time frame: Start [{start}] - "
            f"Expiry [{expiry}]",
        )


def _check_caller(values: Mapping[str, str], caller: Caller) -> None:
    protocols = values.get("spr", "")
    if protocols not in ("", "https", "https,http", "http,https"):
        raise TableError("AuthenticationFailed", detail="spr is not valid.")
    if protocols == "https" and not caller.https:
        raise TableError("AuthorizationProtocolMismatch")
    addresses = values.get("sip", "")
    if not addresses:
        return
    first, _, last = addresses.partition("-")
    try:
        here = ipaddress.IPv4Address(caller.address)
        inside = ipaddress.IPv4Address(first) <= here <= ipaddress.IPv4Address(last or first)
    except ValueError:
        raise TableError("AuthenticationFailed", detail="sip is not valid.") from None
    if not inside:
        raise TableError("AuthorizationSourceIPMismatch")


def _range(values: Mapping[str, str]) -> KeyRange:
    """A row's end without its partition's, or the reverse, is not a range."""
    for partition, row in (("spk", "srk"), ("epk", "erk")):
        if (partition in values) != (row in values):
            raise TableError("AuthenticationFailed", detail=f"{partition} needs {row}.")
    return KeyRange(
        (values["spk"], values["srk"]) if "spk" in values else None,
        (values["epk"], values["erk"]) if "epk" in values else None,
    )
