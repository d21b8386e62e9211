"""What a test can switch while the emulator runs, and what belongs to one account."""

import base64
import secrets
from dataclasses import dataclass, field, fields
from typing import Any

# The emulator's account and key that Microsoft publishes for everyone (learn.microsoft.com,
# "Use the Azurite emulator": well-known storage account and key).
DEVELOPMENT_ACCOUNT = "devstoreaccount1"
DEVELOPMENT_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


@dataclass
class Settings:
    """Defaults are what the service does."""

    page_size: int = 1000  # entities per page at most
    page_rows_read: int = 5000  # rows that one page looks at; decided here for the service's 5 s
    page_at_partitions: bool = False  # a page ends with its partition; no NextRowKey then
    empty_pages: bool = False  # before each page comes an empty one with a token
    select_missing_as_null: bool = False  # a selected property that a row lacks
    batch_index_prefix: str = "service"  # "service": with two operations or more; "always"; "never"
    batch_content_id: bool = False  # Content-ID in the parts of an answer, as Azurite does
    batch_line_end: str = "\r\n"  # of a batch's answer; "\n" for a lenient reader's test
    batch_same_etags: bool = False  # all rows of one transaction get the same ETag
    # A failed signature is told in XML; "accept": in JSON to who accepts that, as recorded in 2021.
    front_end_errors: str = "xml"
    permission_errors_as_xml: bool = False
    header_case: str = "mixed"  # "mixed", "lower" or "upper" names of headers in answers
    idle_close_seconds: float = 120.0
    chunk_bytes: int = 4096  # of a chunked body
    shared_key_allowed: bool = True  # False: neither keys nor SAS, only tokens
    firewall: bool = False  # True: every request is outside the network rules
    assume_https: bool = False  # True: plain HTTP counts as HTTPS for `spr` and tokens
    table_deleting_seconds: float = 0.0  # TableBeingDeleted for so long after a deletion
    # Of the lint:
    connections_max: int = 64
    deadline_seconds: float = 60.0  # from the first attempt of an operation to its last
    backoff_seconds_min: float = 0.0  # between a failure and its retry
    version: str = "2019-02-02"  # announced in answers to requests without a version

    def change(self, values: dict[str, Any]) -> None:
        """A ValueError names what is unknown or of the wrong type, and nothing changes then."""
        known = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"there is no setting {name!r}; known: {', '.join(known)}")
            wanted = known[name]
            right = isinstance(value, (int, float)) if wanted is float else type(value) is wanted
            if not right:
                raise ValueError(f"{name} must be a {wanted.__name__}")
        for name, value in values.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """Back to what the service does."""
        for item in fields(self):
            setattr(self, item.name, item.default)


@dataclass
class Account:
    """A storage account: its keys, and which tokens and signatures stopped being valid."""

    name: str = DEVELOPMENT_ACCOUNT
    primary_key: str = DEVELOPMENT_KEY
    secondary_key: str = field(
        default_factory=lambda: base64.b64encode(secrets.token_bytes(64)).decode()
    )
    expired_signatures: set[str] = field(default_factory=set)
    seen_signatures: set[str] = field(default_factory=set)

    @property
    def keys(self) -> list[bytes]:
        return [base64.b64decode(self.primary_key), base64.b64decode(self.secondary_key)]

    def rotate(self, which: str, key: str | None = None) -> str:
        """A new key, which ends everything signed with the old one."""
        if which not in ("primary", "secondary"):
            raise ValueError("which must be primary or secondary")
        new = key or base64.b64encode(secrets.token_bytes(64)).decode()
        base64.b64decode(new, validate=True)
        setattr(self, f"{which}_key", new)
        return new

    def forget_signatures(self) -> None:
        """None was used, none is over."""
        self.expired_signatures.clear()
        self.seen_signatures.clear()

    def expire_signatures(self) -> None:
        """Every SAS that was used so far is over."""
        self.expired_signatures |= self.seen_signatures
