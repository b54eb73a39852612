"""`settle`: what a person says of an unknown attempt, and what the next run makes of it."""

import contextlib
import json
import socket
import sqlite3
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done, until
from acceptance.desk import AGENT, Desk, call, calls, customer

UNASKED = {"after": "1h", "every": "1h", "settle": "1s"}
"""Look-ups that are too late to settle anything, of a carrier that settles quickly."""
SHORT = {"TimeOut": 1, "TimeLimit": 1}
FOREIGN = "c0ffee" + "5" * 26


@pytest.fixture
def unasked(desk: Desk, carrier: Carrier) -> Path:
    """A live target without look-ups; its journal exists. Every request for `a` is lost first."""
    desk.create_journal()
    carrier.rules(calls={"a": {"answers": ["hang", "200"], "listed": False}})
    return desk.target(carrier, "unasked", lookups=UNASKED)


def lose(desk: Desk, target: Path, *listed: dict[str, Any], **more: Any) -> Path:
    """Run a plan whose call `a` is left unknown."""
    plan = desk.plan(list(listed) or [call("a", **SHORT)], **more)
    done = desk.run(plan, target)
    assert done.code == 6, done.said
    return plan


def settle(desk: Desk, *arguments: str) -> Done:
    """Settle on the desk's journal; nothing that it says holds a full number."""
    done = desk.orchestrate("settle", *arguments, "--journal", str(desk.journal))
    for number in (AGENT, customer(0), customer(1)):
        assert number.lstrip("+") not in done.said
    return done


def rows(desk: Desk, query: str) -> list[tuple[Any, ...]]:
    """What the journal holds."""
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def verdicts(desk: Desk) -> list[dict[str, Any]]:
    """What the journal's events say of settled attempts."""
    return [json.loads(data) for (data,) in rows(desk, "SELECT data FROM events WHERE type = 'attempt.settled'")]


def test_what_is_judged_not_placed_is_dialed_once_more(desk: Desk, carrier: Carrier, live: Path, unasked: Path) -> None:
    plan = lose(desk, unasked)
    done = settle(desk, "a", "--as", "not-placed", "--because", f"{customer(0)} saw no call")
    assert done.code == 0, done.said
    assert "a#1 (plan judged): settled as not-placed; " in done.out
    assert "could be live until 20" in done.err
    again = desk.run(plan, live)
    assert again.code == 0, again.said
    assert len(carrier.connects()) == 2
    lost, good = desk.told()["a"]["attempts"]
    assert (lost["placement"], lost["evidence"], lost["ending"]) == ("unreached", "person", None)
    assert "settled as not-placed by " in lost["message"]
    assert (good["placement"], good["ending"]) == ("accepted", "completed")
    assert desk.run(plan, live).code == 0
    assert len(carrier.connects()) == 2


def test_a_call_placed_with_its_sid_is_followed_to_its_ending(
    desk: Desk, carrier: Carrier, live: Path, unasked: Path
) -> None:
    plan = lose(desk, unasked)
    (lost,) = carrier.connects()
    done = settle(desk, "a", "--as", f"placed={lost.sid}")
    assert done.code == 0, done.said
    assert f"settled as placed={lost.sid}; the next run follows it to its ending" in done.out
    assert rows(desk, "SELECT state, disposition FROM calls") == [("open", "waiting")]
    again = desk.run(plan, live)
    assert again.code == 0, again.said
    (attempt,) = desk.told()["a"]["attempts"]
    told = [attempt[name] for name in ("placement", "evidence", "sid", "ending", "duration")]
    assert told == ["accepted", "person", lost.sid, "completed", 41]
    assert len(carrier.connects()) == 1


def test_a_call_placed_without_a_sid_ends_unseen(desk: Desk, carrier: Carrier, live: Path, unasked: Path) -> None:
    plan = lose(desk, unasked)
    done = settle(desk, "a", "--as", "placed")
    assert done.code == 0, done.said
    assert "stays unseen" in done.out
    assert desk.run(plan, live).code == 1
    told = desk.told()["a"]
    assert (told["disposition"], told["attempts"][0]["evidence"]) == ("unseen", "person")
    assert len(carrier.connects()) == 1


