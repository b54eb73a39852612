"""The kinds of journal that are held to the port's promises: a further one adds one entry here."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contract.journal.shared_sql import SharedSql
from unit.journal.loading import load

from orchestrator.journal.port import Journal, Reader, Transaction
from orchestrator.journal.run import Loaded, NewRun
from orchestrator.journal.sqlite.file import create
from orchestrator.journal.sqlite.file import in_memory as in_memory_of
from orchestrator.journal.sqlite.journal import FileJournal, MemoryJournal
from orchestrator.model.call import DueCall, Field, NewAttempt, ResolvedCall, Scope
from orchestrator.model.diagnostic import Span
from orchestrator.model.events import rfc3339

NOW = 1_790_000_000.0
"""Epoch seconds at which everything happens."""

AT = rfc3339(NOW)

RUN = NewRun(
    "20260921T142640m000-aaaa", "acme1", "cod", "/root/cod.yaml", "", "sha256:" + "0" * 64, "test", AT,
    policy='{"concurrency":20.0}',
)  # fmt: skip

AGENT, PERSON = "+917410410123", "+918123400000"
"""Whom `call("a")` connects; the numbers are phonenumbers' examples."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One journal of a kind. `open` gives one more user of it each time."""

    open: Callable[[], Journal]


def in_a_file(folder: Path) -> Kind:
    path = folder / "journal.db"
    create(path)
    return Kind(lambda: FileJournal(path))


def in_memory(_folder: Path) -> Kind:
    journal = MemoryJournal()
    return Kind(lambda: journal)


def by_the_shared_sql(_folder: Path) -> Kind:
    journal = MemoryJournal(in_memory_of(SharedSql))
    return Kind(lambda: journal)


SHARED_KINDS: dict[str, Callable[[Path], Kind]] = {"file": in_a_file}
"""Kinds whose users are like processes: one reads on while another one commits, and one of them dials a plan."""

KINDS = SHARED_KINDS | {"memory": in_memory, "memory, by the shared SQL": by_the_shared_sql}


def call(id_: str, to: str = PERSON, **more: str) -> ResolvedCall:
    """One call of a plan."""
    fields = {"From": AGENT, "To": to, "CallerId": "1800123456"} | more
    return ResolvedCall(id_, tuple(Field(n, v, "call") for n, v in fields.items()), Span("cod.yaml", 1))


def calls(count: int) -> list[ResolvedCall]:
    """So many calls, each to a person of its own."""
    return [call(f"order-{n}", f"+9181234{n:05d}") for n in range(count)]


def loaded(journal: Journal, plan: Iterable[ResolvedCall], run: NewRun = RUN) -> Loaded:
    """Begin a run of a plan."""
    with journal.committing() as tx:
        return load(tx, run, plan)


def again(n: int, **changes: str) -> NewRun:
    """A later run of the plan."""
    return replace(RUN, id=f"{RUN.id[:-4]}{'abcdefgh'[n] * 4}", **changes)  # type: ignore[arg-type]


def due(journal: Journal, scope: Scope) -> list[DueCall]:
    """The calls that a run may dial."""
    with journal.reader() as reader:
        return reader.due(scope, NOW, 1_000)


def due_of(reader: Reader, scope: Scope) -> list[DueCall]:
    """The same, asked of a reader."""
    return reader.due(scope, NOW, 1_000)


def claim(tx: Transaction, scope: Scope, due_call: DueCall) -> int | None:
    """Commit an intent; its pair is kept for a quarter of an hour."""
    (n,) = claim_all(tx, scope, [due_call])
    return n


def claim_all(tx: Transaction, scope: Scope, due_calls: Sequence[DueCall]) -> list[int | None]:
    """Commit intents together."""
    return tx.begin_attempts(
        scope, [NewAttempt(each, token_of(scope, each), AT, NOW, NOW + 900.0) for each in due_calls]
    )


def token_of(scope: Scope, due_call: DueCall) -> str:
    """What the callbacks of a call's next attempt would be known by."""
    return hashlib.sha256(f"{scope.run_id} {due_call.id} {due_call.attempts}".encode()).hexdigest()
