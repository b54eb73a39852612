"""One call's story as JSON and as text: masked, whole, and safe to print."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from orchestrator.cli.render.why import WhyText
from orchestrator.exotel.masking import Masker
from orchestrator.model.call import Attempt, Field
from orchestrator.model.events import Event, EventType
from orchestrator.model.outcome import Disposition, Ending, Evidence, Leg, Placement
from orchestrator.model.record import AttemptRecord, RunRecord
from orchestrator.model.story import RunLine, Standing, Story
from orchestrator.reports.standing_json import runs_json, standing_json
from orchestrator.reports.story_json import story_json

SID = "c5797dcb123456789678c5062a4a3ed2"
NUMBER = "+919812345678"
RECORD = AttemptRecord(
    n=1,
    started_at="2026-11-22T09:00:00.000Z",
    placement=Placement.ACCEPTED,
    evidence=Evidence.PERSON,
    sid=SID,
    http_status=500,
    ending=Ending.COMPLETED,
    legs=(Leg("completed", 50), Leg("completed", 41, "Machine")),
    duration=41,
    price="1.20",
    currency="INR",
    recording_url=f"https://key:secret@recordings.example/{SID}.mp3",
    message=f"settled by asha because {NUMBER} said so",
)
EVENTS = (
    Event(EventType.RUN_STARTED, "t0", "run-1", data={"target": "live"}),
    Event(EventType.ATTEMPT_STARTED, "t1", "run-1", "a", 1, {"from": "7654321", "to": NUMBER}),
    Event(EventType.ATTEMPT_PLACED, "t2", "run-1", "a", 1, {"placement": "unknown", "sid": None, "message": "\x1b[2J"}),
    Event(
        EventType.ATTEMPT_SETTLED,
        "t3",
        "run-1",
        "a",
        1,
        {"placement": "accepted", "evidence": "person", "sid": SID, "by": "asha", "because": f"{NUMBER} rang"},
    ),
    Event(EventType.CALLBACK_RECEIVED, "t4", "run-1", "a", 1, {"event": "terminal", "status": "completed"}),
)
STORY = Story(
    id=f"order-{NUMBER}",
    plan="cod",
    edition="2",
    run="run-1",
    state="closed",
    disposition=Disposition.COMPLETED,
    reason=None,
    place="data/orders.csv:3",
    fields=(
        Field("From", "7654321", "defaults"),
        Field("To", NUMBER, "call"),
        Field("CustomField", f"a\n{NUMBER}", "call"),
        Field("StatusCallbackEvents", ("terminal", "answered"), "defaults"),
    ),
    carry={"hub": "BLR", "alt": NUMBER},
    attempts=(Attempt(1, 1, "a", "run-1", "closed", True, 1.0, 2.0, RECORD, 1, ""),),
    events=EVENTS,
)


def texts(masker: Masker) -> Iterator[str]:
    yield "".join(story_json([STORY], masker))
    yield "".join(WhyText(masker).render([STORY]))


def test_no_number_secret_or_control_character_is_shown_and_sids_are() -> None:
    for text in texts(Masker()):
        assert NUMBER[1:] not in text
        assert "7654321" not in text
        assert "key:secret" not in text
        assert "\x1b" not in text
        assert SID in text


def test_unmask_shows_numbers() -> None:
    for text in texts(Masker(unmask=True)):
        assert NUMBER in text
        assert "\x1b" not in text


def test_the_json_names_each_value_and_its_origin() -> None:
    (told,) = json.loads("".join(story_json([STORY], Masker())))["calls"]
    assert told["request"][0] == {"name": "From", "value": "76***21", "origin": "defaults"}
    assert told["request"][3]["value"] == ["terminal", "answered"]
    assert told["attempts"][0]["run"] == "run-1"
    assert [event["event"] for event in told["events"]] == [event.type.value for event in EVENTS]
    assert told["events"][4]["callback_event"] == "terminal"


def test_no_story_and_no_run_are_empty_lists() -> None:
    assert json.loads("".join(story_json([], Masker()))) == {"format": 1, "found_by": "id", "calls": [], "runs": []}
    assert json.loads("".join(runs_json([], Masker()))) == {"format": 1, "runs": []}


@pytest.mark.parametrize(
    "line",
    [
        "order-+9198******78 of plan cod, edition 2: completed",
        "  place     data/orders.csv:3",
        "    CustomField=a\\n+9198******78   <- call",
        "    StatusCallbackEvents=terminal, answered   <- defaults",
        "    placement accepted (evidence: person, HTTP 500)",
        "    ending    completed, 41 s",
        "    legs      completed 50 s, then completed 41 s (answered by Machine)",
        "    cost      1.20 INR",
        "    t2  attempt 1 unknown: \\x1b[2J",
        f"    t3  attempt 1 settled by person (asha): accepted, Sid {SID}, because +9198******78 rang",
        "    t4  attempt 1: callback terminal: completed",
    ],
)
def test_the_text_has_the_line(line: str) -> None:
    assert line in "".join(WhyText(Masker()).render([STORY])).split("\n")


def test_what_a_run_waited_for_stands_once_under_the_run_whichever_of_its_calls_are_told() -> None:
    waits = tuple(
        Event(EventType.RUN_WAITING, f"t{n:02}", "run-1", data={"reason": "window", "until": f"u{n}"})
        for n in range(30)
    )
    stories = [replace(STORY, id="a", waits=waits[:25]), replace(STORY, id="b", waits=waits[5:])]
    document = json.loads("".join(story_json(stories, Masker())))
    assert all(event["event"] != "run.waiting" for call in document["calls"] for event in call["events"])
    (run,) = document["runs"]
    assert run["id"] == "run-1"
    assert [wait["at"] for wait in run["waits"]] == [f"t{n:02}" for n in range(30)]
    assert run["waits"][0] == {"at": "t00", "reason": "window", "until": "u0"}
    text = "".join(WhyText(Masker()).render(stories))
    _, under_the_run = text.split("\nrun run-1 waited, and with it all its calls\n")
    assert text.count("the run waits") == under_the_run.count("the run waits") == 20
    assert under_the_run.startswith("  10 times, and then\n  t10  the run waits: window, until u10\n")


def test_every_event_type_can_be_told() -> None:
    events = tuple(Event(kind, "t", "run-1", "a", 1, {"message": NUMBER}) for kind in EventType)
    text = "".join(WhyText(Masker()).render([replace(STORY, events=events)]))
    assert text.count("\n    t  ") == len(EventType) - 1  # that the plan was taken in is no part of a call's story
    assert NUMBER[1:] not in text


def test_runs_and_standing_tell_a_run_as_the_report_does() -> None:
    run = RunRecord("run-1", "cod", "2", "sha256:0", "live", "t0")
    (line,) = json.loads("".join(runs_json([RunLine(run, 3)], Masker())))["runs"]
    assert (line["id"], line["calls"], line["exit_code"]) == ("run-1", 3, None)
    told = json.loads("".join(standing_json(Standing(run, False, 1, {"calls": 3, "attempts": 0}, 3, 0, 0), Masker())))
    assert (told["run"]["id"], told["due"], told["dialer"], told["next_at"]) == ("run-1", 3, None, None)
