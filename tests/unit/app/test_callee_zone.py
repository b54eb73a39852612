"""Windows in the callee's zone: nobody is rung outside them in any zone that the number may be in.

The run is a real one in virtual time. Which zones a number may be in is written here by hand, and what its clocks show
is asked of `zoneinfo` alone: nothing here shares code with the evaluator.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.app.options import PlanOptions, RunOptions
from orchestrator.app.plan import plan_now
from orchestrator.app.virtual_run import run_virtually
from orchestrator.model.errors import Refused
from orchestrator.model.events import Event, EventType
from orchestrator.model.record import CallRecord

RING = 30
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ZONES = {
    "+9199000": ("Asia/Kolkata",),
    "+1212555": ("America/New_York",),
    "+1213555": ("America/Los_Angeles",),
    "+1602555": ("America/Phoenix",),
    "+1808555": ("Pacific/Honolulu",),
    "+1907555": ("America/Anchorage", "America/Adak"),
    "+1800555": ("America/New_York", "America/St_Johns", "Pacific/Honolulu", "Pacific/Guam"),
    "+44207946": ("Europe/London",),
    "+61412345": ("Australia/Sydney", "Australia/Perth"),
    "+7495123": ("Europe/Moscow",),
    "+551198765": ("America/Sao_Paulo",),
}
"""By the beginning of numbers, zones that they are, or may be, in; not all of them."""
DIGITS = {"+7": 12, "+1": 12, "+9": 13, "+4": 13, "+6": 12, "+5": 14}
SPRING, AUTUMN = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 10, 31, tzinfo=UTC)
"""The days before clocks are changed in America."""


def number(prefix: str, index: int) -> str:
    length = DIGITS[prefix[:2]]
    return prefix + f"{index:0{length - len(prefix)}d}"


def hours_of(text: str) -> tuple[int, int]:
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return start, end + 1440 * (end <= start)


def is_open(moment: datetime, zone: str, windows: list[dict[str, str]]) -> bool:
    """Whether a window is open by the clock on the wall in that zone."""
    local = moment.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute + local.second / 60
    for window in windows:
        start, end = hours_of(window["hours"])
        first, last = map(WEEK.index, window["days"].split("-"))
        for back in (0, 1):
            day = (local.weekday() - back) % 7
            if first <= day <= last and start <= minute + 1440 * back <= end:
                return True
    return False


@dataclass(frozen=True)
class Ran:
    """What a virtual run came to."""

    calls: Mapping[str, CallRecord]
    code: int

    def began(self, call: str) -> list[datetime]:
        return [datetime.fromisoformat(each.started_at) for each in self.calls[call].attempts]


def document(calls: list[dict[str, Any]], windows: list[dict[str, str]], **policy: Any) -> dict[str, Any]:
    defaults = {"From": "+918069171234", "CallerId": "08047112233", "TimeOut": RING}
    return {
        "version": 1,
        "name": "zoned",
        "defaults": defaults,
        "calls": calls,
        "policy": {"window": windows, **policy},
    }


def ran(folder: Path, plan: dict[str, Any], begins: datetime, **options: Any) -> Ran:
    path = folder / "plan.yaml"
    path.write_text(json.dumps(plan))
    run = run_virtually(RunOptions(str(path), **options), begins.timestamp())
    calls = {record.id: record for record in run.reader.view.results.calls(run.scope)}
    return Ran(calls, run.conclusion.code)


WINDOWS = st.sampled_from(
    [
        [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "callee"}],
        [{"days": "mon-fri", "hours": "08:00-20:00", "timezone": "callee"}],
        [{"days": "mon-sun", "hours": "22:00-03:30", "timezone": "callee"}],
        [
            {"days": "mon-sun", "hours": "01:00-02:30", "timezone": "callee"},
            {"days": "mon-sun", "hours": "02:30-04:00", "timezone": "callee"},
        ],
    ]
)
PEOPLE = st.lists(st.sampled_from(sorted(ZONES)), min_size=3, max_size=11)
BEGINS = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from([SPRING, AUTUMN]),
    st.integers(min_value=0, max_value=2 * 1440),
)


@given(WINDOWS, PEOPLE, BEGINS, st.booleans())
@settings(max_examples=10, deadline=None, derandomize=True)
def test_nobody_is_rung_outside_the_hours_in_any_zone_that_the_number_may_be_in(
    windows: list[dict[str, str]], people: list[str], begins: datetime, redials: bool
) -> None:
    indexes = count(100)
    numbers = {f"c{n}": number(prefix, next(indexes)) for n, prefix in enumerate(people)}
    calls = [{"id": key, "To": to} for key, to in numbers.items()]
    more = {"redial": {"no-answer": {"attempts": 2, "after": "5h"}}} if redials else {}
    with TemporaryDirectory() as folder:
        found = ran(Path(folder), document(calls, windows, **more), begins)
    for key, prefix in zip(numbers, people, strict=True):
        for start in found.began(key):
            for zone in ZONES[prefix]:
                last_ring = start + timedelta(seconds=2 * RING)
                assert is_open(start, zone, windows), (key, zone, start)
                assert is_open(last_ring, zone, windows), (key, zone, last_ring)
        if len(ZONES[prefix]) == 1:
            assert found.began(key), "its window opens some time"


def test_each_is_rung_as_soon_as_it_is_morning_where_they_are(tmp_path: Path) -> None:
    places = {"india": "+9199000", "york": "+1212555", "angeles": "+1213555", "honolulu": "+1808555"}
    calls = [{"id": key, "To": number(prefix, 7)} for key, prefix in places.items()]
    windows = [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "callee"}]
    found = ran(tmp_path, document(calls, windows), datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    first = {key: found.began(key)[0].strftime("%d %H:%M") for key in places}
    assert first == {"india": "01 08:00", "york": "01 14:00", "angeles": "01 17:00", "honolulu": "01 19:00"}


def test_a_calls_own_zone_is_believed_more_than_its_number_for_one_call_a_row_and_any(tmp_path: Path) -> None:
    rows = [{"id": str(n), "phone": f"+9199000{n:05d}", "tz": "America/Denver" if n % 2 else ""} for n in range(1, 41)]
    calls = [
        {"id": "sat", "To": "+881612345678", "timezone": "Asia/Tokyo"},
        {"id": "row-${row.id}", "rows": rows, "To": "${row.phone}", "timezone": "${row.tz}"},
        *({"id": f"plain-{n}", "To": f"+9199111{n:05d}", "timezone": "Europe/Berlin"} for n in range(20)),
        {"id": "last", "To": "+919911200001"},
    ]
    windows = [{"days": "mon-sun", "hours": "09:00-10:00", "timezone": "callee"}]
    found = ran(tmp_path, document(calls, windows), datetime(2026, 12, 1, 0, 0, tzinfo=UTC))
    hours = {key: {start.hour + start.minute / 60 // 0.5 / 2 for start in found.began(key)} for key in found.calls}
    assert hours.pop("sat") == {0.0}
    assert hours.pop("last") == {3.5}
    assert {key: hours.pop(key) for key in [*hours] if key.startswith("plain")} == {
        f"plain-{n}": {8.0} for n in range(20)
    }
    assert hours == {f"row-{n}": {16.0} if n % 2 else {3.5} for n in range(1, 41)}


def test_where_no_hour_is_open_in_all_zones_the_call_is_closed_and_the_others_are_rung(tmp_path: Path) -> None:
    """A minute of every day is open somewhere in America, and at no time in all of it."""
    calls = [{"id": "free", "To": "+18005550123"}, {"id": "york", "To": "+12125550123"}]
    windows = [{"days": "mon-sun", "hours": "09:00-12:00", "timezone": "callee"}]
    found = ran(tmp_path, document(calls, windows), datetime(2026, 12, 1, 3, 0, tzinfo=UTC))
    free = found.calls["free"]
    assert (free.disposition, free.attempts) == ("not-dialed", ())
    never = "it is never open long enough in all of them at once for both legs to ring, 2 x TimeOut"
    assert free.reason == f"window in 42 zones: {never}"
    assert len(found.began("york")) == 1


def test_a_targets_window_in_the_callees_zone_binds_too(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / ".git").mkdir()
    rails = {"window": [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "callee"}]}
    (tmp_path / "configs/zoned.yaml").write_text(json.dumps({"kind": "sandbox", "guardrails": rails}))
    plan = document([{"id": "york", "To": "+12125550123"}], [])
    del plan["policy"]
    found = ran(tmp_path, plan, datetime(2026, 12, 1, 3, 0, tzinfo=UTC), target="zoned")
    assert [f"{start:%H:%M}" for start in found.began("york")] == ["14:00"]
    plan["calls"] = [{"id": "sat", "To": "+881612345678"}]
    with pytest.raises(Refused) as refused:
        ran(tmp_path, plan, datetime(2026, 12, 1, 3, 0, tzinfo=UTC), target="zoned")
    assert [each.id for each in refused.value.diagnostics] == ["zone-unknown"]
    assert "target zoned's window is in the callee's zone" in refused.value.diagnostics[0].message


def test_a_review_tells_who_waits_until_when_and_where_they_are(tmp_path: Path) -> None:
    calls = [{"id": "india", "To": "+919900000001"}, {"id": "york", "To": "+12125550123"}]
    windows = [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "callee"}]
    path = tmp_path / "plan.yaml"
    path.write_text(json.dumps(document(calls, windows)))
    at = datetime(2026, 12, 1, 12, 0, tzinfo=UTC).timestamp()
    view = plan_now(PlanOptions(str(path), at=at))
    found = {call.id: (call.not_before, call.reason) for call in view.calls}
    assert found == {"india": (None, None), "york": ("2026-12-01T14:00:00.000Z", "window in America/New_York")}
    assert view.zones == {"Asia/Kolkata": 1, "America/New_York": 1}
    assert view.estimate is not None
    assert view.estimate.last_ring.low == at + 2 * 3600
    assert view.estimate.waits["window"].high > 7000
    assert "not_before" not in view.estimate.waits


def test_while_everybody_sleeps_the_whole_run_waits_and_writes_down_no_call(tmp_path: Path) -> None:
    calls = [{"id": f"c{n}", "To": number(prefix, n)} for n in range(30) for prefix in ("+1212555", "+1213555")]
    for each, call in enumerate(calls):
        call["id"] = f"c{each}"
    windows = [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "callee"}]
    path = tmp_path / "plan.yaml"
    path.write_text(json.dumps(document(calls, windows)))
    events: list[tuple[str, str]] = []

    def heard(event: Event) -> None:
        if event.type in (EventType.RUN_WAITING, EventType.CALL_WAITING):
            events.append((event.type.value, str(event.data["until"])[11:16]))

    run_virtually(RunOptions(str(path)), datetime(2026, 12, 1, 8, 0, tzinfo=UTC).timestamp(), heard)
    assert events[0] == ("run.waiting", "14:00"), "until it is morning in New York"
    assert set(events[1:]) == {("call.waiting", "17:00")}, "Los Angeles, once New York is rung"
