"""The end of a run in a few figures, for whoever renders them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.model.outcome import Disposition
from orchestrator.model.record import RunRecord


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to. `dispositions` are those that occur; `seconds` is None while the run goes on."""

    run: RunRecord
    dispositions: tuple[tuple[str, int], ...]
    calls: int
    attempts: int
    seconds: float | None
    unknown: tuple[str, ...]


def summary(run: RunRecord, totals: Mapping[str, int], unknown: Sequence[str] = ()) -> Summary:
    """Return the figures. `unknown` are the ids of the calls whose attempt may have rung without our knowing."""
    counted = tuple((word.value, totals[word.value]) for word in Disposition if totals.get(word.value))
    return Summary(run, counted, totals.get("calls", 0), totals.get("attempts", 0), _seconds(run), tuple(unknown))


def _seconds(run: RunRecord) -> float | None:
    if run.ended_at is None:
        return None
    return (datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.started_at)).total_seconds()
