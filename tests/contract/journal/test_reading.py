"""Reading: as of one moment, without keeping anybody from committing, and always what is committed."""

import pytest
from contract.journal.kinds import NOW, Kind, again, call, calls, claim, due, due_of, loaded

from orchestrator.model.errors import CannotProceed


def test_a_snapshot_answers_everything_as_of_one_moment(shared: Kind) -> None:
    scope = loaded(shared.open(), calls(3)).scope
    (chosen, *_) = due(shared.open(), scope)
    with shared.open().reader() as reader:
        with reader.snapshot() as newest:
            before = len(due_of(reader, scope)), reader.in_flight(scope)
            with shared.open().committing() as tx:
                assert claim(tx, scope, chosen) == 1
            assert (len(due_of(reader, scope)), reader.in_flight(scope)) == before == (3, 0)
            assert reader.newest() == newest
        assert (len(due_of(reader, scope)), reader.in_flight(scope)) == (2, 1)
        assert reader.newest() != newest


def test_a_view_is_of_one_moment_too(shared: Kind) -> None:
    scope = loaded(shared.open(), calls(3)).scope
    (chosen, *_) = due(shared.open(), scope)
    with shared.open().view() as view:
        before = view.head, view.results.totals(scope)
        with shared.open().committing() as tx:
            assert claim(tx, scope, chosen) == 1
        assert (view.head, view.results.totals(scope)) == before


def test_a_reader_sees_each_commit_when_it_asks_again(kind: Kind) -> None:
    scope = loaded(kind.open(), calls(3)).scope
    with kind.open().reader() as reader:
        for left in (2, 1, 0):
            (chosen, *_) = due_of(reader, scope)
            with kind.open().committing() as tx:
                assert claim(tx, scope, chosen) == 1
            assert len(due_of(reader, scope)) == left
            assert reader.in_flight(scope) == 3 - left


def test_a_transaction_answers_as_it_has_left_the_journal_so_far(kind: Kind) -> None:
    scope = loaded(kind.open(), [call("a")]).scope
    with kind.open().committing() as tx:
        tx.halt(scope, "failed: 20%", NOW)
        assert [hold.kind for hold in tx.view.holds.on(scope.plan, "")] == ["halted"]


def test_the_calls_that_are_due_come_in_the_order_of_the_plan_and_in_batches(kind: Kind) -> None:
    scope = loaded(kind.open(), calls(30)).scope
    with kind.open().reader() as reader:
        whole = [each.id for each in due_of(reader, scope)]
        assert whole == [f"order-{n}" for n in range(30)]
        found, after = list[str](), (0, -1, 0)
        while batch := reader.due_batch(scope, NOW, 7, "*", after, redials=False):
            found += [each.id for each in batch]
            last = batch[-1]
            after = (-last.priority, last.position, last.key)
        assert found == whole


@pytest.mark.parametrize(
    ("only", "chosen"),
    [("*", 30), ("order-1*", 11), ("order-?", 10), ("order-[12]", 2), ("ORDER-*", 0), ("order-%", 0), ("order-_", 0)],
)
def test_only_chooses_by_the_signs_of_a_shell(kind: Kind, only: str, chosen: int) -> None:
    scope = loaded(kind.open(), calls(30)).scope
    with kind.open().reader() as reader:
        ids = [each.id for each in reader.due(scope, NOW, 100, only)]
        assert len(ids) == chosen == sum(reader.matches(f"order-{n}", only) for n in range(30))
        assert reader.count(scope, "due", only) == chosen == reader.view.results.totals(scope, only)["calls"]


def test_one_process_dials_a_plan_at_a_time(shared: Kind) -> None:
    scope = loaded(shared.open(), [call("a")]).scope
    loaded(shared.open(), [call("a")], again(1, plan="other"))
    one, other = shared.open(), shared.open()
    with one.dialing("acme1", "cod", "", "run") as beat:
        beat()
        with other.view() as view:
            assert view.runs.plans_dialed() == {scope.plan}
            assert [run.name for run in view.runs.that_dial()] == ["cod"]
        with other.dialing("acme1", "other", "", "run"):
            pass
        with pytest.raises(CannotProceed, match="another run is dialing"), other.dialing("acme1", "cod", "", "run"):
            pass
    with other.view() as view:
        assert view.runs.plans_dialed() == frozenset()


def test_a_run_is_dialing_no_more_when_it_has_ended(kind: Kind) -> None:
    scope = loaded(kind.open(), [call("a")]).scope
    with kind.open().reader() as reader:
        assert reader.dials(scope)
        later = loaded(kind.open(), [call("a")], again(1)).scope
        assert (reader.dials(scope), reader.dials(later)) == (False, True)
