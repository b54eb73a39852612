"""Checks of the carrier: that it answers, that the account is the right one, its ExoPhones, and its clock."""

import time
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime

from orchestrator.app.targets import Access
from orchestrator.carrier.client import Carrier
from orchestrator.exotel.placement import likely_cause
from orchestrator.exotel.replies import call_list, exophones
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.errors import CannotProceed
from orchestrator.model.frozen import frozen
from orchestrator.model.outcome import Exchange
from orchestrator.model.target import Target
from orchestrator.phone.numbers import identity

PATIENCE = 15.0
"""Seconds for one answer: it is a look-up, and no phone has to be rung first."""
MOST_PAGES = 20
"""Pages of ExoPhones that are asked for; one has fifty."""
MOST_SECONDS = 45.0
"""Seconds after which no further page is asked for."""
CLOCK_TOLERANCE, CLOCK_BOUND = 10.0, 300.0
"""Seconds by which our clock may differ from the carrier's: more is told; yet more, and hours and paces are wrong."""


async def _at_once() -> None:
    """Let a request leave without waiting."""


async def check_account(access: Access, target: Target, caller_ids: Iterable[str]) -> list[Check]:
    """Ask the carrier, which rings nobody; `caller_ids` are those of the plan, as written."""
    if access.base_url is None:
        return [_check("account", Health.OK, "the sandbox stands for the carrier: no phone rings")]
    try:
        carrier = Carrier(
            access.base_url, access.account, access.key, access.token, target.encoding, target.response, PATIENCE
        )
    except CannotProceed as problem:
        return [_check("account", Health.PROBLEM, problem.message, access.base_url, problem.hint)]
    async with carrier:
        asked = time.time()
        first = await carrier.exophones(None, _at_once)
        clock = list(_clock(first, (asked + time.time()) / 2))
        last, lines = await _lines(carrier, first)
        if lines is None and last.status in (200, 404):  # an account without such a list: its calls prove it too
            last = await carrier.listing({"PageSize": "1"}, _at_once)
            if last.status == 200 and call_list(last.body) is not None:
                return [_answers(access, None), *clock, _lines_unknown()]
    if lines is None:
        return [_refused(last, access), *clock]
    return [_answers(access, len(lines.numbers)), *clock, *_caller_ids(caller_ids, target, lines)]


def _check(id_: str, health: Health, what: str, where: str | None = None, hint: str | None = None) -> Check:
    return Check(Area.CARRIER, id_, health, what, where, hint)


@frozen
class _Lines:
    """The account's ExoPhones, each as who it is; `is_all`: it has no others."""

    numbers: frozenset[str]
    is_all: bool


async def _lines(carrier: Carrier, first: Exchange) -> tuple[Exchange, _Lines | None]:
    """Read the list that began with `first`, else the one of older clients; return the last answer too."""
    listed = _listed(first)
    if listed is not None:
        return first, await _all_pages(carrier, listed)
    if first.status not in (200, 404):
        return first, None
    older = await carrier.older_exophones(_at_once)
    listed = _listed(older)
    return older, None if listed is None else _Lines(listed, is_all=True)


def _listed(exchange: Exchange) -> frozenset[str] | None:
    lines = exophones(exchange.body) if exchange.status == 200 else None
    return None if lines is None else frozenset(map(identity, lines))


async def _all_pages(carrier: Carrier, numbers: frozenset[str]) -> _Lines:
    """Read on behind the first page, whose numbers these are.

    Whether pages count from 0 or 1 is not documented: the first may come again, and a later one that brings nothing new
    is the last.
    """
    began = time.monotonic()
    for page in range(1, MOST_PAGES):
        if time.monotonic() - began > MOST_SECONDS:
            break
        exchange = await carrier.exophones(page, _at_once)
        listed = _listed(exchange)
        if listed is None:
            return _Lines(numbers, is_all=exchange.status == 404)
        if listed <= numbers and page > 1:
            return _Lines(numbers, is_all=True)
        numbers |= listed
    return _Lines(numbers, is_all=False)


def _answers(access: Access, count: int | None) -> Check:
    has = "" if count is None else f", and has {count:,} ExoPhone{'' if count == 1 else 's'}"
    return _check("account", Health.OK, f"account {access.account} is known to the carrier{has}", access.base_url)


def _lines_unknown() -> Check:
    what = "the carrier does not list the account's ExoPhones, so that nothing is known of CallerIds"
    return _check("caller-id", Health.NOT_JUDGED, what)


def _refused(exchange: Exchange, access: Access) -> Check:
    if exchange.status == 429:
        what = "the carrier has no time for the account now: more requests than its rate allows"
        return _check("account", Health.NOT_JUDGED, what, access.base_url, "ask again later")
    if exchange.status is None:
        why = exchange.error or "no answer came"
        what, hint = f"the carrier cannot be reached: {why}", "check the address, the network and the proxy"
    elif exchange.status >= 500:
        what, hint = f"HTTP {exchange.status}: the carrier is down, or a gateway before it", "ask again later"
    elif exchange.status == 200:
        what = "what answers is not the carrier: its lists cannot be read"
        hint = "check base_url, EXOTEL_BASE_URL and the proxy"
    else:
        what, hint = likely_cause(exchange), "check the account, the key, the token and the region"
    return _check("account", Health.PROBLEM, what, access.base_url, hint)


def _caller_ids(written: Iterable[str], target: Target, lines: _Lines) -> Iterator[Check]:
    """Judge the CallerIds of the plan, which a call needs, and those that the target allows."""
    allowed = target.guardrails.caller_ids
    wanted = dict.fromkeys(allowed, Health.WARNING) | dict.fromkeys(written, Health.PROBLEM)
    for number, health in wanted.items():
        if identity(number) in lines.numbers:
            yield _check("caller-id", Health.OK, "it is an ExoPhone of the account", number)
        elif not lines.is_all:
            what = "it is none of the ExoPhones that the carrier has listed, which are not all"
            yield _check("caller-id", Health.NOT_JUDGED, what, number)
        else:
            hint = "use a number of the account's as CallerId: its dashboard lists them as ExoPhones"
            yield _check("caller-id", health, "it is no ExoPhone of the account", number, hint)


def _clock(exchange: Exchange, now: float) -> Iterator[Check]:
    try:
        theirs = parsedate_to_datetime(exchange.headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return
    ahead = now - theirs
    off = abs(ahead)
    what = f"this machine's clock is {off:,.0f} s {'ahead of' if ahead > 0 else 'behind'} the carrier's"
    if off <= CLOCK_TOLERANCE:
        yield Check(Area.CLOCK, "carrier-clock", Health.OK, "this machine's clock agrees with the carrier's")
    else:
        health = Health.PROBLEM if off > CLOCK_BOUND else Health.WARNING
        hint = "let the clock follow a time server (NTP): windows, paces and look-ups are kept by it"
        yield Check(Area.CLOCK, "carrier-clock", health, what, None, hint)
