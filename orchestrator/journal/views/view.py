"""Everything that may be asked of the journal as it stands, over one connection."""

from functools import cached_property

from orchestrator.journal.chain import head, holds_event, journal_id
from orchestrator.journal.database import Database
from orchestrator.journal.views.approvals import Approvals
from orchestrator.journal.views.attempts import Attempts
from orchestrator.journal.views.background import Backgrounds
from orchestrator.journal.views.calls import Calls
from orchestrator.journal.views.chain import whole_chain
from orchestrator.journal.views.editions import Editions
from orchestrator.journal.views.holds import Holds
from orchestrator.journal.views.plans import Plans
from orchestrator.journal.views.refusals import refused_callbacks
from orchestrator.journal.views.results import Results
from orchestrator.journal.views.runs import Runs
from orchestrator.model.events import Chain
from orchestrator.model.refusal import RefusedCallbacks


class View:
    """The journal as of one moment; inside a transaction as that has left it so far."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def id(self) -> str:
        """Return the journal's id, which a target file can pin. Raises CannotProceed where it is gone."""
        return journal_id(self._db)

    @property
    def head(self) -> str:
        """Return the newest event's hash, which stands for all that was ever committed."""
        return head(self._db).hash

    def holds_event(self, hash_: str) -> bool:
        """Whether the journal has an event with this hash; the head of an empty journal it always has."""
        return holds_event(self._db, hash_)

    def chain(self) -> Chain:
        """Return the chain of all events."""
        return whole_chain(self._db)

    def refused_callbacks(self) -> RefusedCallbacks:
        """Return what receivers have refused since the journal was made."""
        return refused_callbacks(self._db)

    @cached_property
    def runs(self) -> Runs:
        """Ask about runs."""
        return Runs(self._db)

    @cached_property
    def editions(self) -> Editions:
        """Ask about editions of plans."""
        return Editions(self._db)

    @cached_property
    def calls(self) -> Calls:
        """Ask about single calls."""
        return Calls(self._db)

    @cached_property
    def attempts(self) -> Attempts:
        """Ask about single attempts."""
        return Attempts(self._db)

    @cached_property
    def holds(self) -> Holds:
        """Ask about holds and suppressed numbers."""
        return Holds(self._db)

    @cached_property
    def plans(self) -> Plans:
        """Ask what a review of a plan must know."""
        return Plans(self._db)

    @cached_property
    def approvals(self) -> Approvals:
        """Ask who approved a digest."""
        return Approvals(self._db)

    @cached_property
    def results(self) -> Results:
        """Ask what became of an edition's calls."""
        return Results(self._db)

    @cached_property
    def backgrounds(self) -> Backgrounds:
        """Ask how an edition's calls came to be made as they were."""
        return Backgrounds(self._db)
