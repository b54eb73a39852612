"""A plan in virtual time: days in seconds, with all that a run keeps to, and the same again for the same seed."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestrator.app.options import RunOptions
from orchestrator.app.virtual_run import VirtualRun, run_virtually
from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.connection import InlineWriter
from orchestrator.journal.sqlite.journal import MemoryJournal
from orchestrator.journal.verify.whole import verify
from orchestrator.model.call import UnmatchedAttempt
from orchestrator.model.events import Event
from orchestrator.model.record import AttemptRecord, CallRecord

INDIA = ZoneInfo("Asia/Kolkata")
FRIDAY = datetime(2026, 12, 4, 13, 0, tzinfo=INDIA)
PACE = 60
POLICY: dict[str, object] = {
    "window": [{"days": "mon-fri", "hours": "09:00-18:00", "timezone": "Asia/Kolkata"}],
    "pace": f"{PACE}/minute",
    "stages": [20, "25%", "100%"],
    "halt": [{"failed": "60%", "of": 50}],
    "redial": {"no-answer": {"attempts": 3, "after": "2h"}, "busy": {"attempts": 2, "after": "2h"}},
    "concurrency": 200,
}


@dataclass(frozen=True)
class Told:
    """What a virtual run tells."""

    run: VirtualRun
    calls: list[CallRecord]
    events: list[Event]

    @property
    def attempts(self) -> list[AttemptRecord]:
        return [attempt for call in self.calls for attempt in call.attempts]

    @property
    def totals(self) -> Mapping[str, int]:
        return self.run.reader.view.results.totals(self.run.scope)


def told(folder: Path, count: int, seed: int = 0, journal: MemoryJournal | None = None, **policy: object) -> Told:
    """Run a plan of so many calls from a Friday evening on."""
    (folder / "people.csv").write_text("id,phone\n" + "".join(f"c{n},+9199{n:08d}\n" for n in range(count)))
    plan = folder / "plan.yaml"
    row = {"id": "${row.id}", "rows": "people.csv", "To": "${row.phone}"}
    defaults = {"From": "+918069171234", "CallerId": "08047112233"}
    rules = {key: value for key, value in (POLICY | policy).items() if value is not None}
    document = {"version": 1, "name": "days", "defaults": defaults, "calls": [row], "policy": rules}
    plan.write_text(json.dumps(document))
    target = folder / "target.yaml"
    target.write_text(json.dumps({"kind": "sandbox", "seed": seed}))
    events: list[Event] = []
    run = run_virtually(RunOptions(str(plan), str(target)), FRIDAY.timestamp(), events.append, journal)
    return Told(run, list(run.reader.view.results.calls(run.scope)), events)


def at(text: str | None) -> datetime:
    assert text is not None
    return datetime.fromisoformat(text).astimezone(INDIA)


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(tmp_path_factory.mktemp("days"), 2000)


def test_every_call_comes_to_its_end_over_several_days(days: Told) -> None:
    assert len(days.calls) == 2000
    assert days.totals["calls"] == 2000
    assert not days.totals["waiting"]
    assert not days.totals["unknown"]
    assert days.run.conclusion.messages == ()
    took = timedelta(seconds=days.run.ended - FRIDAY.timestamp())
    assert took > timedelta(days=2), "the weekend is between the calls"
    dialed_on = Counter(f"{at(attempt.placed_at):%A}" for attempt in days.attempts)
    assert set(dialed_on) == {"Friday", "Monday"}
    assert min(dialed_on.values()) > 300


def test_nobody_is_rung_outside_the_window(days: Told) -> None:
    moments = [at(moment) for attempt in days.attempts for moment in (attempt.started_at, attempt.placed_at)]
    assert all(moment.weekday() < 5 for moment in moments)
    assert all(9 <= moment.hour < 18 for moment in moments)


def test_no_window_of_a_minute_holds_more_requests_than_the_pace_and_all_of_it_is_used(days: Told) -> None:
    sent = sorted(at(attempt.placed_at) for attempt in days.attempts)
    most = max(_in_a_minute(sent))
    assert most <= PACE
    assert most >= PACE - 1, "a run with thousands of calls due uses its pace"


def _in_a_minute(sent: list[datetime]) -> Iterator[int]:
    first = 0
    for index, moment in enumerate(sent):
        while sent[first] <= moment - timedelta(minutes=1):
            first += 1
        yield index - first + 1


def test_redials_keep_their_distance_and_their_number(days: Told) -> None:
    attempts = Counter(len(call.attempts) for call in days.calls)
    assert set(attempts) == {1, 2, 3}
    for call in days.calls:
        for before, after in pairwise(call.attempts):
            assert at(after.placed_at) - at(before.ended_at) >= timedelta(hours=2)
            assert before.ending in ("no-answer", "busy")


def test_a_stage_begins_once_the_one_before_is_over(days: Told) -> None:
    firsts = sorted((at(call.attempts[0].placed_at), call.id) for call in days.calls)
    stage = {id_ for _, id_ in firsts[:20]}
    over = max(at(attempt.ended_at) for call in days.calls if call.id in stage for attempt in call.attempts)
    assert firsts[20][0] >= over


def test_its_journal_is_one_that_holds_together(days: Told, tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as copy:
        days.run.reader.db.backup(copy)
    assert verify(path).count == 0
    assert days.run.reader.newest()[0] >= len(days.events) > 8000


def test_the_same_seed_gives_the_same_and_another_one_does_not(tmp_path: Path) -> None:
    first, again, other = (told(tmp_path, 150, seed=seed) for seed in (1, 1, 2))
    assert _shape(first) == _shape(again)
    assert first.run.ended == again.run.ended
    assert first.totals == again.totals
    assert first.totals != other.totals


def _shape(run: Told) -> list[object]:
    """All that a seed decides: who was dialed when, and how that ended."""
    return [
        (call.id, call.disposition, *((one.placed_at, one.ended_at, one.ending) for one in call.attempts))
        for call in run.calls
    ]


class CountedLooks(MemoryJournal):
    """Counts how often a run looks for calls to ask about."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        journal = self

        class Looking(Reader):
            def unmatched(self, since: float) -> list[UnmatchedAttempt]:
                journal.looks += 1
                return super().unmatched(since)

        yield Looking(self.db)


