"""A claim: at most one of an attempt, only by the run that dials, and only where nothing stands in the way."""

import asyncio
import itertools
from collections.abc import Callable

import pytest
from contract.journal.kinds import (
    AGENT,
    NOW,
    PERSON,
    RUN,
    Kind,
    again,
    call,
    calls,
    claim,
    claim_all,
    due,
    loaded,
    token_of,
)

from orchestrator.journal import control
from orchestrator.journal.port import Journal, Transaction, Writer
from orchestrator.model.call import DueCall, Scope
from orchestrator.model.errors import TakenOver
from orchestrator.model.outcome import Disposition, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.policy.pace import SLOTS_AHEAD, Cap, Rate


def test_one_attempt_is_claimed_once_by_whomever(kind: Kind) -> None:
    one, other = kind.open(), kind.open()
    scope = loaded(one, [call("a")]).scope
    (chosen,) = due(one, scope)
    with one.committing() as tx:
        assert claim(tx, scope, chosen) == 1
    with other.committing() as tx:
        assert claim(tx, scope, chosen) is None
    with other.view() as view:
        assert view.results.totals(scope)["attempts"] == 1


def test_of_two_writers_that_claim_the_same_calls_each_call_goes_to_one(kind: Kind) -> None:
    one, other = kind.open(), kind.open()
    scope = loaded(one, calls(40)).scope
    chosen = due(one, scope)

    async def both() -> list[int | None]:
        writers = one.writer(lambda _: None), other.writer(lambda _: None)
        claims = [writer.write(claiming(scope, each)) for each in chosen for writer in writers]
        numbers = await asyncio.gather(*claims)
        for writer in writers:
            await writer.close()
        return numbers

    numbers = asyncio.run(both())
    assert (numbers.count(1), numbers.count(None)) == (40, 40)
    with one.view() as view:
        assert view.results.totals(scope)["attempts"] == 40


def claiming(scope: Scope, chosen: DueCall) -> Callable[[Transaction], int | None]:
    return lambda tx: claim(tx, scope, chosen)


def test_who_was_taken_over_claims_nothing_more(kind: Kind) -> None:
    one, other = kind.open(), kind.open()
    first = loaded(one, [call("a")]).scope
    (chosen,) = due(one, first)
    second = loaded(other, [call("a")], again(1)).scope

    def taken_over() -> None:
        with one.committing() as tx:
            tx.halt(first, "this is undone with the claim", NOW)
            claim(tx, first, chosen)

    with pytest.raises(TakenOver):
        taken_over()
    with one.view() as view:
        assert view.holds.on(first.plan, "") == ()
        assert view.results.totals(first)["attempts"] == 0
    with other.committing() as tx:
        assert claim(tx, second, chosen) == 1


Obstacle = Callable[[Transaction, Scope, DueCall], object]
"""Puts something in the way of a call; gets another one to the same numbers."""

OBSTACLES: dict[str, Obstacle] = {
    "the edition is paused": lambda tx, *_: control.pause(tx, tx.view.editions.of_run(RUN.id), None, "asha", NOW),
    "every plan is paused": lambda tx, *_: control.pause(tx, tx.view.editions.whole_journal(), None, "asha", NOW),
    "the edition is halted": lambda tx, scope, _: tx.halt(scope, "failed: 20%", NOW),
    "the edition is cancelled": lambda tx, *_: control.cancel(tx, tx.view.editions.of_run(RUN.id), None, "asha", NOW),
    "its To is suppressed": lambda tx, *_: control.suppress(tx, PERSON, "asked us to", "asha", NOW),
    "its From is suppressed": lambda tx, *_: control.suppress(tx, AGENT, "left", "asha", NOW),
    "its pair is in flight": claim,
}


@pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)
def test_what_another_user_committed_stands_in_the_way_of_a_claim(kind: Kind, obstacle: Obstacle) -> None:
    one, other = kind.open(), kind.open()
    scope = loaded(one, [call("a"), call("twin")]).scope
    chosen, twin = due(one, scope)
    assert chosen.id == "a"
    with other.committing() as tx:
        assert obstacle(tx, scope, twin) not in (None, False)
    with one.committing() as tx:
        assert claim(tx, scope, chosen) is None


