"""Whether enough different people have approved a digest, recently enough."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime

from orchestrator.model.approval import Approval, ApprovalRule

CLOCKS_DIFFER = 300.0
"""Seconds by which an approval may be dated after now: it was recorded by another machine's clock."""

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Characters that show nothing and are of no category for such: without them, fillers and variants make no new name."""

_LENGTHS = (("day", 86400), ("hour", 3600), ("minute", 60))


def approver(name: str) -> str:
    """Return what is the same in all spellings of one name: capitals, blanks and the dress of its letters say nothing.

    Letters that only look alike in two alphabets stay different.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    kept = (character for character in "".join(folded.split()) if unicodedata.category(character) not in ("Cf", "Cc"))
    return _UNSEEN.sub("", "".join(kept))


def latest(approvals: Iterable[Approval]) -> tuple[Approval, ...]:
    """Return each person's last approval, in the order in which people approved first."""
    return tuple({approver(approval.by): approval for approval in approvals}.values())


def counted(approvals: Iterable[Approval], rule: ApprovalRule, now: float) -> tuple[Approval, ...]:
    """Return the approvals that count at `now`, in epoch seconds: of each person the newest one, the oldest first."""
    newest: dict[str, tuple[float, Approval]] = {}
    for approval in approvals:
        age, who = _age(approval, now), approver(approval.by)
        if who and age is not None and -CLOCKS_DIFFER <= age <= rule.within and age <= newest.get(who, (age,))[0]:
            newest[who] = age, approval
    return tuple(approval for _, approval in sorted(newest.values(), key=lambda item: -item[0]))


def shortfall(approvals: Iterable[Approval], rule: ApprovalRule, now: float) -> str | None:
    """Say in words which approvals are missing, and which do not count; None where there are enough."""
    given = tuple(approvals)
    valid = counted(given, rule, now)
    if len(valid) >= rule.people:
        return None
    people = "1 person" if rule.people == 1 else f"{rule.people} people"
    said = [f"{people} must have approved it within {_in_words(rule.within)}, and {_listed(valid)} did"]
    known = {approver(approval.by) for approval in valid}
    return "; ".join([*said, *_not_counted(given, known, now)])


def _not_counted(given: tuple[Approval, ...], known: set[str], now: float) -> Iterator[str]:
    """Say of each person beside those `known` why the last approval does not count."""
    for approval in latest(given):
        who = approver(approval.by)
        if who and who not in known:
            age = _age(approval, now)
            ahead = age is not None and age < 0
            why = "dated after this machine's time, so a clock is wrong" if ahead else "too long ago"
            yield f"that of {approval.by} at {approval.at} does not count: {why}"


def _listed(approvals: tuple[Approval, ...]) -> str:
    if not approvals:
        return "nobody"
    *others, last = [f"{approval.by} (at {approval.at})" for approval in approvals]
    return f"only {', '.join(others)} and {last}" if others else f"only {last}"


def _age(approval: Approval, now: float) -> float | None:
    """Return how many seconds ago it was given; None where its time is none, in a journal that somebody altered."""
    try:
        return now - datetime.fromisoformat(approval.at).timestamp()
    except (ValueError, OverflowError):
        return None


def _in_words(seconds: float) -> str:
    for unit, length in _LENGTHS:
        if seconds >= length and seconds % length == 0:
            count = round(seconds / length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"
