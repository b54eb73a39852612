"""`settle --as not-placed` says what becomes of the call, and that is what becomes of it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done
from acceptance.desk import Desk, call, customer

UNASKED = {"after": "1h", "every": "1h", "settle": "1s"}
SHORT = {"TimeOut": 1, "TimeLimit": 1}


def say(desk: Desk, *arguments: str) -> Done:
    """Say something on the desk's journal that is right; nothing that it says holds a full number."""
    done = desk.orchestrate(*arguments, "--journal", str(desk.journal))
    assert done.code == 0, done.said
    assert customer(0).lstrip("+") not in done.said
    return done


@pytest.fixture
def lost(desk: Desk, carrier: Carrier, live: Path) -> Path:
    """A plan whose one call is unknown; another request for it would be answered."""
    carrier.rules(calls={"a": {"answers": ["hang", "200"], "listed": False}})
    plan = desk.plan([call("a", **SHORT)])
    assert desk.run(plan, desk.target(carrier, "unasked", lookups=UNASKED)).code == 6
    return plan


@pytest.fixture(autouse=True)
def whole(desk: Desk, request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever is said, the journal can be proved afterwards, unless the test itself has altered it."""
    yield
    if "altered_by_the_test" not in request.fixturenames:
        say(desk, "journal", "verify")


@pytest.fixture
def altered_by_the_test() -> None:
    """Says that a test writes into the journal's tables by hand."""


def disposition(desk: Desk) -> tuple[str, str | None]:
    """How the call of the first edition stands."""
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as db:
        found: tuple[str, str | None] = db.execute("SELECT disposition, reason FROM calls WHERE id = 'a'").fetchone()
        return found


def test_nothing_in_the_way(desk: Desk, carrier: Carrier, live: Path, lost: Path) -> None:
    said = say(desk, "settle", "a", "--as", "not-placed").out
    assert "settled as not-placed; the next run of the plan dials it\n" in said
    assert desk.run(lost, live).code == 0
    assert len(carrier.connects()) == 2


def test_a_suppressed_number_is_not_dialed(desk: Desk, carrier: Carrier, live: Path, lost: Path) -> None:
    say(desk, "suppress", customer(0), "--because", f"asked at {customer(0)}")
    said = say(desk, "settle", "a", "--as", "not-placed").out
    assert "nothing dials it: suppressed because asked at +9181" in said
    assert desk.run(lost, live).code == 0
    assert disposition(desk)[0] == "suppressed"
    assert len(carrier.connects()) == 1


@pytest.mark.parametrize("unchanged", [False, True])
def test_a_call_that_the_plan_no_longer_holds_is_not_dialed(
    desk: Desk, carrier: Carrier, live: Path, lost: Path, unchanged: bool
) -> None:
    """Nor by a run of unchanged inputs, which reads no rows again."""
    plan = desk.plan([call("b", 1, **SHORT)])
    assert desk.run(plan, live).code == 0
    before = len(carrier.connects())
    said = say(desk, "settle", "a", "--as", "not-placed").out
    assert "the plan, as it was run last, does not hold it, so nothing dials it" in said
    assert disposition(desk) == ("not-dialed", "removed")
    if not unchanged:
        plan = desk.plan([call("b", 1, **SHORT), call("c", 2, **SHORT)])
    assert desk.run(plan, live).code == 0
    assert len(carrier.connects()) == before + (not unchanged)
    assert "because   removed" in say(desk, "why", "a").out
    assert desk.run(desk.plan([call("a", **SHORT)]), live).code == 0
    assert carrier.rung()["a"] == 2, "a plan that holds it again dials it"


def test_a_superseded_edition_is_not_dialed(desk: Desk, carrier: Carrier, live: Path, lost: Path) -> None:
    newer = desk.plan([call("b", 1, **SHORT)], edition="2")
    assert desk.run(newer, live).code == 0
    before = len(carrier.connects())
    said = say(desk, "settle", "a", "--as", "not-placed").out
    assert "edition 2 superseded it, and nothing of it is dialed again" in said
    assert disposition(desk) == ("not-dialed", "superseded")
    assert desk.run(newer, live).code == 0
    assert desk.run(desk.plan([call("a", **SHORT)]), live).code == 1
    assert len(carrier.connects()) == before


@pytest.mark.parametrize("command", ["pause", "cancel"])
def test_a_held_edition_is_dialed_once_it_is_resumed(
    desk: Desk, carrier: Carrier, live: Path, lost: Path, command: str
) -> None:
    say(desk, command)
    say(desk, "pause", "--all")
    said = say(desk, "settle", "a", "--as", "not-placed").out
    assert "settled as not-placed; after `orchestrate resume " in said
    assert "and `orchestrate resume --all` the next run of the plan dials it" in said
    assert desk.run(lost, live, "--wait", "0").code == 5
    assert len(carrier.connects()) == 1
    say(desk, "resume")
    say(desk, "resume", "--all")
    assert desk.run(lost, live).code == 0
    assert len(carrier.connects()) == 2


@pytest.mark.usefixtures("altered_by_the_test")
def test_of_many_each_that_is_not_dialed_is_told(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(default={"answers": ["hang", "200"], "listed": False})
    plan = desk.plan([call(key, index, **SHORT) for index, key in enumerate("abc")])
    assert desk.run(plan, desk.target(carrier, "unasked", lookups=UNASKED)).code == 6
    with contextlib.closing(sqlite3.connect(desk.journal)) as db, db:
        db.execute("UPDATE attempts SET not_found_at = '2026-01-01T00:00:00.000Z'")
        db.execute("UPDATE calls SET pair_free_at = 1")
    say(desk, "suppress", customer(1), "--because", "asked us to")
    said = say(desk, "settle", "--all-not-found").out
    assert "  a\n  b: nothing dials it: suppressed because asked us to\n  c\n" in said
    assert "3 attempts were settled as not-placed; the next run of the plan dials 2 of them" in said
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 2, "b": 1, "c": 2}, "the lost requests are counted"
