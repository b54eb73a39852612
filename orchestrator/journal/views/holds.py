"""What keeps calls from being dialed: holds, and numbers that are never rung."""

from collections.abc import Iterator

from orchestrator.journal.database import Database
from orchestrator.journal.guard_queries import holds_on, standing_holds, suppression
from orchestrator.model.hold import Hold, Suppression


class Holds:
    """What people have said of dialing, as it stands now."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def on(self, plan: int, edition: str) -> tuple[Hold, ...]:
        """Return what holds an edition, the strongest first: a halt, a cancellation, its pause, the whole journal's."""
        return standing_holds(self._db, plan, edition)

    def on_plan_named(self, account: str, plan: str, edition: str) -> tuple[tuple[Hold, ...], str]:
        """Return what holds a plan's edition, or the journal, and the id of its latest run, empty for none."""
        return holds_on(self._db, account, plan, edition)

    def suppression(self, number: str) -> Suppression | None:
        """Return why a number, named by its identity, is not rung; None where it may be."""
        return suppression(self._db, number)

    def suppressions(self) -> Iterator[tuple[str, Suppression]]:
        """Stream the numbers that nobody rings from this journal, by their identities, the latest first."""
        rows = self._db.execute("SELECT number, because, by, at FROM suppressed ORDER BY at DESC, number")
        return ((number, Suppression(because, by, at)) for number, because, by, at in rows)
