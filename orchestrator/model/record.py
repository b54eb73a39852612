"""What the journal knows: runs, calls and attempts as they stand. Every report derives from these."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Disposition, Ending, Evidence, Leg, Placement


@frozen
class RunRecord:
    """One run. Times are RFC 3339 in UTC; `ended_at`, `exit_code` and `head` are None while it goes on.

    `journal` is the journal's id, `head` the hash of the run's last event: with it `journal verify` can prove later
    whether the journal still holds everything up to there. `unmet` says, where the calls were not as wished, what was
    wished and what it was.
    """

    id: str
    plan: str
    edition: str
    digest: str
    target: str
    started_at: str
    ended_at: str | None = None
    exit_code: int | None = None
    journal: str = ""
    head: str | None = None
    unmet: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it goes on, and where an altered journal has no times."""
        try:
            return (
                datetime.fromisoformat(self.ended_at or "") - datetime.fromisoformat(self.started_at)
            ).total_seconds()
        except (ValueError, TypeError):  # of a text that is no time, or of one time without a zone
            return None


@frozen
class Part:
    """Which calls of an edition are meant: those with ids like `only`, and with one of these dispositions.

    `only` is a pattern of *, ? and [...], None for every id; no disposition means each.
    """

    only: str | None = None
    dispositions: tuple[Disposition, ...] = ()


WHOLE = Part()
"""All calls of an edition."""


@frozen
class AttemptRecord:
    """One connect request. `placement` is None while the intent has no outcome.

    `duration` is in seconds (policy/evidence.py says of what), `price` a decimal text in `currency`; `message` is the
    carrier's or our words.
    """

    n: int
    started_at: str
    placement: Placement | None = None
    evidence: Evidence | None = None
    sid: str | None = None
    http_status: int | None = None
    ending: Ending | None = None
    legs: tuple[Leg, ...] = ()
    placed_at: str | None = None
    ended_at: str | None = None
    duration: int | None = None
    recording_url: str | None = None
    price: str | None = None
    currency: str | None = None
    message: str | None = None


@frozen
class CallRecord:
    """One call of a plan. `run` is the run that last touched it; `reason` says why a call was not dialed.

    No `repr` has its numbers.
    """

    id: str
    run: str
    disposition: Disposition
    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    reason: str | None = None
    carry: Mapping[str, str] = field(default_factory=dict, repr=False)
    attempts: tuple[AttemptRecord, ...] = ()
