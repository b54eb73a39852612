"""What the room's statements run over: one connection to a database, of whatever kind.

They are written in the SQL that SQLite and PostgreSQL share, with `?` for a value. What a database says in its own way
it says itself: `by` and `glob` are parts of a statement, the rest are deeds.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from orchestrator.model.story import Dialer


class DamagedRow(Exception):  # noqa: N818 - it names what was found
    """A row holds what was never written there; it ends what is under way, as a failure of the database does."""


class Rows(Protocol):
    """What a statement has found or changed, in its order."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """Return the next row; None where there is none."""

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class EventLines(NamedTuple):
    """Events that follow each other, as chain.py hashes them together.

    `told` is what one of them that seals blocks before it says of these; None where none does.
    """

    size: int
    lines: bytes
    told: str | None


class Statements(Protocol):
    """A connection of which one thing alone is asked: to run a statement."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Run one statement."""


class Database(Statements, Protocol):
    """One connection. All that one transaction asks is answered as that has left the journal so far."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Rows:
        """Run one statement for each of these values."""

    def by(self, index: str) -> str:
        """Return what has a statement find the rows of a table by an index, to be written behind the table's name.

        Empty where the database decides for itself.
        """

    def glob(self, text: str) -> str:
        """Return the condition that a text has the form of a pattern of *, ? and [...]: the value that it takes."""

    def begin_reading(self) -> None:
        """Begin a transaction whose questions are all answered as of one moment."""

    def events_after(self, seq: int, count: int) -> EventLines:
        """Return the events numbered behind `seq`, up to `count` further, as they are hashed together."""

    def dialers(self, plan: int) -> Iterator[Dialer]:
        """Yield the dialer of a plan that the journal knows of, of every plan where `plan` is 0; only looking."""
