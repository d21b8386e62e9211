"""Makes SAS tokens for tests that have no SDK at hand.

Not a proof of itself: that the signatures are right is checked with the SDK and published vectors.
"""

from typing import Any
from urllib.parse import quote

from . import signatures
from .settings import Account

_ACCOUNT_NAMES = ("sv", "ss", "srt", "sp", "st", "se", "sip", "spr")
_TABLE_NAMES = ("sv", "tn", "sp", "st", "se", "si", "sip", "spr", "spk", "srk", "epk", "erk")
_ACCOUNT_DEFAULTS = {"ss": "t", "srt": "sco", "sp": "rwdlacu"}


def make(account: Account, body: dict[str, Any]) -> str:
    """A token from its parameters: a table SAS when there is `tn`, else an account SAS.

    `key` is "primary" or "secondary". Without `si`, `se` is far away unless it is given.
    """
    values = {name: str(value) for name, value in body.items() if name != "key"}
    values.setdefault("sv", "2019-02-02")
    is_table = "tn" in values
    if "si" not in values:
        values.setdefault("se", "2099-01-01T00:00:00Z")
        if is_table:
            values.setdefault("sp", "raud")
    if not is_table:
        values = _ACCOUNT_DEFAULTS | values
    names = _TABLE_NAMES if is_table else _ACCOUNT_NAMES
    unknown = set(values) - set(names)
    if unknown:
        raise ValueError(f"not a parameter of this SAS: {', '.join(sorted(unknown))}")
    key = account.keys[body.get("key", "primary") == "secondary"]
    if is_table:
        text = signatures.table_sas_text(account.name, values["tn"], values)
    else:
        text = signatures.account_sas_text(account.name, values)
    values["sig"] = signatures.sign(key, text)
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())
