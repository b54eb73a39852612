"""Proves a proof where the journal itself is not: the chain of events that a report in the format `proof` holds.

What it says of a run and of totals is not proved: that takes the journal's tables.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from orchestrator.journal.chain import OF_TABLES, PREFIX, SEAL_OF_NOTHING, before_all, link, seal_of
from orchestrator.journal.verify.finding import (
    FINDINGS_KEPT,
    TOLD_EVERY,
    IntegrityFinding,
    Tell,
    Verified,
    not_the_head,
    untold,
)
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import covered
from orchestrator.phone.safe_text import disarmed_json

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of a line: thirty times what a person can give as a reason, which is the longest text of an event."""

_HASH = re.compile(r"[0-9a-f]{64}\Z")
_WHOLE, _TEXT = (int,), (str,)
_MAYBE_WHOLE, _MAYBE_TEXT = (int, type(None)), (str, type(None))


class _MalformedError(ValueError):
    """A line is not as this program writes it; says why."""


def verify_proof(file: BinaryIO, name: str, expected: str | None = None, tell: Tell = untold) -> Verified:
    """Read a proof in bounded memory; `expected` is a head that its chain must hold; `tell` hears how far it has come.

    Raises CannotProceed where it is no proof, or of a format that this program does not know.
    """
    proof = _Proof(file, name, expected, tell)
    found = proof.findings()
    altered = tuple(islice(found, FINDINGS_KEPT))
    count = len(altered) + sum(1 for _ in found)
    return Verified(proof.journal, proof.events, PREFIX + proof.newest, altered, count, proof.withheld)


