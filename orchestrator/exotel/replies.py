"""Bodies of the carrier's replies: lists of calls, page by page, what is known of one number, and words for people.

What a reply says of its own call stands in `facts.py`. JSON and XML are both understood whatever was asked for.
"""

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from orchestrator.exotel.content import body_text, content, reply_document, text_value, unescaped_layers
from orchestrator.exotel.facts import facts_of
from orchestrator.model.frozen import frozen
from orchestrator.model.number import DndMark
from orchestrator.model.outcome import CallFacts

LONGEST_MESSAGE = 200
LONGEST_ADDRESS = 16 * 1024
"""Characters of a next page's address: a hundred Sids fit."""

_CALLBACK_TOKEN = re.compile(r"(callbacks/+)[A-Za-z0-9_~.-]+", re.IGNORECASE)
_REFUSAL = re.compile(r"(?:<\?xml[^<>]{0,100}\?>\s{0,99})?(?:\{\s{0,99}\"|<TwilioResponse>\s{0,99}<)RestException\b")
_TAG = re.compile(r"<[^<>]*>")


@frozen
class ListedCall:
    """One call of a list. Numbers and `date_created` are as the carrier wrote them; None where it says nothing.

    `phone_number` is the ExoPhone, `direction` such as `outbound-api`.
    """

    sid: str
    from_number: str | None
    to_number: str | None
    phone_number: str | None
    direction: str | None
    date_created: str | None
    facts: CallFacts


@frozen
class CallList:
    """One page of a list of calls. `next_query` asks for the next page; None on the last one.

    It is the query of the carrier's NextPageUri, decoded; the rest of that address is not kept, so that nobody
    follows it to another host.
    """

    calls: tuple[ListedCall, ...]
    next_query: tuple[tuple[str, str], ...] | None = None


def one_call(body: bytes) -> ListedCall | None:
    """Return a reply's call as a list would have it; None where the body holds none with a readable Sid."""
    return _listed(reply_document(body))


def call_list(body: bytes) -> CallList | None:
    """Read one page of a bulk look-up, JSON `{"Metadata", "Calls"}` or XML alike; None for any other body.

    A page with a call that has no readable Sid, or with an address of a next page that cannot be read, is None as
    a whole: who counts the calls must not count too few.
    """
    document = reply_document(body)
    entries = _entries(document)
    calls = [_listed(entry) for entry in entries or ()]
    known = [call for call in calls if call is not None]
    metadata = document.get("Metadata")
    address = metadata.get("NextPageUri") if isinstance(metadata, Mapping) else None
    query = _query(address)
    if entries is None or len(known) < len(calls) or (query is None and text_value(address)):
        return None
    return CallList(tuple(known), query)


def is_cut_off(body: bytes, *, complete: bool) -> bool:
    """Whether a body is only the beginning of what was sent: what is missing may name a call.

    One that did not arrive whole is, unless the document that it holds is; of the others, an object or an XML document
    without its end: a gateway cut it. An empty body is the beginning of nothing, and what has begun as the carrier's
    own refusal ends as one.
    """
    text = body_text(body).strip("\ufeff\0 \t\r\n")
    if _REFUSAL.match(text):
        return False
    if not complete:
        return bool(text) and not reply_document(body)
    return (text.startswith("{") and not text.endswith("}")) or (text.startswith("<?xml") and not text.endswith(">"))


def carrier_message(body: bytes) -> str | None:
    """Return the carrier's words: one line of at most 200 printable characters; None for a body that is no text.

    The Message of a RestException, else the title of an HTML page, else the text's beginning. A callback's
    token that an error page echoes is cut out.
    """
    exception = reply_document(body).get("RestException")
    message = exception.get("Message") if isinstance(exception, Mapping) else None
    if isinstance(message, str) and text_value(message):
        return one_line(message)
    read = content(body)
    page = "" if read.problem else read.text
    start = page.lstrip("\ufeff \t\r\n")[:64].lower()
    if start.startswith(("<!doctype html", "<html", "<head")):
        page = _title(page) or _TAG.sub(" ", page)
    return one_line(unescape(page) if start.startswith("<") else page)


def one_line(text: str) -> str | None:
    """Return the text's first 200 printable characters on one line, None where it has none."""
    readings = tuple(unescaped_layers(text))
    if any(_CALLBACK_TOKEN.search(reading) for reading in readings):
        text = _CALLBACK_TOKEN.sub(r"\1***", readings[-1])
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return (line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 3] + "...") or None


def _entries(document: Mapping[str, object]) -> list[object] | None:
    """Return what the document lists; None where it is no list.

    In XML an empty list is text and one call no array; whether `Calls` wraps them there is not documented.
    """
    listed = document.get("Calls", document.get("Call") if "Metadata" in document else None)
    if isinstance(listed, Mapping):
        listed = listed.get("Call", listed)
    elif isinstance(listed, str) and not listed.strip():
        return []
    if isinstance(listed, Mapping):
        return [listed]
    return listed if isinstance(listed, list) else None


