"""Logs: one line on stderr for each committed event, masked in one place.

The words are the journal's (model/events.py). structlog writes to stdout unless configured otherwise and prints local
variables in tracebacks: both are set here, before the first line.
"""

from collections.abc import Callable, MutableMapping
from typing import Any, Literal, TextIO

import structlog

from orchestrator.exotel.masking import Masker
from orchestrator.model.events import NUMBER_KEYS, Event, EventType
from orchestrator.model.outcome import Placement
from orchestrator.phone.safe_text import disarmed_json

Format = Literal["json", "console"]
Level = Literal["info", "warning", "error"]

UNMASKED_KEYS = frozenset({"event", "at", "level", "run", "sid"})
"""Keys of a line whose values hold no phone number, however many digits: ours, and the carrier's name of a call."""


def log_events(
    stream: TextIO, format_: Format, *, unmask: bool = False, colour: bool = False
) -> Callable[[Event], None]:
    """Set up structlog and return an observer that writes each event as one line to `stream`."""
    structlog.configure(
        processors=[_traceback(format_), masking(Masker(unmask)), *_renderers(format_, colour), _disarmed],
        logger_factory=structlog.WriteLoggerFactory(stream),
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    logger = structlog.get_logger()

    def observe(event: Event) -> None:
        logger.info(event.type.value, **fields(event))

    return observe


def fields(event: Event) -> dict[str, Any]:
    """Return what stands in the line beside the event's name."""
    line: dict[str, Any] = {"at": event.at, "level": level(event), "run": event.run}
    if event.call is not None:
        line["call"] = event.call
    if event.attempt is not None:
        line["attempt"] = event.attempt
    return line | details(event)


def details(event: Event) -> dict[str, Any]:
    """Return an event's data. A callback's own `event`, a text of others, becomes `callback_event`."""
    return {"callback_event" if name == "event" else name: value for name, value in event.data.items()}


def level(event: Event) -> Level:
    """Return how much an event matters: what a person should look at is a warning."""
    if event.type is EventType.RUN_ENDED:
        code = event.data.get("exit_code")
        return "info" if code == 0 else "error" if code in (4, 70) else "warning"
    if event.type is EventType.ATTEMPT_PLACED and event.data.get("placement") != Placement.ACCEPTED:
        return "warning"
    return "warning" if event.type is EventType.RUN_INTERRUPTED else "info"


def masking(masker: Masker) -> structlog.typing.Processor:
    """Return the processor through which every line goes: `Masker` decides what is shown."""

    def process(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for name, value in line.items():
            line[name] = masked(name, value, masker)
        return line

    return process


def masked(name: str, value: Any, masker: Masker) -> Any:
    """Return what a line shows of a value, by the line's key under which it stands."""
    if name in UNMASKED_KEYS:
        return value
    if isinstance(value, str):
        return masker.number(value) if name in NUMBER_KEYS else masker.text(value)
    if isinstance(value, dict):
        return {key: masked(name, item, masker) for key, item in value.items()}
    return [masked(name, item, masker) for item in value] if isinstance(value, list) else value


def _traceback(format_: Format) -> structlog.typing.Processor:
    """Render an exception without local variables, and before the masking: its message is a text of others."""
    if format_ == "json":
        return structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
    return structlog.processors.format_exc_info


def _renderers(format_: Format, colour: bool) -> list[structlog.typing.Processor]:
    if format_ == "json":
        return [_event_first, structlog.processors.JSONRenderer()]
    return [
        _clock_first,
        structlog.dev.ConsoleRenderer(
            colors=colour,
            sort_keys=False,
            pad_event_to=18,
            repr_native_str=True,  # control characters of others are written out
            exception_formatter=structlog.dev.plain_traceback,
        ),
    ]


def _disarmed(_logger: Any, _method: str, line: Any) -> str:
    """Write out what a pipeline that reads the line would take for a command."""
    return disarmed_json(line)


def _event_first(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {"event": line.pop("event"), **line}


def _clock_first(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hand the event's own time to the renderer, which prints it first; people need no word for what is not there."""
    return {"timestamp": line.pop("at"), **{name: value for name, value in line.items() if value is not None}}
