"""StatusCallback bodies: default and extended, flat and JSON (exotel-voice-v1.md 3)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.callbacks import callback_facts_from_json, callback_facts_from_pairs
from orchestrator.exotel.endings import ending
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
