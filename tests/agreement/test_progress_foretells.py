"""The end that a run's live lines tell stays where it is while the run goes on, and does not slide away."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from orchestrator.app.options import RunOptions
from orchestrator.app.virtual_run import run_virtually
from orchestrator.exotel.call_fields import call_times
from orchestrator.model.events import Event, EventType
from orchestrator.model.policy import Policy, Rate, Redial, Stage, Window
from orchestrator.policy.estimate import estimate
from orchestrator.policy.may_start import Rules
from orchestrator.progress.progress import Progress
from orchestrator.progress.snapshot import RunSnapshot
from orchestrator.progress.tally import Tally

CALLS = 300
EVERY = 60.0
"""Seconds between two looks at the end."""
OFFICE = Window(frozenset(range(5)), 9 * 60, 18 * 60, "Asia/Kolkata")
HOURS = [{"days": "mon-fri", "hours": "09:00-18:00", "timezone": "Asia/Kolkata"}]


@dataclass
class Watcher:
    """Follows a run's events as the live lines do, and notes each minute which end they would tell."""

    snapshot: RunSnapshot
    tally: Tally = field(default_factory=Tally)
    told: list[tuple[float, float]] = field(default_factory=list)

    def observe(self, event: Event) -> None:
        now = datetime.fromisoformat(event.at).timestamp()
        if event.type is not EventType.CALLS_LOADED and (not self.told or now >= self.told[-1][0] + EVERY):
            work = Progress(self.tally, self.snapshot).work(now)
            found = estimate(now, work, lambda moment: self.snapshot.rules.opens(call_times(()), moment))
            if found is not None and self.tally.endings.total() >= 20:
                self.told.append((now, found.at))
        self.tally.add(event)


@pytest.mark.parametrize(
    ("policy", "rules", "begins", "off"),  # off: by how much at most, of the whole time, and in its second half
    [
        ({}, Policy(), "01T10:00", (0.05, 0.03)),
        (
            {"redial": {"busy": {"attempts": 3, "after": "30m"}, "no-answer": {"attempts": 2, "after": "30m"}}},
            Policy(redial=(("busy", Redial(3, 1800)), ("no-answer", Redial(2, 1800)))),
            "01T10:00",
            (0.25, 0.15),  # whether one of the last is busy twice decides half an hour
        ),
        (
            {"stages": [40, "50%", "100%"], "redial": {"no-answer": {"attempts": 2, "after": "30m"}}},
            Policy(
                stages=(Stage(calls=40), Stage(share=0.5), Stage(share=1.0)), redial=(("no-answer", Redial(2, 1800)),)
            ),
            "01T10:00",
            (0.05, 0.03),
        ),
        (
            {"window": HOURS, "redial": {"no-answer": {"attempts": 2, "after": "2h"}}},
            Policy(windows=(OFFICE,), redial=(("no-answer", Redial(2, 7200)),)),
            "01T16:50",
            (0.03, 0.02),
        ),
    ],
    ids=["plain", "redials", "stages", "window"],
)
def test_the_end_is_told_early_and_stays(
    policy: dict[str, Any], rules: Policy, begins: str, off: tuple[float, float], tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("id,phone\n" + "".join(f"c{n},+9199{n:08d}\n" for n in range(CALLS)))
    call = {"id": "${row.id}", "rows": "people.csv", "To": "${row.phone}"}
    defaults = {"From": "+918069171234", "CallerId": "08047112233", "TimeOut": 30}
    document = {"version": 1, "name": "watched", "defaults": defaults, "calls": [call]}
    (tmp_path / "plan.yaml").write_text(json.dumps({**document, "policy": {"pace": "10/minute", **policy}}))
    start = datetime.fromisoformat(f"2026-12-{begins}:00+05:30").timestamp()
    watcher = Watcher(RunSnapshot(Rules(rules), Rate(10, 60.0), Rate(200, 1.0), 20, undialed=CALLS))
    run = run_virtually(RunOptions(str(tmp_path / "plan.yaml")), start, watcher.observe)
    took = run.ended - start
    wrong = [(now, abs(told - run.ended) / took) for now, told in watcher.told]
    assert len(wrong) > 20
    assert max(share for _, share in wrong) < off[0]
    assert max(share for now, share in wrong if now > start + took / 2) < off[1]
