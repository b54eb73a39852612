"""May this call start now? Every guard, the order of their weight, and the first moment that all of them admit."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.exotel.call_fields import call_times
from orchestrator.model.call import CallTimes, Field
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import Disposition, Ending
from orchestrator.model.policy import CALLEE, HaltRule, Limits, PersonCap, Policy, Redial, Stage, Window
from orchestrator.model.target import LIVE_HOURS, Rates
from orchestrator.policy.limits import Usage
from orchestrator.policy.may_start import (
    NEVER,
    REGISTERED,
    UNANSWERED,
    Admission,
    CallUnderReview,
    Closed,
    Facts,
    NotBefore,
    Rules,
    Start,
    Stopped,
    all_start_until,
    may_start,
)
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE
from orchestrator.policy.stages import Room

HOUR = 3600.0
BUSY = (("busy", Redial(3, 900.0)),)


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


NOW = at("2026-11-23T10:00:00+05:30")  # a Monday


def call(words: dict[str, str] | None = None, **more: Any) -> CallUnderReview:
    return CallUnderReview(call_times(tuple(Field(*each, "call") for each in (words or {}).items())), **more)


def rung(times: int, last: Ending = Ending.BUSY, ended: float = NOW - HOUR) -> CallUnderReview:
    return call(rung=times, last=last, ended=ended)


def judged(candidate: CallUnderReview, facts: Facts | None = None, now: float = NOW, **policy: Any) -> Admission:
    return may_start(candidate, now, Rules(Policy(**policy)), facts or Facts())


def test_without_rules_a_call_may_start() -> None:
    assert judged(call()) == Start()


def test_a_suppressed_number_closes_its_call_with_the_list_that_names_it() -> None:
    found = judged(call(), Facts(suppressed="company-wide.csv"))
    assert found == Closed(Disposition.SUPPRESSED, "company-wide.csv")


def test_a_suppressed_number_that_rang_before_keeps_how_that_ended() -> None:
    found = judged(rung(1), Facts(suppressed="asked us to"), redial=BUSY)
    assert found == Closed(Disposition.BUSY, "asked us to")


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (rung(1), Start()),
        (rung(2), Start()),
        (rung(3), Closed(Disposition.BUSY, None)),  # the first one is among the three
        (rung(1, Ending.NO_ANSWER), Closed(Disposition.NO_ANSWER, None)),  # no rule of its own
        (rung(1, Ending.AGENT_NO_ANSWER), Closed(Disposition.AGENT_NO_ANSWER, None)),
        (rung(1, Ending.COMPLETED), Closed(Disposition.COMPLETED, None)),
    ],
)
def test_the_rule_of_the_last_ending_says_whether_another_attempt_follows(
    candidate: CallUnderReview, expected: Admission
) -> None:
    assert judged(candidate, redial=BUSY) == expected


def test_each_ending_has_a_rule_of_its_own() -> None:
    rules = (("busy", Redial(2, 60.0)), ("agent-no-answer", Redial(5, 60.0)))
    assert judged(rung(4, Ending.AGENT_NO_ANSWER), redial=rules) == Start()
    assert judged(rung(4), redial=rules) == Closed(Disposition.BUSY, None)


@pytest.mark.parametrize(("since", "expected"), [(899.0, NotBefore(NOW + 1, "redial")), (900.0, Start())])
def test_a_redial_waits_for_its_time_past_the_ending(since: float, expected: Admission) -> None:
    assert judged(rung(1, ended=NOW - since), redial=BUSY) == expected


def test_nothing_starts_while_the_edition_is_held() -> None:
    assert judged(call(), Facts(hold="paused: fire")) == Stopped("paused: fire", is_held=True)


def test_a_halt_that_was_found_stops_and_is_to_be_kept() -> None:
    assert judged(call(), Facts(room=Room(0, halt="2 unknown"))) == Stopped("2 unknown", halt=True)
    assert judged(rung(1), Facts(room=Room(0, halt="2 unknown")), redial=BUSY) == Stopped("2 unknown", halt=True)


def test_a_full_stage_lets_nobody_in_for_the_first_time_but_redials_its_own() -> None:
    full = Facts(room=Room(0, "stage 1 of 2 is not over"))
    assert judged(call(), full) == NotBefore(None, "stage 1 of 2 is not over", new_only=True)
    assert judged(rung(1), full, redial=BUSY) == Start()


def test_beyond_the_last_stage_nobody_is_dialed() -> None:
    assert judged(call(), Facts(room=Room(0, "the last stage", is_last=True))) == Stopped(
        "the last stage", new_only=True
    )
    assert judged(rung(1), Facts(room=Room(0, "the last stage", is_last=True)), redial=BUSY) == Start()


@pytest.mark.parametrize(
    ("limits", "used", "is_free"),
    [
        (Limits(calls=2), Usage(calls=1), True),
        (Limits(calls=2), Usage(calls=2), False),
        (Limits(attempts=2), Usage(attempts=1), True),
        (Limits(attempts=2), Usage(attempts=2), False),
        (Limits(minutes=20), Usage(seconds=600.0), True),  # this call may take ten minutes more
        (Limits(minutes=20), Usage(seconds=601.0), False),
    ],
)
def test_one_more_call_must_fit_into_every_limit_to_its_time_limit(limits: Limits, used: Usage, is_free: bool) -> None:
    found = judged(call({"TimeLimit": "600"}), Facts(used=used), limits=limits)
    assert (found == Start()) is is_free
    assert is_free or isinstance(found, Stopped)


def test_a_call_too_long_for_a_limit_leaves_it_to_shorter_ones() -> None:
    used, limits = Usage(seconds=601.0), Limits(minutes=20)
    found = judged(call({"TimeLimit": "600"}), Facts(used=used, shortest=CallTimes(30, 60)), limits=limits)
    assert isinstance(found, Stopped)
    assert found.is_alone
    none = judged(call({"TimeLimit": "900"}), Facts(used=used, shortest=CallTimes(30, 600)), limits=limits)
    assert isinstance(none, Stopped)
    assert not none.is_alone, "not even the shortest fits"


def test_a_redial_is_one_more_attempt_and_no_further_call() -> None:
    full = Facts(used=Usage(calls=1, attempts=1))
    assert judged(rung(1), full, redial=BUSY, limits=Limits(calls=1)) == Start()
    assert judged(rung(1), full, redial=BUSY, limits=Limits(attempts=1)) == Stopped("limits.attempts of 1 is reached")
    assert judged(call(), full, limits=Limits(calls=1)) == Stopped("limits.calls of 1 is reached", new_only=True)
    both = judged(call(), full, limits=Limits(calls=1, attempts=1))
    assert both == Stopped("limits.calls of 1 is reached"), "no redial may follow either"


@pytest.mark.parametrize(
    ("word", "mark", "expected"),
    [
        ("ignore", DndMark.YES, Start()),
        ("skip", DndMark.YES, Closed(Disposition.SUPPRESSED, REGISTERED)),
        ("skip", DndMark.NO, Start()),
        ("skip", None, NotBefore(None, UNANSWERED)),
        ("refuse", DndMark.YES, Closed(Disposition.SUPPRESSED, REGISTERED)),
    ],
)
def test_a_plan_that_minds_the_carriers_mark_asks_and_obeys(
    word: str, mark: DndMark | None, expected: Admission
) -> None:
    assert judged(call(), Facts(dnd=mark), dnd=word) == expected


def test_one_more_call_must_be_paid_for_on_both_legs() -> None:
    rules = Rules(Policy(limits=Limits(cost=Decimal("2.40"))), rates=Rates("INR", Decimal("0.60")))
    fits = call({"TimeLimit": "60", "TimeOut": "60"})  # 2 pulses for leg 1, ring included, 1 for leg 2: 1.80
    assert may_start(fits, NOW, rules, Facts(used=Usage(cost=Decimal("0.60")))) == Start()
    assert isinstance(may_start(fits, NOW, rules, Facts(used=Usage(cost=Decimal("0.61")))), Stopped)


@pytest.mark.parametrize(("flying", "agents", "expected"), [(3, 3, "per_agent"), (3, 2, None), (9, 9, "legs")])
def test_agents_and_the_accounts_legs_have_only_so_many_calls_in_flight(
    flying: int, agents: int, expected: str | None
) -> None:
    rules = Rules(Policy(per_agent=3), legs=20)  # ten bridges
    found = may_start(call(), NOW, rules, Facts(agent=agents, flying=flying + (expected == "legs")))
    assert found == (Start() if expected is None else NotBefore(None, expected))


def test_an_account_with_one_leg_or_none_still_has_one_call() -> None:
    assert may_start(call(), NOW, Rules(legs=1), Facts(flying=0)) == Start()
    assert may_start(call(), NOW, Rules(legs=3), Facts(flying=1)) == NotBefore(None, "legs")


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ((), Start()),
        ((NOW - HOUR,), Start()),
        ((NOW - 2 * HOUR, NOW - HOUR), NotBefore(NOW + 22 * HOUR + INTENT_TO_FIRST_BYTE, "per_person")),
        ((NOW - 24 * HOUR - INTENT_TO_FIRST_BYTE, NOW - HOUR), Start()),  # the first has left the 24 hours
        ((NOW - 24 * HOUR - 1, NOW - HOUR), NotBefore(NOW + 1, "per_person")),  # its request may have left 2 s later
        ((NOW - 5 * HOUR, NOW - 2 * HOUR, NOW - HOUR), NotBefore(NOW + 22 * HOUR + INTENT_TO_FIRST_BYTE, "per_person")),
    ],
)
def test_one_person_is_rung_so_often_within_the_time(starts: tuple[float, ...], expected: Admission) -> None:
    assert judged(call(), Facts(person=starts), per_person=PersonCap(2, 24 * HOUR)) == expected


def test_the_earliest_moment_is_one_that_every_guard_admits() -> None:
    """The cap opens at 08:00, before the window; at 09:00 both do."""
    cap = PersonCap(1, 22 * HOUR)
    rules = Rules(Policy(per_person=cap), guardrail=(LIVE_HOURS,))
    assert may_start(call(), NOW, rules, Facts(person=(NOW,))) == NotBefore(at("2026-11-24T09:00:00+05:30"), "window")


def test_only_what_closes_the_window_for_all_now_holds_the_others_back() -> None:
    """One person's cap ends in the night: that call waits for the morning, and the others do not."""
    opens = at("2026-11-24T09:00:00+05:30")
    rules, late = Rules(Policy(per_person=PersonCap(1, 12 * HOUR)), guardrail=(LIVE_HOURS,)), opens - 6 * HOUR
    assert may_start(call(), NOW, rules, Facts(person=(NOW - HOUR,))) == NotBefore(opens, "window")
    assert may_start(call(), late, rules, Facts(person=(NOW,))) == NotBefore(opens, "window", whole=True)
    past = Rules(Policy(per_person=PersonCap(1, 12 * HOUR), limits=Limits(until=opens - 60)), guardrail=(LIVE_HOURS,))
    found = may_start(call(), NOW, past, Facts(person=(NOW - HOUR,)))
    assert found == Closed(Disposition.NOT_DIALED, "window: it could start only after limits.until")


