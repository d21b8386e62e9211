"""Entity group transactions.

Sources: REST "Performing entity group transactions"; recordings of azure-data-tables' tests:
test_batch_same_row_operations_fail, test_batch_different_partition_keys, test_batch_too_many_ops,
test_batch_update_if_doesnt_match.
"""

from collections.abc import Callable

from . import multipart
from .entity_operations import Change, Transaction, read_change
from .errors import TableError
from .messages import Request, Resource, Response
from .sas import Grant
from .settings import Settings
from .store import Store

OPERATIONS_MAX = 100
BODY_BYTES_MAX = 4 * 1024 * 1024

Succeed = Callable[[Request, Change, Transaction], Response]
Fail = Callable[[Request, TableError], Response]


class _Failed(Exception):
    """An operation of the change set was refused."""

    def __init__(self, index: int, error: TableError) -> None:
        self.index = index
        self.error = error
        super().__init__(str(error))


class Batches:
    """Runs change sets on a store."""

    def __init__(self, store: Callable[[], Store], settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def run(
        self,
        envelope: multipart.Envelope,
        grant: Grant,
        account: str,
        succeed: Succeed,
        fail: Fail,
        commit: Callable[[Transaction], None],
    ) -> Response:
        """All or nothing; the answer holds one part for each operation, or the one that failed."""
        transaction = Transaction(self._store())
        if self._settings.batch_same_etags:
            transaction.same_ticks = transaction.store.clock.next_ticks()
        parts = envelope.parts
        try:
            answers = self._apply(parts, grant, account, transaction, succeed)
        except _Failed as failure:
            error = failure.error
            error.message = self._prefix(failure.index, len(parts)) + error.message
            answers = [fail(parts[min(failure.index, len(parts) - 1)], error)]
        else:
            commit(transaction)
        return self.answer(answers, True)

    def answer(self, answers: list[Response], is_changeset: bool) -> Response:
        settings = self._settings
        return multipart.write(
            answers, is_changeset, settings.batch_line_end, settings.batch_content_id
        )

    def _prefix(self, index: int, count: int) -> str:
        mode = self._settings.batch_index_prefix
        return f"{index}:" if mode == "always" or (mode == "service" and count > 1) else ""

    def _apply(
        self,
        parts: list[Request],
        grant: Grant,
        account: str,
        transaction: Transaction,
        succeed: Succeed,
    ) -> list[Response]:
        if len(parts) > OPERATIONS_MAX:
            raise _Failed(
                OPERATIONS_MAX - 1,
                TableError(
                    "InvalidInput",
                    "The batch request operation exceeds the maximum 100 changes per change set.",
                ),
            )
        changes: list[Change] = []
        for index, part in enumerate(parts):
            try:
                change = self._read(part, account)
                # The first one's table counts before all else that is wrong.
                transaction.store.table(change.table)
                grant.check(change.operation, change.table, change.key)
                self._check_together(change, changes)
            except TableError as error:
                raise _Failed(index, error) from error
            changes.append(change)
        answers = []
        for index, (part, change) in enumerate(zip(parts, changes, strict=True)):
            try:
                transaction.apply(change)
            except TableError as error:
                raise _Failed(index, error) from error
            answers.append(succeed(part, change, transaction))
        return answers

    def _read(self, part: Request, account: str) -> Change:
        address = part.address()
        if address.account != account or address.secondary:
            raise TableError("InvalidInput", "The URI of an operation names another account.")
        if address.resource not in (Resource.ENTITY, Resource.ENTITIES):
            raise TableError("InvalidInput")
        return read_change(part, address)

    def _check_together(self, change: Change, earlier: list[Change]) -> None:
        if not earlier:
            return
        first = earlier[0]
        if change.table.lower() != first.table.lower() or change.partition != first.partition:
            raise TableError("CommandsInBatchActOnDifferentPartitions")
        if any(change.key == other.key for other in earlier):
            raise TableError("InvalidDuplicateRow")
