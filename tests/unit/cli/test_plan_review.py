"""A plan under review, for people and for programs."""

import json
from collections import Counter
from decimal import Decimal

import pytest

from orchestrator.cli.render.plan import MARKS, MOST_LISTED, SAMPLED, PlanText
from orchestrator.cli.render.plan_header import epoch
from orchestrator.exotel.masking import Masker
from orchestrator.model.diagnostic import Span, warning
from orchestrator.model.forecast import Forecast, Foretold
from orchestrator.model.policy import Limits, Policy, Stage, Window
from orchestrator.model.review import CallState, Change, ChangeGroup, PlannedCall, PlannedRequest, PlanView
from orchestrator.plan.targets import SANDBOX
from orchestrator.reports.plan_json import render_plan_json

MASKED = Masker()
DIGEST = "sha256:" + "0123456789abcdef" * 4
PAIRS = (
    ("From", "+918069171234"),
    ("To", "08012345678"),
    ("CallerId", "1234567"),
    ("CustomField", "hub for 919900000001\nx"),
    ("StatusCallbackEvents[0]", "terminal"),
    ("StatusCallbackEvents[1]", "answered"),
)
REQUEST = PlannedRequest(
    "https://api.exotel.com/v1/Accounts/<account>/Calls/connect.json",
    "multipart",
    PAIRS,
    {"From": "defaults", "To": "call", "StatusCallbackEvents": "receiver"},
)


def call(id_: str, state: CallState = CallState.TO_DIAL, reason: str | None = None) -> PlannedCall:
    return PlannedCall(id_, state, "+918069171234", "08012345678", REQUEST, reason)


def grouped(calls: tuple[PlannedCall, ...]) -> tuple[ChangeGroup, ...]:
    """The calls in the order of interest."""
    found = []
    for change in Change:
        of_it = [one for one in calls if one.change is change]
        if of_it:
            reasons = Counter(one.why for one in of_it)
            found.append(ChangeGroup(change, len(of_it), dict(reasons), tuple(of_it[:MOST_LISTED])))
    return tuple(found)


def view(*calls: PlannedCall, **more: object) -> PlanView:
    totals = {"calls": len(calls)}
    for one in calls:
        totals[one.state.value] = totals.get(one.state.value, 0) + 1
    more.setdefault("unlisted", tuple(dict.fromkeys(word for one in calls for word in one.request.unlisted)))
    more.setdefault("groups", grouped(calls))
    return PlanView("cod", "2026-11-22", DIGEST, "sandbox", True, totals, calls, **more)


def text(shown: PlanView, **how: bool) -> str:
    return "".join(PlanText(MASKED, **how).render(shown))


def test_text_says_who_is_rung_first_what_is_finished_and_ends_with_the_digest():
    assert text(view(call("vip-1"), call("b", CallState.ALREADY_CALLED, "completed"))) == (
        "cod, edition 2026-11-22, to the sandbox: no phone rings\n"
        "  purpose   none: what countries ask of calls of a purpose is not judged\n"
        "  journal   none: every call counts as new\n\n"
        "  + to dial\n"
        "1 to dial\n"
        "+ vip-1                    rings +9180******34 then 08*******78\n"
        "1 finished: 1 completed (--all lists them)\n"
        "\n2 calls: 1 to dial, 1 already called.\n"
        f"digest {DIGEST}\n"
    )


def test_what_is_finished_is_listed_on_request():
    shown = text(view(call("vip-1"), call("b", CallState.ALREADY_CALLED, "completed")), every=True)
    assert "1 finished\n  b                        rings +9180******34 then 08*******78 (completed)\n" in shown


def test_a_live_target_is_said_loudly():
    shown = PlanView("cod", "e", DIGEST, "exotel", False, {"calls": 0}, ())
    assert "PHONES RING" in text(shown)
    assert "0 calls: none." in text(shown)


@pytest.mark.parametrize("state", CallState, ids=str)
def test_every_state_has_a_mark_and_a_word(state: CallState):
    one = call("a", state)
    shown = text(view(one), every=True)
    assert ("1 call: 1 " in shown) is (state is not CallState.REMOVED)
    assert ("78 (" in shown) is (state is not CallState.TO_DIAL)
    assert f"\n{MARKS[one.change][0]} a  " in shown


def test_requests_are_shown_field_by_field_as_they_go_on_the_wire_masked():
    shown = text(view(call("a")), requests=True)
    assert "    POST https://api.exotel.com/v1/Accounts/<account>/Calls/connect.json\n" in shown
    assert "    Content-Type: multipart/form-data\n" in shown
    assert "      From=+9180******34\n      To=08*******78\n      CallerId=12***67\n" in shown
    assert "      CustomField=hub for 91990*****01\\nx\n      StatusCallbackEvents[0]=terminal\n" in shown


def test_the_origin_of_each_field_is_shown_on_request():
    shown = text(view(call("a")), requests=True, origin=True)
    assert "      From=+9180******34   <- defaults\n" in shown
    assert "      StatusCallbackEvents[1]=answered   <- receiver\n" in shown


def test_up_to_fifty_calls_are_all_listed():
    assert text(view(*(call(f"c-{n}") for n in range(MOST_LISTED)))).count(" then ") == MOST_LISTED


def test_many_calls_are_sampled_unless_every_one_is_asked_for():
    many = view(
        *(call(f"c-{n}") for n in range(MOST_LISTED)),
        *(call(f"late-{n}", CallState.TOO_LATE, "its not_after has passed") for n in range(7)),
        *(call(f"w-{n}", reason="window") for n in range(20)),
    )
    shown = text(many)
    assert shown.count(" then ") == SAMPLED
    assert "... and 60 more: 40 at once, 20 wait for window (--all lists them)" in shown
    assert shown.count("too late: its not_after has passed") == 7
    assert text(many, every=True).count(" then ") == MOST_LISTED + 20


