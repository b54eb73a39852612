"""Calls of two plans side by side: what a look at all of them at once would say."""

import contextlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.model.call import CallSchedule, Field, ResolvedCall
from orchestrator.model.diagnostic import Span
from orchestrator.model.plan_diff import CallCounts, CallDiff, Fate
from orchestrator.model.review import FieldChange
from orchestrator.plan import sorted_calls
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.call_changes import FEWEST_IN_COMMON, ORDER, CallChanges
from orchestrator.plan.load import load_plan
from orchestrator.plan.sorted_calls import SUPPRESSED, Shapes, SortedCalls

AGENT, PERSON, OTHER = "+918069171234", "+919876500001", "+919876500002"
NOWHERE = Span("p.yaml", 1)
Calls = list[ResolvedCall] | list[CallBlock | ResolvedCall]

IDS = st.text(alphabet=st.sampled_from("ab\"\\,-! é\U0001f600[]{}'1\ud800"), min_size=1, max_size=4)
VALUES = st.sampled_from(["1", "2", '"', "a,b", "\\", "\n", "ü", ("terminal",), ("terminal", "answered")])
CALLS = st.dictionaries(IDS, st.dictionaries(st.sampled_from("ABC"), VALUES, max_size=3), max_size=12)


def call(call_id: str, origin: str = "call", schedule: CallSchedule | None = None, **fields: object) -> ResolvedCall:
    values = {"From": AGENT, "To": PERSON, **fields}
    made = tuple(Field(name, value, origin) for name, value in values.items())
    return ResolvedCall(call_id, made, NOWHERE, schedule=schedule or CallSchedule())


def in_order(calls: Calls, shapes: Shapes) -> SortedCalls:
    found = SortedCalls(shapes, lambda one: one.schedule.priority == 7, lambda block: True)
    for each in calls:
        found.add(each)
    return found


def compared(old: Calls, new: Calls) -> tuple[CallChanges, list[CallDiff]]:
    shapes = Shapes()
    with contextlib.ExitStack() as stack:
        sides = [in_order(each, shapes) for each in (old, new)]
        for side in sides:
            stack.callback(side.close)
        changes = CallChanges(*sides, shapes)
        stack.callback(changes.close)
        found = list(changes)
        assert list(changes) == found, "it may be iterated again"
    return changes, found


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=CALLS, new=CALLS, lines=st.integers(1, 5), runs=st.integers(2, 3))
def test_whatever_the_ids_and_values_and_however_small_the_memory(monkeypatch, old, new, lines, runs):
    monkeypatch.setattr(sorted_calls, "RUN_LINES", lines)
    monkeypatch.setattr(sorted_calls, "MOST_RUNS", runs)
    changes, found = compared(
        [call(name, **fields) for name, fields in old.items()],
        [call(name, **fields) for name, fields in reversed(new.items())],
    )
    told = {each.id: each for each in found}
    assert len(told) == len(found)
    for name in old.keys() | new.keys():
        before, after = (
            None if name not in plan else {"From": AGENT, "To": PERSON, **plan[name]} for plan in (old, new)
        )
        if before is not None and after is not None and before == after and list(before) == list(after):
            assert name not in told
            continue
        fate = Fate.ADDED if before is None else Fate.REMOVED if after is None else Fate.CHANGED
        assert told[name].fate is fate
        differing = {(each.name, each.before, each.after) for each in told[name].fields if each.name != ORDER}
        names = (before or {}).keys() | (after or {}).keys()
        assert differing == {
            (each, (before or {}).get(each), (after or {}).get(each))
            for each in names
            if (before or {}).get(each) != (after or {}).get(each)
        }
    counts = changes.counts
    assert counts.added + counts.removed + counts.changed == len(found)
    assert counts.changed + counts.added + counts.unchanged == len(new)
    assert counts.only_shared == sum(each.fate is Fate.CHANGED and not each.own for each in found)


def test_only_another_order_on_the_wire_is_a_change():
    one = ResolvedCall("a", (Field("A", "1", "call"), Field("B", "2", "call")), NOWHERE)
    other = ResolvedCall("a", (Field("B", "2", "call"), Field("A", "1", "call")), NOWHERE)
    _, [found] = compared([one], [other])
    assert found.fields == (FieldChange(ORDER, ("A", "B"), ("B", "A")),)


def test_the_same_values_under_other_names_are_each_calls_own_change():
    _, found = compared([call("a", A="1"), call("b", A="2")], [call("a", B="1"), call("b", B="2")])
    assert [each.fields for each in found] == [
        (FieldChange("B", None, value), FieldChange("A", value, None)) for value in ("1", "2")
    ]


def test_where_a_value_comes_from_is_no_change():
    changes, found = compared([call("a", "defaults", A="1")], [call("a", "call", A="1")])
    assert (found, changes.counts) == ([], CallCounts(unchanged=1))


def test_the_same_calls_in_another_order_are_told_however_they_are_taken():
    first, other = call("a"), call("b", To=OTHER)
    assert not compared([first, other], [first, other])[0].is_reordered
    changes, found = compared([first, other], [other, first])
    assert (found, changes.is_reordered) == ([], True)
    assert compared([first, other], [call("b", To=OTHER, X="1"), first])[0].is_reordered, "changed as well"
    for fewer in ([first], [call("b", To=OTHER)]):
        assert not compared([first, other], fewer)[0].is_reordered, "what is gone says enough"


