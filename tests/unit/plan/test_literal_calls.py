"""Entries that are written alike are judged as a table: with the same calls and findings as each entry by itself."""

import json
from pathlib import Path

import pytest
from unit.plan.desk import EXOPHONE, Read, plan
from unit.plan.test_call_block import AGENT, MISFITS, MODES, RIGHT

from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.digest import Digest

ALIKE = 16
"""Entries that are enough for a table."""
FIRST = 10
"""The line of the first entry."""
KEYS = {
    "id": "n",
    "To": "phone",
    "From": "agent",
    "TimeLimit": "limit",
    "Record": "record",
    "CustomField": "note",
    "WaitUrl": "url",
    "not_before": "start",
}


def entry(number: int, **more: str) -> str:
    """Write an entry on one line."""
    cells = {**RIGHT, "n": f"a{number}", "phone": f"+9198200000{number:02}"}
    return f"  - {json.dumps({**{key: cells[name] for key, name in KEYS.items()}, **more}, ensure_ascii=False)}\n"


def other(number: int) -> str:
    """Write an entry with other keys."""
    return f'  - {{id: other-{number}, To: "+9198110000{number:02}"}}\n'


def read(folder: Path, numbers: str, entries: list[str]) -> Read:
    head = f"version: 1\nname: demo\nnumbers: {numbers}\ndefaults:\n"
    head += f'  From: "{AGENT}"\n  CallerId: "{EXOPHONE}"\n  RecordingChannels: dual\n  TimeOut: 30\ncalls:\n'
    return plan(folder, head + "".join(entries))


def about(line: int, found: Read) -> list[object]:
    """Return what came of the entry on a line."""
    calls = [call for call in found.calls if call.span.line == line]
    return [*calls, *(item for item in found.told if item.spans and item.spans[0].line == line)]


def compare(folder: Path, numbers: str, odd: str) -> list[object]:
    """Put an entry among entries alike, then among others, where it is judged by itself."""
    at = 5
    alike = [entry(number) if number != at else odd for number in range(ALIKE)]
    apart = [other(number) if number != at else odd for number in range(ALIKE)]
    line = FIRST + at
    in_table, by_itself = (about(line, read(folder, numbers, entries)) for entries in (alike, apart))
    assert in_table == by_itself
    return in_table


@pytest.mark.parametrize("numbers", MODES)
@pytest.mark.parametrize("misfit", MISFITS, ids=lambda each: f"{each[0]}={each[1][:20]!r}")
def test_an_entry_is_judged_in_a_table_as_by_itself(tmp_path: Path, numbers: str, misfit: tuple[str, str]) -> None:
    key = next(key for key, name in KEYS.items() if name == misfit[0])
    compare(tmp_path, numbers, entry(5, **{key: misfit[1]}))


UNLIKE = {
    "a right one": entry(5),
    "an unquoted number": entry(5).replace('"+919820000005"', "+919820000005"),
    "an unquoted id": entry(5).replace('"a5"', "5"),
    "an escaped dollar": entry(5, CustomField="$$5"),
    "a template without rows": entry(5, CustomField="${row.x}"),
    "an unknown key": entry(5, Custom="x"),
    "a second spelling": entry(5, StartPlaybackTo="both", StartPlaybackToNew="both"),
    "a list": entry(5).replace('"plain"', "[plain]"),
    "no value": entry(5).replace('"plain"', ""),
    "a form of the flow": entry(5, Url="http://my.exotel.com/x"),
    "not before, and after it": entry(5, not_after="2026-11-01T09:30:00+05:30"),
    "a priority": entry(5, priority="1000001"),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_whatever_else_an_entry_is_it_is_judged_as_by_itself(tmp_path: Path, name: str) -> None:
    assert compare(tmp_path, "as-typed", UNLIKE[name])


def test_a_warning_of_a_combination_comes_for_each_entry_that_makes_it(tmp_path: Path) -> None:
    lines = [entry(number, RecordingFormat="mp3", Record="false") for number in range(ALIKE)]
    told = [item for item in read(tmp_path, "as-typed", lines).told if "RecordingFormat" in item.message]
    assert [item.spans[0].line for item in told] == list(range(FIRST, FIRST + ALIKE))
    assert told[:3] == [
        item for item in read(tmp_path, "as-typed", lines[:3]).told if "RecordingFormat" in item.message
    ]


def test_entries_alike_make_one_block_with_their_own_places_and_the_same_digest(tmp_path: Path) -> None:
    found = read(tmp_path, "as-typed", [entry(number) for number in range(40)])
    (block,) = [item for item in found.loaded.blocks() if isinstance(item, CallBlock)]
    assert len(block) == 40
    assert [(call.span.line, call.span.column, call.span.end_column) for call in block][:2] == [
        (10, 12, 16),
        (11, 12, 16),
    ]
    assert found.loaded.plan is not None
    one, other_ = Digest(found.loaded.plan, ""), Digest(found.loaded.plan, "")
    one.add(block)
    for call in block:
        other_.add(call)
    assert one.hexdigest() == other_.hexdigest()


def test_an_id_and_a_person_that_come_again_are_told_at_their_columns(tmp_path: Path) -> None:
    lines = [entry(number) for number in range(40)]
    lines[30] = entry(3)
    lines[31] = entry(31, To="+919820000004")
    told = {item.id: item for item in read(tmp_path, "as-typed", lines).told}
    assert [(span.line, span.column) for span in told["duplicate-id"].spans] == [(40, 12), (13, 12)]
    assert [span.line for span in told["same-person"].spans] == [41, 14]


def test_defaults_that_need_a_row_are_told_of_each_entry(tmp_path: Path) -> None:
    lines = "".join(entry(number) for number in range(ALIKE))
    head = f'version: 1\nname: demo\ndefaults:\n  CallerId: "{EXOPHONE}"\n  TimeOut: ${{row.TimeLimit}}\ncalls:\n'
    found = plan(tmp_path, head + lines)
    assert [item.id for item in found.told if isinstance(item, Diagnostic)] == ["row-without-rows"] * ALIKE
    assert not [item for item in found.loaded.blocks() if isinstance(item, ResolvedCall | CallBlock)]


def test_an_entry_that_stands_elsewhere_too_is_judged_by_that_place(tmp_path: Path) -> None:
    lines = [entry(number) for number in range(ALIKE)]
    lines[0] = lines[0].replace("- {", "- &a {")
    found = plan(tmp_path, f"version: 1\nname: demo\ncalls:\n{''.join(lines)}defaults: *a\n")
    assert [(item.id, item.spans[0].line) for item in found.errors][:2] == [("unknown-key", 4), ("unknown-key", 4)]
