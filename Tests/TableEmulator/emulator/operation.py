"""The operations of the service and the letters of `sp` that each needs.

Sources: REST "Create a service SAS" and "Create an account SAS", tables of permissions; Azurite
`OperationAccountSASPermission.ts`.
"""

from enum import Enum


class Operation(Enum):
    """Value: resource type of an account SAS, then the sets of letters; one set must be granted."""

    GET = ("o", ("r",))
    QUERY = ("o", ("r",), "query")
    INSERT = ("o", ("a",))
    REPLACE = ("o", ("u",))
    MERGE = ("o", ("u",), "merge")
    UPSERT_REPLACE = ("o", ("au",))
    UPSERT_MERGE = ("o", ("au",), "merge")
    DELETE = ("o", ("d",))
    CREATE_TABLE = ("c", ("c", "w"))
    LIST_TABLES = ("c", ("l",))
    DELETE_TABLE = ("c", ("d",))
    GET_POLICIES = ("", ())
    SET_POLICIES = ("", (), "write")
    GET_SERVICE = ("s", ("r",))
    SET_SERVICE = ("s", ("w",))
    BATCH = ("o", ("",))

    @property
    def resource_type(self) -> str:
        """Letter of `srt`; empty when no SAS opens it."""
        return str(self.value[0])

    def is_granted(self, letters: str) -> bool:
        return any(set(needed) <= set(letters) for needed in self.value[1])

    @property
    def writes(self) -> bool:
        reads = ("GET", "QUERY", "LIST_TABLES", "GET_POLICIES", "GET_SERVICE")
        return self.name not in reads

    @property
    def is_of_table(self) -> bool:
        """Whether it works on entities, so that a table SAS may open it."""
        return self.resource_type == "o"
