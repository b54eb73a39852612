"""Calls of the simulated carrier: what was requested, how each goes, and what the sandbox remembers of them."""

from collections.abc import Sequence
from enum import StrEnum

from orchestrator.model.frozen import frozen

RECORDINGS = "https://recordings.sandbox.example"
"""Where recordings are said to be: a reserved name, so nobody can fetch them by accident."""


@frozen
class LegScript:
    """One leg. `answered_at` is in sandbox seconds after the request; `on_call` in whole seconds.

    `status` is how the leg ends; None: never attempted.
    """

    status: str | None
    answered_at: float | None = None
    on_call: int = 0


@frozen
class Script:
    """One call from request to ending. `status` is the carrier's word; `ends_at` in sandbox seconds.

    `talk` is how long both parties were joined, in whole seconds; `price` a decimal text in INR.
    """

    status: str
    agent: LegScript
    customer: LegScript
    ends_at: float
    talk: int
    price: str

    def is_over(self, offset: float) -> bool:
        """Whether the call has ended `offset` sandbox seconds after the request."""
        return offset >= self.ends_at

    def leg_status(self, leg: LegScript, offset: float) -> str | None:
        """Return a leg's word: its ending once the call is over, `in-progress` once answered, before that None."""
        if self.is_over(offset):
            return leg.status
        return "in-progress" if leg.answered_at is not None and offset >= leg.answered_at else None

    def leg_seconds(self, leg: LegScript, offset: float) -> int:
        """Return how long a leg has been on the call by then, in whole seconds."""
        if self.is_over(offset):
            return leg.on_call
        return 0 if leg.answered_at is None else max(0, int(offset - leg.answered_at))


@frozen
class RequestedCall:
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


@frozen
class SimulatedCall:
    """One accepted call.

    `created` is when it was accepted, in Unix seconds; `speed` the sandbox's at that moment.
    Times that the sandbox reports are the wall clock's, since callers compare them with theirs; durations and
    prices are the script's, as if the call had been played at speed 1.
    """

    sid: str
    account: str
    created: float
    speed: float
    asked: RequestedCall
    script: Script

    def moment(self, offset: float) -> float:
        """Unix seconds of a moment of the script, given in sandbox seconds."""
        return self.created + offset / self.speed

    def offset(self, now: float) -> float:
        """Sandbox seconds that have passed since the request at `now`, in Unix seconds."""
        return (now - self.created) * self.speed

    @property
    def recording_url(self) -> str | None:
        """The recording's address: only if recording was asked for and a conversation happened (S0)."""
        if not (self.asked.record and self.script.talk):
            return None
        return f"{RECORDINGS}/{self.account}/{self.sid}.mp3"


@frozen
class ReceivedRequest:
    """One connect request as it came. `at` is Unix seconds; `encoding` None where no form could be read."""

    at: float
    encoding: str | None
    fields: Sequence[tuple[str, str]]


class CallbackEvent(StrEnum):
    """One POST of a call: the four-field default, or an event that was asked for."""

    DEFAULT = "default"
    AGENT_ANSWERED = "agent-answered"
    CUSTOMER_ANSWERED = "customer-answered"
    TERMINAL = "terminal"


@frozen
class OwedCallback:
    """One callback that is not delivered yet. `due` is its next try in Unix seconds, `tries` those made."""

    call: SimulatedCall
    event: CallbackEvent
    due: float
    tries: int = 0

    @property
    def address(self) -> str:
        """Where it goes."""
        return self.call.asked.callback_url or ""


Cursor = tuple[float, str]
"""A place in the list of calls: when a call was created, in Unix seconds, and its Sid."""


@frozen
class CallFilter:
    """What one query of the list asks for. Filters hold number identities or words; an empty one lets every call pass.

    `since` and `until` bound a call's creation, in Unix seconds, `until` left out.
    """

    sids: tuple[str, ...] = ()
    from_numbers: tuple[str, ...] = ()
    to_numbers: tuple[str, ...] = ()
    exophones: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    since: float | None = None
    until: float | None = None
    page_size: int = 50
    newest_first: bool = True
    before: Cursor | None = None
    after: Cursor | None = None


@frozen
class CallPage:
    """One page: its calls in the list's order, how many the whole list has, and whether there is more either way."""

    calls: Sequence[SimulatedCall]
    total: int
    more_before: bool
    more_after: bool
