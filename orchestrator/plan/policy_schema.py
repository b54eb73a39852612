"""The JSON Schema of a plan's `policy`: every key of the plan language, also those not obeyed yet."""

from typing import Any

from orchestrator.model.outcome import Disposition, Ending
from orchestrator.plan import text_formats
from orchestrator.plan.schema.build import (
    Schema,
    choice,
    closed,
    duration,
    listing,
    moment,
    paths,
    rate,
    share,
    text,
    whole,
    windows,
)

MOST = 1_000_000_000
"""A bound where only nonsense is to be kept out."""


def policy_schema() -> Schema:
    """Return the schema of `policy`."""
    properties: dict[str, Any] = {
        "pace": rate("Connect requests never leave faster than this, in any window of that length.", "150/minute"),
        "concurrency": whole("Calls in flight at once.", 1, 10_000, 20, default=20),
        "per_agent": whole("Calls in flight at once for one From.", 1, 10_000, 4),
        "per_person": _per_person(),
        "window": windows("When people may be rung; open while any of these is."),
        "holidays": text("A file of dates on which nobody is rung.", "../data/holidays.csv", minLength=1),
        "redial": _redial(),
        "suppress": paths("Files of numbers that are never rung.", "../data/do-not-call.csv"),
        "dnd": choice("What to do with numbers that the carrier marks as do-not-disturb.", "skip", "refuse", "ignore"),
        "stages": _stages(),
        "halt": _halt(),
        "limits": _limits(),
        "success": _success(),
        "waive": _waive(),
    }
    return closed("How the plan wants to be dialed: when, how fast, how many.", properties)


def _per_person() -> Schema:
    properties = {
        "attempts": whole("Most attempts that may have rung.", 1, 1000, 3),
        "within": duration("The length of the time in which they count.", "24h"),
    }
    return closed(
        "Most attempts for one To, over all runs and plans of the journal.", properties, ("attempts", "within")
    )


def _redial() -> Schema:
    properties = {
        "attempts": whole("Most attempts of a call in all, the first included.", 1, 1000, 3),
        "after": duration("How long to wait before the next attempt.", "15m"),
    }
    rule = closed("When to try again after this ending.", properties, ("attempts", "after"))
    endings = {ending.value: rule for ending in Ending if ending is not Ending.COMPLETED}
    return closed("What to do after an ending that was not wished.", endings, minProperties=1)


def _stages() -> Schema:
    step = {
        "description": "A number of calls, or a share of them.",
        "anyOf": [whole("Calls.", 1, MOST, 1), share("A share of the calls to be dialed, rounded up.", "5%")],
    }
    return listing("A canary, then a ramp: cumulative over the calls to be dialed.", step)


def _halt() -> Schema:
    shares: Schema = {
        ending.value: share("Stop starting calls from this share on.", "20%")
        for ending in Ending
        if ending is not Ending.COMPLETED
    }
    of = whole("How many finished calls, the last ones, are looked at.", 1, MOST, 50)
    rule = closed("One reason to stop starting calls.", {**shares, "of": of}, ("of",), minProperties=2)
    return listing("When to stop starting calls, judged at the end of each stage too.", rule)


def _limits() -> Schema:
    properties = {
        "calls": whole("Most calls that are dialed.", 1, MOST, 5000),
        "attempts": whole("Most attempts in all.", 1, MOST, 9000),
        "minutes": whole("Most minutes talked.", 1, MOST, 20_000),
        "cost": text("Most money spent.", "15000 INR", pattern=text_formats.MONEY),
        "from": moment("No call starts before."),
        "until": moment("No call starts after."),
    }
    return closed("What the plan may use up in all.", properties, minProperties=1)


def _success() -> Schema:
    words = {
        word.value: share(f"The least share of the dialed calls that is {word.value}.", "60%")
        for word in Disposition
        if word is not Disposition.WAITING
    }
    return closed(
        "What `as wished` means for exit code 0; without it every dialed call completes.", words, minProperties=1
    )


def _waive() -> Schema:
    properties = {
        "rule": text("The id of the rule.", "record-without-notice", minLength=1),
        "owner": text("Who answers for it.", "legal@acme.example", minLength=1),
        "reason": text("Why it does not apply.", "notice is in the IVR", minLength=1),
        "until": text("The last day on which it is waived.", "2027-03-31", pattern=text_formats.DATE, format="date"),
    }
    one = closed("One rule that is waived, by whom, why, until when.", properties, ("rule", "owner", "reason", "until"))
    return listing("Compliance rules that do not apply to this plan.", one)
