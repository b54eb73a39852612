"""Slots in the journal: several processes, stalls and jitter against a model of a sliding window."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.policy import Rate
from orchestrator.policy.pace import SLOT_TOLERANCE, SLOTS_AHEAD, Cap

NOW = 1_800_000_000.0


def take(
    db: Connection, plan: int, caps: tuple[Cap, ...], now: float, lead: float, within: float
) -> tuple[float, bool]:
    """A slot under the caps."""
    tx = Transaction(db)
    slots, next_at = tx.take_slots(plan, caps, now, lead, within)
    tx.seal()
    return (slots[0], True) if slots else (next_at, False)


def hold(db: Connection, plan: int, cap: Cap, until: float) -> None:
    """Quiet under a cap."""
    tx = Transaction(db)
    tx.hold_slots(plan, cap, until)
    tx.seal()


ONE = Cap("account", Rate(10, 10.0))


@pytest.fixture
def db(journal: Path) -> Iterator[Connection]:
    with closing(connect(journal)) as db:
        plans = (("acme1", "a"), ("acme1", "b"), ("acme2", "a"))
        db.executemany("INSERT INTO plans (account, name, source) VALUES (?, ?, '')", plans)
        yield db


Request = tuple[int, bool, float, float, float]
REQUESTS = st.lists(
    st.tuples(
        st.integers(1, 2),  # whose: the plan's process
        st.booleans(),  # a look-up?
        st.sampled_from([0.0, 0.0, 0.01, 0.1, 3.0]),  # seconds since the one before
        st.sampled_from([0.0, 0.0, 0.01, 0.02, 1.0]),  # how late it comes to its slot: a stall drops it
        st.floats(0, 1),  # share of the jitter that the slack leaves
    ),
    min_size=30,
    max_size=90,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rate=st.builds(Rate, st.integers(1, 12), st.floats(0.5, 30)), requests=REQUESTS)
def test_no_window_holds_more_than_a_cap_over_all_processes(
    db: Connection, rate: Rate, requests: list[Request]
) -> None:
    db.execute("DELETE FROM pace")
    account, fifth = Cap("account", rate), Cap("look-ups", Rate(rate.count, rate.seconds * 5))
    slack, now = account.span - rate.seconds - SLOT_TOLERANCE, NOW
    arrived: list[tuple[float, bool]] = []
    for plan, is_look_up, pause, late, jitter in requests:
        now += pause
        own = fifth if is_look_up else Cap("plan", Rate(rate.count, rate.seconds * 2))
        at, taken = take(db, plan, (account, own), now, 0.0, SLOTS_AHEAD)
        if not taken:
            now = at - SLOTS_AHEAD + 1e-6
            at, taken = take(db, plan, (account, own), now, 0.0, SLOTS_AHEAD)
        assert taken
        assert now <= at <= now + SLOTS_AHEAD
        if late <= SLOT_TOLERANCE:
            arrived.append((at + late + jitter * slack, is_look_up))
    for window, moments in (
        (rate.seconds, [at for at, _ in arrived]),
        (rate.seconds * 5, [at for at, is_look_up in arrived if is_look_up]),
    ):
        for first in moments:
            assert sum(first <= at < first + window - 1e-5 for at in moments) <= rate.count


def test_a_slot_that_is_far_is_told_and_left_to_others(db: Connection) -> None:
    assert take(db, 1, (ONE,), NOW, 0.0, SLOTS_AHEAD) == (NOW, True)
    told = take(db, 1, (ONE,), NOW, 0.0, SLOTS_AHEAD)
    assert told == (NOW + ONE.gap, False)
    assert take(db, 2, (ONE,), NOW + 1.0, 0.0, SLOTS_AHEAD) == (NOW + ONE.gap, True)


def test_accounts_do_not_share_a_cap_and_plans_do_not_share_theirs(db: Connection) -> None:
    mine = Cap("plan", Rate(1, 60.0))
    for plan in (1, 2):
        assert take(db, plan, (mine,), NOW, 0.0, SLOTS_AHEAD) == (NOW, True)
    assert take(db, 1, (ONE,), NOW, 0.0, SLOTS_AHEAD) == (NOW, True)
    assert take(db, 3, (ONE,), NOW, 0.0, SLOTS_AHEAD) == (NOW, True)


def test_a_slot_is_never_sooner_than_a_request_can_be_ready(db: Connection) -> None:
    assert take(db, 1, (ONE,), NOW, 0.2, SLOTS_AHEAD) == (NOW + 0.2, True)


def test_a_hold_is_everybodys_and_never_shortened(db: Connection) -> None:
    hold(db, 1, ONE, NOW + 30)
    hold(db, 2, ONE, NOW + 5)
    assert take(db, 2, (ONE,), NOW, 0.0, SLOTS_AHEAD) == (NOW + 30, False)
    assert take(db, 2, (ONE,), NOW + 29.8, 0.0, SLOTS_AHEAD) == (NOW + 30, True)
    assert take(db, 3, (ONE,), NOW, 0.0, SLOTS_AHEAD) == (NOW, True)


def test_a_clock_set_back_by_an_hour_stalls_nobody(db: Connection) -> None:
    assert take(db, 1, (ONE,), NOW, 0.0, SLOTS_AHEAD)[1]
    hold(db, 1, ONE, NOW + 2)
    back = NOW - 3600
    at, taken = take(db, 1, (ONE,), back, 0.0, SLOTS_AHEAD)
    assert not taken
    assert at <= back + SLOTS_AHEAD + 2
    assert take(db, 1, (ONE,), at - SLOTS_AHEAD, 0.0, SLOTS_AHEAD) == (pytest.approx(at), True), (
        "it comes, though it was not taken"
    )


def test_a_journal_without_the_row_goes_by_its_attempts(db: Connection) -> None:
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(
        "INSERT INTO attempts (call, n, run, person, token, started_at, started) VALUES (1, 1, 1, 'p', 't', '', ?)",
        (NOW,),
    )
    at, _ = take(db, 1, (ONE,), NOW + 0.1, 0.0, SLOTS_AHEAD)
    assert at >= NOW + ONE.gap
    assert take(db, 1, (ONE,), NOW + 60, 0.0, SLOTS_AHEAD) == (NOW + 60, True)