def test_when_a_call_may_start_and_whether_a_list_holds_it_are_changes():
    later = CallSchedule(priority=7, not_before=1_800_000_000.0, not_after=1_800_000_000.5, timezone="UTC")
    _, [found] = compared([call("a")], [call("a", schedule=later)])
    assert found.fields == (
        FieldChange("priority", None, "7"),
        FieldChange("not_before", None, "2027-01-15T08:00:00Z"),
        FieldChange("not_after", None, "2027-01-15T08:00:00.500Z"),
        FieldChange("timezone", None, "UTC"),
        FieldChange(SUPPRESSED, None, "yes"),
    )


def test_what_many_calls_have_in_common_is_counted_once():
    old = [call(f"c{n}", "defaults", TimeLimit="600", X=str(n)) for n in range(5)]
    new = [call(f"c{n}", "defaults", TimeLimit="900", X="9" if n == 3 else str(n)) for n in range(5)]
    changes, found = compared(old, new)
    assert [(each.value, each.calls) for each in changes.shared] == [(FieldChange("TimeLimit", "600", "900"), 5)]
    assert (changes.counts.changed, changes.counts.only_shared) == (5, 4)
    assert changes.touched_by_default("TimeLimit") == 5
    assert [[each.name for each in one.own] for one in found if one.own] == [["X"]]


def test_a_change_of_fewer_calls_is_their_own():
    assert FEWEST_IN_COMMON == 2
    changes, [found] = compared([call("a", X="1"), call("b")], [call("a", X="2"), call("b")])
    assert changes.shared == ()
    assert found.own == found.fields


def test_other_numbers_are_others_and_not_other_spellings():
    changes, _ = compared([call("a"), call("b")], [call("a", To="09876500001"), call("b", To=OTHER)])
    assert (changes.counts.changed, changes.counts.other_numbers) == (2, 1)


def test_an_added_call_with_the_numbers_of_a_removed_one_is_told():
    changes, found = compared(
        [call("a"), call("b", To=OTHER)], [call("b", To=OTHER), call("x", To="9876500001"), call("y")]
    )
    assert changes.counts.same_pairs == 2
    assert [(each.id, each.same_pair) for each in found] == [("a", False), ("x", True), ("y", True)]
    assert compared([call("a")], [call("b", To=OTHER)])[0].counts.same_pairs == 0


@pytest.fixture
def plans(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "orchestrate.toml").touch()
    return tmp_path


def blocks(folder: Path, name: str, limit: int, rows: str, more: str = "") -> list[CallBlock | ResolvedCall]:
    (folder / f"{name}.csv").write_text("id,phone\n" + rows)
    plan = (
        "version: 1\nname: p\npurpose: transactional\n"
        f'defaults: {{From: "{AGENT}", CallerId: "08047112233", TimeLimit: {limit}}}\n'
        f"calls:\n- {{id: 'o-${{row.id}}', rows: {name}.csv, To: '${{row.phone}}'{more}}}\n"
        "policy: {per_agent: 9}\n"
    )
    (folder / f"{name}.yaml").write_text(plan)
    found = list(load_plan(str(folder / f"{name}.yaml")).blocks())
    assert all(isinstance(each, (CallBlock, ResolvedCall)) for each in found), found
    assert any(isinstance(each, CallBlock) for each in found)
    return found


def test_blocks_of_rows_say_the_same_as_their_calls_one_by_one(plans: Path) -> None:
    many = "".join(f"{n},+9198765{n:05}\n" for n in range(200))
    fewer = "".join(f"{n},+9198765{n + 1000 * (n == 7):05}\n" for n in range(1, 201))
    sides = [
        blocks(plans, "old", 600, many),
        blocks(plans, "new", 900, fewer, ", not_before: '2026-11-22T09:30:00+05:30'"),
    ]
    together, found = compared(*sides)
    apart = [[one for each in side for one in (each if isinstance(each, CallBlock) else (each,))] for side in sides]
    one_by_one, found_apart = compared(*apart)
    assert found == found_apart
    assert together.counts == one_by_one.counts
    assert (together.counts.changed, together.counts.added, together.counts.removed) == (199, 1, 1)
    assert together.shared == one_by_one.shared
    assert together.touched_by_default("TimeLimit") == one_by_one.touched_by_default("TimeLimit") == 199


def memory_of(monkeypatch: pytest.MonkeyPatch, calls: int, limit: str) -> int:
    """Bytes at most that comparing so many calls takes, all of which have another TimeLimit unless it is `limit`."""
    monkeypatch.setattr(sorted_calls, "RUN_LINES", 400)
    monkeypatch.setattr(sorted_calls, "MOST_RUNS", 3)
    shapes = Shapes()
    tracemalloc.start()
    with contextlib.ExitStack() as stack:
        sides = [SortedCalls(shapes, lambda _: False, lambda _: False) for _ in range(2)]
        for side, value in zip(sides, ("600", limit), strict=True):
            stack.callback(side.close)
            for number in range(calls):
                side.add(call(f"order-{number * 7919 % calls:08}", TimeLimit=value))
        changes = CallChanges(*sides, shapes)
        stack.callback(changes.close)
        assert sum(1 for _ in changes) == (0 if limit == "600" else calls)
        _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("limit", ["600", "900"])
def test_four_times_as_many_calls_take_no_more_memory(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    few, many = (memory_of(monkeypatch, calls, limit) for calls in (2_000, 8_000))
    assert many < 1.2 * few, (few, many)
