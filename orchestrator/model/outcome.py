"""What a connect request proved, how a call ended, and the final word on it."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from orchestrator.model.frozen import frozen


class Placement(StrEnum):
    """What one connect request proved about the phones."""

    ACCEPTED = "accepted"  # we have a call Sid
    REJECTED = "rejected"  # did not ring
    THROTTLED = "throttled"  # 429: did not ring
    UNREACHED = "unreached"  # no byte of the request left this machine
    UNKNOWN = "unknown"  # perhaps it rang


def may_have_rung(placement: str | None) -> bool:
    """Whether a person may have heard a phone because of an attempt: also by an intent without an outcome, None yet."""
    return placement in (None, Placement.ACCEPTED, Placement.UNKNOWN)


class Evidence(StrEnum):
    """Who proved a placement: the reply to the request, a callback, a look-up, or a person."""

    REPLY = "reply"
    CALLBACK = "callback"
    LOOK_UP = "look-up"
    PERSON = "person"


class Ending(StrEnum):
    """How an accepted attempt went. The first five are the carrier's words."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"
    AGENT_NO_ANSWER = "agent-no-answer"  # leg 1 never answered, so To was never rung
    UNSEEN = "unseen"  # no ending was ever learnt


class Disposition(StrEnum):
    """The final word on a call: an ending, or why there is none. `waiting` until it is final."""

    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"
    AGENT_NO_ANSWER = "agent-no-answer"
    UNSEEN = "unseen"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    NOT_DIALED = "not-dialed"
    WAITING = "waiting"


def with_reason(word: str, reason: str | None) -> str:
    """Return a word on a call and why it is so: `busy`, `suppressed: on list.csv`, `suppressed because she asked`."""
    if not reason:
        return word
    return reason if reason.startswith(f"{word} ") else f"{word}: {reason}"


@frozen
class Exchange:
    """The facts of one HTTP exchange with the carrier; never a verdict.

    `bytes_sent` is whether any byte of this request may have left this machine (the TLS handshake and a
    proxy's CONNECT do not count: they are not the request). `status` is None where no status line came.
    `headers` has lower-case names. `body` is what was read, cut at a bound. `error` says in one line what
    broke, without addresses' userinfo and without credentials. `complete` is whether the whole answer was read.
    Credentials are taken out of the headers and of the body, from which content codings are undone; `unread` says in
    words why not all of the body could be read as text.
    """

    bytes_sent: bool
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    complete: bool = False
    error: str | None = None
    unread: str | None = None


@frozen
class Leg:
    """One of a call's two legs: the carrier's word for how it went, seconds on the call, and who answered.

    `answered_by` is the carrier's word, such as `Human`, `Machine`, `NotSure`; None where it does not say.
    """

    status: str | None = None
    duration: int | None = None
    answered_by: str | None = None


@frozen
class CallFacts:
    """What the carrier says of one call, from a reply, a callback or a look-up; None where it says nothing.

    `status` is the carrier's word, also one we do not know. `event` is a callback's EventType
    (`terminal`, `answered`, or None for the default payload). Times are as the carrier wrote them
    (zoneless); `duration` is the call's total in seconds, `talked` those in which both parties were joined, `price` a
    decimal text in the account's currency.
    """

    sid: str | None = None
    status: str | None = None
    event: str | None = None
    legs: tuple[Leg, ...] = ()
    date_created: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    duration: int | None = None
    talked: int | None = None
    price: str | None = None
    recording_url: str | None = None
    custom_field: str | None = None


@frozen
class Verdict:
    """What an exchange proved.

    `account_problem`: the next call would fail the same way (401, 402, 403, 3xx), so the run stops.
    `message` is the carrier's own words where it gave any, else ours. `retry_after` is in seconds.
    """

    placement: Placement
    facts: CallFacts = field(default_factory=CallFacts)
    account_problem: bool = False
    message: str | None = None
    retry_after: float | None = None