def test_the_same_verdict_twice_changes_nothing(desk: Desk, unasked: Path) -> None:
    lose(desk, unasked)
    assert settle(desk, "a", "--as", "not-placed", "--because", "no ring").code == 0
    again = settle(desk, "a", "--as", "not-placed")
    assert again.code == 0, again.said
    assert "nothing was changed" in again.out
    (verdict,) = verdicts(desk)
    assert verdict["because"] == "no ring"
    assert (verdict["placement"], verdict["evidence"]) == ("unreached", "person")
    other = settle(desk, "a", "--as", "placed")
    assert other.code == 3, other.said
    assert "known to be unreached (evidence: person)" in other.err


def test_a_sid_of_another_attempt_is_refused(desk: Desk, carrier: Carrier, live: Path, unasked: Path) -> None:
    assert desk.run(desk.plan([call("b", 1)], name="other"), live).code == 0
    taken = carrier.connects()[0].sid
    lose(desk, unasked)
    done = settle(desk, "a", "--as", f"placed={taken}")
    assert done.code == 3, done.said
    assert f"{taken} belongs to attempt 1 of call `b`" in done.err
    assert "hint: " in done.err
    assert verdicts(desk) == []
    assert rows(desk, "SELECT placement FROM attempts ORDER BY key") == [("accepted",), ("unknown",)]


def test_only_an_unknown_attempt_can_be_judged(desk: Desk, live: Path) -> None:
    assert desk.run(desk.plan(calls("a", "b")), live, "--only", "a").code == 0
    ended = settle(desk, "a", "--as", "not-placed")
    assert ended.code == 3, ended.said
    assert "known to be accepted (evidence: reply)" in ended.err
    waiting = settle(desk, "b", "--as", "placed")
    assert waiting.code == 3, waiting.said
    assert "never dialed" in waiting.err
    assert verdicts(desk) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["nobody", "--as", "placed"],
        ["a", "--as", "placed", "--run", "20260101T000000m000-none"],
        ["a", "--as", "placed=" + customer(0)],
        ["a", "--as", "placed=" + customer(0)[1:]],
        ["a", "--as", "placed=c0ffee"],
        ["a", "--as", "placed="],
        ["a", "--as", "rejected"],
        ["a"],
        ["--as", "placed"],
        ["a", "--all-not-found"],
        ["a", "--as", "placed", "--because", "x" * 501],
        [b"\xff\xfe".decode("utf-8", "surrogateescape"), "--as", "placed"],
    ],
    ids=repr,
)
def test_a_wrong_command_line_is_exit_2_and_judges_nothing(desk: Desk, live: Path, arguments: list[str]) -> None:
    assert desk.run(desk.plan(calls("a")), live, "--limit", "0").code == 0
    done = desk.orchestrate("settle", *arguments, "--journal", str(desk.journal))
    assert (done.code, done.out) == (2, ""), done.said
    assert verdicts(desk) == []


@pytest.mark.parametrize("arguments", [["a", "--as", "placed"], ["--all-not-found"]], ids=repr)
def test_without_a_journal_nothing_can_be_settled(desk: Desk, arguments: list[str]) -> None:
    done = settle(desk, *arguments)
    assert done.code == 4, done.said
    assert not desk.journal.exists()


def test_a_call_that_is_unknown_twice_needs_its_run(desk: Desk, carrier: Carrier, unasked: Path) -> None:
    carrier.rules(default={"answers": ["hang"], "listed": False})
    lose(desk, unasked, edition="one")
    lose(desk, unasked, call("a", 1, **SHORT), edition="two")
    asked = settle(desk, "a", "--as", "placed")
    assert asked.code == 2, asked.said
    first, second = (run for (run,) in rows(desk, "SELECT id FROM runs ORDER BY key"))
    assert f"--run {first} (judged, edition one)" in asked.err
    assert f"--run {second} (judged, edition two)" in asked.err
    assert settle(desk, "a", "--as", "placed", "--run", first).code == 0
    assert rows(desk, "SELECT edition, disposition FROM calls ORDER BY key") == [("one", "unseen"), ("two", "unknown")]


