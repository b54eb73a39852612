"""Proves the events: many at once by their blocks, and where one of these is not as it was, each by the one before."""

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from hashlib import sha256

from orchestrator.journal.chain import BLOCK, link, newest_event
from orchestrator.journal.sqlite.connection import Connection
from orchestrator.journal.verify.finding import TOLD_EVERY, IntegrityFinding, Tell, untold
from orchestrator.model.events import HALF, covered


@dataclass
class Seen:
    """How far the events are read: the last one's number and hash, how many they are, and if the expected one is there.

    The hash before the first event stands here as long as none is read.
    """

    seq: int
    hash: str
    events: int = 0
    expected: bool = False


def events_by_chain(
    db: Connection, seen: Seen, expected: str | None = None, tell: Tell = untold
) -> Iterator[IntegrityFinding]:
    """Read all events, and yield those that are not as they were written."""
    seen.expected = seen.hash == expected
    proved = proved_by_blocks(db, seen, expected, tell)
    if proved is None or any(_one_by_one(db, proved, expected)):
        yield from _one_by_one(db, seen, expected, tell)
    else:
        seen.seq, seen.hash, seen.events, seen.expected = astuple(proved)


def proved_by_blocks(db: Connection, start: Seen, expected: str | None, tell: Tell = untold) -> Seen | None:
    """Return how far the blocks prove the events; None where there is none, or one of them is not what it was.

    The first event is proved by itself: it alone tells to which journal they belong. Those behind the last block that
    is told of have still to be proved, and with them who told.
    """
    first = next(db.chain(), None)
    if first is None or first[0] != 1 or first[1] != _linked(start.hash, *first[2:]):
        return None
    newest, digest, proved = newest_event(db).seq, sha256(), 0
    for behind in range(0, newest, BLOCK):
        block = db.events_after(behind, BLOCK)
        if block.told is not None:
            if block.told != digest.hexdigest():
                return None
            digest, proved = sha256(), behind
        if block.size < BLOCK:
            break
        digest.update(block.lines)
        tell("the chain of events", behind / newest)
    if not proved:
        return None
    (last,) = db.execute("SELECT hash FROM events WHERE seq = ?", (proved,)).fetchone()
    is_there = db.execute("SELECT 1 FROM events WHERE seq <= ? AND hash = ? LIMIT 1", (proved, expected)).fetchone()
    return Seen(proved, last, proved, start.expected or is_there is not None)


def _one_by_one(db: Connection, seen: Seen, expected: str | None, tell: Tell = untold) -> Iterator[IntegrityFinding]:
    """Walk the chain; each event is judged by the one before it as it stands, so that one change is found once."""
    newest = newest_event(db).seq
    for seq, stored, plain, salt, call, data in db.chain(seen.seq + 1) if seen.events else db.chain():
        if seq > seen.seq + 1:
            yield IntegrityFinding("the chain", seq, f"the events {seen.seq + 1} to {seq - 1} before it are missing")
        elif stored != _linked(seen.hash, plain, salt, call, data):
            yield IntegrityFinding(
                "the chain", seq, "this event, or the one before it, is not what it was when it was written"
            )
        elif stored == expected:
            seen.expected = True
        seen.seq, seen.hash = seq, str(stored)
        seen.events += 1
        if not seen.events % TOLD_EVERY:
            tell("the chain of events", seq / newest)


def _linked(before: str, plain: str, salt: str, call: str | None, data: str) -> str:
    """Return the hash that the chain demands."""
    if not plain.isascii() or "\x7f" in plain:  # SQLite has not escaped all that has to be
        plain = json.dumps(json.loads(plain), separators=(",", ":"))
    return link(before, plain, covered(salt[:HALF], call), covered(salt[HALF:], data))
