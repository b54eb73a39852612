"""StatusCallback bodies: default and extended, flat and JSON (docs/carrier.md, callbacks)."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.facts import callback_facts_from_json, callback_facts_from_pairs, ending
from orchestrator.model.outcome import CallFacts, Ending, Leg

DEFAULT = [
    ("CallSid", "abc"),
    ("DateUpdated", "2026-11-22 14:31:00"),
    ("Status", "completed"),
    ("RecordingUrl", "https://rec/a.mp3"),
]
TERMINAL = [
    ("CallSid", "abc"),
    ("EventType", "terminal"),
    ("DateCreated", "2026-11-22 14:30:00"),
    ("StartTime", "2026-11-22 14:30:00"),
    ("EndTime", "2026-11-22 14:31:00"),
    ("Status", "no-answer"),
    ("ConversationDuration", "0"),
    ("Legs[0][OnCallDuration]", "12"),
    ("Legs[0][Status]", "completed"),
    ("Legs[0][AnsweredBy]", "NA"),
    ("Legs[1][OnCallDuration]", ""),
    ("Legs[1][Status]", "no-answer"),
    ("RecordingUrl", ""),
    ("CustomField", "order-1042"),
]


def test_the_default_payload_of_four_fields() -> None:
    facts = callback_facts_from_pairs(DEFAULT)
    assert facts == CallFacts(sid="abc", status="completed", recording_url="https://rec/a.mp3")


def test_the_extended_payload_in_flat_names() -> None:
    facts = callback_facts_from_pairs(TERMINAL)
    assert facts is not None
    assert (facts.event, facts.status, facts.custom_field) == ("terminal", "no-answer", "order-1042")
    assert (facts.duration, facts.talked) == (None, 0), "it is another quantity than the Duration of look-ups"
    assert facts.legs == (Leg("completed", 12), Leg("no-answer"))
    assert (facts.end_time, facts.recording_url) == ("2026-11-22 14:31:00", None)


def test_the_same_in_json_gives_the_same_facts() -> None:
    nested = {name: value for name, value in TERMINAL if not name.startswith("Legs")} | {
        "ConversationDuration": 0,
        "Legs": [
            {"OnCallDuration": 12, "Status": "completed", "AnsweredBy": "NA"},
            {"OnCallDuration": None, "Status": "no-answer"},
        ],
    }
    assert callback_facts_from_json(json.dumps(nested).encode()) == callback_facts_from_pairs(TERMINAL)


def test_legs_are_placed_by_their_index_not_by_their_order() -> None:
    pairs = [("CallSid", "abc"), ("Legs[1][Status]", "busy"), ("Legs[0][Status]", "completed")]
    facts = callback_facts_from_pairs(pairs)
    assert facts is not None
    assert facts.legs == (Leg("completed"), Leg("busy"))


LEGS = [
    {"Status": "completed", "AnsweredBy": "NA"},
    {"Status": "completed", "OnCallDuration": 7, "AnsweredBy": "MACHINE"},
]
HEARD = (Leg("completed"), Leg("completed", 7, "MACHINE"))


@pytest.mark.parametrize(
    "legs",
    [
        LEGS,
        json.dumps(LEGS),
        json.dumps(json.dumps(LEGS)),
        {"0": LEGS[0], "1": LEGS[1]},
        {"Leg": LEGS},
        json.dumps({"1": LEGS[1], "0": LEGS[0]}),
        [{"Leg": leg} for leg in LEGS],
    ],
)
def test_legs_are_read_in_whatever_form_a_list_has(legs: object) -> None:
    fields = {"CallSid": "abc", "Status": "completed", "Legs": legs}
    facts = [callback_facts_from_json(json.dumps(fields).encode())]
    if isinstance(legs, str):
        facts.append(callback_facts_from_pairs([("CallSid", "abc"), ("Status", "completed"), ("Legs", legs)]))
    assert facts == [CallFacts("abc", "completed", legs=HEARD)] * len(facts)


def test_one_leg_may_be_json_text() -> None:
    pairs = [("CallSid", "abc"), ("Legs[1]", json.dumps(LEGS[1])), ("Legs[0]", json.dumps(LEGS[0]))]
    assert callback_facts_from_pairs(pairs) == CallFacts("abc", legs=HEARD)


@pytest.mark.parametrize("text", ["", "null", "[", "[1]", "{}", '"x"', "[" * 9000])
def test_text_that_holds_no_legs_breaks_nothing(text: str) -> None:
    assert callback_facts_from_pairs([("CallSid", "abc"), ("Legs", text), ("Legs[0]", text)]) == CallFacts("abc")


@pytest.mark.parametrize("times", [1, 2])
def test_names_that_are_percent_encoded_are_read(times: int) -> None:
    pairs = TERMINAL
    for _ in range(times):
        pairs = [(quote(name, safe=""), value) for name, value in pairs]
    assert callback_facts_from_pairs(pairs) == callback_facts_from_pairs(TERMINAL)
    assert callback_facts_from_json(json.dumps(dict(pairs)).encode()) == callback_facts_from_pairs(TERMINAL)


@pytest.mark.parametrize(("written", "read"), [("Human", "Human"), ("machine", "machine"), ("NA", None), ("", None)])
def test_who_answered_a_leg_is_kept_as_written(written: str, read: str | None) -> None:
    pairs = [("CallSid", "a"), ("Legs[1][Status]", "completed"), ("Legs[1][AnsweredBy]", written)]
    facts = callback_facts_from_pairs(pairs)
    assert facts is not None
    assert facts.legs == (Leg(), Leg("completed", None, read))


@pytest.mark.parametrize("absent", ["", "null", "NULL", " "])
def test_an_absent_leg_status_is_empty_or_the_word_null(absent: str) -> None:
    facts = callback_facts_from_pairs(
        [("CallSid", "a"), ("Legs[0][Status]", "in-progress"), ("Legs[1][Status]", absent)]
    )
    assert facts is not None
    assert facts.legs[0] == Leg("in-progress")
    assert all(leg == Leg() for leg in facts.legs[1:])


def test_a_status_that_is_the_word_null_breaks_nothing() -> None:
    facts = callback_facts_from_pairs([("CallSid", "a"), ("EventType", "terminal"), ("Status", "null")])
    assert facts is not None
    assert (facts.status, ending(facts)) == (None, Ending.FAILED)


def test_a_callback_without_a_call_sid_is_still_one() -> None:
    """The token in its address says which call it is."""
    assert callback_facts_from_pairs([("Status", "completed")]) == CallFacts(status="completed")


@pytest.mark.parametrize("pairs", [[], [("x", "y")], [("Legs[0][Status]", "busy")], [("CallSid", "a b")]])
def test_fields_that_name_no_call_status_or_event_are_no_callback(pairs: list[tuple[str, str]]) -> None:
    assert callback_facts_from_pairs(pairs) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b"{", b'{"a": 1}', b"[" * 9000, b"\xff"])
def test_json_that_is_no_callback(body: bytes) -> None:
    assert callback_facts_from_json(body) is None


def test_names_that_only_look_like_legs_are_left_alone() -> None:
    pairs = [("CallSid", "a"), ("Legs[999999999][Status]", "x"), ("Legs[0][Status][a]", "x"), ("Legs[-1][Status]", "x")]
    facts = callback_facts_from_pairs(pairs)
    assert facts is not None
    assert facts.legs == ()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([name for name, _ in TERMINAL]) | st.text(), st.text())))
def test_no_pairs_raise(pairs: list[tuple[str, str]]) -> None:
    callback_facts_from_pairs(pairs)
