"""The JSON report holds what it promises, byte for byte the same for the same journal."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator
from unit.reports import told as every_format
from unit.reports.told import SID

from orchestrator.exotel.masking import Masker
from orchestrator.model.outcome import Disposition, Leg
from orchestrator.model.record import AttemptRecord, CallRecord, Part
from orchestrator.reports.report import Report
from orchestrator.reports.report_json import json_report
from orchestrator.reports.report_jsonl import jsonl_report
from orchestrator.reports.report_schema import line_schema, report_schema

RUN = replace(every_format.RUN, exit_code=0)
COMPLETED = replace(every_format.COMPLETED, n=1)
OPEN = AttemptRecord(n=1, started_at="2026-11-22T09:00:01Z", message="broke while calling +919900000001")
CALLS = (
    CallRecord(
        "vip-1",
        RUN.id,
        Disposition.COMPLETED,
        "+918069171234",
        "+919900000001",
        None,
        {"hub": "BLR-4", "alt": "08012345678"},
        (COMPLETED,),
    ),
    CallRecord("vip-919900000002", "earlier", Disposition.UNKNOWN, "1234567", "+919900000002", None, {}, (OPEN,)),
    CallRecord("skipped", RUN.id, Disposition.NOT_DIALED, "+918069171234", "+919900000003", "limit"),
)
TOTALS = {"calls": 3, "completed": 1, "unknown": 1, "not-dialed": 1, "attempts": 2}


def written(calls=CALLS, totals=TOTALS, unmask: bool = False) -> str:
    return "".join(json_report(Report(RUN, lambda: totals, lambda: calls, list), Masker(unmask)))


def report(unmask: bool = False) -> dict:
    return json.loads(written(unmask=unmask))


def test_the_keys_stand_in_the_order_of_the_contract():
    document = report()
    assert list(document) == ["format", "run", "totals", "calls"]
    assert document["format"] == 1
    assert list(document["run"]) == [
        "id", "plan", "edition", "digest", "target", "started_at", "ended_at", "exit_code", "journal", "head",
        "unmet",
    ]  # fmt: skip
    assert list(document["calls"][0]) == [
        "id", "run", "disposition", "reason", "from", "to", "carry", "attempts",
    ]  # fmt: skip
    assert list(document["calls"][0]["attempts"][0]) == [
        "n", "placement", "evidence", "sid", "http_status", "ending", "legs",
        "started_at", "placed_at", "ended_at", "duration", "recording_url", "cost", "message",
    ]  # fmt: skip


def test_totals_have_every_disposition_zero_or_not():
    totals = report()["totals"]
    assert list(totals) == ["calls", *(word.value for word in Disposition), "attempts"]
    assert totals["busy"] == 0
    assert (totals["calls"], totals["completed"], totals["attempts"]) == (3, 1, 2)


def test_a_completed_attempt_says_all_that_is_known():
    assert report()["calls"][0]["attempts"][0] == {
        "n": 1,
        "placement": "accepted",
        "evidence": "reply",
        "sid": SID,
        "http_status": 200,
        "ending": "completed",
        "legs": [
            {"status": "completed", "duration": 50, "answered_by": None},
            {"status": "completed", "duration": 41, "answered_by": "Human"},
        ],
        "started_at": "2026-11-22T09:00:01Z",
        "placed_at": "2026-11-22T09:00:02Z",
        "ended_at": "2026-11-22T09:00:43Z",
        "duration": 41,
        "recording_url": f"https://***@recordings.example/acme1/{SID}.mp3",
        "cost": {"amount": "1.20", "currency": "INR"},
        "message": None,
    }


@pytest.mark.parametrize("sid", ["123456789012", "CA-1234567890", "1" * 32])
def test_a_sid_is_never_a_number_and_an_address_only_loses_its_userinfo(sid):
    """Whoever wants to ask the carrier needs them whole."""
    attempt = replace(COMPLETED, sid=sid, recording_url=f"https://k:s@r.example/{sid}.mp3", message=f"Sid {sid}")
    call = replace(CALLS[0], attempts=(attempt,))
    (shown,) = json.loads(written((call,)))["calls"][0]["attempts"]
    assert (shown["sid"], shown["recording_url"]) == (sid, f"https://***@r.example/{sid}.mp3")
    assert sid not in shown["message"]


def test_what_is_unknown_is_null():
    attempt = report()["calls"][1]["attempts"][0]
    unknown = {name for name, value in attempt.items() if value is None}
    assert unknown == set(attempt) - {"n", "started_at", "legs", "message"}


def test_numbers_are_masked_in_every_field_and_the_digest_is_not():
    text = written()
    for number in ("918069171234", "919900000001", "919900000002", "08012345678", "1234567"):
        assert number not in text.replace(SID, "").replace(RUN.digest, "")
    assert RUN.digest in text
    assert report()["run"]["head"] == RUN.head
    assert report()["calls"][1]["from"] == "12***67"


def test_unmask_shows_numbers_in_full():
    assert report(unmask=True)["calls"][0]["to"] == "+919900000001"
    assert report(unmask=True)["calls"][1]["id"] == "vip-919900000002"


def test_the_same_records_give_the_same_bytes():
    assert written() == written(iter(CALLS), dict(reversed(TOTALS.items())))


def test_an_empty_plan_gives_a_valid_report():
    document = json.loads(written((), {}))
    assert document["calls"] == []
    Draft7Validator(report_schema()).validate(document)


def test_the_report_streams_one_call_a_piece():
    seen = []

    def calls():
        for call in CALLS:
            seen.append(call.id)
            yield call

    pieces = json_report(Report(RUN, lambda: TOTALS, calls, list), Masker())
    while "vip-1" not in next(pieces):
        pass
    assert seen == ["vip-1"]


def test_the_schema_accepts_the_report_in_both_drafts():
    for validator in (Draft7Validator, Draft202012Validator):
        validator.check_schema(report_schema())
        validator(report_schema()).validate(report())


def test_the_schema_refuses_a_report_without_a_key_or_with_a_strange_word():
    for break_it in (
        lambda document: document["totals"].pop("busy"),
        lambda document: document["calls"][0].update(disposition="vanished"),
        lambda document: document["calls"][0]["attempts"][0].pop("evidence"),
        lambda document: document["run"].update(started_at="yesterday"),
        lambda document: document["run"].update(head="2" * 64),
        lambda document: document.update(format=2),
    ):
        document = report()
        break_it(document)
        assert not Draft7Validator(report_schema()).is_valid(document)


@given(st.text(), st.dictionaries(st.text(), st.text()))
def test_any_text_gives_valid_ascii_json(text, carry):
    call = CallRecord(text, text, Disposition.REJECTED, text, text, text, carry)
    told = written([call], {}, unmask=True)
    assert told.isascii()
    assert json.loads(told)["calls"][0]["id"] == text


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=2), st.integers() | st.none())
def test_a_call_is_written_as_the_encoder_of_json_would_write_it(text, carry, figure):
    attempt = AttemptRecord(
        1, text, None, None, text, figure, None, (Leg(text, figure, text),), None, text, figure, text, text, text, text
    )
    call = CallRecord(text, text, Disposition.FAILED, text, text, text, carry, (attempt, AttemptRecord(2, text)))
    for masker in (Masker(), Masker(unmask=True)):
        for line in [*jsonl_report(every_format.report((call,)), masker)][1:]:
            assert line == json.dumps(json.loads(line)) + "\n"


def test_json_lines_are_the_run_and_then_the_calls_as_json_has_them():
    lines = [json.loads(line) for line in jsonl_report(Report(RUN, lambda: TOTALS, lambda: CALLS, list), Masker())]
    document = report()
    assert lines[0] == {key: document[key] for key in ("format", "run", "totals")}
    assert lines[1:] == document["calls"]
    for validator in (Draft7Validator, Draft202012Validator):
        validator.check_schema(line_schema())
        for line in lines:
            validator(line_schema()).validate(line)
    assert not Draft7Validator(line_schema()).is_valid({**lines[1], "disposition": "vanished"})
    assert not Draft7Validator(line_schema()).is_valid({**lines[0], "format": 2})


def test_what_was_asked_for_of_the_edition_is_told():
    asked = Part("vip-*", (Disposition.BUSY, Disposition.NO_ANSWER))
    document = json.loads("".join(json_report(Report(RUN, dict, list, list, asked), Masker())))
    assert document["part"] == {"only": "vip-*", "dispositions": ["busy", "no-answer"]}
    Draft7Validator(report_schema()).validate(document)
    document["part"]["dispositions"] = ["vanished"]
    assert not Draft7Validator(report_schema()).is_valid(document)
