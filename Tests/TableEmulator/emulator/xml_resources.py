"""What the service says in XML: stored access policies, service properties and statistics.

Sources: REST "Set Table ACL", "Get Table ACL", "Set Table Service Properties", "Get Table Service
Stats".
"""

import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

from .clock import http_date
from .errors import TableError
from .store import Policies

POLICIES_MAX = 5
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_FIELDS = {"Start": "st", "Expiry": "se", "Permission": "sp"}
PROPERTIES = (
    f"{_HEAD}<StorageServiceProperties><Logging><Version>1.0</Version><Read>false</Read>"
    "<Write>false</Write><Delete>false</Delete><RetentionPolicy><Enabled>false</Enabled>"
    "</RetentionPolicy></Logging><HourMetrics><Version>1.0</Version><Enabled>false</Enabled>"
    "<RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></HourMetrics><MinuteMetrics>"
    "<Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled>"
    "</RetentionPolicy></MinuteMetrics><Cors/></StorageServiceProperties>"
)


def read_policies(body: bytes) -> Policies:
    """Policies by their id, with `st`, `se` and `sp`. A TableError when the XML is not one."""
    if not body:
        return {}
    root = _parse(body, "SignedIdentifiers")
    policies: Policies = {}
    for item in root:
        name = item.findtext("Id")
        if not name or len(name) > 64:
            raise TableError("InvalidXmlDocument")
        texts = {field: item.findtext(f"AccessPolicy/{field}") for field in _FIELDS}
        policies[name] = {_FIELDS[field]: text for field, text in texts.items() if text}
    if len(policies) > POLICIES_MAX:
        raise TableError("InvalidXmlDocument")
    return policies


def write_policies(policies: Policies) -> bytes:
    parts = []
    for name, terms in policies.items():
        inside = "".join(
            f"<{field}>{escape(terms[short])}</{field}>"
            for field, short in _FIELDS.items()
            if short in terms
        )
        parts.append(
            f"<SignedIdentifier><Id>{escape(name)}</Id>"
            f"<AccessPolicy>{inside}</AccessPolicy></SignedIdentifier>"
        )
    return f"{_HEAD}<SignedIdentifiers>{''.join(parts)}</SignedIdentifiers>".encode()


def check_properties(body: bytes) -> str:
    """The document to answer with from now on."""
    _parse(body, "StorageServiceProperties")
    return body.decode()


def statistics(now: float) -> bytes:
    return (
        f"{_HEAD}<StorageServiceStats><GeoReplication><Status>live</Status>"
        f"<LastSyncTime>{http_date(now)}</LastSyncTime></GeoReplication></StorageServiceStats>"
    ).encode()


def _parse(body: bytes, name: str) -> ElementTree.Element:
    if b"<!" in body:  # no document type: no entities to expand
        raise TableError("InvalidXmlDocument")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise TableError("InvalidXmlDocument") from None
    if root.tag != name:
        raise TableError("InvalidXmlDocument")
    return root
