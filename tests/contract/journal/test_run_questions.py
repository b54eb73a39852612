"""What a run asks while it dials: what is due and when, what is in flight, what was used up."""

import math
from dataclasses import replace

import pytest
from contract.journal.kinds import (
    AGENT,
    AT,
    NOW,
    PERSON,
    RUN,
    Kind,
    again,
    call,
    calls,
    claim,
    due,
    due_of,
    loaded,
)
from unit.journal.loading import load, reload

from orchestrator.journal import control
from orchestrator.journal.port import Transaction
from orchestrator.model.call import DueCall, Scope
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, Ending, Placement
from orchestrator.model.record import AttemptRecord

LATER = NOW + 60.0


def rang(tx: Transaction, scope: Scope, chosen: DueCall, ending: Ending | None, **known: object) -> None:
    """Begin a call's attempt, which was accepted, and have it end so; None: it is under way."""
    n = claim(tx, scope, chosen)
    assert n is not None
    told = AttemptRecord(n, AT, placement=Placement.ACCEPTED, placed_at=AT, sid=f"sid-{chosen.id}-{n}")
    ended = {"ending": ending, "ended_at": AT} if ending is not None else {}
    tx.save(tx.attempt(chosen.key, n), replace(told, **ended, **known))  # type: ignore[arg-type]


@pytest.fixture
def scope(kind: Kind) -> Scope:
    """Of four calls one waits for its redial, one rings, one was not heard of, and one was never dialed."""
    journal = kind.open()
    scope = loaded(journal, calls(4)).scope
    busy, rings, lost, _ = due(journal, scope)
    with journal.committing() as tx:
        rang(tx, scope, busy, Ending.BUSY, duration=0, price="0.50", currency="INR")
        tx.put_back(busy.key, LATER, "redial after busy")
        rang(tx, scope, rings, None)
        assert claim(tx, scope, lost) == 1
        tx.save(tx.attempt(lost.key, 1), AttemptRecord(1, AT, placement=Placement.UNKNOWN, placed_at=AT))
        tx.close_call(lost.key, Disposition.UNKNOWN, NOW)
    return scope


def test_redials_are_due_when_their_time_has_come_and_know_how_the_last_attempt_ended(kind: Kind, scope: Scope) -> None:
    with kind.open().reader() as reader:
        assert [each.id for each in reader.due(scope, NOW, 9)] == ["order-3"]
        assert [each.id for each in reader.due(scope, LATER, 9)] == ["order-0", "order-3"]
        (redial,) = reader.due(scope, LATER, 9, redials=True)
        assert (redial.id, redial.attempts, redial.rung, redial.last, redial.ended) == (
            *("order-0", 1, 1, Ending.BUSY),
            NOW,
        )
        assert reader.next_due(scope) == 0.0
        assert reader.next_due(scope, redials=True) == reader.next_due(scope, after=NOW) == LATER
        assert reader.next_due(scope, redials=True, but=[redial.key]) is None
        assert (reader.due_after(scope, NOW, "*", ()), reader.due_after(scope, LATER, "*", ())) == (LATER, math.inf)
        assert reader.due_after(scope, NOW, "*", {redial.key}) == math.inf
        assert reader.has_due(scope, "*", (), first=True)
        assert not reader.has_due(scope, "order-0", (), first=True), "it rang"
        assert reader.has_due(scope, "order-0", (), first=False)
        assert not reader.has_due(scope, "order-0", {redial.key}, first=False)


def test_due_calls_are_found_by_their_keys_and_without_those_of_busy_agents(kind: Kind, scope: Scope) -> None:
    with kind.open().reader() as reader:
        redial, fresh = reader.due(scope, LATER, 9)
        assert [each.id for each in reader.due(scope, LATER, 9, among=[fresh.key])] == ["order-3"]
        assert reader.due(scope, LATER, 9, among=[]) == []
        assert reader.due(scope, LATER, 9, full=[fresh.agent]) == []
        assert [each.id for each in reader.due_among(scope, NOW, [redial.key, fresh.key])] == ["order-3"]
        at, rang_before = reader.to_be_sent_again([redial.key, fresh.key])
        assert (dict(at), rang_before) == ({fresh.key: 0.0}, frozenset({redial.key}))
        for agents, found in (
            ({}, 1),
            ({"but_agents": [fresh.agent]}, 0),
            ({"agent": fresh.agent}, 1),
            ({"agent": "x"}, 0),
        ):
            assert len(reader.due_batch(scope, LATER, 9, "*", (0, -1, 0), redials=False, **agents)) == found  # type: ignore[arg-type]