def test_the_last_ring_of_to_must_lie_inside_the_window() -> None:
    rules, closes = Rules(guardrail=(LIVE_HOURS,)), at("2026-11-23T21:00:00+05:30")
    opens = NotBefore(at("2026-11-24T09:00:00+05:30"), "window")
    assert may_start(call({"TimeOut": "30"}), closes - 60, rules, Facts()) == Start()
    assert may_start(call({"TimeOut": "30"}), closes - 59, rules, Facts()) == opens
    assert may_start(call(), closes - 120, rules, Facts()) == Start()  # 60 s a leg where TimeOut is unset
    assert may_start(call(), closes - 119, rules, Facts()) == opens


def test_a_call_that_rings_too_long_for_the_rest_of_the_window_leaves_it_to_shorter_ones() -> None:
    rules, closes = Rules(guardrail=(LIVE_HOURS,)), at("2026-11-23T21:00:00+05:30")
    opens = NotBefore(at("2026-11-24T09:00:00+05:30"), "window")
    plan = Facts(shortest=CallTimes(ring_seconds=30, talk_seconds=60))
    assert may_start(call({"TimeOut": "60"}), closes - 60, rules, plan) == opens
    assert may_start(call({"TimeOut": "30"}), closes - 60, rules, plan) == Start()
    assert may_start(call({"TimeOut": "60"}), closes - 59, rules, plan) == replace(opens, whole=True), "none fits"


