"""One accepted call: what was asked, how it goes, and how it stands at a moment."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from orchestrator.phone.numbers import e164
from orchestrator.sandbox.script import Script

INDIA = timezone(timedelta(hours=5, minutes=30))
"""The zone of the carrier's zoneless times, in practice (docs/carrier.md, times)."""
RECORDINGS = "https://recordings.sandbox.example"
"""Where recordings are said to be: a reserved name, so nobody can fetch them by accident."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Call:
    """One accepted call.

    `created` is when it was accepted, in Unix seconds; `speed` the sandbox's at that moment.
    Times that the sandbox tells are the wall clock's, since callers compare them with theirs; durations and
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


def shown(number: str) -> str:
    """Write a number as the carrier's replies do: an Indian one as 0 and ten digits, also if +91 was sent."""
    full = e164(number)
    if full is None:
        return number
    return "0" + full[3:] if full.startswith("+91") else full


def naive(at: float) -> str:
    """Write Unix seconds as the carrier does: Indian time, no zone."""
    return datetime.fromtimestamp(at, INDIA).strftime("%Y-%m-%d %H:%M:%S")


def rfc3339(at: float) -> str:
    """Write Unix seconds in UTC with microseconds, as the sandbox's own pages do."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