def test_a_claim_that_nothing_stands_in_the_way_of_is_committed(kind: Kind) -> None:
    """Otherwise the test above would prove nothing."""
    scope = loaded(kind.open(), [call("a"), call("twin")]).scope
    chosen, _ = due(kind.open(), scope)
    with kind.open().committing() as tx:
        assert claim(tx, scope, chosen) == 1


def test_a_call_that_was_closed_meanwhile_is_not_claimed(kind: Kind) -> None:
    one, other = kind.open(), kind.open()
    scope = loaded(one, [call("a")]).scope
    (chosen,) = due(one, scope)
    with other.committing() as tx:
        tx.close_call(chosen.key, Disposition.NOT_DIALED, NOW, "limit")
    with one.committing() as tx:
        assert claim(tx, scope, chosen) is None


def test_claims_of_one_step_are_judged_as_if_one_followed_the_other(kind: Kind) -> None:
    """In any order, of any number: a call twice, two of one pair, one that is claimed already, and plain ones."""
    one, other = kind.open(), kind.open()
    scope = loaded(one, [call("a"), call("twin"), call("taken", "+918123400001"), *calls(80)[10:]]).scope
    by_id = {each.id: each for each in due(one, scope)}
    with other.committing() as tx:
        assert claim(tx, scope, by_id["taken"]) == 1
    rest = [by_id[f"order-{n}"] for n in range(10, 80)]
    with one.committing() as tx:
        ask = [by_id["twin"], rest[0], by_id["a"], rest[0], by_id["taken"], by_id["twin"], *rest[1:]]
        assert claim_all(tx, scope, ask) == [1, 1, None, None, None, None, *[1] * 69]
        assert claim_all(tx, scope, []) == []
        assert claim_all(tx, scope, [by_id["a"], rest[5]]) == [None, None]
    with other.view() as view:
        assert view.results.totals(scope)["attempts"] == 72


@pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)
def test_what_stands_in_the_way_of_one_claim_does_not_in_that_of_others_beside_it(
    kind: Kind, obstacle: Obstacle
) -> None:
    one, other = kind.open(), kind.open()
    scope = loaded(one, [call("a"), call("twin"), call("elsewhere", "+918123400001", From="+917410410999")]).scope
    chosen, twin, elsewhere = due(one, scope)
    with other.committing() as tx:
        assert obstacle(tx, scope, twin) not in (None, False)
    with one.committing() as tx:
        ours, theirs = claim_all(tx, scope, [chosen, elsewhere])
        assert ours is None
        assert theirs == (1 if tx.attempt_by_token(token_of(scope, elsewhere)) else None)
    alone = obstacle in (OBSTACLES["its To is suppressed"], OBSTACLES["its From is suppressed"], claim)
    assert theirs == (1 if alone else None), "what holds the edition holds all of it"


@pytest.mark.parametrize(
    ("record", "may_follow"),
    [
        (None, False),
        (AttemptRecord(1, "", placement=Placement.UNKNOWN), False),
        (AttemptRecord(1, "", placement=Placement.ACCEPTED), False),
        (AttemptRecord(1, "", placement=Placement.UNREACHED), True),
        (AttemptRecord(1, "", placement=Placement.THROTTLED), True),
    ],
    ids=["an intent", "unknown", "in flight", "not sent", "throttled"],
)
def test_no_attempt_follows_one_that_is_not_settled(kind: Kind, record: AttemptRecord | None, may_follow: bool) -> None:
    one = kind.open()
    scope = loaded(one, [call("a")]).scope
    (chosen,) = due(one, scope)
    with one.committing() as tx:
        assert claim(tx, scope, chosen) == 1
        if record is not None:
            tx.save(tx.attempt(chosen.key, 1), record)
        tx.put_back(chosen.key, 0.0, None)
    (chosen,) = due(kind.open(), scope)
    with kind.open().committing() as tx:
        assert claim(tx, scope, chosen) == (2 if may_follow else None)


