"""500 calls, a fifth of whose answers hang, break off, are 500 or are 429, killed again and again on one journal."""

import random
import time
from pathlib import Path

import pytest
from acceptance.cli import Process
from acceptance.desk import Desk, calls

from durability.campaign import kill_again_and_again
from durability.carrier import Carrier
from durability.elsewhere import Parting
from durability.judge import Account, judged, run_to_the_end

CALLS = 500
MIX = {"hang": 0.05, "drop": 0.05, "500": 0.05, "429": 0.05}
PROVES_NOTHING = ("hang", "drop", "500")
CONCURRENCY = 16
LONGEST = 0.4  # seconds from a start's first word with the carrier to its kill
PARTED = 0.5  # share of starts before which the journal is tried moved, copied alone, linked, or mounted elsewhere
CALLS_IN_ALL_KILLS = 1200  # calls a second and kill: about a third of the plan is dialed while it is being killed
TABLE = Path(__file__).parents[2] / "benchmarks" / "kill-campaign.md"


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.campaign)])
def test_500_calls_killed_again_and_again_ring_once_each(desk: Desk, carrier: Carrier, kills: int) -> None:
    """The account is the carrier's: nobody received twice, nobody lost, every unknown one listed."""
    wanted = [f"call-{index:05d}" for index in range(CALLS)]
    desk.create_journal()
    carrier.rules(talk=0.1, retry_after="0.2", mix={"seed": kills, "shares": MIX}, default={"answers": ["slow:0.1"]})
    pace = max(5, CALLS_IN_ALL_KILLS // kills)
    plan = desk.plan(calls(*wanted), policy={"pace": f"{pace}/second", "concurrency": CONCURRENCY})
    arguments = desk.run_arguments(plan, desk.target(carrier, timeout="1s"))
    chance = random.Random(kills)  # noqa: S311 - the moments of the kills, the same ones every time
    record = carrier.folder / "requests.jsonl"
    began = time.monotonic()
    parting = Parting(desk, carrier, arguments)

    def start() -> Process:
        """Start on the journal, which somebody parted from its companions meanwhile and brought back."""
        if chance.random() < PARTED:
            parting.part(chance)
        return desk.start(*arguments)

    kill_again_and_again(start, lambda: _size(record), kills, chance, longest=LONGEST)
    before = len(carrier.connects())
    done = run_to_the_end(desk, arguments, patience=120 + 4 * CALLS / pace)
    seconds = time.monotonic() - began

    assert 0 < before < CALLS, "the kills fell among the calls"
    found = judged(desk, carrier, wanted, done)
    answers = {key: found.rang(key)[-1].answer for key in wanted if found.rang(key)}
    assert all(parting.refused.values()) or kills < 200, parting.refused
    killed = {key for key in found.unknown if answers.get(key) not in PROVES_NOTHING}
    assert len(killed) <= kills * CONCURRENCY, "a kill leaves at most the calls in flight unknown"
    answered = {key for key, answer in answers.items() if answer not in PROVES_NOTHING}
    assert len(answered - found.unknown) > CALLS / 2
    if kills >= 200:
        _write_table(kills, found, sum(parting.refused.values()), seconds)


def _size(record: Path) -> int:
    return record.stat().st_size if record.exists() else 0


def _write_table(kills: int, found: Account, refused: int, seconds: float) -> None:
    """Write what the full size came to where people look for it."""
    figures = {
        "kills": kills,
        "calls": len(found.told),
        "requests": found.requests,
        "received twice": len(found.twice),
        "lost": len(found.lost),
        "parted, and refused": refused,
        "unknown, all listed": len(found.unknown),
        "seconds": round(seconds),
    }
    TABLE.write_text(
        "# kill -9, again and again\n\n"
        "Written by `make campaign` (tests/durability/test_kill_500_calls.py): one journal, one plan, a carrier that\n"
        "counts; 5 % each of its answers hang, break off, are 500 and are 429. `lost` is a call that the report takes\n"
        "for made though the carrier received nothing, or whose Sid is not the carrier's. Before half of the starts\n"
        "the journal's file was tried moved, copied or mounted without its companions, or with a second link:\n"
        "`parted, and refused` counts the starts that ended with 4; none of these starts dialed.\n\n"
        f"| {' | '.join(figures)} |\n| {' | '.join('---' for _ in figures)} |\n"
        f"| {' | '.join(f'{value:,}' for value in figures.values())} |\n"
    )
