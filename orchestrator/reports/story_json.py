"""One call's story for programs: JSON, format 1."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.call import Field
from orchestrator.model.events import EVENT_FIELDS, NUMBER_KEYS, Event
from orchestrator.model.story import Story, run_waits
from orchestrator.reports.report_json import attempt_text, one_a_line
from orchestrator.reports.standing_json import hold_facts

UNMASKED_DATA = ("sid", "begun", "policy")
"""Keys of an event that hold no phone number, however many digits: the carrier's name of a call, and ours."""


def story_json(stories: Sequence[Story], masker: Masker, found_by: str = "id") -> Iterator[str]:
    """Yield the document: `format`, what was named of the calls, and each as it stands in an edition under `calls`.

    Under `runs` stands what all calls of a run waited for together.
    """
    yield f'{{"format": 1,\n "found_by": {json.dumps(found_by)},\n "calls": ['
    yield from one_a_line(_story(story, masker) for story in stories)
    yield '],\n "runs": ['
    waits = run_waits(stories).items()
    yield from one_a_line({"id": run, "waits": [_wait(event, masker) for event in told]} for run, told in waits)
    yield "]}\n"


def _story(story: Story, masker: Masker) -> dict[str, Any]:
    return {
        "id": masker.text(story.id),
        "plan": masker.text(story.plan),
        "edition": masker.text(story.edition),
        "run": story.run,
        "state": story.state,
        "disposition": story.disposition,
        "reason": None if story.reason is None else masker.text(story.reason),
        "not_before": story.not_before,
        "holds": [hold_facts(hold, masker) for hold in story.holds],
        "place": None if story.place is None else masker.text(story.place),
        "carry": {masker.text(name): masker.text(value) for name, value in story.carry.items()},
        "request": _request(story.fields, masker),
        "attempts": [
            {"run": a.run_id}
            | json.loads(attempt_text(a.record, masker))
            | {"request": _request(story.requests.get(a.record.n, story.fields), masker)}
            for a in story.attempts
        ],
        "events": [_event(event, masker) for event in story.events],
    }


def _request(fields: Iterable[Field], masker: Masker) -> list[dict[str, Any]]:
    return [{"name": item.name, "value": shown_value(item, masker), "origin": item.origin} for item in fields]


def _event(event: Event, masker: Masker) -> dict[str, Any]:
    place = {"event": event.type.value, "at": event.at, "run": event.run, "attempt": event.attempt}
    return place | {name: value for name, value in shown_data(event, masker).items() if value is not None}


def _wait(event: Event, masker: Masker) -> dict[str, Any]:
    return {"at": event.at, **dict.fromkeys(EVENT_FIELDS[event.type]), **shown_data(event, masker)}


def shown_value(item: Field, masker: Masker) -> str | list[str]:
    """Return a parameter's value as people may see it."""
    if isinstance(item.value, str):
        return masker.parameter(item.name, item.value)
    return [masker.parameter(item.name, value) for value in item.value]


def shown_data(event: Event, masker: Masker) -> dict[str, str | int | float | None]:
    """Return an event's data as people may see it; a callback's own `event` is `callback_event`, as in logs."""
    return {
        "callback_event" if name == "event" else name: _shown(name, value, masker) for name, value in event.data.items()
    }


def _shown(name: str, value: str | int | float | None, masker: Masker) -> str | int | float | None:
    if not isinstance(value, str) or name in UNMASKED_DATA:
        return value
    return masker.number(value) if name in NUMBER_KEYS else masker.text(value)