def slot(tx: Transaction, plan: int, cap: Cap, now: float) -> tuple[float, bool]:
    """The next slot, and whether it was near enough to be taken."""
    slots, next_at = tx.take_slots(plan, (cap,), now, 0.0, SLOTS_AHEAD)
    return (slots[0], True) if slots else (next_at, False)


def test_slots_that_are_taken_together_are_those_that_would_be_taken_one_by_one(kind: Kind) -> None:
    one, caps = kind.open(), (Cap("account", Rate(50, 1.0)), Cap("plan", Rate(40, 1.0)))
    plans = [loaded(one, [call("a")]).scope.plan, loaded(one, [call("b")], again(1, plan="other")).scope.plan]
    singly, together = list[float](), list[float]()
    with one.committing() as tx:
        while taken := tx.take_slots(plans[0], caps, NOW, 0.1, SLOTS_AHEAD)[0]:
            singly += taken
    later = NOW + 60.0
    with one.committing() as tx:
        together, after = tx.take_slots(plans[1], caps, later, 0.1, SLOTS_AHEAD, 1_000)
        assert tx.take_slots(plans[1], caps, later, 0.1, SLOTS_AHEAD, 3) == ([], after)
    assert len(together) == len(singly) > 10
    assert [at - later for at in together] == pytest.approx([at - NOW for at in singly], abs=1e-6)
    assert after - together[-1] == pytest.approx(caps[1].gap, abs=1e-6)
    with one.committing() as tx:
        assert tx.take_slots(plans[1], caps, later + 1.0, 0.0, SLOTS_AHEAD, 2)[0] == pytest.approx(
            [later + 1.0, later + 1.0 + caps[1].gap], abs=1e-6
        )


def test_slots_of_the_pace_are_apart_over_all_users(kind: Kind) -> None:
    one, other = kind.open(), kind.open()
    plans = [loaded(one, [call("a")]).scope.plan, loaded(other, [call("a")], again(1, plan="other")).scope.plan]
    cap, now, slots = Cap("account", Rate(5, 1.0)), NOW, list[float]()
    for turn in range(20):
        user, plan = (one, other)[turn % 2], plans[turn % 2]
        with user.committing() as tx:
            at, taken = slot(tx, plan, cap, now)
        if not taken:
            now = at - SLOTS_AHEAD + 1e-6
            with user.committing() as tx:
                at, taken = slot(tx, plan, cap, now)
        assert taken
        slots.append(at)
    gaps = [after - before for before, after in itertools.pairwise(slots)]
    assert min(gaps) >= cap.gap - 1e-6


def test_a_quiet_that_the_carrier_asked_one_user_for_is_everybodys(kind: Kind) -> None:
    one, other = kind.open(), kind.open()
    plan, cap = loaded(one, [call("a")]).scope.plan, Cap("account", Rate(5, 1.0))
    with one.committing() as tx:
        tx.hold_slots(plan, cap, NOW + 30.0)
    with other.committing() as tx:
        assert slot(tx, plan, cap, NOW) == (NOW + 30.0, False)


def test_a_slot_of_a_step_that_fails_is_not_taken(journal: Journal) -> None:
    plan, cap = loaded(journal, [call("a")]).scope.plan, Cap("account", Rate(1, 60.0))

    def failing(tx: Transaction) -> None:
        assert slot(tx, plan, cap, NOW) == (NOW, True)
        raise ZeroDivisionError

    async def steps(writer: Writer) -> list[object]:
        taking = writer.write(lambda tx: slot(tx, plan, cap, NOW))
        done = await asyncio.gather(writer.write(failing), taking, return_exceptions=True)
        await writer.close()
        return list(done)

    async def run() -> list[object]:
        return await steps(journal.writer(lambda _: None))

    failed, taken = asyncio.run(run())
    assert isinstance(failed, ZeroDivisionError)
    assert taken == (NOW, True)
