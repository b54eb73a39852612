"""Named questions: what people are answered agrees with what was committed."""

from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from contract.journal.kinds import AGENT, AT, NOW, PERSON, RUN, Kind, again, call, calls, claim, due, loaded

from orchestrator.journal import control
from orchestrator.journal.control import record_approval
from orchestrator.journal.port import Journal, Transaction
from orchestrator.journal.reviews import Review, remember
from orchestrator.journal.sqlite.suppressed_ids import SuppressedIds
from orchestrator.model.call import DueCall, Field, FieldColumn, ResolvedCall, Scope
from orchestrator.model.events import EventType
from orchestrator.model.outcome import Disposition, Ending, Placement
from orchestrator.model.record import AttemptRecord, Part
from orchestrator.model.refusal import Refusal

SID = "5a6b"
HER, OTHER = "+918123400050", "+918123400099"
PLAN = [
    call("well", PERSON, CustomField="order 7%_!"),
    call("lost", "+918123400001"),
    call("refused", "+918123400002"),
    call("waits", "+918123400003"),
    call("rings", "+918123400004"),
]


def told(kind: Kind) -> Scope:
    """A run in which one call of each sort is told of."""
    journal = kind.open()
    scope = loaded(journal, PLAN).scope
    by_id = {each.id: each for each in due(journal, scope)}

    def outcome(id_: str, disposition: Disposition | None, **known: object) -> None:
        with journal.committing() as tx:
            _outcome(tx, scope, by_id[id_], disposition, AttemptRecord(1, AT, **known))  # type: ignore[arg-type]

    accepted = {"placement": Placement.ACCEPTED, "placed_at": AT}
    outcome("well", Disposition.COMPLETED, sid=SID, ending=Ending.COMPLETED, ended_at=AT, duration=7, **accepted)
    outcome("lost", Disposition.UNKNOWN, placement=Placement.UNKNOWN, placed_at=AT)
    outcome("refused", Disposition.REJECTED, placement=Placement.REJECTED, http_status=400, placed_at=AT)
    outcome("rings", None, sid="5a6c", **accepted)
    return scope


def _outcome(
    tx: Transaction, scope: Scope, chosen: DueCall, disposition: Disposition | None, record: AttemptRecord
) -> None:
    assert claim(tx, scope, chosen) == 1
    tx.save(tx.attempt(chosen.key, 1), record)
    if disposition is not None:
        tx.close_call(chosen.key, disposition, NOW)
        tx.append(EventType.CALL_ENDED, AT, scope.run_id, chosen.id, 1, {"disposition": disposition})


def test_results_count_what_became_of_each_call(kind: Kind) -> None:
    scope = told(kind)
    with kind.open().view() as view:
        found = view.results
        counted = {name: count for name, count in found.totals(scope).items() if count}
        assert counted == {
            "calls": 5, "completed": 1, "unknown": 1, "rejected": 1, "waiting": 2, "attempts": 4
        }  # fmt: skip
        assert found.totals(scope, planned=True) == found.totals(scope)
        assert (found.count(scope, "due"), found.count(scope, "open"), found.count(scope, "closed")) == (1, 1, 3)
        assert found.unknown_ids(scope) == ["lost"]
        assert found.not_dialed(scope) == {}
        records = list(found.calls(scope))
        assert [record.id for record in records] == ["well", "lost", "refused", "waits", "rings"]
        assert [len(record.attempts) for record in records] == [1, 1, 1, 0, 1]
        assert (records[0].from_number, records[0].to_number, records[0].attempts[0].duration) == (AGENT, PERSON, 7)


def test_a_part_of_the_calls_is_told_and_counted_alike(kind: Kind) -> None:
    scope = told(kind)
    both = (Disposition.UNKNOWN, Disposition.WAITING)
    with kind.open().view() as view:
        for part, ids in (
            (Part("r*"), ["refused", "rings"]),
            (Part(None, both), ["lost", "waits", "rings"]),
            (Part("*l*", both), ["lost"]),
            (Part("nobody"), []),
        ):
            found = list(view.results.calls(scope, part))
            counted = view.results.totals(scope, part.only or "*", dispositions=part.dispositions)
            assert [each.id for each in found] == ids
            assert (counted["calls"], counted["attempts"]) == (len(ids), sum(len(each.attempts) for each in found))


