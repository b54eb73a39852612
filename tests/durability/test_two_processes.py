"""Two processes on one journal: what a second one commits at an exact point of a call's way, the first one obeys."""

from collections.abc import Callable
from pathlib import Path

import pytest
from acceptance.cli import until
from acceptance.desk import Desk, call, customer

from durability import held_at
from durability.carrier import Carrier
from durability.inject import in_child

OTHER_AGENT = "+917410410124"


def say(desk: Desk, *arguments: str) -> None:
    """Say something on the journal, as a person does."""
    done = desk.orchestrate(*arguments, "--journal", str(desk.journal))
    assert done.code == 0, done.said


def dial(desk: Desk, live: Path, **more: str) -> None:
    """Let the run of another plan place one call."""
    plan = desk.plan([call("theirs", 7, **more)], name="theirs")
    done = desk.run(plan, live, "--until", "placed", "--report", str(desk.folder / "theirs.json"))
    assert done.code == 0, done.said


DEEDS: dict[str, Callable[[Desk, Path], None]] = {
    "suppress": lambda desk, _: say(desk, "suppress", customer(0), "--because", "asked"),
    "pause": lambda desk, _: say(desk, "pause"),
    "pause all": lambda desk, _: say(desk, "pause", "--all"),
    "cancel": lambda desk, _: say(desk, "cancel"),
    "person": lambda desk, live: dial(desk, live, From=OTHER_AGENT, To=customer(0)),
    "agent": dial,
}
POLICY = {"person": {"per_person": {"attempts": 1, "within": "1h"}}, "agent": {"per_agent": 1}}


@pytest.mark.parametrize("point", held_at.POINTS)
@pytest.mark.parametrize("deed", DEEDS)
def test_a_run_obeys_what_another_process_has_just_committed(
    desk: Desk, carrier: Carrier, live: Path, deed: str, point: str
) -> None:
    carrier.rules(talk=20)
    plan = desk.plan([call("ours", 0)], policy=POLICY.get(deed, {}))
    file = desk.folder / "held"
    words = {held_at.AT: point, held_at.FILE: str(file)}
    ours = desk.start(*desk.run_arguments(plan, live, "--wait", "0"), **in_child("durability.held_at", **words))
    until(file.exists, ours)
    DEEDS[deed](desk, live)
    file.unlink()
    out, err = ours.communicate(timeout=40)
    assert ours.returncode in (0, 1, 5), out + err
    assert "ours" not in carrier.rung()
