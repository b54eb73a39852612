"""Which calls are due, and when the next one is: the same answers whichever index finds them."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.journal.story import RUN, START, Story, call

from orchestrator.journal import due_queries
from orchestrator.journal.queries import Reader
from orchestrator.journal.sqlite.file import connect
from orchestrator.model.call import CallSchedule

MOMENTS = st.sampled_from([None, 10.0, 20.0, 30.0])


@settings(max_examples=40, deadline=None)
@given(terms=st.lists(st.tuples(MOMENTS, st.integers(-1, 1)), min_size=1, max_size=8), now=st.integers(0, 40))
@pytest.mark.parametrize("few", [1, 3, 100])
def test_due_calls_come_by_priority_then_in_the_plans_order(
    few: int, terms: list[tuple[float | None, int]], now: int
) -> None:
    plan = [
        replace(call(f"order-{n}", n), schedule=CallSchedule(priority=priority, not_before=at))
        for n, (at, priority) in enumerate(terms)
    ]
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(due_queries, "SOON_SORTED", few)
        scope = Story(path := Path(folder) / "journal.db").load(RUN, *plan).scope
        with closing(connect(path, read_only=True)) as db:
            due, following = Reader(db).due(scope, float(now), 5), Reader(db).next_due(scope)
    expected = sorted((-priority, n) for n, (at, priority) in enumerate(terms) if (at or 0.0) <= now)
    assert [item.id for item in due] == [f"order-{n}" for _, n in expected][:5]
    assert following == min(at or 0.0 for at, _ in terms)


def test_the_next_due_call_is_not_the_one_whose_pair_is_held_for_longer(tmp_path: Path) -> None:
    story = Story(path := tmp_path / "journal.db")
    scope = story.load(RUN, call("lost")).scope
    story.attempt(scope, "lost", None)
    story.give_up(scope)
    again = replace(RUN, id="later", edition="two")
    plan = [call("same-pair"), replace(call("other", 1), schedule=CallSchedule(not_before=START + 60.0))]
    scope = story.load(again, *plan).scope
    with closing(connect(path, read_only=True)) as db:
        reader = Reader(db)
        held = db.execute("SELECT pair_free_at FROM calls WHERE id = 'lost'").fetchone()[0]
        assert held > START + 60.0
        assert reader.due(scope, START + 30.0, 5) == []
        assert reader.next_due(scope) == START + 60.0
        assert reader.next_due(scope, "same-*") == held


def test_redials_are_calls_that_may_have_rung(tmp_path: Path) -> None:
    story = Story(path := tmp_path / "journal.db")
    scope = story.load(RUN, *(call(f"order-{n}", n) for n in range(3))).scope
    story.attempt(scope, "order-1", None)
    with closing(connect(path, read_only=True)) as db:
        key = db.execute("SELECT key FROM calls WHERE id = 'order-1'").fetchone()[0]
        story.do(lambda tx: tx.put_back(key, START + 90.0, "redial after busy"))
        reader = Reader(db)
        assert [item.id for item in reader.due(scope, START, 5)] == ["order-0", "order-2"]
        assert reader.due(scope, START, 5, redials=True) == []
        assert reader.next_due(scope, redials=True) == START + 90.0
        assert [item.id for item in reader.due(scope, START + 90.0, 5, redials=True)] == ["order-1"]
        assert reader.next_due(scope, "order-2", redials=True) is None