def test_a_runs_own_figures_are_those_of_the_attempts_that_it_made(kind: Kind) -> None:
    scope = told(kind)
    later = loaded(kind.open(), PLAN, again(1)).scope
    with kind.open().view() as view:
        own = view.results.own_figures(scope)
        assert (own.attempts, own.seconds, own.cost) == (4, 7, {})
        assert own.outcomes == {"accepted": 1, "completed": 1, "rejected": 1, "unknown": 1}
        assert view.results.own_figures(later).attempts == 0


def test_the_columns_that_calls_carry_are_named_in_the_plans_order(kind: Kind) -> None:
    carrying = [
        replace(call(key), carry=carry) for key, carry in (("a", {}), ("b", {"z": "1"}), ("c", {"a": "", "z": "2"}))
    ]
    scope = loaded(kind.open(), carrying).scope
    with kind.open().view() as view:
        assert view.results.carried(scope) == ["z", "a"]


def test_what_was_kept_back_is_counted_by_its_reason(kind: Kind) -> None:
    journal = kind.open()
    scope = told(kind)
    with journal.committing() as tx:
        assert tx.close_undialed(scope, "too late") == 1
    with journal.view() as view:
        assert view.results.not_dialed(scope) == {"too late": 1}
        assert view.results.not_dialed(scope, "w*ll") == {}


def test_runs_are_found_by_what_people_know_of_them(kind: Kind) -> None:
    told(kind)
    later, other = again(1, edition="2"), again(2, plan="other", account="acme2")
    for run in (later, other):
        loaded(kind.open(), [call("a")], run)
    with kind.open().view() as view:
        runs = view.runs
        assert [line.run.id for line in runs.lines()] == [other.id, later.id, RUN.id]
        assert [line.calls for line in runs.lines()] == [1, 1, 5]
        latest, exact = runs.latest(), runs.by_id(RUN.id)
        assert latest is not None
        assert exact is not None
        assert (latest.run, latest.account, exact.name, exact.source) == (other.id, "acme2", "cod", RUN.source)
        assert [run.run for run in runs.beginning(RUN.id[:-4])] == [other.id, later.id, RUN.id]
        assert runs.beginning("%") == runs.beginning("2%") == []
        assert [run.run for run in runs.latest_of("cod", None)] == [later.id]
        assert [run.run for run in runs.latest_of("cod", "")] == [RUN.id]
        assert runs.latest_of("other", "9") == []
        assert (runs.record(RUN.id).digest, runs.record(RUN.id).ended_at) == (RUN.digest, None)
        assert runs.scope_of(later.id).edition == "2"
        for ask in (runs.record, runs.scope_of, view.editions.of_run):
            with pytest.raises(LookupError):
                ask("no run")  # type: ignore[operator]


def test_an_empty_journal_knows_nothing_and_says_so(kind: Kind) -> None:
    with kind.open().view() as view:
        assert view.runs.latest() is None
        assert (list(view.runs.lines()), view.runs.that_dial(), view.runs.beginning("2")) == ([], [], [])
        assert view.editions.whole_journal().run == ""
        assert (list(view.calls.stories("a", None, NOW)), view.calls.known_by(PERSON)) == ([], [])
        assert (view.holds.on(0, ""), view.holds.on_plan_named("acme1", "cod", "")) == ((), ((), ""))
        assert view.plans.source("acme1", "cod") is None
        assert view.holds_event(view.head)
        assert not view.refused_callbacks().counts


def test_editions_know_which_is_the_newest_and_where_they_stand(kind: Kind) -> None:
    scope = told(kind)
    loaded(kind.open(), [call("a"), call("well")], again(1, edition="2"))
    with kind.open().view() as view:
        editions = view.editions
        assert (editions.newest(scope.plan), editions.superseded_by(scope.plan, "2")) == ("2", None)
        assert editions.superseded_by(scope.plan, "") == "edition 2"
        assert [found.edition for found in editions.with_call("well", None)] == ["2", ""]
        assert [found.run for found in editions.with_call("well", RUN.id)] == [RUN.id]
        stands = editions.standing(scope, view.runs.record(RUN.id), NOW, asked=True)
        assert (stands.runs, stands.open, stands.due, stands.attempts_of_run) == (1, 1, 0, 4)
        assert not editions.is_over(editions.of_run(RUN.id)), "one call is under way"


