"""The digest of what was reviewed: equal where the same calls would be dialed under the same policy."""

import hashlib
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring_ascii
from typing import Any

from orchestrator import __version__
from orchestrator.exotel.parameters import TABLE_VERSION
from orchestrator.model.call import CallSchedule, Field, ResolvedCall, SkippedRow
from orchestrator.model.policy_json import canonical_json, policy_values
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.lists.holidays import holidays_file
from orchestrator.plan.load import LoadedPlan, Plan
from orchestrator.plan.paths import FileRefusal
from orchestrator.plan.rows.source import read_rows_spec
from orchestrator.plan.yaml.nodes import MappingNode, SequenceNode


class Digest:
    """Takes resolved calls in order; in bounded memory.

    Comments, formatting, the order of policy keys, places, origins and carried columns are not part of it.
    `edition` is the run's: the plan's own or `--edition`'s, empty for none.
    """

    def __init__(self, plan: Plan, edition: str) -> None:
        self._hash = hashlib.sha256()
        self._line(
            {"name": plan.name, "edition": edition, "policy": policy_values(plan.policy), "table": TABLE_VERSION}
        )

    def add(self, item: ResolvedCall | CallBlock | SkippedRow) -> None:
        """Take what comes next: of a call its id, its parameters in their order on the wire, and when it may start."""
        if isinstance(item, ResolvedCall):
            self._line([item.id, [[field.name, field.value] for field in item.fields], _times(item.schedule)])
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
        self._hash.update("".join(map(line.__mod__, zip(*columns, strict=True))).encode("ascii"))

    def hexdigest(self) -> str:
        """Return `sha256:` and 64 hexadecimal digits, over the calls added so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def _line(self, value: Any) -> None:
        self._hash.update(canonical_json(value).encode("ascii") + b"\n")


def _times(schedule: CallSchedule) -> list[float | None]:
    return [schedule.priority, schedule.not_before, schedule.not_after]


def inputs_hash(loaded: LoadedPlan, *more: str) -> str:
    """Hash the plan's text, its files byte for byte, what reads them, and `more`; empty where one cannot be read.

    Reading a file's bytes takes a hundredth of the time that resolving its rows does.
    """
    if loaded.document is None or loaded.plan is None:
        return ""
    hashed = hashlib.sha256()
    for text in (__version__, TABLE_VERSION, *more, loaded.lists.file_hash, *loaded.lines):
        hashed.update(f"{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    for name in _files(loaded, loaded.document):
        opened = loaded.files.open(name)
        if isinstance(opened, FileRefusal):
            return ""
        content = hashlib.sha256()
        with opened:
            while chunk := opened.read(1 << 20):
                content.update(chunk)
        hashed.update(content.digest())
    return f"sha256:{hashed.hexdigest()}"


def _files(loaded: LoadedPlan, document: MappingNode) -> Iterator[str]:
    """Yield the names of the files that are read beside the lists, whose hash was taken as they were read."""
    holidays = holidays_file(document)
    if holidays is not None:
        yield holidays.text
    calls = document.get("calls")
    for entry in calls.items if isinstance(calls, SequenceNode) else ():
        rows = entry.get("rows") if isinstance(entry, MappingNode) else None
        spec = None if rows is None else read_rows_spec(rows, loaded.context.variables)[0]
        if spec is not None and spec.file is not None:
            yield spec.file.text
