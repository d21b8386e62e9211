"""The texts that are signed, and their HMAC-SHA256.

Sources: REST "Create an account SAS", "Create a service SAS", "Authorize with Shared Key";
azure-data-tables `_shared_access_signature.py`, `_table_shared_access_signature.py` and
`_authentication.py`; Azurite `IAccountSASSignatureValues.ts`, `TableSharedKeyLiteAuthenticator.ts`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from .messages import Request

ENCRYPTION_SCOPE_SINCE = "2020-12-06"  # the account SAS signs one more line from here on
SERVICE_IN_RESOURCE_SINCE = "2015-02-21"  # before it the resource has no `/table`
IP_AND_PROTOCOL_SINCE = "2015-04-05"


def sign(key: bytes, text: str) -> str:
    """Base 64 of the HMAC-SHA256 of the text in UTF-8."""
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def is_signed(keys: list[bytes], text: str, signature: str) -> bool:
    """Whether one of the keys made the signature; compares in constant time."""
    try:
        given = base64.b64decode(signature, validate=True)
    except ValueError:  # binascii.Error is one
        return False
    # The text too: two texts in base 64 may stand for the same bytes, and one is not canonical.
    if base64.b64encode(given).decode() != signature:
        return False
    wanted = [hmac.new(key, text.encode(), hashlib.sha256).digest() for key in keys]
    return any([hmac.compare_digest(given, one) for one in wanted])


def account_sas_text(account: str, values: Mapping[str, str]) -> str:
    """What an account SAS signs, from its decoded parameters."""
    names = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"]
    if values.get("sv", "") >= ENCRYPTION_SCOPE_SINCE:
        names.append("ses")
    return "".join(f"{line}\n" for line in [account] + [values.get(name, "") for name in names])


def table_sas_text(account: str, table: str, values: Mapping[str, str]) -> str:
    """What a table SAS signs, from its decoded parameters and the table of the URL."""
    version = values.get("sv", "")
    service = "/table" if version >= SERVICE_IN_RESOURCE_SINCE else ""
    lines = [values.get(name, "") for name in ("sp", "st", "se")]
    lines.append(f"{service}/{account}/{table.lower()}")
    lines.append(values.get("si", ""))
    if version >= IP_AND_PROTOCOL_SINCE:
        lines += [values.get("sip", ""), values.get("spr", "")]
    lines.append(version)
    lines += [values.get(name, "") for name in ("spk", "srk", "epk", "erk")]
    return "\n".join(lines)


def shared_key_text(account: str, request: Request, lite: bool) -> str:
    """What `SharedKey` and `SharedKeyLite` sign."""
    date = request.header("x-ms-date") or request.header("date") or ""
    resource = f"/{account}{request.raw_path}"
    comp = request.query.get("comp")
    if comp:
        resource += f"?comp={comp}"
    if lite:
        return f"{date}\n{resource}"
    md5, kind = request.header("content-md5") or "", request.header("content-type") or ""
    return "\n".join([request.method, md5, kind, date, resource])
