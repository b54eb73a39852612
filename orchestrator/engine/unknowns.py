"""Looks for the calls of unknown attempts in the carrier's list, many attempts a query."""

from orchestrator.engine.asking import Asking
from orchestrator.engine.conduct import Conduct
from orchestrator.engine.lookups import LookUps
from orchestrator.engine.ports import Clock, Reader, Writer
from orchestrator.engine.reconcile import LOOK_BACK, Group, candidates, claims, groups, is_listed
from orchestrator.exotel.replies import ListedCall
from orchestrator.model.outcome import Placement
from orchestrator.model.target import Lookups
from orchestrator.model.times import rfc3339
from orchestrator.model.work import Attempt, Sought


class Unknowns(Asking):
    """Asks about open unknown attempts again and again, and once about each that an earlier run gave up."""

    def __init__(
        self, conduct: Conduct, lookups: Lookups, journal: tuple[Writer, Reader], asker: LookUps, clock: Clock
    ) -> None:
        super().__init__(conduct, lookups, journal, asker, clock)
        self._since: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._answered: set[int] = set()
        self.owes = True

    def patience(self, attempt: Attempt) -> float:
        """Return until when to wait for the first answer about an attempt, in epoch seconds.

        0 where it has come, or where nobody asks. The end does not depend on being asked: it stands from the first
        time on that somebody wants to know.
        """
        now = self._clock()
        if attempt.key in self._answered or attempt.started < now - LOOK_BACK:
            return 0.0
        return self._since.setdefault(attempt.key, now) + self._conduct.settle_for

    async def ask(self) -> bool:
        """Ask about the oldest group whose time has come; return whether there was one."""
        group = next(iter(groups(self._due())), None)
        if group is None:
            return False
        listed = await self._asker.calls(group.query(self._span, self._conduct.timezone))
        now = self._clock()
        keys = {member.attempt.key for member in group.members}
        self._asked |= dict.fromkeys(keys, now)
        if listed is not None:
            await self._conclude(group, listed, now)
            self._answered |= keys
        return True

    def _due(self) -> list[Sought]:
        """Return this plan's unknown attempts whose time to ask has come."""
        now, owes = self._clock(), False
        found: list[Sought] = []
        for sought in self._reader.sought(now - LOOK_BACK):
            attempt = sought.attempt
            if sought.plan != self._conduct.scope.plan or attempt.record.placement is not Placement.UNKNOWN:
                continue
            self._since.setdefault(attempt.key, now)
            given_up = attempt.state == "closed"
            if given_up and attempt.key in self._answered:
                continue
            owes = owes or (given_up and attempt.run_id != self._conduct.scope.run_id)
            asked = self._asked.get(attempt.key)
            first = min(attempt.started, self._since[attempt.key]) + self._lookups.after
            if (first if asked is None else asked + self._lookups.every) <= now:
                found.append(sought)
        self.owes = owes
        return found

    async def _conclude(self, group: Group, listed: list[ListedCall], now: float) -> None:
        """Commit what the list proves of the group, and which calls it should have shown and did not."""
        zone, span = self._conduct.timezone, self._span
        everybody = self._reader.sought(now - LOOK_BACK - self._conduct.timeout)
        taken = {call.sid for call in listed if self._reader.has_sid(call.sid)}
        ours = {member.attempt.key for member in group.members}
        for claim in claims(everybody, listed, taken, span, zone):
            attempt, sid = claim.sought.attempt, claim.call.sid
            if attempt.key in ours:
                await self._writer.write(lambda tx, one=attempt, sid=sid: self._steps.claim(tx, one, sid, now))  # type: ignore[misc]
        await self._propose(group, listed, taken, now)
        free = [call for call in listed if call.sid not in taken]
        absent = [
            member.attempt.key
            for member in group.members
            if member.attempt.pair_free_at <= now and not is_listed(member, free, span, zone)
        ]
        if absent:
            await self._writer.write(lambda tx: tx.not_found(absent, rfc3339(now)))

    async def _propose(self, group: Group, listed: list[ListedCall], taken: set[str], now: float) -> None:
        """Name the calls between which a look-up cannot decide."""
        for member in group.members:
            sids = candidates(member, listed, taken, self._span, self._conduct.timezone)
            if sids:
                await self._writer.write(
                    lambda tx, one=member.attempt, sids=sids: self._steps.undecided(tx, one, sids, now)  # type: ignore[misc]
                )
