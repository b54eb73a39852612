"""`compare`: two runs side by side, what each did itself and how its edition's calls stand."""

from collections.abc import Mapping

from orchestrator.app.journal import existing_journal
from orchestrator.app.named_run import RunArgument, find_run, read_run_argument
from orchestrator.journal.views.view import View
from orchestrator.model.frozen import frozen
from orchestrator.model.record import RunRecord
from orchestrator.model.story import OwnFigures


@frozen
class ComparedRun:
    """One of two runs: `totals` of its edition's calls as they stand now, and `own`, what came of its own attempts."""

    run: RunRecord
    totals: Mapping[str, int]
    own: OwnFigures


def compare(journal: str | None, first: str, second: str) -> tuple[ComparedRun, ComparedRun]:
    """Return both runs, as of one moment; a plan's name or file means its latest run.

    Raises WrongUsage where the journal knows no such run or more than one may be meant, Refused for a file that is no
    plan, and CannotProceed without a journal.
    """
    known, one, other = existing_journal(journal), read_run_argument(first), read_run_argument(second)
    with known.view() as view:
        return _compared(view, one), _compared(view, other)


def _compared(view: View, what: RunArgument) -> ComparedRun:
    scope = view.runs.scope_of(find_run(view, what).run)
    return ComparedRun(view.runs.record(scope.run_id), view.results.totals(scope), view.results.own_figures(scope))
