"""What every report is made of: a run, and the calls of its plan's edition as the journal has them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from orchestrator.exotel.masking import Masker
from orchestrator.model.background import Background
from orchestrator.model.events import Chain
from orchestrator.model.frozen import frozen
from orchestrator.model.record import WHOLE, CallRecord, Part, RunRecord


@frozen
class Report:
    """A run with the calls that are shown. What takes long to find out is a function, asked only where it is shown.

    `counted` counts these calls: counts that are zero may be missing. `calls` streams them in the plan's order, anew
    each time; `carried` tells the names of the columns that the plan carries along, over all these calls; `background`
    what stands behind them, `chain` the journal's events. `part` is what was asked for of the edition. `columns` are
    those that a table has, None for all.
    """

    run: RunRecord
    counted: Callable[[], Mapping[str, int]]
    calls: Callable[[], Iterable[CallRecord]]
    carried: Callable[[], Sequence[str]]
    part: Part = WHOLE
    columns: tuple[str, ...] | None = None
    background: Callable[[], Background] = Background
    chain: Callable[[], Chain] = Chain

    @property
    def totals(self) -> Mapping[str, int]:
        """The counts of these calls."""
        return self.counted()


def why(call: CallRecord, masker: Masker) -> str:
    """Return why a call is not completed, as far as anybody said: its reason, else what its last attempt was told."""
    last = call.attempts[-1].message if call.attempts else None
    return masker.text(call.reason or last or "")