def test_a_calls_story_has_its_attempts_and_its_own_events(kind: Kind) -> None:
    told(kind)
    with kind.open().view() as view:
        (story,) = view.calls.stories("well", None, NOW)
        assert (story.plan, story.run, story.disposition, story.state) == ("cod", RUN.id, "completed", "closed")
        (attempt,) = story.attempts
        assert (attempt.record.sid, attempt.record.ending) == (SID, Ending.COMPLETED)
        mine = [event.type for event in story.events if event.call is not None]
        assert mine == [EventType.ATTEMPT_STARTED, EventType.CALL_ENDED]
        assert next(iter(view.calls.stories("well", RUN.id, NOW, only="another run"))).attempts == ()


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        (PERSON, ["well"]),
        ("081234 00001", ["lost"]),
        (AGENT, ["rings", "waits", "refused", "lost", "well"]),
        (SID, ["well"]),
        ("order 7%_!", ["well"]),
        ("order 7%", []),
        ("ORDER 7%_!", []),
        ("+918123499999", []),
    ],
)
def test_calls_are_known_by_a_number_a_sid_or_their_custom_field(kind: Kind, name: str, ids: list[str]) -> None:
    told(kind)
    with kind.open().view() as view:
        assert [found.id for found in view.calls.known_by(name)] == ids


def test_attempts_are_found_for_a_verdict(kind: Kind) -> None:
    scope = told(kind)
    with kind.open().committing() as tx:
        tx.not_found([tx.attempt(key, 1).key for key in (due_key(tx, "lost"),)], AT)
    with kind.open().view() as view:
        edition, attempts = view.editions.of_run(RUN.id), view.attempts
        latest, holder = attempts.latest(edition, "lost"), attempts.with_sid(SID)
        assert latest is not None
        assert holder is not None
        assert (latest.record.placement, holder.call_id) == (Placement.UNKNOWN, "well")
        assert attempts.latest(edition, "waits") is attempts.with_sid("none") is None
        assert attempts.not_found(edition, NOW, 10) == [], "it may be live still"
        assert [each.call_id for each in attempts.not_found(edition, NOW + 900.0, 10)] == ["lost"]
        assert attempts.is_held_by_plan(latest)
        assert attempts.suppressed(latest) is None
        assert attempts.left_open((), 10) == []
    with kind.open().committing() as tx:
        rings = tx.attempt(due_key(tx, "rings"), 1)
        tx.save(rings, replace(rings.record, ending=Ending.BUSY, ended_at=AT))
    with kind.open().view() as view:
        assert [each.call_id for each in view.attempts.left_open((), 10)] == ["rings"]
        assert view.attempts.left_open((scope.plan,), 10) == []


def due_key(tx: Transaction, id_: str) -> int:
    found = tx.view.attempts.latest(tx.view.editions.of_run(RUN.id), id_)
    assert found is not None
    return found.call


def test_what_people_said_of_dialing_is_told_the_strongest_first(kind: Kind) -> None:
    scope = told(kind)
    with kind.open().committing() as tx:
        edition = tx.view.editions.of_run(RUN.id)
        control.pause(tx, tx.view.editions.whole_journal(), "fire", "asha", NOW)
        control.pause(tx, edition, "lunch", "asha", NOW)
        tx.halt(scope, "failed: 20%", NOW)
        assert control.suppress(tx, PERSON, "asked us to", "asha", NOW)
        assert not control.suppress(tx, PERSON, "asked again", "ravi", NOW)
    with kind.open().view() as view:
        holds = view.holds.on(scope.plan, "")
        assert [(hold.kind, hold.whole) for hold in holds] == [("halted", False), ("paused", False), ("paused", True)]
        assert view.holds.on_plan_named(RUN.account, RUN.plan, "") == (holds, RUN.id)
        assert view.editions.held() == 1
        known = view.holds.suppression(PERSON)
        assert known is not None
        assert (known.because, known.by) == ("asked us to", "asha")
        assert view.holds.suppression(AGENT) is None


def test_a_review_of_a_plan_knows_what_was_taken_in_and_whom_it_rang(kind: Kind) -> None:
    inputs = replace(RUN, inputs="one")
    loaded(kind.open(), [call("a")], inputs)
    with kind.open().view() as view:
        assert view.plans.source(RUN.account, RUN.plan) == RUN.source
        taken = view.plans.taken_in(RUN.account, RUN.plan, "", "one", keep_suppressed=False)
        assert taken is not None
        assert (taken.digest, taken.calls) == (RUN.digest, 1)
        assert view.plans.taken_in(RUN.account, RUN.plan, "", "two", keep_suppressed=False) is None
        assert view.plans.taken_in(RUN.account, RUN.plan, "", "one", keep_suppressed=True) is None
        known = view.plans.known_calls(RUN.account, RUN.plan, "", lambda: [["a"]])
        found, new = known.known(InColumns.of(call("a"), call("b")))
        assert found is not None
        assert (found.state, bool(found.rung), found.changed) == ("due", False, False)
        assert new is None


