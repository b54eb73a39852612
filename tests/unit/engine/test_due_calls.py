"""The due calls of a run: in their order, each once, a few read at a time; what kept one back wakes it in the end."""

from collections.abc import Iterator

import pytest
from unit.engine.remembered import HORIZON, Remembered, call, opened

from orchestrator.engine import due_calls
from orchestrator.model.call import DueCall


def following(run: Remembered) -> DueCall | None:
    """The call that is next."""
    run.look()
    return run.memory.due.next(run.now, run.now)


def ids(run: Remembered) -> Iterator[str]:
    """Begin one call after the other as long as any may, and commit their intents."""
    while (found := following(run)) is not None:
        run.memory.begin(found, None)
        run.claim([found])
        yield found.id


def sizes(run: Remembered) -> dict[str, int]:
    """How many things are kept in mind."""
    due = run.memory.due
    return {
        "calls": len(due._entries),
        "queued": sum(len(queue) for lane in due._lanes for queue in lane.queues.values()),
        "heads": sum(len(lane.heads) for lane in due._lanes),
        "wakes": len(due._wakes),
        "returning": len(due._returning),
    }


TWO = {("acme1", "two"): [call("x", 1, 1), call("y", 7, 7)]}


def test_a_call_is_next_once_another_plans_call_has_left_its_pair() -> None:
    with opened([call("a", 1, 1)], others=TWO) as run:
        (x, _) = run.reader.due(run.scopes[0], run.now, 10)
        theirs = run.dial_beside(run.scopes[0], x)
        assert theirs is not None
        assert following(run) is None
        run.answer(theirs, "accepted")
        assert following(run) is None
        run.hear(theirs, "completed", beside=True)
        found = following(run)
        assert found is not None
        assert found.id == "a"


@pytest.mark.parametrize("beside", [False, True])
def test_a_call_is_next_once_somebody_has_settled_the_call_that_kept_its_pair(beside: bool) -> None:
    with opened([call("a", 1, 1), call("b", 1, 1)]) as run:
        assert list(ids(run)) == ["a"]
        begun = run.begun[0]
        run.answer(begun, "accepted")
        assert following(run) is None
        run.hear(begun, "completed", beside=beside)
        found = following(run)
        assert found is not None
        assert found.id == "b"


def test_a_call_is_next_once_its_agent_has_ended_another_plans_call() -> None:
    others = {("acme1", "two"): [call("x", 1, 9)]}
    with opened([call("a", 1, 1), call("b", 2, 2)], others=others, per_agent=1) as run:
        (x,) = run.reader.due(run.scopes[0], run.now, 10)
        theirs = run.dial_beside(run.scopes[0], x)
        assert theirs is not None
        assert list(ids(run)) == ["b"]
        run.answer(theirs, "accepted")
        assert following(run) is None
        run.hear(theirs, "completed", beside=True)
        found = following(run)
        assert found is not None
        assert found.id == "a"


def test_calls_that_wait_for_their_agent_are_left_in_the_journal() -> None:
    """Nearly all are of one agent, who has one call at a time; the others' come by."""
    one = [call(f"one-{n}", 1, n) for n in range(4_000)]
    others = [call(f"other-{n}", 2 + n, 4_000 + n) for n in range(10)]
    with opened([*one[:3_000], *others, *one[3_000:]], per_agent=1) as run:
        assert list(ids(run)) == ["one-0", *(f"other-{n}" for n in range(10))]
        for nth in range(1, 20):
            run.answer(run.begun[0 if nth == 1 else -1], "rejected")
            assert list(ids(run)) == [f"one-{nth}"]
        assert max(sizes(run).values()) < 1_000, sizes(run)


@pytest.mark.parametrize("agents", [None, 2])
def test_calls_that_are_put_back_again_and_again_leave_nothing_behind(agents: int | None) -> None:
    with opened([call(f"c{n}", n % 2, n) for n in range(300)], per_agent=agents) as run:
        for nth in range(200):
            found = following(run)
            assert found is not None
            assert found.id == "c0", nth
            run.memory.begin(found, None)
            assert following(run) is not None
            run.withdraw(*run.claim([found]))
        assert max(sizes(run).values()) <= 301, sizes(run)
        assert sizes(run)["heads"] <= 3


def test_looking_again_at_every_commit_of_others_leaves_nothing_behind() -> None:
    """An agent with a call of another plan, and a pair: each is waited for once."""
    others = {("acme1", "two"): [call("x", 1, 1)], ("acme1", "three"): [call("y", 3, 3), call("z", 4, 4)]}
    with opened([call("a", 1, 2), call("b", 3, 3)], others=others, per_agent=1) as run:
        for scope in run.scopes:
            begun = run.dial_beside(scope, run.reader.due(scope, run.now, 1)[0])
            assert begun is not None
            run.answer(begun, "accepted")
        for _ in range(50):
            assert following(run) is None
            run.hear(begun, "in-progress", beside=True)
        assert max(sizes(run).values()) <= 10, sizes(run)


@pytest.mark.parametrize("few", [True, False])
def test_what_was_left_unread_of_an_agent_comes_before_what_is_known(
    few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that becomes due by its time while its agent is busy, before others of that agent that were read."""
    for name in ("BATCH", "BATCH_OF_ONE_AGENT", "MOST_PASSED_OVER") if few else ():
        monkeypatch.setattr(due_calls, name, 1)
    plan = [call("w", 2, 1), call("x", 1, 2), call("a", 1, 3, later=5.0)]
    with opened([*plan, call("b", 2, 4), call("c", 1, 5), call("d", 2, 6)], per_agent=1) as run:
        assert list(ids(run)) == ["w", "x"]
        run.now += 5.0
        assert following(run) is None
        for begun in run.begun[:2]:
            run.answer(begun, "rejected")
        assert list(ids(run)) == ["a", "b"]


def test_an_agent_is_free_again_once_its_call_cannot_be_live_any_more() -> None:
    """Also where nobody closes that one, as with `--until placed`."""
    with opened([call("a", 1, 1), call("b", 1, 2)], per_agent=1, until_placed=True) as run:
        run.look()
        found = run.memory.due.next(run.now, run.now)
        assert found is not None
        run.memory.begin(found, None)
        assert run.memory.due.next(run.now, run.now) is None, "its intent is on the way"
        run.answer(*run.claim([found]), "accepted")
        assert following(run) is None
        run.now += HORIZON + 1
        assert list(ids(run)) == ["b"]


def test_a_call_that_only_leaves_out_is_not_next_when_it_comes_back() -> None:
    """An earlier run dialed it, and this one hears that it is to be redialed."""
    with opened([call("a", 1, 1), call("b", 2, 2)], only="a*") as run:
        b = next(one for one in run.reader.due(run.scope, run.now, 10) if one.id == "b")
        begun = run.dial_beside(run.scope, b)
        assert begun is not None
        run.look()
        run.hear(begun, "busy", beside=False)
        run.now += 10.0
        assert [one.id for one in run.reader.due(run.scope, run.now, 10)] == ["a", "b"]
        assert list(ids(run)) == ["a"]