def test_the_targets_window_holds_beside_the_plans() -> None:
    always = Window(frozenset(range(7)), 0, 1440, "Asia/Kolkata")
    night = at("2026-11-23T03:00:00+05:30")
    rules = Rules(Policy(windows=(always,)), guardrail=(LIVE_HOURS,))
    assert may_start(call(), night, rules, Facts()) == NotBefore(night + 6 * HOUR, "window", whole=True)


COASTS = (("America/New_York",), ("America/Los_Angeles",))


@pytest.mark.parametrize(
    ("now", "people", "expected"),
    [
        ("16:59", COASTS, NotBefore(at("2026-11-23T17:00:00+00:00"), "window in America/Los_Angeles")),  # noon there
        ("17:00", COASTS, Start()),
        ("13:59", COASTS, NotBefore(at("2026-11-23T14:00:00+00:00"), "window", whole=True)),  # nobody is awake
        ("13:59", (), NotBefore(at("2026-11-23T17:00:00+00:00"), "window in America/Los_Angeles")),  # nobody knows
    ],
)
def test_in_the_callees_zone_a_call_waits_alone_unless_the_window_is_closed_for_everybody(
    now: str, people: tuple[tuple[str, ...], ...], expected: Admission
) -> None:
    day = replace(LIVE_HOURS, timezone=CALLEE)
    rules = Rules(Policy(windows=(day,)), people=frozenset(people))
    assert may_start(call(zones=COASTS[1]), at(f"2026-11-23T{now}:00+00:00"), rules, Facts()) == expected


