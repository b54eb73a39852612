"""Unknown attempts and the carrier's list of calls: what to ask for, and which call proves which attempt. Pure.

A look-up proves something only where one call and one attempt fit each other and nothing else. An empty one proves
nothing: ongoing calls may be missing from the list, and how late it is nobody documents (docs/carrier.md).
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set

from orchestrator.exotel.call_fields import numbers_filter
from orchestrator.exotel.facts import carrier_moment, carrier_text
from orchestrator.exotel.replies import ListedCall
from orchestrator.model.call import UnmatchedAttempt
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import e164, identity
from orchestrator.policy.pace import INTENT_TO_FIRST_BYTE

NUMBERS_PER_FILTER = 5
"""Most values of a From or To filter (docs/carrier.md, reading calls)."""

PAGE_SIZE = 100
"""Calls on one page of the list: the most that the carrier gives."""

CLOCK_SKEW = 120.0
"""Seconds by which the carrier's clock and ours may differ."""

LOOK_BACK = 30 * 86400.0
"""Seconds after which an attempt is not asked about any more: a filter's range is a month at most."""

LONGEST_GROUP = 86400.0
"""Most seconds between the first and the last attempt of one query: what happened between them is listed too."""

_NUMBER = re.compile(r"[+0-9 ().-]+\Z")
"""A number in full: some accounts get them masked."""

Query = tuple[tuple[str, str], ...]


@frozen
class CreationTimes:
    """When the call of a request can have been created. `timeout`: seconds of one connect request."""

    timeout: float

    def since(self, unmatched: UnmatchedAttempt) -> float:
        """Return the first possible epoch second."""
        return unmatched.attempt.started - CLOCK_SKEW

    def until(self, unmatched: UnmatchedAttempt) -> float:
        """Return the last one: the carrier takes a request in before it answers, and so before the timeout."""
        return unmatched.attempt.started + INTENT_TO_FIRST_BYTE + self.timeout + CLOCK_SKEW


@frozen
class Group:
    """Attempts that one query asks about."""

    members: tuple[UnmatchedAttempt, ...]

    def query(self, span: CreationTimes, timezone: str) -> Query:
        """Return the query of the first page. Numbers go out in E.164; the carrier lists them with a `0` as well."""
        first = min(span.since(member) for member in self.members)
        last = max(span.until(member) for member in self.members)
        return (
            *numbers_filter(
                _comma_list(member.from_number for member in self.members),
                _comma_list(member.to_number for member in self.members),
            ),
            ("DateCreated", f"gte:{carrier_text(first, timezone)};lte:{carrier_text(last, timezone)}"),
            ("PageSize", str(PAGE_SIZE)),
        )


@frozen
class Claim:
    """A call that is the only one for an attempt, which is the only one for the call."""

    unmatched: UnmatchedAttempt
    call: ListedCall


def groups(wanted: Sequence[UnmatchedAttempt]) -> list[Group]:
    """Pack attempts into as few queries as their numbers and times allow, oldest first."""
    packed: list[Group] = []
    members: list[UnmatchedAttempt] = []
    for unmatched in sorted(wanted, key=lambda item: item.attempt.started):
        if members and not _fits(members, unmatched):
            packed.append(Group(tuple(members)))
            members = []
        members.append(unmatched)
    return [*packed, Group(tuple(members))] if members else packed


def claims(
    unmatched: Sequence[UnmatchedAttempt],
    listed: Iterable[ListedCall],
    claimed: Set[str],
    span: CreationTimes,
    timezone: str,
) -> list[Claim]:
    """Return what the list proves.

    `unmatched` holds every attempt whose call one of the listed may be, also those that nobody asks about: each is a
    rival. `claimed` are the Sids that attempts already have. What the list leaves out contradicts nothing, but a
    call is claimed only where it tells both numbers and its time.
    """
    free = {call.sid: call for call in listed if call.sid not in claimed}
    fitting = {
        place: [sid for sid, call in free.items() if _may_be(item, call, span, timezone)]
        for place, item in enumerate(unmatched)
    }
    rivals = Counter(sid for sids in fitting.values() for sid in sids)
    return [
        Claim(unmatched[place], free[sids[0]])
        for place, sids in fitting.items()
        if len(sids) == 1 and rivals[sids[0]] == 1 and _tells_enough(free[sids[0]], timezone)
    ]


def candidates(
    unmatched: UnmatchedAttempt, listed: Iterable[ListedCall], claimed: Set[str], span: CreationTimes, timezone: str
) -> tuple[str, ...]:
    """Return the Sids of the unclaimed calls that may be the attempt's, for a person to decide on."""
    free = {call.sid: call for call in listed if call.sid not in claimed}
    return tuple(sid for sid, call in sorted(free.items()) if _may_be(unmatched, call, span, timezone))


def is_listed(unmatched: UnmatchedAttempt, listed: Iterable[ListedCall], span: CreationTimes, timezone: str) -> bool:
    """Whether any of the calls may be the attempt's."""
    return any(_may_be(unmatched, call, span, timezone) for call in listed)


def is_other_pair(unmatched: UnmatchedAttempt, call: ListedCall) -> bool:
    """Whether the call is plainly between other numbers; masked or missing ones show no difference."""
    return not (
        _may_be_number(unmatched.from_number, call.from_number) and _may_be_number(unmatched.to_number, call.to_number)
    )


def _fits(members: Sequence[UnmatchedAttempt], unmatched: UnmatchedAttempt) -> bool:
    froms = {identity(member.from_number) for member in (*members, unmatched)}
    tos = {identity(member.to_number) for member in (*members, unmatched)}
    near = unmatched.attempt.started - members[0].attempt.started <= LONGEST_GROUP
    return len(froms) <= NUMBERS_PER_FILTER and len(tos) <= NUMBERS_PER_FILTER and near


def _comma_list(numbers: Iterable[str]) -> str:
    return ",".join(dict.fromkeys(e164(number) or number for number in numbers))


def _may_be(unmatched: UnmatchedAttempt, call: ListedCall, span: CreationTimes, timezone: str) -> bool:
    created = carrier_moment(call.date_created, timezone)
    in_time = created is None or span.since(unmatched) <= created <= span.until(unmatched)
    outbound = call.direction is None or call.direction.lower().startswith("outbound")
    # The field is called PhoneNumberSid: letters in it would be an id of the carrier's.
    exophone = unmatched.exophone is None or _may_be_number(unmatched.exophone, call.phone_number)
    return in_time and outbound and exophone and not is_other_pair(unmatched, call)


def _may_be_number(wanted: str, reported: str | None) -> bool:
    return reported is None or not _NUMBER.match(reported) or identity(reported) == identity(wanted)


def _tells_enough(call: ListedCall, timezone: str) -> bool:
    numbers = all(reported is not None and _NUMBER.match(reported) for reported in (call.from_number, call.to_number))
    return numbers and carrier_moment(call.date_created, timezone) is not None