def test_it_may_be_done_beside_a_run(desk: Desk, carrier: Carrier, live: Path, unasked: Path) -> None:
    keys = [f"c{index}" for index in range(8)]
    plan = desk.plan([call("a", 20), *calls(*keys)], policy={"pace": "1/second"})
    process = desk.start(*desk.run_arguments(plan, live))
    until(lambda: rows(desk, "SELECT 1 FROM attempts WHERE placement = 'unknown'"), process)
    done = settle(desk, "a", "--as", "placed")
    assert done.code == 0, done.said
    assert process.poll() is None
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    told = desk.told()
    assert told["a"]["disposition"] == "unseen"
    assert {told[key]["disposition"] for key in keys} == {"completed"}
    assert carrier.rung() == dict.fromkeys(["a", *keys], 1)


def test_a_callback_outranks_a_persons_verdict(desk: Desk, carrier: Carrier) -> None:
    """It comes while the pace makes a run wait before it dials again: the call rang, and is not dialed twice."""
    desk.create_journal()
    carrier.rules(default={"answers": ["hang"], "listed": False})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    callbacks = {"listen": base.removeprefix("http://"), "public_url": base}
    target = desk.target(carrier, lookups=UNASKED, callbacks=callbacks)
    plan = lose(desk, target, call("a"), policy={"pace": "1/15s"})
    assert settle(desk, "a", "--as", "not-placed").code == 0
    process = desk.start(*desk.run_arguments(plan, target))
    until(lambda: len(rows(desk, "SELECT 1 FROM events WHERE type = 'calls.loaded'")) == 2, process)
    address = dict(carrier.connects()[0].fields)["StatusCallback"]
    _post(address, {"CallSid": FOREIGN, "EventType": "terminal", "Status": "completed"}, process)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    (attempt,) = desk.told()["a"]["attempts"]
    told = [attempt[name] for name in ("placement", "evidence", "sid", "ending")]
    assert told == ["accepted", "callback", FOREIGN, "completed"]
    assert len(carrier.connects()) == 1
    story = desk.orchestrate("why", "a", "--journal", str(desk.journal))
    assert "settled by person" in story.out
    assert "settled by callback: accepted" in story.out
    assert address.rpartition("/")[2] not in story.said


def _post(address: str, body: dict[str, str], process: Any) -> None:
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def answered() -> bool:
        with contextlib.suppress(OSError), urlopen(request, timeout=5) as reply:
            return bool(reply.status == 200)
        return False

    until(answered, process)


def test_all_that_look_ups_did_not_find_is_judged_at_once(desk: Desk, carrier: Carrier, unasked: Path) -> None:
    """Only what was asked about, only once it cannot be live, only of the latest run's edition."""
    carrier.rules(default={"answers": ["hang"], "listed": False})
    lose(desk, unasked, call("old", 40), edition="one")
    keys = ("gone", "live", "unasked", f"order-{customer(9)}")
    lose(desk, unasked, *calls(*keys), edition="two")
    with contextlib.closing(sqlite3.connect(desk.journal)) as db, db:
        db.execute("UPDATE attempts SET not_found_at = '2026-01-01T00:00:00.000Z'")
        db.execute("UPDATE calls SET pair_free_at = 1 WHERE id <> 'live'")
        db.execute("UPDATE attempts SET not_found_at = NULL WHERE call IN (SELECT key FROM calls WHERE id = 'unasked')")
    done = settle(desk, "--all-not-found", "--because", "checked")
    assert done.code == 0, done.said
    assert done.out.splitlines()[0] == "  gone"
    assert done.out.splitlines()[1].startswith("  order-+91")
    assert "2 attempts were settled as not-placed" in done.out
    assert customer(9)[1:] not in done.said
    told = dict(rows(desk, "SELECT id, disposition FROM calls"))
    assert {call for call, word in told.items() if word == "waiting"} == {"gone", keys[3]}
    assert {call for call, word in told.items() if word == "unknown"} == {"old", "live", "unasked"}
    assert "no attempt was settled" in settle(desk, "--all-not-found").out
