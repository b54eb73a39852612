"""What `plan --at T` says is what a run at T does: the same calls, the same refusals, and what the estimate says of it.

The run is a real one in virtual time, against the sandbox. What runs came to - how often people answered, how long
they talked and rang - is then assumed, and the estimate of that must come to what the runs came to. Where everybody
answers, all is given with that, and it is one figure. Else calls go by chance, and forty may have a redial more: the
estimate is a range, each plan is run with several seeds, and it is the middle of the range that their mean must come
to. That the range holds what it says is seen over more seeds, and in tests/unit/policy where the true one is known.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orchestrator.app.options import PlanOptions, RunOptions
from orchestrator.app.plan import plan_now
from orchestrator.app.virtual_run import run_virtually
from orchestrator.journal.sqlite.journal import MemoryJournal
from orchestrator.model.errors import Refused
from orchestrator.model.forecast import Forecast, Foretold
from orchestrator.model.record import AttemptRecord, CallRecord
from orchestrator.model.review import CallState, PlanView

INDIA = ZoneInfo("Asia/Kolkata")
SEEDS = range(4)
MANY_SEEDS = range(12)
CLOSE = 0.1
"""By how much the estimate may differ from the run of the same assumptions."""
DEFAULTS = {"From": "+918069171234", "CallerId": "08047112233", "TimeOut": 30, "TimeLimit": 600}
OFFICE = [{"days": "mon-fri", "hours": "09:00-18:00", "timezone": "Asia/Kolkata"}]
MINUTE = [{"days": "mon-fri", "hours": "09:00-09:01", "timezone": "Asia/Kolkata"}]
NIGHT = [{"days": "mon-sun", "hours": "22:00-02:00", "timezone": "Asia/Kolkata"}]
BUSY = {"busy": {"attempts": 2, "after": "30m"}, "no-answer": {"attempts": 3, "after": "20m"}}


def at(text: str) -> float:
    """A moment in December 2026, as Kolkata's clocks show it; the first is a Tuesday."""
    return datetime.fromisoformat(f"2026-12-{text}:00").replace(tzinfo=INDIA).timestamp()


def people(count: int, first: int = 0) -> list[dict[str, str]]:
    return [{"id": f"c{n}", "phone": f"+9198200{n:05}"} for n in range(first, first + count)]


def paced(count: int = 10, **more: Any) -> dict[str, Any]:
    """A policy of so many calls a minute."""
    return {"pace": f"{count}/minute", **more}


@dataclass(frozen=True)
class State:
    """A plan as it stands at some time, and what is run of it."""

    rows: Sequence[dict[str, str]]
    policy: dict[str, Any]
    call: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    name: str = "plan.yaml"


@dataclass(frozen=True)
class Case:
    """`before` was run at `then`, `now` is reviewed and run at `moment`."""

    now: State
    moment: str = "01T10:00"
    before: State | None = None
    then: str = "01T09:30"
    target: dict[str, Any] = field(default_factory=dict)
    refused: str | None = None
    is_stopped: bool = False
    """A limit ends the run: which calls were dialed by then is decided while they are dialed."""


def first(count: int, **more: Any) -> State:
    return State(people(count), more.pop("policy", paced()), **more)