def test_a_call_of_which_no_zone_is_known_is_never_dialed() -> None:
    day = replace(LIVE_HOURS, timezone=CALLEE)
    found = may_start(call(), NOW, Rules(Policy(windows=(day,)), people=frozenset(COASTS)), Facts())
    why = "window in a zone that is not known: it is never open long enough for both legs to ring, 2 x TimeOut"
    assert found == Closed(Disposition.NOT_DIALED, why)


def test_a_targets_window_elsewhere_keeps_everybody_back_beside_one_in_the_callees_zone() -> None:
    day = replace(LIVE_HOURS, timezone=CALLEE)
    rules = Rules(Policy(windows=(day,)), guardrail=(LIVE_HOURS,), people=frozenset({("Asia/Tokyo",)}))
    night = at("2026-11-23T03:00:00+05:30")
    assert may_start(call(zones=("Asia/Tokyo",)), night, rules, Facts()) == NotBefore(
        night + 6 * HOUR, "window", whole=True
    )


def test_holidays_close_a_plan_without_windows_too() -> None:
    holiday = frozenset({datetime.fromtimestamp(NOW).date()})
    assert judged(call(), holidays=holiday) == NotBefore(at("2026-11-24T00:00:00+05:30"), "window", whole=True)


def test_what_never_opens_is_never() -> None:
    minute = Window(frozenset(range(7)), 540, 541, "Asia/Kolkata")
    assert judged(call({"TimeOut": "30"}), windows=(minute,)) == NotBefore(NOW + 23 * HOUR, "window", whole=True)
    never = "window: it is never open long enough for both legs to ring, 2 x TimeOut"
    assert judged(call({"TimeOut": "31"}), windows=(minute,)) == Closed(Disposition.NOT_DIALED, never)
    holidays = frozenset((datetime.fromtimestamp(NOW) + timedelta(day)).date() for day in range(60))
    assert judged(call(), holidays=holidays) == NotBefore(NEVER, "window", whole=True)


def test_no_call_starts_before_the_limits_begin_nor_before_its_own_time() -> None:
    assert judged(call(), limits=Limits(begins=NOW + 5)) == NotBefore(NOW + 5, "limits.from", whole=True)
    assert judged(call(not_before=NOW + 5)) == NotBefore(NOW + 5, "not_before")
    assert judged(call(not_before=NOW), limits=Limits(begins=NOW)) == Start()


def test_a_call_whose_time_is_up_is_not_dialed_and_one_that_rang_keeps_its_ending() -> None:
    assert judged(call(not_after=NOW)) == Start()
    late = Closed(Disposition.NOT_DIALED, "its not_after has passed")
    assert judged(call(not_after=NOW - 1)) == late
    again = call(rung=1, last=Ending.BUSY, ended=NOW - HOUR, not_after=NOW - 1)
    assert judged(again, redial=BUSY) == Closed(Disposition.BUSY, "its not_after has passed")


def test_a_call_that_could_start_only_after_its_time_is_closed_now() -> None:
    late = call(not_after=NOW + 1, rung=1, last=Ending.BUSY, ended=NOW)
    assert judged(late, redial=BUSY) == Closed(Disposition.BUSY, "redial: it could start only after its not_after")
    found = judged(call(not_after=NOW + 1), limits=Limits(begins=NOW + 2))
    assert found == Closed(Disposition.NOT_DIALED, "limits.from: it could start only after its not_after")


def test_past_the_end_of_the_limits_all_stop() -> None:
    assert judged(call(), limits=Limits(until=NOW)) == Start()
    assert judged(call(), limits=Limits(until=NOW - 1)) == Stopped("limits.until has passed")
    night = Window(frozenset(range(7)), 0, 300, "Asia/Kolkata")
    found = judged(call(), windows=(night,), limits=Limits(until=NOW + 60))
    assert found == Stopped("limits.until comes before the next start (window)")


def test_one_call_that_could_start_only_past_the_end_of_the_limits_is_closed_alone() -> None:
    found = judged(rung(1, ended=NOW), redial=BUSY, limits=Limits(until=NOW + 60))
    assert found == Closed(Disposition.BUSY, "redial: it could start only after limits.until")


