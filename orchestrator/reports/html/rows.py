"""One call as a row of the page's table, and its story below."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from orchestrator.exotel.masking import Masker
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Leg
from orchestrator.model.record import AttemptRecord, CallRecord
from orchestrator.phone.masking import excerpt
from orchestrator.phone.safe_text import visible
from orchestrator.reports.figures import epoch, price_of, talked
from orchestrator.reports.html.sections import money
from orchestrator.reports.report import why

LONGEST = 300
"""Characters of a text of others that are shown."""

LONGEST_IN_A_ROW = 60
"""The same in a row of the table; the story has more."""


@frozen
class Row:
    """What is written of one call. `began` sorts as text; `talk` and `attempts` are figures, empty where not known."""

    id: str
    disposition: str
    from_number: str
    to_number: str
    attempts: int
    began: str
    talk: str
    cost: str
    why: str
    story: Sequence[str]
    carry: Sequence[tuple[str, str]]


def row_of(call: CallRecord, masker: Masker, zone: ZoneInfo) -> Row:
    """Return a call as it is shown."""
    last = call.attempts[-1] if call.attempts else None
    talk = sum(talked(attempt) or 0 for attempt in call.attempts)
    reason = why(call, Masker(unmask=True))
    return Row(
        id=shown(call.id, masker),
        disposition=call.disposition.value,
        from_number=masker.shown(masker.number(call.from_number)),
        to_number=masker.shown(masker.number(call.to_number)),
        attempts=len(call.attempts),
        began=clock(last.started_at, zone) if last else "",
        talk=f"{talk}" if talk else "",
        cost=_cost(call.attempts),
        why=shown(reason, masker, LONGEST_IN_A_ROW),
        story=_story(call, masker, zone),
        carry=[(shown(name, masker), shown(value, masker)) for name, value in call.carry.items()],
    )


def shown(text: str, masker: Masker, longest: int = LONGEST) -> str:
    """Return a text of others as the page shows it: cut, masked, and with what is not seen written out."""
    return masker.shown(excerpt(text, longest))


def clock(text: str | None, zone: ZoneInfo) -> str:
    """Return an RFC 3339 time by the zone's clock; the text itself where it is no time."""
    moment = epoch(text)
    return f"{datetime.fromtimestamp(moment, zone):%Y-%m-%d %H:%M:%S}" if moment is not None else visible(text or "")


def _story(call: CallRecord, masker: Masker, zone: ZoneInfo) -> Sequence[str]:
    """Return one sentence an attempt, and what stands at the end."""
    lines = [_told(attempt, masker, zone) for attempt in call.attempts]
    if call.reason:
        lines.append(f"{call.disposition.value}: {shown(call.reason, masker)}")
    return lines or ["No attempt has begun."]


def _told(attempt: AttemptRecord, masker: Masker, zone: ZoneInfo) -> str:
    """Return what is known of an attempt."""
    parts = [f"Attempt {attempt.n} began {clock(attempt.started_at, zone)}"]
    evidence = f" (by {attempt.evidence.value})" if attempt.evidence else ""
    parts.append(f"{attempt.placement.value}{evidence}" if attempt.placement else "its request has no outcome yet")
    if attempt.http_status is not None:
        parts.append(f"HTTP {attempt.http_status}")
    if attempt.sid is not None:
        parts.append(f"Sid {visible(attempt.sid)}")
    parts += [f"{name} {_leg(leg, masker)}" for name, leg in zip(("leg 1", "leg 2"), attempt.legs, strict=False)]
    if attempt.ending is not None:
        ended = f" at {clock(attempt.ended_at, zone)}" if attempt.ended_at else ""
        took = f" after {attempt.duration} s" if attempt.duration is not None else ""
        parts.append(f"ended {attempt.ending.value}{ended}{took}")
    price = price_of(attempt)
    if price is not None:
        parts.append(f"cost {money(price, attempt.currency or '')}")
    if attempt.recording_url is not None:
        parts.append(f"recording {visible(masker.address(attempt.recording_url))}")
    if attempt.message:
        parts.append(shown(attempt.message, masker))
    return "; ".join(parts)


def _leg(leg: Leg, masker: Masker) -> str:
    parts = [shown(leg.status, masker, LONGEST_IN_A_ROW) if leg.status else "not told"]
    parts += [f"for {leg.duration} s"] if leg.duration is not None else []
    parts += [f"by {shown(leg.answered_by, masker, LONGEST_IN_A_ROW)}"] if leg.answered_by else []
    return " ".join(parts)


def _cost(attempts: Sequence[AttemptRecord]) -> str:
    """Return what all attempts cost, each currency by itself."""
    found: dict[str, Decimal] = {}
    for attempt in attempts:
        price = price_of(attempt)
        if price is not None:
            currency = attempt.currency or ""
            found[currency] = found.get(currency, Decimal(0)) + price
    return " + ".join(money(amount, currency) for currency, amount in sorted(found.items()))