CASES = {
    "pace": Case(first(30), target={"scenario": "calm"}),
    "everyday": Case(first(60, policy=paced(20))),
    "concurrency": Case(first(40, policy=paced(60, concurrency=2)), target={"scenario": "calm"}),
    "legs": Case(first(40, policy=paced(60)), target={"scenario": "calm", "legs": 5}),
    "two-agents": Case(
        State(
            [row | {"agent": f"+91806917120{n % 3 // 2}"} for n, row in enumerate(people(45))],
            paced(60, per_agent=1),
            call={"From": "${row.agent}"},
        ),
        target={"scenario": "calm"},
    ),
    "night-between": Case(first(60, policy=paced(2, window=OFFICE)), "01T17:45"),
    "closed-now": Case(first(30, policy=paced(window=OFFICE)), "01T20:00"),
    "midnight": Case(first(50, policy=paced(1, window=NIGHT)), "01T23:30", target={"scenario": "calm"}),
    "weekend-and-holiday": Case(first(40, policy=paced(4, window=OFFICE, holidays="holidays.csv")), "04T17:55"),
    "too-narrow": Case(first(5, policy=paced(window=MINUTE), defaults={"TimeOut": 60})),
    "stages": Case(first(60, policy=paced(30, stages=[1, "20%", "100%"]))),
    "stages-and-redials": Case(first(60, policy=paced(30, stages=[10, "100%"], redial=BUSY))),
    "redials-into-the-night": Case(first(60, policy=paced(30, window=OFFICE, redial=BUSY)), "01T17:30"),
    "last-stage": Case(first(30, policy=paced(stages=[2, "50%"])), is_stopped=True),
    "limit-calls": Case(first(30, policy=paced(4, limits={"calls": 12})), is_stopped=True),
    "limit-attempts": Case(
        first(40, policy=paced(20, redial=BUSY, limits={"attempts": 45})), is_stopped=True
    ),
    "limit-minutes": Case(
        first(60, policy=paced(4, limits={"minutes": 15})), target={"scenario": "calm"}, is_stopped=True
    ),
    "limit-cost": Case(
        first(40, policy=paced(4, limits={"cost": "40 INR"})),
        target={"scenario": "calm", "rates": {"currency": "INR", "per_minute": "0.60", "pulse": "60s"}},
        is_stopped=True,
    ),
    "limit-until": Case(first(60, policy=paced(limits={"until": "2026-12-01T10:03:00+05:30"})), is_stopped=True),
    "limit-from": Case(first(30, policy=paced(limits={"from": "2026-12-01T12:00:00+05:30"}))),
    "bad-and-suppressed-rows": Case(
        State([*people(20), {"id": "bad", "phone": "12"}, *people(20, 20)], paced(suppress=["list.csv"]))
    ),
    "times-of-rows": Case(
        State(
            [row | {"from": f"2026-12-01T1{n % 3}:00:00+05:30"} for n, row in enumerate(people(36))],
            paced(window=OFFICE),
            call={"not_before": "${row.from}", "not_after": "2026-12-01T11:30:00+05:30"},
        ),
    ),
    "appended-rows": Case(first(40), before=first(15)),
    "removed-rows": Case(State(people(20, 10), paced()), before=first(20, options={"limit": 15})),
    "changed-numbers-refused": Case(
        State([row | {"phone": "+919820099999"} if row["id"] == "c3" else row for row in people(20)], paced()),
        before=first(10),
        refused="numbers-changed",
    ),
    "changed-numbers-not-dialed": Case(
        State([row | {"phone": "+919820099999"} if row["id"] == "c30" else row for row in people(40)], paced()),
        before=first(40, options={"limit": 10}),
    ),
    "changed-request": Case(first(40, defaults={"TimeLimit": 900}), before=first(40, options={"limit": 10})),
    "changed-ids": Case(State([row | {"id": f"new-{row['id']}"} for row in people(30)], paced()), before=first(15)),
    "changed-ids-on-a-list": Case(
        State([row | {"id": f"new-{row['id']}"} for row in people(30)], paced(suppress=["list.csv"])), before=first(15)
    ),
    "redials-of-before": Case(
        first(60, policy=paced(30, redial=BUSY)), before=first(60, policy=paced(30, redial=BUSY), options={"wait": 0.0})
    ),
    "redials-not-wished-any-more": Case(
        first(70, policy=paced(30)), before=first(60, policy=paced(30, redial=BUSY), options={"wait": 0.0})
    ),
    "another-edition": Case(first(20, options={"edition": "2"}), before=first(20, options={"edition": "1"})),
    "another-file": Case(first(20, name="other.yaml"), before=first(10), refused="name-taken"),
    "a-bad-row": Case(
        State([*people(5), {"id": "bad", "phone": "12"}], paced(), options={"bad": "refuse"}), refused="not-a-number"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """A plan, its data and its journal in one folder; `seed` decides how its calls go."""

    folder: Path
    case: Case
    seed: int = 0
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    def options(self, state: State) -> dict[str, Any]:
        """Write a state of the plan; return what its review and its run are both asked for."""
        folder, names = self.folder, list(state.rows[0])
        lines = [",".join(row[name] for name in names) for row in state.rows]
        (folder / "people.csv").write_text("\n".join([",".join(names), *lines, ""]))
        (folder / "list.csv").write_text("phone\n+919820000007\n9820000011\n")
        (folder / "holidays.csv").write_text("date\n2026-12-07\n")
        # A virtual sandbox forgets the calls of the run before: with the same seed a redial would go as its call did.
        seed = self.seed + (1000 if state is self.case.before else 0)
        (folder / "target.yaml").write_text(json.dumps({"kind": "sandbox", "seed": seed, **self.case.target}))
        rows = {"file": "people.csv", "bad": state.options.get("bad", "skip")}
        call = {"id": "${row.id}", "rows": rows, "To": "${row.phone}", **state.call}
        defaults = {name: value for name, value in {**DEFAULTS, **state.defaults}.items() if name not in state.call}
        document = {"version": 1, "name": "foretold", "defaults": defaults, "calls": [call], "policy": state.policy}
        (folder / state.name).write_text(json.dumps(document))
        return {
            "plan": str(folder / state.name),
            "target": str(folder / "target.yaml"),
            "edition": state.options.get("edition"),
        }

    def run(self, state: State, moment: float) -> list[CallRecord]:
        """Run a state of the plan; return its calls."""
        more = {name: value for name, value in state.options.items() if name in ("limit", "wait")}
        found = run_virtually(RunOptions(**self.options(state), **more), moment, journal=self.journal)
        return list(found.reader.view.results.calls(found.scope))

    def keep(self) -> None:
        """Keep the journal as it stands now: reviews ask that."""
        with closing(sqlite3.connect(self.folder / "journal.db")) as copy:
            self.journal.db.backup(copy)

    def review(self, state: State, moment: float, **assume: float) -> PlanView:
        """Review a state of the plan, with what the journal knew when it was kept."""
        journal = str(self.folder / "journal.db")
        return plan_now(PlanOptions(**self.options(state), journal=journal, at=moment, assume=assume))


@dataclass(frozen=True)
class Came:
    """What a run came to: its attempts, when the last of them was over, minutes and cost."""

    attempts: Sequence[AttemptRecord]

    @property
    def finish(self) -> float:
        return max(epoch(attempt.ended_at) for attempt in self.attempts)

    @property
    def minutes(self) -> float:
        """How long From was on the line: of the last calls the carrier had told less when the run ended."""
        return sum(attempt.legs[0].duration or 0 for attempt in self.attempts if attempt.legs) / 60

    @property
    def cost(self) -> float:
        """What the carrier charges: of the last calls it had not said so when the run ended."""
        return sum(charged(attempt) if attempt.price is None else float(attempt.price) for attempt in self.attempts)


def charged(attempt: AttemptRecord) -> float:
    """The sandbox's price by the seconds of both legs."""
    return sum(0.6 * ceil((leg.duration or 0) / 60) for leg in attempt.legs)


def assumed(runs: Sequence[Came]) -> dict[str, float]:
    """How the calls of some runs went, as the user of `plan` would write it."""
    attempts = [attempt for run in runs for attempt in run.attempts]
    endings = Counter(str(attempt.ending) for attempt in attempts)
    shares = {"answer" if word == "completed" else word: count / len(attempts) for word, count in endings.items()}
    answered = [attempt for attempt in attempts if attempt.ending == "completed"]
    talks = [float(attempt.legs[1].duration or 0) for attempt in answered]
    rings = [
        (epoch(attempt.ended_at) - epoch(attempt.placed_at) - talk) / 2
        for attempt, talk in zip(answered, talks, strict=True)
    ]
    return {**shares, "talk": fmean(talks), "ring": fmean(rings)}


def refusals(do: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        do()
    return [(found.id, found.message) for found in refused.value.diagnostics]


def began(call: CallRecord, since: float) -> list[AttemptRecord]:
    """The attempts of this run."""
    return [attempt for attempt in call.attempts if epoch(attempt.started_at) >= since]


def epoch(text: str | None) -> float:
    assert text is not None
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.refused])
def test_what_a_run_refuses_the_review_refuses_in_the_same_words(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    desk = Desk(tmp_path, case)
    if case.before is not None:
        desk.run(case.before, at(case.then))
    desk.keep()
    said = refusals(lambda: desk.review(case.now, at(case.moment)))
    assert said == refusals(lambda: desk.run(case.now, at(case.moment)))
    assert case.refused in dict(said)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not case.refused])
