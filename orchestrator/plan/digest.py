"""The digest of what was reviewed: equal where the same calls would be dialed under the same policy.

It is a SHA-256 over all parts, whose last digits are given up for marks: the first digits of each part's own SHA-256.
So two digests alone tell which part of a plan differs, on any machine and without a record of the review.
"""

import hashlib
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii
from typing import Any

from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.model.call import CallSchedule, Field, ResolvedCall, SkippedRow
from orchestrator.model.policy_json import canonical_json, policy_values
from orchestrator.model.program import VERSION
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.load import LoadedPlan, Plan
from orchestrator.plan.named_files import data_files
from orchestrator.plan.paths import FileRefusal
from orchestrator.plan.yaml.nodes import MappingNode, Node, SequenceNode

PREFIX = "sha256:"
DIGITS = 64
"""Hexadecimal digits of a digest."""

PARTS = ("name", "edition", "purpose", "table version", "policy", "calls")
"""What a digest covers, in the order of its marks."""

MARK = 3
"""Digits of a part's mark. One change of a part in 4,096 leaves it as it was; the digits before the marks tell."""


class Digest:
    """Takes resolved calls in order; in bounded memory.

    Comments, formatting, the order of policy keys, places, origins and carried columns are not part of it.
    `edition` is the run's: the plan's own or `--edition`'s, empty for none.
    """

    def __init__(self, plan: Plan, edition: str) -> None:
        self._calls = hashlib.sha256()
        self._before = _before_calls(plan, edition)

    def add(self, item: ResolvedCall | CallBlock | SkippedRow) -> None:
        """Take what comes next: of a call its id, its parameters in their order on the wire, and when it may start."""
        if isinstance(item, ResolvedCall):
            fields = [[field.name, field.value] for field in item.fields]
            self._calls.update(canonical_json([item.id, fields, _times(item.schedule)]).encode("ascii") + b"\n")
        elif isinstance(item, CallBlock):
            self._add_all(item)

    def _add_all(self, calls: CallBlock) -> None:
        """Write the lines of all of these calls, and what is the same in them once."""
        columns: list[Iterable[str]] = [map(encode_basestring_ascii, calls.ids)]
        fields: list[str] = []
        for item in calls.fields:
            if isinstance(item, Field):
                fields.append(canonical_json([item.name, item.value]).replace("%", "%%"))
            else:
                fields.append(f"[{canonical_json(item.name).replace('%', '%%')},%s]")
                columns.append(map(encode_basestring_ascii, item.values))
        times = {
            id(each): canonical_json(_times(each)) for each in {id(each): each for each in calls.schedules}.values()
        }
        columns.append([times[id(each)] for each in calls.schedules])
        line = f"[%s,[{','.join(fields)}],%s]\n"
        self._calls.update("".join(map(line.__mod__, zip(*columns, strict=True))).encode("ascii"))

    def hexdigest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits, over the calls added so far."""
        return _digest_of(self._before, self._calls.hexdigest())


def sample_digest(loaded: LoadedPlan, plan: Plan, edition: str) -> str:
    """Return the digest of a review that saw a sample of the rows: of the templates in the place of their calls.

    Which file holds the sample, and which columns are only carried, is not part of it.
    """
    document = loaded.document
    templates = {key: _written(document.get(key), key) for key in _TEMPLATES} if document is not None else {}
    return _digest_of(_before_calls(plan, edition), _hash_of(templates))


_TEMPLATES = ("numbers", "vars", "defaults", "calls")
"""The keys of a plan that decide which call a row becomes."""

_NOT_COVERED = frozenset({"sample", "carry"})
"""Keys of `rows` that decide nothing of what is dialed."""


def _written(node: Node | None, key: str) -> Any:
    """Return a value as it is written; of a mapping whose order goes on the wire a list of keys with values."""
    if isinstance(node, SequenceNode):
        return [_written(item, key) for item in node.items]
    if not isinstance(node, MappingNode):
        return None if node is None else node.text
    entries = [(entry.key.text, _written(entry.value, entry.key.text)) for entry in node]
    if key == "rows":
        return {name: value for name, value in entries if name not in _NOT_COVERED}
    return dict(entries) if key == "vars" else entries


def _before_calls(plan: Plan, edition: str) -> tuple[Any, ...]:
    """Return the parts of a plan that stand before its calls."""
    return plan.name, edition, plan.purpose, TABLE_VERSION, policy_values(plan.policy)


def _digest_of(before: tuple[Any, ...], calls: str) -> str:
    """Return the digest of all PARTS: those before the calls, and the hash of these."""
    parts = [*map(_hash_of, before), calls]
    marks = "".join(part[:MARK] for part in parts)
    return f"{PREFIX}{_hash_of(parts)[: DIGITS - len(marks)]}{marks}"


def differing_parts(digest: str, other: str) -> tuple[str, ...]:
    """Return which of PARTS two different digests do not have in common, as far as their marks tell."""
    marks = range(-MARK * len(PARTS), 0, MARK)
    return tuple(
        part
        for part, at in zip(PARTS, marks, strict=True)
        if digest[len(digest) + at :][:MARK] != other[len(other) + at :][:MARK]
    )


def _hash_of(value: Any) -> str:
    return hashlib.sha256(canonical_json(value).encode("ascii")).hexdigest()


def _times(schedule: CallSchedule) -> list[float | str | None]:
    times = [schedule.priority, schedule.not_before, schedule.not_after]
    return [*times, schedule.timezone] if schedule.timezone is not None else [*times]


def inputs_hash(loaded: LoadedPlan, *more: str) -> str:
    """Hash the plan's text, its files byte for byte, what reads them, and `more`; empty where one cannot be read.

    Reading a file's bytes takes a hundredth of the time that resolving its rows does.
    """
    if loaded.document is None or loaded.plan is None:
        return ""
    hashed = hashlib.sha256()
    for text in (VERSION, TABLE_VERSION, *more, loaded.lists.file_hash, *loaded.lines):
        hashed.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    for name in data_files(loaded):
        opened = loaded.files.open(name)
        if isinstance(opened, FileRefusal):
            return ""
        content = hashlib.sha256()
        with opened:
            while chunk := opened.read(1 << 20):
                content.update(chunk)
        hashed.update(content.digest())
    return f"sha256:{hashed.hexdigest()}"
