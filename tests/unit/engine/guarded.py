"""A carrier whose calls end by a list, and runs of a policy against it: for the tests of guards."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from unit.engine.bench import Result, ScriptedCarrier, dial, now, replied
from unit.journal.loading import latest_edition

from orchestrator.engine.scheduler import Engine
from orchestrator.journal import control
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.transaction import Transaction
from orchestrator.model.call import CallSchedule, ConnectRequest, Field, ResolvedCall
from orchestrator.model.outcome import Exchange
from orchestrator.model.policy import HaltRule, Policy, Stage
from orchestrator.model.target import Lookups
from orchestrator.policy.verdict import Stop

QUICK = Lookups(after=0.02, every=0.02, settle=0.05)
STAGES = (Stage(calls=2), Stage(share=1.0))
HALT = (HaltRule((("failed", 0.2),), 50),)
SIX = "abcdef"


@dataclass
class Ending(ScriptedCarrier):
    """Every call has a Sid of its own, lasts `talk` seconds, and ends as its list says; the last word stays."""

    talk: float = 0.05
    endings: dict[str, list[str]] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    most: int = 0

    async def place(self, request: ConnectRequest, leave: Callable[[], Awaitable[None]]) -> Exchange:
        answer = await super().place(request, leave)
        key = dict(request.pairs)["CustomField"]
        if answer.status != 200:
            return answer
        sid = f"{key}-{self.order().count(key)}"
        words = self.endings.get(key, [self.status])
        self.ended[sid] = words.pop(0) if len(words) > 1 else words[0]
        self.begun[sid] = now()
        self.most = max(self.most, sum(now() < at + self.talk for at in self.begun.values()))
        return replied(200, sid)

    async def details(self, sid: str, leave: Callable[[], Awaitable[None]]) -> Exchange:
        await leave()
        over = now() >= self.begun[sid] + self.talk
        word = self.ended[sid] if over else "in-progress"
        legs = {"Leg1Status": "no-answer", "Leg2Status": ""} if word == "agent-no-answer" else {}
        word = word.removeprefix("agent-")
        told: dict[str, Any] = {"Sid": sid, "Status": word, "Duration": "41" if word == "completed" else None}
        told |= {"Price": "1.200" if word == "completed" else None, "Details": legs}
        return Exchange(True, 200, {}, json.dumps({"Call": told}).encode(), complete=True)


def run(journal: Path, carrier: ScriptedCarrier, plan: list[ResolvedCall], **more: Any) -> Result:
    policy = {key: more.pop(key) for key in list(more) if key in Policy.__dataclass_fields__}
    return dial(journal, carrier, plan, **{"policy": Policy(**policy), "lookups": QUICK, **more})


def words(result: Result) -> dict[str, tuple[str, str | None]]:
    return {key: (record.disposition.value, record.reason) for key, record in result.records.items()}


def said(journal: Path, what: Callable[[Transaction], Any]) -> Any:
    """What a person says beside a run."""
    db = connect(journal)
    db.execute("BEGIN IMMEDIATE")
    tx = Transaction(db)
    found = what(tx)
    tx.seal()
    db.execute("COMMIT")
    db.close()
    return found


async def ended_within(seconds: float, engine: Engine) -> None:
    """Interrupt a run that goes on for ever."""
    running = next(task for task in asyncio.all_tasks() if "Engine.run" in repr(task.get_coro()))
    await asyncio.wait([running], timeout=seconds)
    if not running.done():
        engine.stop(Stop(130, f"still running after {seconds} s"))


async def patiently(engine: Engine) -> None:
    await ended_within(3.0, engine)


def resumed(journal: Path) -> None:
    def resume(tx: Transaction) -> None:
        edition = latest_edition(tx.view)
        assert control.resume(tx, edition, "looked into", "asha", now()) is not None

    said(journal, resume)


def changed(
    plan: list[ResolvedCall], terms: dict[str, CallSchedule] | None = None, **fields: str
) -> list[ResolvedCall]:
    """The calls with other parameters, or terms by their ids."""
    own = tuple(Field(name, value, "call") for name, value in fields.items())
    return [
        replace(
            call,
            fields=tuple(item for item in call.fields if item.name not in fields) + own,
            schedule=(terms or {}).get(call.id, call.schedule),
        )
        for call in plan
    ]