def test_nobody_looks_for_calls_to_ask_about_while_there_are_none(tmp_path: Path) -> None:
    """Those in flight were all answered: asked every half a minute, a weekend would be six thousand times."""
    journal = CountedLooks()
    found = told(
        tmp_path, 60, journal=journal, window=[{"days": "mon,fri", "hours": "13:00-13:30", "timezone": "Asia/Kolkata"}]
    )
    assert found.run.ended - FRIDAY.timestamp() > 3 * 86_400
    assert {attempt.ending for attempt in found.attempts} > {"completed", "no-answer"}
    assert 0 < journal.looks < 20


class CountedCommits(MemoryJournal):
    """Keeps the events of each commit together."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[list[Event]] = []

    def writer(self, heard: Callable[[list[Event]], None]) -> InlineWriter:
        def both(events: list[Event]) -> None:
            self.commits.append(events)
            heard(events)

        return super().writer(both)


def test_what_comes_at_one_time_shares_a_commit(tmp_path: Path) -> None:
    """A commit costs as much as several steps; at a high pace most calls begin, end and are looked up in company."""
    journal = CountedCommits()
    found = told(tmp_path, 300, journal=journal, pace="1000/second", concurrency=300, stages=None, redial=None)
    steps = Counter(event.type for event in found.events)
    assert steps["attempt.placed"] == steps["callback.received"] == steps["call.ended"] == 300
    shared = Counter(kind for commit in journal.commits for kind in {event.type for event in commit})
    for kind in ("attempt.started", "attempt.placed", "callback.received"):
        assert shared[kind] < steps[kind] / 2, kind
    assert shared["attempt.billed"] < steps["attempt.billed"] / 10


def test_a_bad_canary_halts_the_run(tmp_path: Path) -> None:
    found = told(tmp_path, 200, halt=[{"no-answer": "5%", "of": 20}], redial=None)
    assert found.run.conclusion.code == 5
    assert "halted" in found.run.conclusion.messages[0]
    assert sum(bool(call.attempts) for call in found.calls) <= 20