def test_a_due_call_knows_who_keeps_its_pair_and_that_a_number_of_it_is_suppressed(kind: Kind) -> None:
    journal = kind.open()
    scope = loaded(journal, [call("a"), call("twin"), call("b", "+918123400001")]).scope
    chosen, twin, _ = due(journal, scope)
    with journal.committing() as tx:
        assert claim(tx, scope, chosen) == 1
    with journal.committing() as tx:
        tx.db.execute("INSERT INTO suppressed (number, because, by, at) VALUES (?, 'left', 'asha', ?)", (AGENT, AT))
    with journal.reader() as reader:
        kept, free = reader.due_batch(scope, NOW, 9, "*", (0, -1, 0), redials=False)
        assert (kept.id, kept.is_held, free.id, free.is_held) == ("twin", True, "b", False)
        assert kept.suppressed == free.suppressed == "suppressed because left"
        assert [each.id for each in due_of(reader, scope)] == ["b"]
        assert reader.pair_kept_until(scope, twin, NOW) == math.inf
        assert reader.pair_kept_until(scope, free, NOW) == NOW


def test_what_is_in_flight_is_known_over_all_plans(kind: Kind, scope: Scope) -> None:
    other = loaded(kind.open(), [call("elsewhere", "+918123400009")], again(1, plan="other")).scope
    with kind.open().reader() as reader:
        assert (reader.in_flight(scope), reader.in_flight(other)) == (1, 0)
        assert sorted(row.id for row in reader.live()) == ["order-1", "order-2"]
        (rings,) = reader.open_calls(scope, but_placed=False)
        assert reader.open_calls(scope, but_placed=True) == []
        (attempt,) = reader.open_attempts(scope)
        assert (attempt.call, attempt.call_id, attempt.latest) == (rings, "order-1", True)
        assert reader.latest_attempts([rings, 999]) == [attempt]
        assert reader.lines_free_at(NOW) is None, "it may end at any moment"
        assert [row.id for row in reader.call_rows(scope, ["order-1", "none"])] == ["order-1"]
        (lost,) = reader.unmatched(NOW - 1.0)
        assert (lost.attempt.call_id, lost.plan, lost.to_number) == ("order-2", scope.plan, "+918123400002")
        assert reader.unmatched(NOW + 1.0) == []
        assert (reader.has_sid("sid-order-1-1"), reader.has_sid("none")) == (True, False)
        assert [each.call_id for each in reader.incomplete(scope, NOW - 1.0, "")] == []
        assert reader.account(scope) == RUN.account


def test_lines_are_free_when_the_last_unknown_call_cannot_be_live_any_more(kind: Kind) -> None:
    journal = kind.open()
    scope = loaded(journal, [call("a")]).scope
    (chosen,) = due(journal, scope)
    with journal.reader() as reader:
        assert reader.lines_free_at(NOW) is None, "nothing is live"
    with journal.committing() as tx:
        assert claim(tx, scope, chosen) == 1
        tx.close_call(chosen.key, Disposition.UNKNOWN, NOW)
    with journal.reader() as reader:
        assert reader.lines_free_at(NOW) == NOW + 900.0
        assert reader.lines_free_at(NOW + 900.0) is None


def test_a_persons_attempts_are_told_over_all_plans(kind: Kind) -> None:
    journal = kind.open()
    for n in (0, 1):
        scope = loaded(journal, [call("a")], again(n, plan=f"plan-{n}")).scope
        (chosen,) = due(journal, scope)
        with journal.committing() as tx:
            rang(tx, scope, chosen, Ending.BUSY)
            tx.close_call(chosen.key, Disposition.BUSY, NOW)
    with journal.reader() as reader:
        starts = reader.person_starts(f"acme1:{PERSON}", NOW - 1.0)
        assert [(started, placement) for _, started, placement in starts] == [(NOW, "accepted")] * 2
        assert reader.person_starts(f"acme1:{PERSON}", NOW) == []
        assert reader.person_starts(f"acme2:{PERSON}", 0.0) == []


def test_the_carriers_word_on_numbers_is_kept_as_long_as_it_is_good_for(kind: Kind, scope: Scope) -> None:
    journal = kind.open()
    with journal.reader() as reader:
        (fresh,) = reader.due(scope, NOW, 9)
        assert [each.id for each in reader.unasked(scope, NOW, NOW, None, 9, "*")] == ["order-3"]
        assert [each.id for each in reader.unasked(scope, LATER, NOW, 1, 9, "*")] == ["order-0"]
        assert reader.registered(scope, NOW, 9, "*") == (0, [])
    with journal.committing() as tx:
        tx.note_numbers([(fresh.person, DndMark.YES)], NOW, AT)
    with journal.reader() as reader:
        assert reader.unasked(scope, NOW, NOW, None, 9, "*") == []
        count, shown = reader.registered(scope, NOW, 9, "*")
        assert (count, [id_ for id_, _ in shown]) == (1, ["order-3"])
        assert reader.facts(fresh).dnd(NOW) is DndMark.YES
        assert reader.facts(fresh).dnd(NOW + 1e9) is None


