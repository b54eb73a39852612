"""Logs: one line on stderr for each committed event, masked in one place.

The words are the journal's (model/events.py).
"""

import json
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, Literal, TextIO

from orchestrator.exotel.masking import Masker
from orchestrator.model.events import NUMBER_KEYS, Event, EventType
from orchestrator.model.outcome import Placement
from orchestrator.phone.safe_text import disarmed_json

Format = Literal["json", "console"]
Level = Literal["info", "warning", "error"]

_SHOWN_AS = {"event": "callback_event"}

UNMASKED_KEYS = frozenset({"event", "at", "level", "run", "sid"})
"""Keys of a line whose values hold no phone number, however many digits: ours, and the carrier's name of a call."""


def log_events(
    stream: TextIO, format_: Format, *, unmask: bool = False, colour: bool = False
) -> Callable[[Sequence[Event]], None]:
    """Return an observer that writes each event as one line to `stream`, those of one commit at once."""
    masker = Masker(unmask)
    if format_ == "console":
        return _for_people(stream, masker, colour)

    def observe(events: Sequence[Event]) -> None:
        stream.write("".join([_json_line(event, masker) for event in events]))

    return observe


_BEGINNINGS = {kind: f'{{"event": {_quoted(kind)}, "at": ' for kind in EventType}


def _json_line(event: Event, masker: Masker) -> str:
    """Return an event's line. By the standard library alone, and no dictionary: a run writes two lines a call."""
    line = f'{_BEGINNINGS[event.type]}{_quoted(event.at)}, "level": "{level(event)}", "run": {_quoted(event.run)}'
    if event.call is not None:
        line += f', "call": {_quoted(masker.text(event.call))}'
    if event.attempt is not None:
        line += f', "attempt": {event.attempt}'
    for name, value in details(event).items():
        if type(value) is int:
            written = str(value)
        elif type(value) is str and (name in UNMASKED_KEYS or (value.isalpha() and name not in NUMBER_KEYS)):
            written = _quoted(value)  # as nearly all are, and need no mask
        else:
            shown = masked(name, value, masker)
            written = _quoted(shown) if isinstance(shown, str) else "null" if shown is None else json.dumps(shown)
        line += f", {_quoted(name)}: {written}"
    return disarmed_json(line + "}\n")


def _for_people(stream: TextIO, masker: Masker, colour: bool) -> Callable[[Sequence[Event]], None]:
    """Set up structlog, which writes to stdout unless configured otherwise, and prints local variables."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.format_exc_info,
            lambda _logger, _method, line: {name: masked(name, value, masker) for name, value in line.items()},
            _clock_first,
            structlog.dev.ConsoleRenderer(
                colors=colour,
                sort_keys=False,
                pad_event_to=18,
                repr_native_str=True,  # control characters of others are written out
                exception_formatter=structlog.dev.plain_traceback,
            ),
            lambda _logger, _method, line: disarmed_json(str(line)),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    logger = structlog.get_logger()

    def observe(events: Sequence[Event]) -> None:
        for event in events:
            logger.info(event.type.value, **fields(event))

    return observe


def fields(event: Event) -> dict[str, Any]:
    """Return what stands in the line beside the event's name."""
    line: dict[str, Any] = {"at": event.at, "level": level(event), "run": event.run}
    if event.call is not None:
        line["call"] = event.call
    if event.attempt is not None:
        line["attempt"] = event.attempt
    line.update(details(event))
    return line


def details(event: Event) -> Mapping[str, Any]:
    """Return an event's data. A callback's own `event`, a text of others, becomes `callback_event`."""
    data = event.data
    return data if "event" not in data else {_SHOWN_AS.get(name, name): value for name, value in data.items()}


def level(event: Event) -> Level:
    """Return how much an event matters: what a person should look at is a warning."""
    if event.type is EventType.RUN_ENDED:
        code = event.data.get("exit_code")
        return "info" if code == 0 else "error" if code in (4, 70) else "warning"
    if event.type is EventType.ATTEMPT_PLACED and event.data.get("placement") != Placement.ACCEPTED:
        return "warning"
    return "warning" if event.type is EventType.RUN_INTERRUPTED else "info"


def masked(name: str, value: Any, masker: Masker) -> Any:
    """Return what a line shows of a value, by the line's key under which it stands: every value goes this way."""
    if value is None or name in UNMASKED_KEYS:
        return value
    if isinstance(value, str):
        return masker.number(value) if name in NUMBER_KEYS else masker.text(value)
    if isinstance(value, dict):
        return {key: masked(name, item, masker) for key, item in value.items()}
    return [masked(name, item, masker) for item in value] if isinstance(value, list) else value


def _clock_first(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hand the event's own time to the renderer, which prints it first; people need no word for what is not there."""
    return {"timestamp": line.pop("at"), **{name: value for name, value in line.items() if value is not None}}
