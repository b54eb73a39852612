"""The YAML parser's event stream: libyaml's where PyYAML has it, else the same events from pure Python."""

from typing import Any, Protocol

import yaml

try:
    from yaml import CSafeLoader as _FastParser
except ImportError:  # PyYAML was built without libyaml: some 20 times slower
    _FastParser = None  # type: ignore[assignment,misc]


class EventSource(Protocol):
    """What both parsers offer.

    `get_event` returns the next of yaml.events, the stream's end last, and raises yaml.YAMLError at the first
    syntax error.
    """

    def get_event(self) -> Any: ...  # noqa: D102 - see the class

    def dispose(self) -> None: ...  # noqa: D102 - see the class


def event_source(text: str, *, pure: bool = False) -> EventSource:
    """Return a parser of `text`. Only events are read from it: nothing is ever composed or constructed."""
    source: EventSource = yaml.SafeLoader(text) if pure or _FastParser is None else _FastParser(text)
    return source
