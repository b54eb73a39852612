"""kill -9 at random moments on the embedded sandbox, which dies with the run and keeps its calls beside the journal."""

import json
import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from acceptance.desk import Desk, calls

from durability.campaign import CONCURRENCY, PACE, assert_attempts_are_whole, keys, kill_again_and_again


def received(folder: Path) -> Counter[str]:
    """How often the sandbox received each call, by CustomField, from its own file, opened read-only."""
    state = next(folder.glob("journal.sqlite.*.sandbox"), None)
    if state is None:
        return Counter()
    database = sqlite3.connect(f"file:{state}?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT fields FROM requests").fetchall()
    except sqlite3.OperationalError:
        rows = []  # a file that was just made has no tables yet
    finally:
        database.close()
    return Counter(dict(json.loads(fields))["CustomField"] for (fields,) in rows)


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.campaign)])
def test_the_sandbox_receives_no_call_twice_and_every_call_is_accounted_for(desk: Desk, kills: int) -> None:
    """At this speed a call's horizon passes before the next start, and its ending can still be asked for by its Sid."""
    wanted = keys(kills)
    plan = desk.plan(
        calls(*wanted, TimeOut=5, TimeLimit=60), policy={"pace": f"{PACE}/second", "concurrency": CONCURRENCY}
    )
    calm = {"kind": "sandbox", "scenario": "calm", "speed": 600, "pace": "500/second"}
    target = desk.write("calm.target.yaml", json.dumps(calm))
    arguments = desk.run_arguments(plan, target)
    chance = random.Random(kills)  # noqa: S311 - the moments of the kills, the same ones every time
    kill_again_and_again(lambda: desk.start(*arguments), lambda: sum(received(desk.folder).values()), kills, chance)
    done = desk.run(plan, target, patience=60 + 4 * len(wanted) / PACE)

    counted, told = received(desk.folder), desk.told()
    assert [key for key, times in counted.items() if times > 1] == [], "received twice"
    assert told.keys() == set(wanted)
    for key in wanted:
        assert_attempts_are_whole(told[key])
        assert counted[key] <= len(told[key]["attempts"]) == 1
        wanted_word = "completed" if counted[key] else "unknown"
        assert told[key]["disposition"] == wanted_word, "look-ups find whatever the sandbox received"
    unknown = [key for key in wanted if told[key]["disposition"] == "unknown"]
    assert len(unknown) <= kills * CONCURRENCY, "a kill leaves at most the calls in flight unknown"
    assert done.code == (6 if unknown else 0), done.said