def test_the_least_time_and_a_closed_window_are_said():
    shown = text(
        view(
            call("a"),
            moment=epoch("2026-11-21T03:30:00Z"),
            least_seconds=90.0,
            opens_at="2026-11-23T03:30:00Z",
            opens_why="window",
            journal="/j.db",
        )
    )
    assert "Starting them takes at least 1 min 30 s at the plan's pace." in shown
    then = "09:00 IST on Mon 23 Nov (2026-11-23T03:30Z)"
    assert f"Nothing starts now: not before {then} because of window." in shown
    assert "  journal   /j.db" in shown


def test_nothing_in_a_plan_can_forge_a_line():
    shown = text(view(call("a\x1b[2J\n+ forged", reason="b\rc")), requests=True)
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert "\n+ forged" not in shown


def test_json_has_the_promised_keys_at_the_top():
    shown = view(call("a"), call("b"), findings=(warning("w", "about 919900000001", Span("p.yaml", 3)),))
    document = json.loads("".join(render_plan_json(shown, MASKED)))
    assert {"format", "digest", "totals", "calls"} <= set(document)
    assert (document["format"], document["digest"]) == (1, DIGEST)
    assert document["totals"] == {"calls": 2, "to-dial": 2}
    assert document["changes"] == [{"change": "dial", "calls": 2, "reasons": [{"why": "", "calls": 2}]}]
    assert document["findings"][0]["message"] == "about 91990*****01"
    first = document["calls"][0]
    assert (first["id"], first["state"], first["from"], first["rung_first"]) == (
        "a",
        "to-dial",
        "+9180******34",
        "from",
    )
    assert first["request"]["fields"][0] == ["From", "+9180******34"]
    assert first["request"]["fields"][4] == ["StatusCallbackEvents[0]", "terminal"]


def test_json_shows_numbers_in_full_when_unmasked():
    document = json.loads("".join(render_plan_json(view(call("a")), Masker(unmask=True))))
    assert [list(pair) for pair in PAIRS] == document["calls"][0]["request"]["fields"]


def test_json_of_an_empty_plan_is_valid():
    assert json.loads("".join(render_plan_json(view(), MASKED)))["calls"] == []


def unlisted(*words: str) -> PlannedCall:
    request = PlannedRequest("u", "multipart", (*PAIRS, ("NewParam", "x")), unlisted=words)
    return PlannedCall("a", CallState.TO_DIAL, "+918069171234", "08012345678", request)


def test_what_the_table_does_not_list_is_said_once_for_the_plan_and_at_each_field():
    both = unlisted("NewParam", "StatusCallbackEvents: answered")
    shown = text(view(unlisted("NewParam"), both), requests=True)
    assert "unlisted: NewParam; StatusCallbackEvents: answered (admitted by the target's `accept`)\n" in shown
    assert shown.count("      NewParam=x   (unlisted)\n") == 2
    assert shown.count("      StatusCallbackEvents[1]=answered   (unlisted)\n") == 1
    assert "terminal   (unlisted)" not in shown


def test_calls_that_are_not_shown_say_what_they_have_unlisted():
    many = view(*(call(f"c-{n}") for n in range(MOST_LISTED)), unlisted("NewParam"))
    assert "unlisted: NewParam (" in text(many)


def test_a_plan_within_the_table_says_nothing_of_it():
    assert "unlisted" not in text(view(call("a")), requests=True)


def test_json_lists_what_is_unlisted_in_each_request():
    document = json.loads("".join(render_plan_json(view(call("a"), unlisted("NewParam")), MASKED)))
    assert [one["request"]["unlisted"] for one in document["calls"]] == [[], ["NewParam"]]


def test_the_origin_of_a_field_is_known_under_the_longer_spelling_too():
    request = PlannedRequest("u", "multipart", (("StartPlaybackToNew", "Both"),), {"StartPlaybackTo": "defaults"})
    shown = text(view(PlannedCall("a", CallState.TO_DIAL, "1234", "5678", request)), requests=True, origin=True)
    assert "      StartPlaybackToNew=Both   <- defaults\n" in shown


def test_figures_are_not_taken_for_a_number_and_the_words_of_others_are_masked():
    stages = tuple(Stage(share=share) for share in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0))
    limits = Limits(calls=1_000_000, attempts=2_000_000, cost=Decimal("123456789.50"), currency="INR")
    windows = tuple(Window(frozenset(range(5)), 60 * hour, 60 * hour + 60, "Asia/Kolkata") for hour in (9, 11, 13))
    policy = Policy(stages=stages, limits=limits, windows=windows, suppress=("9198200000001.csv",))
    many = Foretold(1_000_000, 1_480_000)
    cost, minutes, moments = Foretold(1.5e8, 2.5e8), Foretold(1e8, 2e9), Foretold(1.8e9, 1.8e9 + 5)
    found = Forecast(many, moments, moments, moments, minutes, cost, "INR", "the target's rates", {}, Foretold(0, 0))
    shown = text(view(call("a"), policy=policy, asked=SANDBOX, journal="/j/9198200000001.db", estimate=found))
    assert "  stages    1%, then 5%, then 10%, then 25%, then 50%, then 75%, then 100%\n" in shown
    assert "  limits    1,000,000 calls; 2,000,000 attempts; 123,456,789.50 INR\n" in shown
    assert "  starts    1,000,000 to 1,480,000 attempts\n" in shown
    assert "  cost      150,000,000 to 250,000,000 INR, by the target's rates\n" in shown
    assert "  minutes   100,000,000 to 2,000,000,000\n" in shown
    assert "9198200000001" not in shown
    assert shown.count("*") > 10
