"""A sandbox's memory answers whatever it is asked as its file does."""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from orchestrator.journal.sqlite.sandbox_calls import SandboxCalls
from orchestrator.model.simulated import (
    CallbackEvent,
    CallFilter,
    LegScript,
    OwedCallback,
    ReceivedRequest,
    RequestedCall,
    Script,
    SimulatedCall,
)
from orchestrator.sandbox.memory import CallsInMemory

NOW = 1_796_000_000.0
AGENTS, CUSTOMERS = ("+918069171234", "+918069171235"), ("+919900000001", "+919900000002", "+919900000003")
EXOPHONES = {"08047112233": "+918047112233", "+918047112244": "+918047112244"}
STATUSES = ("completed", "busy", "failed")

Both = tuple[SandboxCalls, CallsInMemory]


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    """A file and a memory that were told of the same forty calls, some of which go on."""
    chance = random.Random(7)  # noqa: S311 - not for secrets
    with closing(SandboxCalls(tmp_path / "sandbox.db")) as file:
        memory = CallsInMemory()
        for number in range(40):
            agent, customer = chance.choice(AGENTS), chance.choice(CUSTOMERS)
            asked = RequestedCall(
                agent, customer, chance.choice([*EXOPHONES]), callback_url="http://localhost/", events=()
            )
            script = Script(chance.choice(STATUSES), LegScript(None), LegScript("busy", 2.5, 3), 30.0, 0, "0.6")
            account, created = chance.choice(("one", "other")), NOW - chance.choice((5, 40, 40, 90))
            call = SimulatedCall(
                f"{chance.randrange(100):02}-{number}", account, created, chance.choice((1.0, 10.0)), asked, script
            )
            owed = OwedCallback(call, CallbackEvent.TERMINAL, created + chance.choice((1, 2, 3)))
            for one in (file, memory):
                with one.transaction():
                    one.add_call(call, agent, customer)
                    one.add_request(ReceivedRequest(created, "multipart", [("To", customer)]), 200, call.sid)
                    one.add_callback(owed)
                    one.add_request(ReceivedRequest(created, None, []), 400, None)
        yield file, memory


def filters() -> Iterator[CallFilter]:
    sids = ((), ("07-1", "nobody"), tuple(f"{a:02}-{b}" for a in range(100) for b in range(0, 40, 3)))
    numbers = product(((), AGENTS[:1]), ((), CUSTOMERS[1:]), ((), ("+918047112244",)), ((), ("busy", "failed")))
    for some, (agents, customers, exophones, statuses) in product(sids, numbers):
        yield CallFilter(some, agents, customers, exophones, statuses)
    yield CallFilter(directions=("inbound",))
    yield CallFilter(directions=("inbound", "outbound-api"), since=NOW - 40)
    yield CallFilter(until=NOW - 40)
    yield CallFilter(since=NOW - 90, until=NOW - 5, statuses=("busy",))


@pytest.mark.parametrize("newest_first", [True, False])
def test_every_list_is_the_same_page_by_page_and_back(both: Both, newest_first: bool) -> None:
    file, memory = both
    pages = 0
    for each, account in product(filters(), ("one", "nobody")):
        wanted = replace(each, newest_first=newest_first, page_size=4)
        page = file.page(wanted, account, NOW)
        while True:
            assert memory.page(wanted, account, NOW) == page, wanted
            pages += 1
            if not page.calls:
                break
            place = page.calls[0].created, page.calls[0].sid
            back = replace(wanted, after=None, before=place)
            assert memory.page(back, account, NOW) == file.page(back, account, NOW), back
            wanted = replace(wanted, after=(page.calls[-1].created, page.calls[-1].sid))
            page = file.page(wanted, account, NOW)
    assert pages > 100, "the filters let nobody pass"


def test_calls_requests_and_pairs_are_the_same(both: Both) -> None:
    file, memory = both
    assert memory.requests() == file.requests()
    for _, _, _, sid in file.requests():
        assert memory.call(sid or "") == file.call(sid or "")
    for pair in product(AGENTS, CUSTOMERS):
        assert memory.calls_of_pair(*pair) == file.calls_of_pair(*pair) > 0
    assert memory.calls_of_pair("+910000000000", CUSTOMERS[0]) == 0


def test_what_becomes_of_callbacks_is_the_same(both: Both) -> None:
    file, memory = both
    assert memory.callbacks() == file.callbacks()
    owed = memory.undelivered(NOW - 60)
    assert owed == file.undelivered(NOW - 60)
    assert 10 < len(owed) < 40
    for number, each in enumerate(owed):
        state = ("pending", "delivered", "dropped", "not-sent")[number % 4]
        tried = replace(each, tries=1 + number % 3, due=each.due + 10)
        assert memory.note_try(tried, state, "HTTP 500") is file.note_try(tried, state, "HTTP 500") is True
    assert memory.callbacks() == file.callbacks()
    assert memory.undelivered(NOW - 60) == file.undelivered(NOW - 60)
    assert memory.callbacks() == file.callbacks()


def test_what_was_reset_is_forgotten(both: Both) -> None:
    for one in both:
        owed = one.undelivered(0.0)[0]
        one.reset()
        assert one.note_try(owed, "delivered", "") is False
        assert (one.requests(), one.callbacks(), one.undelivered(0.0), one.call(owed.call.sid)) == ([], [], [], None)
        assert one.calls_of_pair(AGENTS[0], CUSTOMERS[0]) == 0
