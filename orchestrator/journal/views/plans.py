"""What a review of a plan must know, by the plan's name: where it comes from, what was taken in, whom it rang."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from orchestrator.journal.codec import MAY_HAVE_RUNG, in_parts, marks
from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import CallQueries, UsageQueries
from orchestrator.journal.known_calls import KnownCalls
from orchestrator.journal.past_calls import PastCalls, past_calls, usage_so_far
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.journal.views.reviews import compare
from orchestrator.model.call import DueCall
from orchestrator.model.events import EventType
from orchestrator.model.frozen import frozen


@frozen
class TakenIn:
    """What a run may take up without reading its plan's rows: who took the calls in, their digest and number."""

    plan: int
    load: int
    digest: str
    calls: int


@frozen
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


class Plans:
    """The plans that the journal knows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def source(self, account: str, plan: str) -> str | None:
        """Return the file that the journal knows a plan's name from; None where it does not know the name."""
        row = self._db.execute("SELECT source FROM plans WHERE account = ? AND name = ?", (account, plan)).fetchone()
        return None if row is None else str(row[0])

    def taken_in(self, account: str, plan: str, edition: str, inputs: str, *, keep_suppressed: bool) -> TakenIn | None:
        """Return what the last run of a plan's edition took in; None where its rows must be read again.

        They must where a number was released since: that run may have closed calls to it.
        """
        row = self._db.execute(
            "SELECT r.plan, r.load, r.digest, r.calls, r.inputs, r.id FROM runs r JOIN plans p ON p.key = r.plan"
            " WHERE p.account = ? AND p.name = ? AND r.edition = ? ORDER BY r.key DESC LIMIT 1",
            (account, plan, edition),
        ).fetchone()
        wanted = inputs_taken_in(inputs, keep_suppressed=keep_suppressed)
        if row is None or not wanted or row[4] != wanted or self._released_since(row[5]):
            return None
        return TakenIn(*row[:4])

    def _released_since(self, run: str) -> bool:
        """Whether a number was released after a run had begun."""
        events = f"events {self._db.by('events_of_runs')}"
        row = self._db.execute(
            f"SELECT 1 FROM {events} WHERE call IS NULL AND type = ? AND seq >"  # noqa: S608
            f" (SELECT min(seq) FROM {events} WHERE call IS NULL AND run = ? AND type = ?) LIMIT 1",
            (EventType.NUMBER_RELEASED, run, EventType.RUN_STARTED),
        )
        return row.fetchone() is not None

    def known_calls(
        self, account: str, plan: str, edition: str, held: Callable[[], Iterable[Sequence[str]]]
    ) -> KnownCalls:
        """Return what is known of the calls of an edition; `held` yields the ids that its plan holds now."""
        return KnownCalls(self._db, account, plan, edition, held)

    def past_calls(self, account: str, plan: str) -> PastCalls:
        """Return what became of the latest attempts of a plan."""
        return past_calls(self._db, account, plan)

    def usage(self, account: str, plan: str, edition: str) -> UsageQueries | None:
        """Return the questions about how far an edition is; None where the plan is not known."""
        return usage_so_far(self._db, account, plan, edition)

    def facts(self, call: DueCall) -> CallQueries:
        """Return the questions that guards ask about a call, which need not be in the journal."""
        return CallQueries(self._db, call)

    def noted_numbers(self, account: str, since: float | None, *, dnd: bool) -> NotedNumbers:
        """Return the question of which numbers the journal says something that guards ask about."""
        return NotedNumbers(self._db, account, since, dnd)

    def compare_review(self, digest: str, suppressed: SuppressedIds) -> tuple[int, int]:
        """Count whom no review of a digest suppressed before this one, and whom only earlier ones did."""
        return compare(self._db, digest, suppressed)


def inputs_taken_in(inputs: str, *, keep_suppressed: bool) -> str:
    """Return what is remembered of a run's inputs, and compared with the next one's.

    A run that keeps suppressed whom no list holds leaves calls closed that one without that must find anew: neither can
    take up what the other took in.
    """
    return f"{inputs} expected" if inputs and keep_suppressed else inputs