def test_a_run_does_what_the_review_says(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    desks, runs = [], []
    for seed in SEEDS:
        (tmp_path / str(seed)).mkdir()
        desks.append(Desk(tmp_path / str(seed), case, seed))
        runs.append(came_as_said(desks[-1]))
    if any(run.attempts for run in runs):
        assume, moment = assumed(runs), at(case.moment)
        endings = {name: share for name, share in assume.items() if name not in ("talk", "ring")}
        by_mean, by_scenario = (
            [desk.review(case.now, moment, **given).estimate for desk in desks] for given in (assume, endings)
        )
        assert_foretold(by_mean, by_mean if len(endings) == 1 else by_scenario, runs, moment)


def came_as_said(desk: Desk) -> Came:
    """See that a run dials whom the review says, and closes the others as it says; return what it came to."""
    case, moment = desk.case, at(desk.case.moment)
    if case.before is not None:
        desk.run(case.before, at(case.then))
    desk.keep()
    view = desk.review(case.now, moment)
    planned = {call.id: call for call in view.calls}
    gone = {call.id for call in view.removed}
    calls = desk.run(case.now, moment)
    assert view.totals["calls"] == len(planned)
    assert planned.keys() | gone == {call.id for call in calls}
    attempts = {call.id: began(call, moment) for call in calls}
    dialed = {id_ for id_, found in attempts.items() if found}
    to_dial = {call.id for call in planned.values() if call.state is CallState.TO_DIAL or call.redials}
    assert view.estimate is not None
    assert bool(view.estimate.left.high) is case.is_stopped
    assert dialed <= to_dial if case.is_stopped else dialed == to_dial
    for call in calls:
        if call.id in planned:
            assert_alike(planned[call.id].state, call, dialed=call.id in dialed)
    return Came([attempt for found in attempts.values() for attempt in found])


def assert_alike(state: CallState, call: CallRecord, *, dialed: bool) -> None:
    """See that a call that is not dialed has the disposition that the review foretold."""
    expected = {
        CallState.SUPPRESSED: ("suppressed",),
        CallState.BAD_ROW: ("not-dialed",),
        CallState.TOO_LATE: ("not-dialed", "waiting"),  # for a window that never opens the whole run waits
        CallState.ID_CHANGED: ("not-dialed",),
    }.get(state)
    if expected is not None:
        assert call.disposition in expected, call.id
        assert not dialed, call.id
    if state is CallState.ALREADY_CALLED:
        assert not dialed, call.id


def assert_foretold(
    views: Sequence[Forecast | None], finishing: Sequence[Forecast | None], runs: Sequence[Came], moment: float
) -> None:
    """See that the estimate, with what the runs came to assumed, comes to the same.

    The last call to end is the longest of some, of which the mean of their lengths tells nothing: where calls go by
    chance, when it is over is told by what is known of the scenario (`finishing`).
    """
    found = [each for each in views if each is not None]
    for each in found:
        is_exact = next(item for item in each.assumptions if item.name == "answer").value.low == 1.0
        assert each.by_chance is not is_exact
        assert not is_exact or each.finish.low == each.finish.high, "nothing is left to chance"
    finishes = [each.finish.expected - moment for each in finishing if each and each.finish.expected is not None]
    assert fmean(finishes) == mean_of(run.finish - moment for run in runs)
    assert fmean(mean(each.starts) for each in found) == mean_of(len(run.attempts) for run in runs)
    assert fmean(mean(each.minutes) for each in found) == mean_of(run.minutes for run in runs)
    assert fmean(mean(each.cost) for each in found if each.cost is not None) == mean_of(run.cost for run in runs)


def mean(found: Foretold[Any]) -> float:
    """What is expected on average."""
    assert found.expected is not None
    return found.expected


def test_nine_of_ten_runs_lie_within_the_ranges(tmp_path: Path) -> None:
    case, within = Case(first(16, policy=paced(30, stages=[4, "100%"], redial=BUSY))), Counter[str]()
    moment = at(case.moment)
    for seed in MANY_SEEDS:
        (tmp_path / str(seed)).mkdir()
        desk = Desk(tmp_path / str(seed), case, seed)
        desk.keep()
        found = desk.review(case.now, moment).estimate
        assert found is not None
        assert found.by_chance
        run = Came([attempt for call in desk.run(case.now, moment) for attempt in began(call, moment)])
        for what, came, span in (
            ("starts", len(run.attempts), found.starts),
            ("finish", run.finish, found.finish),
            ("minutes", run.minutes, found.minutes),
            ("cost", run.cost, found.cost),
        ):
            within[what] += span is not None and span.low <= came <= span.high  # type: ignore[operator]
    assert len(within) == 4
    assert min(within.values()) >= 0.75 * len(MANY_SEEDS), "nine of ten, and seeds are few"


def mean_of(values: Iterable[float]) -> Any:
    """The mean, as closely as an estimate must come to it."""
    return pytest.approx(fmean(values), rel=CLOSE)
