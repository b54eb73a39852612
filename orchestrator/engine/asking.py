"""What all that learns by look-ups stands on."""

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.ports import Clock, Reader, Writer
from orchestrator.engine.reconcile import Span
from orchestrator.engine.steps import Steps
from orchestrator.model.outcome import CallFacts, Evidence
from orchestrator.model.target import Lookups
from orchestrator.model.work import Attempt


class Asking:
    """The journal to ask for, the carrier to ask, and the step that commits what a call's own look-up says."""

    def __init__(
        self, conduct: Conduct, lookups: Lookups, journal: tuple[Writer, Reader], asker: LookUps, clock: Clock
    ) -> None:
        self._conduct, self._lookups, self._steps = conduct, lookups, Steps(conduct)
        self._writer, self._reader = journal
        self._asker, self._clock, self._span = asker, clock, Span(conduct.timeout)

    async def _learn(self, attempt: Attempt, facts: CallFacts) -> None:
        key, n, at = attempt.call, attempt.record.n, self._clock()
        await self._writer.write(lambda tx: self._steps.learn(tx, tx.attempt(key, n), facts, Evidence.LOOK_UP, at))
