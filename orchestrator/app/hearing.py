"""Hears callbacks for every plan on a journal, and concludes what no run is there to conclude."""

from dataclasses import replace
from pathlib import Path

from orchestrator.engine.config import RunConfig
from orchestrator.engine.steps import Steps
from orchestrator.journal import Transaction
from orchestrator.journal.history import LatestRun, dialed_now, latest_run_of_plan, left_open
from orchestrator.model.outcome import CallFacts
from orchestrator.model.policy import Policy
from orchestrator.model.work import Attempt, Scope
from orchestrator.policy.may_start import Rules

NO_PLAN = 0
"""The key of a plan that does not exist: the scope of one who decides nothing."""

BATCH = 200
"""Most calls that are concluded in one commit: callbacks wait for no longer."""


class Hearing:
    """What a receiver writes that is no run's. Each method is one step of a transaction, safe to run twice.

    While a living process dials a plan, the endings of that plan's calls are only written down: the run, which looks
    for them, decides what follows, and tells it. Else what follows is decided here, as the plan's latest run would:
    its resolved policy is in the journal. An event is told under the run that made the attempt.
    """

    def __init__(self, journal: Path, currency: str) -> None:
        self._journal, self._currency = journal, currency
        self.left: set[int] = set()  # plans that were dialed when a call of theirs ended

    def receive_callback(self, tx: Transaction, token_hash: str, facts: CallFacts, now: float) -> bool:
        """Commit a callback; False where no attempt has this token."""
        attempt = tx.attempt_by_token(token_hash)
        if attempt is None:
            return False
        dialed = dialed_now(tx.db, self._journal, attempt.plan)
        self.left |= dialed
        return self._steps(tx, attempt, dialed).receive_callback(tx, token_hash, facts, now)

    def conclude(self, tx: Transaction, now: float) -> bool:
        """Conclude a batch of calls whose ending is known and which no run would; whether there may be more."""
        dialed = dialed_now(tx.db, self._journal)
        left = left_open(tx.db, dialed, BATCH)
        for attempt in left:
            self._steps(tx, attempt, dialed).conclude(tx, attempt, now)
        following = left_open(tx.db, dialed, BATCH)
        self.left &= dialed
        return bool(following) and following != left

    def _steps(self, tx: Transaction, attempt: Attempt, dialed: frozenset[int]) -> Steps:
        last = None if attempt.plan in dialed else latest_run_of_plan(tx.db, attempt.plan)
        if last is None:  # what follows is left to the plan's own run
            last = LatestRun(Scope(NO_PLAN, "", 0, "", 0), Policy())
        scope, rules = replace(last.scope, run_id=attempt.run_id), Rules(Policy(redial=last.policy.redial))
        return Steps(RunConfig(scope, slots=0, pace=None, account_pace=None, rules=rules, currency=self._currency))