def test_what_closes_a_call_weighs_more_than_what_stops_all_and_that_more_than_what_waits() -> None:
    everything = Facts(hold="paused", suppressed="a list", agent=9, flying=9, room=Room(0, "full", halt="bad"))
    policy = Policy(per_agent=1, windows=(Window(frozenset(range(7)), 0, 60, "Asia/Kolkata"),))
    rules = Rules(policy, legs=2)
    assert may_start(call(), NOW, rules, everything) == Closed(Disposition.SUPPRESSED, "a list")
    rest = Facts(hold="paused", agent=9, flying=9, room=Room(0, "full", halt="bad"))
    assert may_start(call(), NOW, rules, rest) == Stopped("paused", is_held=True)
    assert may_start(call(not_after=NOW - 1), NOW, rules, rest) == Closed(
        Disposition.NOT_DIALED, "its not_after has passed"
    )


@pytest.mark.parametrize("days", [1, 4, 40])
def test_windows_that_were_asked_before_open_and_close_as_if_they_never_were(days: int) -> None:
    """Forwards, backwards, over clock changes, at both edges, for calls that ring for long and not at all."""
    windows = (Window(frozenset({0, 1, 2, 3, 4}), 540, 1260, "Europe/London"), Window(frozenset({6}), 0, 1440, "UTC"))
    holidays = frozenset({date(2026, 10, 26), date(2026, 11, 2)})
    policy = Policy(windows=windows, holidays=holidays)
    rules = Rules(policy, guardrail=(LIVE_HOURS, Window(frozenset(range(7)), 1200, 60, "Asia/Kolkata")))
    lasting = [call_times((Field("TimeOut", text, "call"),)) for text in ("1", "60", "30")]
    begins = at("2026-10-23T00:00:00+00:00")
    moments = [begins + minutes * 60.0 for minutes in range(0, days * 1440, 7)]
    moments += [later - 0.001 for later in {rules.opens(lasting[0], moment) for moment in moments}]
    for moment in [*moments, *reversed(moments)]:
        for times in lasting:
            assert rules.opens(times, moment) == Rules(policy, guardrail=rules.guardrail).opens(times, moment)


SHOPS = (
    Window(frozenset(range(5)), 9 * 60, 13 * 60, "Asia/Kolkata"),
    Window(frozenset(range(7)), 15 * 60, 1440, "Europe/Berlin"),
)
TELLING: dict[str, Any] = {
    "per_agent": 1,
    "per_person": PersonCap(2, HOUR),
    "dnd": "skip",
    "limits": Limits(until=NOW + HOUR),
    "stages": (Stage(calls=5),),
    "halt": (HaltRule((("busy", 0.5),), 10),),
    "windows": (Window(frozenset(range(7)), 0, 1440, CALLEE),),
}
"""Keys under which calls differ that are alike by themselves."""


@pytest.mark.parametrize("key", TELLING)
def test_calls_are_judged_one_by_one_where_something_tells_them_apart(key: str) -> None:
    assert all_start_until(CallTimes(30, 60), NOW, Rules()) == NEVER
    rules = Rules(Policy(**{key: TELLING[key]}))
    assert (rules.is_alike, all_start_until(CallTimes(30, 60), NOW, rules)) == (False, NOW)
    assert all_start_until(CallTimes(30, 60), NOW, Rules(legs=4)) == NOW


@given(
    st.integers(0, 8 * 24 * 60),
    st.integers(0, 3_600),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from([(), SHOPS]),
    st.sampled_from([(), (LIVE_HOURS,)]),
    st.sampled_from([(), BUSY]),
    st.sampled_from([frozenset(), frozenset({date(2026, 11, 24)})]),
)
def test_calls_that_are_judged_together_are_judged_as_one_by_one(
    minutes: int, ring: int, share: float, windows: Any, guardrail: Any, redial: Any, holidays: frozenset[date]
) -> None:
    rules = Rules(Policy(windows=windows, redial=redial, holidays=holidays), guardrail)
    now, times = NOW + minutes * 60, CallTimes(ring)
    until = all_start_until(times, now, rules)
    moment = now if until == now else now + share * (min(until, now + 1e6) - now)
    fresh = Rules(Policy(windows=windows, redial=redial, holidays=holidays), guardrail)
    starts = may_start(CallUnderReview(times), moment, fresh, Facts()) == Start()
    soon = may_start(CallUnderReview(times), moment + 0.001, fresh, Facts()) == Start()
    assert starts if until > now else not (starts and soon)
