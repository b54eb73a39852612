"""What others commit once a call is chosen is obeyed: by its intent, and right before the first byte leaves."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from unit.engine.bench import ScriptedCarrier, calls, dial
from unit.engine.guarded import changed, said
from unit.journal.loading import load

from orchestrator.engine.attempt import Attempts, Intent, Steps
from orchestrator.engine.config import RunConfig
from orchestrator.journal import control
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import NewRun
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import ConnectRequest, DueCall, ResolvedCall, Scope, text_of
from orchestrator.model.errors import NotLeaving
from orchestrator.model.outcome import Exchange
from orchestrator.model.policy import PersonCap, Policy
from orchestrator.model.story import Edition
from orchestrator.phone.numbers import identity
from orchestrator.policy.may_start import Rules

OURS = calls("a")
AGENT, PERSON = (identity(text_of(OURS[0].fields, name) or "") for name in ("From", "To"))
ANOTHER_AGENT, ANOTHER_PERSON = "+918123456700", "+447700900199"
MOMENTS = ("claim", "first byte", "first byte, after the run has looked")
"""When they act; of these a pair can be taken only before the claim."""

LOOKED = 0.6
"""Seconds within which a run looks what others have committed, also on a busy machine."""


@dataclass
class Others:
    """Another process on the journal; `scope` is of its own plan, with one call."""

    journal: Path
    scope: Scope

    @classmethod
    def with_a_call(cls, journal: Path, call: ResolvedCall) -> "Others":
        """Have the other plan loaded."""
        run = NewRun("theirs", "acme1", "theirs", "/theirs.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")
        return cls(journal, said(journal, lambda tx: load(tx, run, [call])).scope)

    def dial(self) -> None:
        """Commit an intent, as their run does."""
        with closing(connect(self.journal, read_only=True)) as db:
            (due,) = Reader(db).due(self.scope, time.time(), 10)
        steps = Steps(RunConfig(self.scope, 1, None, None))
        assert said(self.journal, lambda tx: steps.intend(tx, [(due, "theirs", time.time())])[0]) == 1

    def say(self, what: Callable[[Transaction, Edition], object]) -> None:
        """Do what a person does to our edition."""
        edition = Edition(self.scope.plan + 1, "plan", "", "")
        assert said(self.journal, lambda tx: what(tx, edition)) is not None

    def suppress(self, number: str) -> None:
        """Never ring a number again."""
        assert said(self.journal, lambda tx: control.suppress(tx, number, "asked", "asha", time.time()))

    def take_over(self) -> None:
        """Have a later run of our plan begin."""
        run = NewRun("later", "acme1", "plan", "/plan.yaml", "", "sha256:0", "test", "2026-11-22T10:00:00Z")
        said(self.journal, lambda tx: load(tx, run, OURS))


DEEDS: dict[str, Callable[[Others], None]] = {
    "suppress To": lambda others: others.suppress(PERSON),
    "suppress From": lambda others: others.suppress(AGENT),
    "pause": lambda others: others.say(lambda tx, it: control.pause(tx, it, None, "asha", time.time())),
    "pause all": lambda others: others.say(
        lambda tx, _: control.pause(tx, tx.view.editions.whole_journal(), None, "asha", time.time())
    ),
    "halt": lambda others: others.say(
        lambda tx, it: tx.hold("halted", it.plan, it.edition, "bad", "", time.time()) or None
    ),
    "cancel": lambda others: others.say(lambda tx, it: control.cancel(tx, it, None, "asha", time.time())),
    "person": Others.dial,
    "agent": Others.dial,
    "legs": Others.dial,
    "take over": Others.take_over,
}
CALLS = {
    "person": changed(OURS, From=ANOTHER_AGENT),
    "agent": changed(OURS, To=ANOTHER_PERSON),
    "legs": changed(OURS, From=ANOTHER_AGENT, To=ANOTHER_PERSON),
}
RULES = {
    "person": Rules(Policy(per_person=PersonCap(1, 3600.0))),
    "agent": Rules(Policy(per_agent=1)),
    "legs": Rules(legs=2),
}


@dataclass
class Waiting(ScriptedCarrier):
    """Lets something happen once an intent is committed, before the first byte of its request."""

    before_first_byte: Callable[[], Awaitable[None]] | None = None
    refused: list[str] = field(default_factory=list)

    async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
        if self.before_first_byte is not None:
            await self.before_first_byte()

        async def left() -> None:
            try:
                await leave()
            except NotLeaving as reason:
                self.refused.append(str(reason))
                raise

        return await super().place(request, left)


@pytest.mark.parametrize(("deed", "moment"), [*product(DEEDS, MOMENTS), ("pair", "claim")])
def test_nobody_is_rung_whom_another_process_has_just_taken_or_forbidden(
    journal: Path, deed: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = Others.with_a_call(journal, CALLS.get(deed, OURS)[0])
    act, claim, guard, done = DEEDS.get(deed, Others.dial), Attempts.claim, Attempts._guard, False
    carrier = Waiting()

    def once() -> None:
        nonlocal done
        if not done:
            done = True
            act(others)

    async def looked() -> None:
        once()
        await asyncio.sleep(LOOKED)

    def claimed(self: Attempts) -> None:
        if self._claims:
            once()
        claim(self)

    def guarded(self: Attempts, call: DueCall, intent: Intent) -> str | None:
        once()
        return guard(self, call, intent)

    if moment == "claim":
        monkeypatch.setattr(Attempts, "claim", claimed)
    elif moment == "first byte":
        monkeypatch.setattr(Attempts, "_guard", guarded)
    else:
        carrier.before_first_byte = looked
    found = dial(journal, carrier, OURS, rules=RULES.get(deed, Rules()), wait=0.1, settle_for=0.1)
    assert done
    assert carrier.received == []
    assert len(carrier.refused) == (moment != "claim"), "the intent was committed, and taken back"
    if deed == "take over":
        assert found.stop is not None
        assert found.stop.code == 4


def test_calls_of_one_step_count_each_other_where_another_process_has_dialed_meanwhile(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two were chosen for a person who may be rung twice; once another process has rung them, only one may start."""
    ours = [*OURS, *changed(calls("b"), From=ANOTHER_AGENT, To=text_of(OURS[0].fields, "To") or "")]
    others = Others.with_a_call(journal, changed(OURS, From="+918123456711")[0])
    claim, together = Attempts.claim, list[int]()

    def claimed(self: Attempts) -> None:
        together.append(len(self._claims))
        if len(together) == 1:
            others.dial()
        claim(self)

    monkeypatch.setattr(Attempts, "claim", claimed)
    carrier = Waiting()
    dial(journal, carrier, ours, rules=Rules(Policy(per_person=PersonCap(2, 3600.0))), wait=0.1, settle_for=0.1)
    assert together[0] == 2
    assert len(carrier.received) == 1
    assert carrier.refused == [], "the second intent was never committed"
