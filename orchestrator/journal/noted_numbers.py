"""Tells `plan` of which numbers the journal says something that guards ask about; of many at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from orchestrator.journal.codec import MAY_HAVE_RUNG
from orchestrator.journal.database import Database, in_parts, marks


@dataclass(frozen=True, slots=True)
class NotedNumbers:
    """What is asked of the journal on one account: which numbers are suppressed, and of people more.

    `since`: whether they were rung after that moment, in epoch seconds; None where nobody asks. `dnd`: whether the
    carrier has said anything of them.
    """

    db: Database
    account: str
    since: float | None
    dnd: bool

    def among(self, agents: Collection[str], people: Collection[str]) -> set[str]:
        """Return those of these identities of which the journal says anything of this."""
        found = set(self._asked("SELECT number FROM suppressed WHERE number IN", {*agents, *people}))
        if self.since is not None:
            rung = f"SELECT a.person FROM attempts a WHERE a.started > ? AND {MAY_HAVE_RUNG} AND a.person IN"  # noqa: S608
            found.update(self._of_people(rung, people, self.since))
        if self.dnd:
            found.update(self._of_people("SELECT person FROM numbers WHERE person IN", people))
        return found

    def _of_people(self, select: str, people: Collection[str], *more: float) -> Iterator[str]:
        beginning = f"{self.account}:"
        asked = [beginning + person for person in people]
        return (person.removeprefix(beginning) for person in self._asked(select, asked, *more))

    def _asked(self, select: str, texts: Collection[str], *more: float) -> Iterator[str]:
        for some in in_parts(list(texts)):
            for (text,) in self.db.execute(f"{select} ({marks(some)})", (*more, *some)):
                yield text
