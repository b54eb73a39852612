"""Why a run starts no call at this moment, in one line."""

from collections.abc import Iterator

from orchestrator.model.call import BRIDGE_LEGS
from orchestrator.model.frozen import frozen
from orchestrator.progress.progress import Progress
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import Tally, epoch_of
from orchestrator.progress.times import LocalTimes, utc

LONG = 1.0
"""Seconds between two starts from which on the pace is felt as a wait; below it the rate says enough."""

REASON_WORDS = {"window": "window opens", "limits.from": "limits.from opens"}


@frozen
class WaitReasons:
    """The reasons, the weightiest first. Words of others in them are neither masked nor made visible yet."""

    tally: Tally
    snapshot: RunSnapshot
    times: LocalTimes
    now: float

    def why(self) -> str | None:
        """Return `waits: pace` and its like; None where nothing is waited for, or nobody knows."""
        reason = self._held() or self._announced() or (self._calls() if self.progress.left else self._endings())
        if reason is None or reason.startswith(("halted: ", "stops: ")):
            return reason
        return f"waits: {reason}"

    @property
    def progress(self) -> Progress:
        """Where the run is, by its plan's caps."""
        return Progress(self.tally, self.snapshot)

    def _held(self) -> str | None:
        """Say what holds every call back, whatever the plan says."""
        if self.tally.halted is not None:
            return self.tally.halted
        if self.snapshot.stops():
            return f"stops: {self.tally.open:,} in flight" if self.tally.open else "stops: no further call starts"
        quiet = self.snapshot.quiet_until()
        if quiet > self.now:
            return f"the carrier asked for quiet until {self._soon(quiet)}"
        return None

    def _announced(self) -> str | None:
        """Say what the engine said last, as long as it may still be so."""
        reason, until = self.tally.waiting_for or ("", None)
        if reason == "paused":
            by = self.tally.paused_by
            return f"paused by {by}" if by else "paused"
        if until == "never":
            return f"{reason}: opens at no time within the next forty days"
        opens = epoch_of(until)
        if opens is None or opens <= self.now:
            return None
        at = self.times.at(opens, self.now)
        return f"{REASON_WORDS.get(reason, reason)} {at} (not before {utc(opens)} because of {reason})"

    def _calls(self) -> str | None:
        """Say why none of the calls that are left starts."""
        progress, busy = self.progress, self.progress.busy
        announced = self.tally.waiting_for[0] if self.tally.waiting_for is not None else ""
        if (boundary := progress.boundary or (announced if announced.startswith("stage ") else None)) is not None:
            return ": ".join(filter(None, (boundary, ", ".join(self._unfinished()))))
        if busy >= self.snapshot.slots:
            return f"all {busy:,} calls are in flight (concurrency)"
        if progress.legs is not None and (busy + 1) * BRIDGE_LEGS > max(BRIDGE_LEGS, progress.legs):
            return f"all legs are in flight, {busy * BRIDGE_LEGS:,} of {progress.legs:,} (legs)"
        first = self.tally.waiting.first()
        if first is not None and len(self.tally.waiting) >= progress.left:
            return f"{first.reason}, next at {self._soon(first.until)}" if first.until > self.now else None
        since = self.now - self.tally.speed.last
        if progress.gap >= LONG and since < progress.gap:
            return "pace"
        return self._others() if self.tally.speed.last and since > progress.gap + LONG else None

    def _unfinished(self) -> Iterator[str]:
        """Say which of the calls that were begun are not over."""
        tally, first = self.tally, self.tally.waiting.first()
        if tally.open:
            yield f"{tally.open:,} in flight"
        if tally.waiting.redials:
            soon = f", next at {self._soon(first.until)}" if first is not None and first.until > self.now else ""
            yield f"{tally.waiting.redials:,} to be redialed{soon}"
        if tally.to_resend:
            yield f"{len(tally.to_resend):,} to be sent again"

    def _others(self) -> str | None:
        """Say what is neither counted nor timed here."""
        if resend := self.tally.to_resend:
            return f"{len(resend):,} to be sent again, {next(reversed(resend.values()))} before"
        return self.tally.waiting_for[0] if self.tally.waiting_for is not None else None

    def _endings(self) -> str | None:
        """Say what is waited for when all is dialed."""
        unknown = len(self.tally.unknown)
        if unknown and unknown >= self.tally.open:
            return f"{unknown:,} unknown attempt{'' if unknown == 1 else 's'} to be settled"
        if not self.tally.open:
            return None
        return "the last call to end" if self.tally.open == 1 else f"the last {self.tally.open:,} calls to end"

    def _soon(self, at: float) -> str:
        return self.times.at(at, self.now, seconds=True)
