"""What a list of calls proves of unknown attempts: one call and one attempt that fit each other, and nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engine.reconcile import (
    CLOCK_SKEW,
    LONGEST_GROUP,
    Claim,
    CreationTimes,
    claims,
    groups,
    is_listed,
    is_other_pair,
)
from orchestrator.exotel.facts import carrier_text
from orchestrator.exotel.replies import ListedCall
from orchestrator.model.call import Attempt, UnmatchedAttempt
from orchestrator.model.outcome import CallFacts, Placement
from orchestrator.model.record import AttemptRecord

ZONE = "Asia/Kolkata"
SENT = 1_795_000_000.0
SPAN = CreationTimes(timeout=60.0)
AGENT, CUSTOMER, EXOPHONE = "+917410410123", "+918123456789", "1800123456"


def unmatched(
    key: int = 1, *, to: str = CUSTOMER, at: float = SENT, exophone: str | None = EXOPHONE
) -> UnmatchedAttempt:
    record = AttemptRecord(1, "2026-11-22T10:00:00Z", placement=Placement.UNKNOWN)
    attempt = Attempt(key, key, f"c{key}", "run", "open", True, at, at + 900, record, 1, "")
    return UnmatchedAttempt(attempt, 1, AGENT, to, exophone)


def listed(sid: str = "s1", *, to: str | None = CUSTOMER, at: float = SENT + 1) -> ListedCall:
    created = carrier_text(at, ZONE)
    return ListedCall(sid, AGENT, to, EXOPHONE, "outbound-api", created, CallFacts(sid=sid, status="completed"))


def proved(wanted: list[UnmatchedAttempt], found: list[ListedCall], *claimed: str) -> list[tuple[int, str]]:
    return [(one.unmatched.attempt.key, one.call.sid) for one in claims(wanted, found, set(claimed), SPAN, ZONE)]


def test_the_only_call_is_the_attempts() -> None:
    assert claims([unmatched()], [listed()], set(), SPAN, ZONE) == [Claim(unmatched(), listed())]


@pytest.mark.parametrize("spelled", ["08123456789", "+918123456789", "8123456789", "+91 81234-56789"])
def test_numbers_are_compared_whatever_their_spelling(spelled: str) -> None:
    assert proved([unmatched()], [listed(to=spelled)]) == [(1, "s1")]
    assert proved([unmatched(to=spelled)], [listed()]) == [(1, "s1")]


def test_an_empty_list_proves_nothing() -> None:
    assert proved([unmatched()], []) == []


def test_two_calls_for_one_attempt_prove_nothing() -> None:
    assert proved([unmatched()], [listed("s1"), listed("s2", at=SENT + 40)]) == []


def test_two_attempts_for_one_call_prove_nothing() -> None:
    assert proved([unmatched(1), unmatched(2, at=SENT + 30)], [listed()]) == []


def test_two_attempts_and_two_calls_of_one_pair_prove_nothing() -> None:
    assert proved([unmatched(1), unmatched(2, at=SENT + 30)], [listed("s1"), listed("s2")]) == []


def test_a_pair_dialed_again_long_after_is_told_apart_by_time() -> None:
    later = SENT + 3600
    wanted = [unmatched(1), unmatched(2, at=later)]
    assert proved(wanted, [listed("s1")]) == [(1, "s1")]
    assert proved(wanted, [listed("s2", at=later + 1)]) == [(2, "s2")]


def test_a_call_that_an_attempt_already_has_is_neither_claimed_nor_a_rival() -> None:
    assert proved([unmatched()], [listed()], "s1") == []
    assert proved([unmatched()], [listed("s1"), listed("s2")], "s1") == [(1, "s2")]


@pytest.mark.parametrize(
    "other",
    [
        replace(listed(), from_number="+917410410124"),
        replace(listed(), to_number="08123456780"),
        replace(listed(), phone_number="1800123457"),
        replace(listed(), direction="inbound"),
        listed(at=SENT - CLOCK_SKEW - 1),
        listed(at=SENT + 2 + 60 + CLOCK_SKEW + 1),
    ],
)
def test_a_call_that_differs_is_not_the_attempts(other: ListedCall) -> None:
    assert proved([unmatched()], [other]) == []
    assert proved([unmatched()], [other, listed("s2")]) == [(1, "s2")]


@pytest.mark.parametrize(
    "same",
    [
        replace(listed(), phone_number=None),
        replace(listed(), phone_number="PN0123456789abcdef"),
        replace(listed(), direction=None),
        replace(listed(), direction="outbound-dial"),
        listed(at=SENT - CLOCK_SKEW + 1),
        listed(at=SENT + 2 + 60 + CLOCK_SKEW - 1),
    ],
)
def test_what_the_list_leaves_open_is_no_difference(same: ListedCall) -> None:
    assert proved([unmatched()], [same]) == [(1, "s1")]


@pytest.mark.parametrize("gap", ["from_number", "to_number", "date_created"])
def test_a_call_without_numbers_or_time_is_never_claimed_but_makes_others_doubtful(gap: str) -> None:
    vague = replace(listed("s2"), **{gap: None})
    assert proved([unmatched()], [vague]) == []
    assert proved([unmatched()], [vague, listed()]) == []


def test_a_masked_number_may_be_anybodys() -> None:
    assert proved([unmatched()], [listed(to="0812XXXX789")]) == []
    assert proved([unmatched()], [listed("s2", to="0812****789"), listed()]) == []


def test_a_call_of_the_exophone_is_any_where_the_plan_names_none() -> None:
    assert proved([unmatched(exophone=None)], [listed()]) == [(1, "s1")]


def test_a_query_asks_for_five_pairs_in_the_carriers_zone() -> None:
    wanted = [unmatched(n, to=f"0812345678{n}", at=SENT + n) for n in range(7)]
    first, second = groups(wanted)
    assert (len(first.members), len(second.members)) == (5, 2)
    query = dict(first.query(SPAN, ZONE))
    assert query["From"] == AGENT
    assert query["To"] == ",".join(f"+91812345678{n}" for n in range(5))
    first_second, last_second = carrier_text(SENT - 120, ZONE), carrier_text(SENT + 4 + 2 + 60 + 120, ZONE)
    assert query["DateCreated"] == f"gte:{first_second};lte:{last_second}"
    assert query["PageSize"] == "100"


def test_attempts_days_apart_are_not_asked_about_together() -> None:
    assert len(groups([unmatched(1), unmatched(2, at=SENT + LONGEST_GROUP + 1)])) == 2
    assert groups([]) == []


def test_what_is_listed_and_what_is_plainly_another_pair() -> None:
    assert is_listed(unmatched(), [listed()], SPAN, ZONE)
    assert not is_listed(unmatched(), [listed(to="08123456780")], SPAN, ZONE)
    assert is_other_pair(unmatched(), listed(to="08123456780"))
    assert not is_other_pair(unmatched(), listed(to="08123456789"))
    assert not is_other_pair(unmatched(), listed(to=None))
    assert not is_other_pair(unmatched(), listed(to="0812XXXX789"))


CUSTOMERS = [f"+91812345678{n}" for n in range(3)]
SOUGHT = st.lists(
    st.builds(
        lambda key, to, at: unmatched(key, to=to, at=SENT + at),
        st.integers(1, 9),
        st.sampled_from(CUSTOMERS),
        st.integers(0, 600),
    ),
    unique_by=lambda one: one.attempt.key,
    max_size=6,
)
LISTED = st.lists(
    st.builds(
        lambda sid, to, at: listed(f"s{sid}", to=to, at=SENT + at),
        st.integers(1, 9),
        st.sampled_from([*CUSTOMERS, *("0" + number[3:] for number in CUSTOMERS), None]),
        st.integers(-150, 800),
    ),
    max_size=6,
)
CLAIMED = st.sets(st.sampled_from([f"s{n}" for n in range(1, 10)]), max_size=4)


@given(SOUGHT, LISTED, CLAIMED)
def test_whatever_is_listed_a_claim_is_unambiguous(
    wanted: list[UnmatchedAttempt], found: list[ListedCall], claimed: set[str]
) -> None:
    made = claims(wanted, found, claimed, SPAN, ZONE)
    sids, keys = [one.call.sid for one in made], [one.unmatched.attempt.key for one in made]
    assert len(set(sids)) == len(sids), "one claim a Sid"
    assert len(set(keys)) == len(keys), "one claim an attempt"
    assert not set(sids) & claimed
    for one in made:
        free = {call.sid: call for call in found if call.sid not in claimed}.values()
        assert sum(is_listed(one.unmatched, [call], SPAN, ZONE) for call in free) == 1
        assert sum(is_listed(other, [one.call], SPAN, ZONE) for other in wanted) == 1


@given(SOUGHT, LISTED, CLAIMED, st.randoms(use_true_random=False))
def test_the_order_of_the_list_decides_nothing(wanted, found, claimed, chance) -> None:  # type: ignore[no-untyped-def]
    unique = list({call.sid: call for call in found}.values())
    shuffled = [*unique]
    chance.shuffle(shuffled)
    assert sorted(proved(wanted, unique, *claimed)) == sorted(proved(wanted[::-1], shuffled, *claimed))


@given(SOUGHT)
def test_every_attempt_is_asked_about_once_and_within_the_carriers_bounds(wanted: list[UnmatchedAttempt]) -> None:
    packed = groups(wanted)
    assert sorted(member.attempt.key for group in packed for member in group.members) == sorted(
        one.attempt.key for one in wanted
    )
    for group in packed:
        query = dict(group.query(SPAN, ZONE))
        assert len(query["From"].split(",")) <= 5
        assert len(query["To"].split(",")) <= 5
