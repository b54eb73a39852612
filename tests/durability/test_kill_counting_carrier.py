"""kill -9 at random moments, the carrier judging from outside: no call received twice, none unaccounted for."""

import random
from pathlib import Path

import pytest
from acceptance.desk import Desk, calls

from durability.campaign import ANSWER, CONCURRENCY, PACE, assert_attempts_are_whole, keys, kill_again_and_again
from durability.carrier import Carrier

MIX = {"hang": 0.05, "drop": 0.05, "500": 0.05, "429": 0.05}
PROVES_NOTHING = ("hang", "drop", "500")


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.campaign)])
def test_no_call_is_received_twice_and_every_call_is_accounted_for(
    desk: Desk, carrier: Carrier, live: Path, kills: int
) -> None:
    """5% each of the carrier's answers hang, break off, are 500 and are 429, while the client is killed."""
    wanted = keys(kills)
    carrier.rules(talk=0.1, mix={"seed": kills, "shares": MIX}, default={"answers": [ANSWER]})
    plan = desk.plan(calls(*wanted), policy={"pace": f"{PACE}/second", "concurrency": CONCURRENCY})
    arguments = desk.run_arguments(plan, live)
    chance = random.Random(kills)  # noqa: S311 - the moments of the kills, the same ones every time
    record = carrier.folder / "requests.jsonl"
    kill_again_and_again(lambda: desk.start(*arguments), lambda: record.stat().st_size, kills, chance)
    done = desk.run(plan, live, patience=60 + 4 * len(wanted) / PACE)

    rung, told = carrier.rung(), desk.told()
    assert [key for key, times in rung.items() if times > 1] == [], "received twice"
    assert told.keys() == set(wanted)
    arrived = {key: [item for item in carrier.connects() if item.custom == key] for key in wanted}
    assert sum(map(len, arrived.values())) == len(carrier.connects()), "nothing but the plan's calls was dialed"
    for key in wanted:
        assert_attempts_are_whole(told[key])
        assert len(arrived[key]) <= len(told[key]["attempts"]), "each request had its intent in the journal first"
        if told[key]["disposition"] == "completed":
            assert told[key]["attempts"][-1]["sid"] == arrived[key][-1].sid
            assert arrived[key][-1].answer in (ANSWER, *PROVES_NOTHING)
        else:
            assert told[key]["disposition"] == "unknown"

    unknown = {key for key in wanted if told[key]["disposition"] == "unknown"}
    never = {key for key in wanted if not arrived[key]}
    assert unknown == never, "look-ups find whatever the carrier received, and never what it did not"
    found = {key for key in set(wanted) - unknown if told[key]["attempts"][-1]["evidence"] == "look-up"}
    assert {key for key in wanted if arrived[key] and arrived[key][-1].answer in PROVES_NOTHING} <= found
    answered = {key for key in found if arrived[key][-1].answer == ANSWER}
    assert 0 < len(answered | never) <= kills * CONCURRENCY, "kills hit requests under way, and only those"
    assert done.code == (6 if unknown else 0), done.said
    assert desk.report()["totals"]["unknown"] == len(unknown)
