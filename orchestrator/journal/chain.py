"""The chain of events: each one's hash covers its columns and the hash before it, so that none can change unseen.

The hash is SHA-256, in hexadecimal, over one JSON array in ASCII without spaces, which anybody can write again:
`["orchestrate event 1", hash before, seq, type, at, run, call, attempt, data, seal]`, `data` being the column's text.
What stands before the first event is the hash of `["orchestrate journal 1", the journal's id]`, so that a chain
cannot be moved to another journal.
"""

import hashlib
import json
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quoted

PREFIX = "sha256:"
"""What a head begins with where people see it."""

COLUMNS = "seq, type, at, run, call, attempt, data, seal"
"""The columns of `events` that the hash covers, in its order: all but the hash itself."""

Value = str | int | float | bytes | None
"""What a column may hold once somebody has altered it; we write texts, integers and None."""


def _json(value: Value) -> str:
    """Return a column as JSON; a million events ask for nine of these each. A blob only a stranger can have written."""
    if value is None:
        return "null"
    if type(value) is str:
        return _quoted(value)
    return str(value) if type(value) is int else json.dumps({"foreign": repr(value)})


@dataclass(frozen=True, slots=True)
class Head:
    """The last event's number and hash; number 0 and `before_all` where there is none."""

    seq: int
    hash: str

    def then(self, *columns: Value) -> str:
        """Return the hash of the event with these COLUMNS that follows this head."""
        return follow(self.hash, *columns)


def before_all(journal: str) -> Head:
    """Return the head of a journal without events."""
    return Head(0, _hash("orchestrate journal 1", journal))


def follow(before: str, *columns: Value) -> str:
    """Return the hash of the event with these COLUMNS that follows one with the hash `before`."""
    try:  # spelled out: a journal has millions of these, and nearly all have texts where texts belong
        seq, kind, at, run, call, attempt, data, seal = columns
        text = (
            f'["orchestrate event 1",{_quoted(before)},{_json(seq)},{_quoted(kind)},{_quoted(at)},{_quoted(run)},'  # type: ignore[arg-type]
            f"{_json(call)},{_json(attempt)},{_quoted(data)},{_json(seal)}]"  # type: ignore[arg-type]
        )
    except (TypeError, ValueError):
        return _hash("orchestrate event 1", before, *columns)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def fingerprint(text: str) -> str:
    """Return what an event carries of a text that stands elsewhere in the journal."""
    return PREFIX + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def combined(*texts: str) -> str:
    """Return one short hash of the names and sums of the tables: 128 bits, since each event of a step has one."""
    return _hash("orchestrate tables 1", *texts)[:32]


def _hash(*values: Value) -> str:
    texts = [_quoted(value) if type(value) is str else _json(value) for value in values]  # most are; a call costs time
    return hashlib.sha256(f"[{','.join(texts)}]".encode("ascii")).hexdigest()
