"""Logs: one line an event, from the closed list, masked in one place, never on stdout."""

import io
import json
from typing import get_args

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from orchestrator.logs import Level, fields, log_events
from orchestrator.model.events import EVENT_FIELDS, Event, EventType
from orchestrator.reports.event_schema import event_schema

AT = "2026-11-22T09:00:00Z"
SID = "c5797dcb123456789678c5062a4a3ed2"


def lines(*events: Event, format_: str = "json", unmask: bool = False) -> list[str]:
    stream = io.StringIO()
    observe = log_events(stream, format_, unmask=unmask)
    observe(events)
    return stream.getvalue().splitlines()


def line(kind: EventType, **data: str | int | None) -> dict:
    return json.loads(lines(Event(kind, AT, "run-1", "call-1", 1, data))[0])


def test_a_line_is_one_json_object_that_begins_with_its_event():
    (text,) = lines(Event(EventType.ATTEMPT_STARTED, AT, "run-1", "call-1", 2, {"from": "+918069171234"}))
    assert text == (
        '{"event": "attempt.started", "at": "2026-11-22T09:00:00Z", "level": "info", "run": "run-1", '
        '"call": "call-1", "attempt": 2, "from": "+9180******34"}'
    )


def test_call_and_attempt_stand_only_where_they_apply():
    (text,) = lines(Event(EventType.RUN_STARTED, AT, "run-1", data={"plan": "p"}))
    assert json.loads(text) == {"event": "run.started", "at": AT, "level": "info", "run": "run-1", "plan": "p"}


def test_numbers_are_masked_by_key_and_by_pattern():
    found = line(EventType.ATTEMPT_STARTED, **{"from": "1234567", "to": "+919900000001"})
    assert (found["from"], found["to"]) == ("12***67", "+9199******01")
    found = line(EventType.ATTEMPT_PLACED, placement="rejected", message="bad To 08012345678", sid=SID)
    assert found["message"] == "bad To 08*******78"
    assert found["sid"] == SID


@pytest.mark.parametrize("kind", [EventType.ATTEMPT_PLACED, EventType.ATTEMPT_SETTLED], ids=str)
def test_a_sid_is_never_a_number(kind):
    assert line(kind, sid="CA-1234567890")["sid"] == "CA-1234567890"
    assert line(kind, sid=None)["sid"] is None


def test_a_call_id_that_holds_a_number_is_masked():
    (text,) = lines(Event(EventType.CALL_ENDED, AT, "run-1", "order-919900000001"))
    assert "919900000001" not in text


def test_unmask_shows_numbers_in_full():
    event = Event(EventType.ATTEMPT_STARTED, AT, "run-1", data={"to": "+919900000001"})
    assert "+919900000001" in lines(event, unmask=True)[0]


def test_the_run_the_time_and_the_digest_stay_whole():
    digest = "sha256:" + "0123456789abcdef" * 4
    (text,) = lines(Event(EventType.RUN_STARTED, AT, "20261122093000123-ab", data={"digest": digest}))
    assert "20261122093000123-ab" in text
    assert digest in text


def test_what_people_should_look_at_is_a_warning():
    assert line(EventType.ATTEMPT_PLACED, placement="accepted")["level"] == "info"
    for word in ("rejected", "throttled", "unreached", "unknown"):
        assert line(EventType.ATTEMPT_PLACED, placement=word)["level"] == "warning"
    assert [line(EventType.RUN_ENDED, exit_code=code)["level"] for code in (0, 1, 4, 5, 6, 70)] == [
        "info", "warning", "error", "warning", "warning", "error",
    ]  # fmt: skip


def test_a_callbacks_own_event_does_not_hide_the_name_of_the_line():
    found = line(EventType.CALLBACK_RECEIVED, event="terminal", status="completed")
    assert (found["event"], found["callback_event"]) == ("callback.received", "terminal")


@given(st.text(), st.sampled_from(["json", "console"]))
def test_no_text_can_forge_a_line_or_move_the_cursor(text, format_):
    found = lines(Event(EventType.ATTEMPT_PLACED, AT, "r", text, 1, {"message": text}), format_=format_)
    assert len(found) == 1
    assert found[0].isprintable()


def test_the_console_format_is_one_readable_line():
    (text,) = lines(Event(EventType.CALL_ENDED, AT, "run-1", "c", 1, {"disposition": "busy"}), format_="console")
    assert text == f"{AT} [info     ] call.ended         run='run-1' call='c' attempt=1 disposition='busy'"


def test_nothing_goes_to_stdout_and_a_traceback_shows_no_local_variables(capsys):
    stream = io.StringIO()
    log_events(stream, "console")
    canary = "canary" + "-secret"
    try:
        int(f"calling +919900000001 {canary[:0]}")
    except ValueError:
        structlog.get_logger().exception("bug", at=AT)
    assert canary not in stream.getvalue()
    assert "calling +9199******01" in stream.getvalue()
    assert "919900000001" not in stream.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", EventType, ids=str)
def test_every_event_type_has_its_fields_in_the_schema_and_fits_it(kind):
    Draft7Validator.check_schema(event_schema())
    event = Event(kind, AT, "run-1", "call-1", 1, dict.fromkeys(EVENT_FIELDS[kind], "x"))
    Draft7Validator(event_schema()).validate(json.loads(lines(event)[0]))
    assert fields(event)["level"] in get_args(Level)


def test_a_message_needs_a_text_and_an_event_its_run():
    fits = Draft7Validator(event_schema()).is_valid
    bare = {"at": AT, "level": "info"}
    assert fits({"event": "message", **bare, "text": "x", "id": "no-effect", "place": "p.yaml:1:1", "hint": "h"})
    assert fits({"event": "message", **bare, "text": "x", "run": "r"})
    assert not fits({"event": "message", **bare})
    assert not fits({"event": "run.ended", **bare})


def test_the_schema_refuses_an_event_that_is_not_on_the_list():
    assert not Draft7Validator(event_schema()).is_valid({"event": "x", "at": AT, "level": "info", "run": "r"})