@dataclass(frozen=True, slots=True)
class InColumns:
    """Calls as plans ask about them, which differ in their id and To."""

    ids: list[str]
    fields: tuple[Field | FieldColumn, ...]
    people: list[str]

    @classmethod
    def of(cls, *plan: ResolvedCall) -> "InColumns":
        people = [str(each.fields[1].value) for each in plan]
        agent, _, exophone = plan[0].fields
        return cls([each.id for each in plan], (agent, FieldColumn("To", people, "call"), exophone), people)


def test_a_review_asks_about_many_calls_at_once(journal: Journal) -> None:
    scope = loaded(journal, [call("a", HER), *calls(4)]).scope
    with journal.committing() as tx:
        for each in due(journal, scope)[:2]:
            assert claim(tx, scope, each) is not None
    now = InColumns.of(call("a", HER), *calls(2), call("order-2", OTHER), call("b", HER))
    with journal.view() as view:
        known = view.plans.known_calls(RUN.account, RUN.plan, "", lambda: [now.ids[:1], now.ids[1:]])
        found = known.known(now)
        stands = [each and (each.state, each.rung, each.changed, each.moved) for each in found]
        rung, waits = ("open", 1, False, False), ("due", 0, False, False)
        assert stands == [rung, rung, waits, ("due", 0, True, True), None]
        assert found[0] is found[1], "of those that stand alike it is one object"
        assert known.rang_under_other_ids(now, [3, 4]) == set(), "the plan holds the id that the pair rang under"
        assert [each.id for each in known.removed()] == ["order-3"]
        gone = view.plans.known_calls(RUN.account, RUN.plan, "", lambda: [["b"]])
        assert gone.rang_under_other_ids(now, [3, 4]) == {4}
        assert [each.id for each in gone.removed()] == ["a", *(f"order-{n}" for n in range(4))]
        seen = view.plans.known_calls(RUN.account, RUN.plan, "", lambda: [["b"]])
        seen.see(["a", "order-0", "order-3"])
        seen.saw_all()
        assert [each.id for each in seen.removed()] == ["order-1", "order-2"]


def test_a_review_asks_of_which_numbers_the_journal_says_something(journal: Journal) -> None:
    scope = loaded(journal, [call("a"), *calls(2)]).scope
    with journal.committing() as tx:
        assert claim(tx, scope, due(journal, scope)[0]) is not None
        control.suppress(tx, OTHER, "asked us", "asha", NOW)
    nobody = "+918123499999"
    with journal.view() as view:
        for since, dnd, expected in (
            (None, False, {OTHER}),
            (NOW - 1, False, {OTHER, PERSON}),
            (NOW, True, {OTHER}),
        ):
            asked = view.plans.noted_numbers(RUN.account, since, dnd=dnd)
            assert asked.among([AGENT, OTHER], [PERSON, nobody]) == expected
        assert view.plans.noted_numbers("other", NOW - 1, dnd=True).among([AGENT], [PERSON, OTHER]) == {OTHER}


def test_reviews_and_approvals_are_kept_by_their_digest(journal: Journal) -> None:
    review = Review("cod", "", RUN.digest, AT)
    for ids, counts in ((("a", "b"), (2, 0)), (("b", "c"), (1, 1)), ((), (0, 3))):
        with closing(SuppressedIds()) as found:
            for id_ in ids:
                found.add(id_)
            with journal.view() as view:
                assert view.plans.compare_review(RUN.digest, found) == counts
            with journal.committing() as tx:
                remember(tx, review, found)
    with journal.committing() as tx:
        record_approval(tx, RUN.digest, "asha", NOW)
    with journal.view() as view:
        assert [each.by for each in view.approvals.of(RUN.digest)] == ["asha"]
        assert view.approvals.of("sha256:1") == ()
        seen = view.approvals.seen(RUN.digest)
        assert seen is not None
        assert (seen.plan, seen.at) == ("cod", AT)


def test_refused_callbacks_are_counted(journal: Journal) -> None:
    for _ in range(2):
        with journal.committing() as tx:
            tx.add_refused({Refusal.UNKNOWN_TOKEN: 3}, AT)
    with journal.view() as view:
        refused = view.refused_callbacks()
        assert (refused.counts[Refusal.UNKNOWN_TOKEN], refused.last_at) == (6, AT)