class _Proof:
    """One proof, and what was read of it so far; `newest` is the hash of the last event that could be read."""

    def __init__(self, file: BinaryIO, name: str, expected: str | None, tell: Tell) -> None:
        self._file, self._expected, self._tell = file, expected, tell
        self._digest = hashlib.sha256()
        self._heading = self._read_heading(name)
        self.journal = str(self._heading["journal"])
        self.newest = before_all(self.journal).hash
        self.events = self.withheld = self._seq = 0
        self._seal: str | None = None
        self._types = Counter[str]()
        self._is_there = self.newest == expected

    def _read_heading(self, name: str) -> dict[str, Any]:
        line = self._file.readline(LONGEST_LINE)
        self._digest.update(line)
        try:
            told = _heading(line)
        except _MalformedError as problem:
            hint = "name a file that `orchestrate report --format proof` wrote, or ask for it again"
            raise CannotProceed(f"{name} is no proof, or its first line was altered: {problem}", hint) from None
        if told["format"] != 1:
            raise CannotProceed(f"{name} is a proof of a format that this program does not know", "upgrade orchestrate")
        return told

    def findings(self) -> Iterator[IntegrityFinding]:
        """Yield what is wrong, line by line, and then what the heading says otherwise."""
        yield from self._along()
        yield from self._against_heading()
        if self._expected is not None and not self._is_there:
            yield not_the_head(self._seq)

    def _along(self) -> Iterator[IntegrityFinding]:
        number = 1
        while line := self._file.readline(LONGEST_LINE):
            number += 1
            try:
                told = _parsed(line)
                if "sha256" in told:
                    yield from self._at_the_end(told)
                    return
                yield from self._event(told)
            except _MalformedError as problem:
                yield IntegrityFinding(f"line {number}", None, str(problem))
            self._digest.update(line)
            if not number % TOLD_EVERY:
                self._tell("the chain of events", min(number / max(self._heading["events"], 1), 1.0))
        yield IntegrityFinding(
            "the proof", None, "its last line is missing: it was cut off, or never written to its end"
        )

    def _at_the_end(self, told: dict[str, Any]) -> Iterator[IntegrityFinding]:
        if told != {"sha256": self._digest.hexdigest()}:
            yield IntegrityFinding(
                "the proof", None, "its bytes are not those that were written: its digest is another"
            )
        if self._file.read(1):
            yield IntegrityFinding("the proof", None, "something was added behind its last line")

    def _event(self, told: dict[str, Any]) -> Iterator[IntegrityFinding]:
        """Judge an event by the one before it as it stands, so that one change is found once."""
        seq, kind = _value(told, "seq", _WHOLE), _value(told, "type", _TEXT)
        plain = [seq, kind, _value(told, "at", _TEXT), _value(told, "run", _TEXT)]
        plain += [_value(told, "attempt", _MAYBE_WHOLE), _value(told, "seal", _MAYBE_TEXT)]
        call, data, stored = self._hash_of(told, "call"), self._hash_of(told, "data"), _hash(told.get("hash"))
        if seq != self._seq + 1:
            why = f"an event with the number {self._seq + 1} belongs here: some are missing, or not in their order"
            yield IntegrityFinding("the chain", seq, why)
        elif stored != link(self.newest, _compact(plain), call, data):
            why = "this event, or the one before it, is not what it was when it was written"
            yield IntegrityFinding("the chain", seq, why)
        self._is_there = self._is_there or stored == self._expected
        self._seq, self._seal = seq, told["seal"]
        self.newest = stored
        self.events += 1
        self._types[kind if kind in self._heading["types"] else ""] += 1  # no text of others is kept

    def _hash_of(self, told: dict[str, Any], name: str) -> str:
        """Return the hash of a text of an event, which stands there in its place where it is withheld."""
        part = _value(told, name, (dict,))
        if "text" not in part:
            self.withheld += 1
            return _hash(part.get("hash"))
        return covered(_value(part, "salt", _TEXT), _value(part, "text", _MAYBE_TEXT if name == "call" else _TEXT))

    def _against_heading(self) -> Iterator[IntegrityFinding]:
        told = self._heading
        for name, says, found in (
            ("events", told["events"], self.events),
            ("head", told["head"], PREFIX + self.newest),
            ("types", told["types"], dict(self._types)),
        ):
            if says != found:
                yield IntegrityFinding("the first line", None, f"its `{name}` is not that of the events which follow")
        sealed = seal_of(dict(sorted(told["sums"].items())))
        if (self._seal or SEAL_OF_NOTHING)[:OF_TABLES] != sealed:
            yield IntegrityFinding("the first line", None, "its `sums` are not those that the last event seals")


def _heading(line: bytes) -> dict[str, Any]:
    told = _parsed(line)
    if told.get("proof") != "orchestrate":
        raise _MalformedError("it does not say that it is one")
    kinds = {"format": int, "journal": str, "events": int, "head": str, "types": dict, "sums": dict}
    for key, kind in kinds.items():
        _value(told, key, (kind,))
    if not all(type(sum_) is str for sum_ in told["sums"].values()):
        raise _MalformedError("a sum of it is no text")
    return told


def _parsed(line: bytes) -> dict[str, Any]:
    """Return the object of a line, which says nothing twice and is written as this program writes it."""
    if not line.endswith(b"\n"):
        raise _MalformedError("it is cut off, or too long")
    try:
        told = json.loads(line)
        is_as_written = f"{disarmed_json(json.dumps(told))}\n".encode("ascii") == line
    except (ValueError, RecursionError):
        raise _MalformedError("it is no JSON") from None
    if not isinstance(told, dict):
        raise _MalformedError("it is no JSON object")
    if not is_as_written:
        raise _MalformedError("it is not written as this program writes it")
    return told


def _value(told: dict[str, Any], name: str, kinds: tuple[type, ...]) -> Any:
    if name not in told or type(told[name]) not in kinds:
        raise _MalformedError(f"its `{name}` is missing, or not what it must be")
    return told[name]


def _hash(value: object) -> str:
    if not isinstance(value, str) or not _HASH.match(value):
        raise _MalformedError("a hash of it is missing, or is none")
    return value


_compact = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
