"""Whether a connect request would be taken: every field judged by the table, every problem told at once."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestrator.exotel.call_fields import Encoding, NotDecodable, decode
from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_NAME, BY_SPELLING, REQUIRED
from orchestrator.exotel.values import misfit

Accept = Mapping[str, tuple[str, ...]]

_LOST_PLUS = re.compile(r" +[0-9]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an accepted request asked for. Texts are as they came; `events` holds the words in wire order."""

    from_number: str
    to_number: str
    caller_id: str
    time_out: int | None = None
    time_limit: int | None = None
    record: bool = False
    recording_format: str = "mp3"
    custom_field: str | None = None
    callback_url: str | None = None
    callback_type: str = "multipart/form-data"
    events: tuple[str, ...] = ()


def judge(pairs: Sequence[tuple[str, str]], encoding: Encoding | None, accept: Accept) -> Asked | tuple[str, ...]:
    """Return what the fields ask for, or what is wrong with them, one message a problem.

    Weakly sourced bounds do not refuse: the carrier is not known to.
    """
    try:
        values = decode(pairs)
    except NotDecodable as problem:
        return (str(problem),)
    problems = [f"{name} is missing; it is mandatory" for name in REQUIRED if name not in values]
    for name, value in values.items():
        for text in (value,) if isinstance(value, str) else value:
            problems.extend(_problem(name, text, encoding, accept))
    return tuple(problems) if problems else _asked(values)


def _problem(name: str, text: str, encoding: Encoding | None, accept: Accept) -> list[str]:
    row = BY_NAME.get(name)
    if row is None:
        return [] if name in accept else [_unknown(name)]
    found = misfit(row, text, accept.get(name, ()))
    if found is None or not found.serious:
        return []
    if row.kind is Kind.PHONE and encoding == "urlencoded" and _LOST_PLUS.match(text):
        shown = text.strip()[:60]
        why = "its plus was lost, because a bare + in a urlencoded body means a space"
        return [f"{name} arrived as ` {shown}`: {why}; send %2B{shown}"]
    return [f"{found.message}; {found.hint}"]


def _unknown(name: str) -> str:
    base = name.partition("[")[0]
    lower = {spelling.lower(): spelling for spelling in BY_SPELLING}
    if base in BY_SPELLING:
        return f"{name} is not a list and takes no index; send it as {base}"
    if base.lower() in lower:
        return f"{name} is not a parameter; did you mean {lower[base.lower()]}? Names are case-sensitive"
    close = difflib.get_close_matches(base.lower(), lower, n=1)
    return f"{name} is not a parameter" + (f"; did you mean {lower[close[0]]}?" if close else "")


def _asked(values: Mapping[str, str | tuple[str, ...]]) -> Asked:
    text = {name: value for name, value in values.items() if isinstance(value, str)}
    events = values.get("StatusCallbackEvents", ())
    return Asked(
        from_number=text["From"],
        to_number=text["To"],
        caller_id=text["CallerId"],
        time_out=int(text["TimeOut"]) if "TimeOut" in text else None,
        time_limit=int(text["TimeLimit"]) if "TimeLimit" in text else None,
        record=text.get("Record") == "true",
        recording_format=text.get("RecordingFormat", "mp3"),
        custom_field=text.get("CustomField"),
        callback_url=text.get("StatusCallback"),
        callback_type=text.get("StatusCallbackContentType", "multipart/form-data"),
        events=() if isinstance(events, str) else events,
    )