def test_guards_are_answered_about_a_call_and_its_numbers(kind: Kind, scope: Scope) -> None:
    with kind.open().reader() as reader:
        (fresh,) = reader.due(scope, NOW, 9)
        facts = reader.facts(fresh)
        assert (facts.suppressed(), facts.hold(), tuple(facts.person(0.0))) == (None, None, ())
        assert (facts.agent(NOW), facts.others_in_flight(NOW)) == (2, 2)
        assert (facts.agent(NOW + 900.0), facts.others_in_flight(NOW + 900.0)) == (0, 0)


def test_usage_is_counted_over_all_runs_of_an_edition(kind: Kind, scope: Scope) -> None:
    with kind.open().reader() as reader:
        usage = reader.usage(scope)
        assert (usage.dialed(), usage.attempts(), usage.under_way()) == ((3, 0, 1), 3, 2)
        assert (usage.unknown(NOW - 1.0), usage.unknown(NOW + 1.0), usage.rejected()) == (1, 0, 0)
        assert (usage.base(), usage.endings(0.0, 9)) == (4, [])
        spent = sorted(usage.spent(), key=lambda item: item.price or "")
        assert [(item.price, item.times) for item in spent] == [(None, 1), (None, 1), ("0.50", 1)]
        (rings,) = reader.open_calls(scope, but_placed=False)
    with kind.open().committing() as tx:
        tx.close_call(rings, Disposition.BUSY, NOW)
    with kind.open().reader() as reader:
        assert reader.usage(scope).endings(NOW - 1.0, 9) == ["busy"]
        assert reader.usage(scope).endings(NOW, 9) == []


def test_a_halt_is_judged_on_what_ended_after_the_last_one_was_lifted(kind: Kind, scope: Scope) -> None:
    journal = kind.open()
    with journal.reader() as reader:
        assert (reader.hold(scope), reader.last_resumed(scope)) == (None, 0.0)
    with journal.committing() as tx:
        assert tx.halt(scope, "failed: 20%", NOW)
        assert not tx.halt(scope, "failed: 30%", NOW)
        assert control.resume(tx, tx.view.editions.of_run(RUN.id), "fixed", "asha", LATER) == 0
    with journal.reader() as reader:
        assert (reader.hold(scope), reader.last_resumed(scope)) == (None, LATER)


def test_a_cancelled_edition_is_taken_up_again_where_it_was_left(kind: Kind, scope: Scope) -> None:
    journal = kind.open()
    with journal.committing() as tx:
        assert control.cancel(tx, tx.view.editions.of_run(RUN.id), None, "asha", NOW) == 2
    with journal.view() as view:
        assert view.results.not_dialed(scope) == {"cancelled": 2}
    with journal.committing() as tx:
        assert control.resume(tx, tx.view.editions.of_run(RUN.id), None, "asha", NOW) == 2
    with journal.reader() as reader:
        assert [each.id for each in reader.due(scope, LATER, 9)] == ["order-0", "order-3"], "no sooner than before"
        assert [each.id for each in reader.due(scope, NOW, 9)] == ["order-3"]


def test_a_later_run_takes_in_what_changed_and_keeps_what_rang(kind: Kind, scope: Scope) -> None:
    journal = kind.open()
    with journal.committing() as tx:
        found = load(tx, again(1), [*calls(3), call("new", "+918123400077")])
    assert (found.calls, found.to_dial) == (4, 2)
    with journal.view() as view:
        reasons = {record.id: record.reason for record in view.results.calls(found.scope)}
        assert reasons["order-3"] == "removed"
        assert view.results.totals(scope)["calls"] == 5
        assert view.results.totals(found.scope, planned=True)["calls"] == 4


def test_a_run_of_unchanged_inputs_takes_up_what_the_last_one_left(kind: Kind) -> None:
    journal = kind.open()
    first = loaded(journal, calls(3), replace(RUN, inputs="same")).scope
    rejected, late, _ = due(journal, first)
    with journal.committing() as tx:
        assert claim(tx, first, rejected) == 1
        tx.save(tx.attempt(rejected.key, 1), AttemptRecord(1, AT, placement=Placement.REJECTED, placed_at=AT))
        tx.close_call(rejected.key, Disposition.REJECTED, NOW)
        assert tx.close_undialed(first, "too late") == 2
    with journal.committing() as tx:
        found = reload(tx, again(1, inputs="same"))
    assert (found.calls, found.to_dial) == (3, 2)
    assert late.key in {each.key for each in due(journal, found.scope)}
    with journal.committing() as tx:
        found = reload(tx, replace(again(2, inputs="same"), retry_rejected=True))
    assert found.to_dial == 3
