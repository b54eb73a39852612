"""The counting carrier's list of calls (reference 4.2): newest first, calls in progress left out, page by page.

Sid, From, To, PhoneNumber, Direction    comma lists; numbers are compared by their last ten digits
DateCreated                              gte:YYYY-MM-DD HH:MM:SS;lte:..., in IST, both ends inside
PageSize, After                          50 where unset, at most 100; the cursor of a NextPageUri
"""

import datetime
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from durability.carrier_calls import IST, Call, call_fields

NUMBERS = {"From": "From", "To": "To", "PhoneNumber": "CallerId"}
KNOWN = {*NUMBERS, "Sid", "Direction", "DateCreated", "PageSize", "After"}


class BadFilter(ValueError):  # noqa: N818 - what the query holds
    """A filter that the carrier does not have, or cannot read."""


def bulk(
    calls: Iterable[Call], pairs: list[tuple[str, str]], path: str, now: float, *, as_json: bool
) -> tuple[str, bytes]:
    """Content-Type and body of one page. Raises BadFilter."""
    query = dict(pairs)
    if unknown := set(query) - KNOWN:
        raise BadFilter(f"no such filter: {', '.join(sorted(unknown))}")
    since, until = interval(query.get("DateCreated", ""))
    over = [call for call in calls if call.listed and call.ends <= now and since <= int(call.arrived) <= until]
    found = sorted((call for call in over if matches(call, query)), key=lambda call: call.arrived, reverse=True)
    sids, size = [call.sid for call in found], page_size(query.get("PageSize", "50"))
    after = query.get("After")
    if after is not None and after not in sids:
        raise BadFilter("After is not a cursor of this list")
    start = 0 if after is None else sids.index(after) + 1
    page = found[start : start + size]
    kept = [(name, value) for name, value in pairs if name != "After"]
    following = [*kept, ("After", page[-1].sid)] if start + size < len(found) else None
    metadata = {
        "Total": len(found),
        "PageSize": size,
        "FirstPageUri": uri(path, kept),
        "PrevPageUri": None,
        "NextPageUri": uri(path, following) if following else None,
    }
    return shaped(metadata, [entry(call, now) for call in page], as_json=as_json)


def matches(call: Call, query: dict[str, str]) -> bool:
    """Whether a call passes every filter on words and numbers."""
    words = {"Sid": call.sid, "Direction": "outbound-api"}
    numbers = {name: call.fields.get(field, "") for name, field in NUMBERS.items()}
    return all(words[name] in query[name].split(",") for name in words if name in query) and all(
        number[-10:] in [value.strip()[-10:] for value in query[name].split(",")]
        for name, number in numbers.items()
        if name in query
    )


def interval(text: str) -> tuple[float, float]:
    """The first and the last second, since the epoch, that a DateCreated filter lets pass."""
    bounds = {"gte": 0.0, "lte": float("inf")}
    for part in text.split(";") if text else []:
        word, _, at = part.partition(":")
        if word not in bounds:
            raise BadFilter(f"not a bound of DateCreated: {part}")
        try:
            bounds[word] = datetime.datetime.strptime(at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=IST).timestamp()
        except ValueError as problem:
            raise BadFilter(str(problem)) from None
    return bounds["gte"], bounds["lte"]


def page_size(text: str) -> int:
    """PageSize as a number."""
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise BadFilter("PageSize is 1 to 100")
    return int(text)


def stored(number: str | None) -> str | None:
    """A number as lists show it: an Indian one with 0, also where +91 was sent (reference 2.2)."""
    return "0" + number[3:] if number and number.startswith("+91") else number


def entry(call: Call, now: float) -> dict[str, Any]:
    """One call of a list."""
    fields = call_fields(call, now)
    return fields | {name: stored(fields[name]) for name in ("From", "To", "PhoneNumberSid")}


def uri(path: str, pairs: list[tuple[str, str]]) -> str:
    """A page's address, without its host."""
    return path + "?" * bool(pairs) + "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)


def shaped(metadata: dict[str, Any], calls: list[dict[str, Any]], *, as_json: bool) -> tuple[str, bytes]:
    """Content-Type and body."""
    if as_json:
        return "application/json", json.dumps({"Metadata": metadata, "Calls": calls}).encode()
    listed = "".join(f"<Call>{elements(call)}</Call>" for call in calls)
    inner = f"<Metadata>{elements(metadata)}</Metadata><Calls>{listed}</Calls>"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse>{inner}</TwilioResponse>'
    return "application/xml", text.encode()


def elements(fields: dict[str, Any]) -> str:
    """Flat fields as XML elements; one without a value is empty."""
    return "".join(f"<{name}>{escape('' if value is None else str(value))}</{name}>" for name, value in fields.items())