def _listed(entry: object) -> ListedCall | None:
    """Read one call of a list, plain or wrapped as `Call`; None without a readable Sid."""
    fields = entry.get("Call", entry) if isinstance(entry, Mapping) else None
    facts = facts_of(fields) if isinstance(fields, Mapping) else CallFacts()
    if not isinstance(fields, Mapping) or facts.sid is None:
        return None
    return ListedCall(
        sid=facts.sid,
        from_number=text_value(fields.get("From")),
        to_number=text_value(fields.get("To")),
        phone_number=text_value(fields.get("PhoneNumberSid")) or text_value(fields.get("PhoneNumber")),
        direction=text_value(fields.get("Direction")),
        date_created=facts.date_created,
        facts=facts,
    )


def _query(address: object) -> tuple[tuple[str, str], ...] | None:
    """Return the query of a next page's address; None where it has none that can be read."""
    if not isinstance(address, str) or not address.isascii() or len(address) > LONGEST_ADDRESS:
        return None
    try:
        return tuple(parse_qsl(urlsplit(address.strip()).query, strict_parsing=True)) or None
    except ValueError:
        return None


def _title(page: str) -> str | None:
    """Return a page's title, found by position: a `.*?` would cost the square of a hostile page."""
    lowered = page.lower()
    opening = lowered.find("<title")
    begin = lowered.find(">", opening) + 1 if opening >= 0 else 0
    end = lowered.find("</title", begin) if begin else -1
    return page[begin:end].strip() or None if end > 0 else None


COUNTRY = "+91"
"""The only country whose numbers the carrier's metadata covers."""

COMPARED = 10
"""Last digits by which the carrier's spelling of a number is compared with ours (docs/carrier.md, numbers)."""

_NO_DIGIT = re.compile(r"[^0-9]")


@frozen
class NumberFacts:
    """What a reply says of a number; None where it says nothing. `phone_number` is as the carrier wrote it.

    `dnd` is None also for a word that no document lists. Circle, type and operator are not read: nothing hangs on
    them, and the documents disagree on the operators' codes.
    """

    phone_number: str | None = None
    dnd: DndMark | None = None


def is_covered(number: str) -> bool:
    """Whether the carrier can know a number, given as its identity: not one of another country."""
    return not number.startswith("+") or number.startswith(COUNTRY)


def number_facts(body: bytes) -> NumberFacts | None:
    """Read JSON `{"Numbers": {...}}` or XML `TwilioResponse/Numbers`; None for any other body.

    A list of one number is understood too; one of several says nothing of any.
    """
    number = reply_document(body).get("Numbers")
    if isinstance(number, list):
        number = number[0] if len(number) == 1 else None
    if not isinstance(number, Mapping):
        return None
    return NumberFacts(text_value(number.get("PhoneNumber")), _mark(number.get("DND")))


def dnd_mark(body: bytes, number: str) -> DndMark | None:
    """Return what a reply says of this number's registration; None where it says nothing, or speaks of another one."""
    facts = number_facts(body)
    if facts is None or (facts.phone_number is not None and _tail(facts.phone_number) != _tail(number)):
        return None
    return facts.dnd


MOST_EXOPHONES = 1_000
"""ExoPhones of one reply that are read: a page has fifty."""


def exophones(body: bytes) -> tuple[str, ...] | None:
    """Read a list of the account's ExoPhones (docs/carrier.md, numbers), as written; None for any other body.

    `{"incoming_phone_numbers": [{"phone_number"}]}`, or `{"IncomingPhoneNumbers": [{"IncomingPhoneNumber":
    {"PhoneNumber"}}]}`. An entry without a number is passed over.
    """
    document = reply_document(body)
    listed = document.get("incoming_phone_numbers", document.get("IncomingPhoneNumbers"))
    if isinstance(listed, Mapping):
        listed = listed.get("IncomingPhoneNumber", [])
        listed = [listed] if isinstance(listed, Mapping) else listed
    if not isinstance(listed, list):
        return None
    found: list[str] = []
    for entry in listed[:MOST_EXOPHONES]:
        fields = entry.get("IncomingPhoneNumber", entry) if isinstance(entry, Mapping) else None
        if isinstance(fields, Mapping):
            number = text_value(fields.get("phone_number")) or text_value(fields.get("PhoneNumber"))
            found += [number] if number else []
    return tuple(found)


def _mark(value: object) -> DndMark | None:
    try:
        return DndMark((text_value(value) or "").lower())
    except ValueError:
        return None


def _tail(number: str) -> str:
    return _NO_DIGIT.sub("", number)[-COMPARED:]
