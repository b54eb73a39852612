"""All that others may ask of a journal, wherever it is kept: outside of this room nobody sees a connection, or SQL.

It is read as of one moment (`view`), changed beside those who dial (`committing`), or opened by a run or a receiver,
which stays with it (`reader`, `writer`). Of what is promised:

- A claim is `Transaction.begin_attempts`, with `take_slots`: the fence and all guards are asked inside the transaction,
  and no two claims of one attempt are committed. All claims that wait at one time share a commit.
- `Writer.write` commits a step with its events, all or nothing, and returns when that is durable.
- `Reader.snapshot` answers everything within as of one moment: what a run must know.
- `Writer.others` and `Reader.events_after` tell what others have committed since.
- `View` has the questions of people and of reports.

What is asked and changed is the same in every journal, and so is the SQL of it: `View`, `Reader` and `Transaction` are
one class each, over whatever database (database.py). What each kind of journal does in its own way is declared here.
Rooms on one floor do not import each other, so the engine declares for itself what it asks of a reader, a writer and a
transaction (engine/ports.py); that these fit is proved by mypy where app/session.py hands them in.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from orchestrator.journal.queries import Reader
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.call import Committed
from orchestrator.model.events import Event

T = TypeVar("T")

Beat = Callable[[], None]
"""Shows that a dialer is alive; due every `PULSE` seconds (model/story.py)."""


class Writer(Protocol):
    """Commits to a journal, one transaction after another, in each what has gathered; of one event loop."""

    async def write(self, work: Callable[[Transaction], T], *, is_long: bool = False) -> T:
        """Run `work` in a transaction, and return its result when that is durable.

        Raises what `work` raised, of which alone nothing is committed, and JournalBroken where nothing could be. It is
        run in the event loop's thread, perhaps more than once, and only the last time counts; but what `is_long`, some
        milliseconds or more, is committed alone while the loop goes on, with which it shares nothing.
        """

    def follow(self, follower: Callable[[Committed], None]) -> None:
        """Let somebody know what each commit from now on has changed, before those who wait for it go on."""

    @property
    def is_alone(self) -> bool:
        """Whether nobody else can commit to the journal."""

    @property
    def others(self) -> int:
        """How often a commit has found that others had committed since the one before it."""

    def is_own(self, newest: tuple[int, str]) -> bool:
        """Whether an event is the last one of this writer's last commit, or of the one that is under way."""

    async def close(self) -> None:
        """Commit what is queued, and close."""


class Journal(Protocol):
    """One journal. Every method raises CannotProceed where it cannot be used, with the reason in words."""

    @property
    def name(self) -> str:
        """What people call it: they find it again by this."""

    def view(self) -> AbstractContextManager[View]:
        """Ask for what is committed, all as of one moment; nobody is disturbed."""

    def committing(
        self, patience: float = ..., then: Callable[[View], None] = ...
    ) -> AbstractContextManager[Transaction]:
        """Commit what is done to the transaction, or nothing of it, beside whoever dials.

        Another process may write for `patience` seconds. `then` may look at what is committed, right after.
        """

    def reader(self) -> AbstractContextManager[Reader]:
        """Ask again and again, each time for what is committed then."""

    def writer(self, heard: Callable[[list[Event]], None]) -> Writer:
        """Begin to commit, in the running event loop; `heard` gets what events were committed, in its thread."""

    def dialing(self, account: str, plan: str, edition: str, run: str) -> AbstractContextManager[Beat]:
        """Be the one process that dials a plan. Raises CannotProceed where another one that is alive does."""

    def readable(self) -> AbstractContextManager[None]:
        """Raise JournalBroken for what is asked within, where the open journal cannot be read any more."""
