"""A commit: all of a step or nothing, durable before its result is known, and told in order."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from contract.journal.kinds import AT, NOW, Kind, call, claim, due_of, loaded

from orchestrator.journal import control
from orchestrator.journal.port import Journal, Reader, Transaction, Writer
from orchestrator.model.call import Committed
from orchestrator.model.events import Event, EventType
from orchestrator.model.outcome import Disposition

T = TypeVar("T")


def played(journal: Journal, scenario: Callable[[Writer, Reader], Awaitable[T]]) -> tuple[T, list[Event]]:
    """Play a scenario with a writer and a reader of a journal; return what it returned, and what was heard."""
    heard: list[Event] = []

    async def play() -> T:
        writer = journal.writer(heard.extend)
        with journal.reader() as reader:
            result = await scenario(writer, reader)
            await writer.close()
        return result

    return asyncio.run(play()), heard


def waits(n: int) -> Callable[[Transaction], int]:
    """Append one event."""

    def step(tx: Transaction) -> int:
        tx.append(EventType.RUN_WAITING, AT, "run", data={"reason": str(n)})
        return n

    return step


def test_a_result_is_known_when_another_user_can_see_what_was_done(kind: Kind) -> None:
    scope = loaded(kind.open(), [call("a")]).scope

    async def scenario(writer: Writer, reader: Reader) -> None:
        (chosen,) = due_of(reader, scope)
        assert await writer.write(lambda tx: claim(tx, scope, chosen)) == 1
        with kind.open().view() as view:
            assert view.results.totals(scope)["attempts"] == 1
        assert due_of(reader, scope) == []

    played(kind.open(), scenario)


def test_a_step_that_fails_undoes_its_own_part_only_and_raises_what_it_raised(journal: Journal) -> None:
    def half(tx: Transaction) -> None:
        tx.append(EventType.RUN_WAITING, AT, "run", data={"reason": "half"})
        tx.close_call(1, Disposition.UNSEEN, NOW)
        raise ZeroDivisionError

    scope = loaded(journal, [call("a")]).scope

    async def scenario(writer: Writer, reader: Reader) -> list[object]:
        steps = (writer.write(waits(1)), writer.write(half), writer.write(waits(2)))
        results = await asyncio.gather(*steps, return_exceptions=True)
        assert [each.id for each in due_of(reader, scope)] == ["a"]
        return list(results)

    (first, failed, last), heard = played(journal, scenario)
    assert (first, last, type(failed)) == (1, 2, ZeroDivisionError)
    assert [event.data["reason"] for event in heard] == ["1", "2"]


def test_a_command_that_fails_leaves_nothing_behind(kind: Kind) -> None:
    scope = loaded(kind.open(), [call("a")]).scope
    with kind.open().view() as view:
        before = view.head

    def fail() -> None:
        with kind.open().committing() as tx:
            tx.halt(scope, "broken", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with kind.open().view() as view:
        assert (view.head, view.holds.on(scope.plan, "")) == (before, ())


def test_a_command_may_look_at_what_it_committed(kind: Kind) -> None:
    heads: list[str] = []
    with kind.open().committing(then=lambda view: heads.append(view.head)) as tx:
        waits(1)(tx)
        inside = tx.view.head
    with kind.open().view() as view:
        assert heads == [view.head]
        assert view.holds_event(heads[0])
        assert not view.holds_event(inside), "it was sealed since"


def test_events_are_told_in_the_order_of_their_commits_and_numbered_without_a_gap(journal: Journal) -> None:
    async def scenario(writer: Writer, reader: Reader) -> list[tuple[int, Event]]:
        await asyncio.gather(*(writer.write(waits(n)) for n in range(600)))
        await writer.write(waits(600))
        everything = reader.events_after(0, 10_000)
        assert reader.events_after(599, 10) == everything[599:]
        assert reader.events_after(599, 1) == everything[599:600]
        assert reader.events_after(601, 10) == []
        return everything

    numbered, heard = played(journal, scenario)
    assert [seq for seq, _ in numbered] == list(range(1, 602))
    assert [event for _, event in numbered] == heard
    assert [event.data["reason"] for event in heard] == [str(n) for n in range(601)]


def test_a_writer_learns_that_others_have_committed_and_a_reader_what(kind: Kind) -> None:
    scope = loaded(kind.open(), [call("a"), call("b", "+918123400001")]).scope

    async def scenario(writer: Writer, reader: Reader) -> None:
        await writer.write(waits(1))
        assert (writer.others, writer.is_own(reader.newest())) == (0, True)
        chosen, _ = due_of(reader, scope)
        with kind.open().committing() as tx:
            assert claim(tx, scope, chosen) == 1
        assert not writer.is_own(reader.newest())
        assert reader.calls_named_after(reader.newest()[0] - 1) == {"a"}
        await writer.write(waits(2))
        assert (writer.others, writer.is_own(reader.newest())) == (1, True)
        with kind.open().committing() as tx:
            control.suppress(tx, "+918123400009", "asked us to", "asha", NOW)
        assert reader.calls_named_after(reader.newest()[0] - 1) is None, "it concerns more than a call"

    played(kind.open(), scenario)


def test_followers_hear_of_each_commit_what_it_changed_before_who_waits_goes_on(kind: Kind) -> None:
    scope = loaded(kind.open(), [call("a")]).scope
    commits: list[Committed] = []

    async def scenario(writer: Writer, reader: Reader) -> None:
        writer.follow(commits.append)
        (chosen,) = due_of(reader, scope)
        await writer.write(lambda tx: claim(tx, scope, chosen))
        assert len(commits) == 1

    played(kind.open(), scenario)
    (found,) = commits
    ((before, after),) = found.calls
    assert before is not None
    assert after is not None
    assert (before.id, before.state, after.state) == ("a", "due", "open")
    assert [(row.call, row.n, row.placement) for row in found.attempts] == [(after.key, 1, None)]
    assert found.is_whole


def test_what_is_queued_is_committed_when_a_writer_closes(kind: Kind) -> None:
    journal, heard = kind.open(), list[Event]()

    async def scenario() -> None:
        writer = journal.writer(heard.extend)
        queued = asyncio.ensure_future(writer.write(waits(1)))
        await asyncio.sleep(0)
        await writer.close()
        assert await queued == 1

    asyncio.run(scenario())
    with kind.open().reader() as reader:
        assert [event for _, event in reader.events_after(0, 10)] == heard
