"""Rows judged many at once: the same calls and findings as each row by itself, and the same digest."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.plan.desk import EXOPHONE, plan

from orchestrator.model.call import ResolvedCall, SkippedRow
from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.plan.call_block import CallBlock
from orchestrator.plan.digest import Digest
from orchestrator.plan.load import LoadedPlan, load_plan

AGENT = "+918069171234"
GOOD = {
    "n": st.integers(0, 40).map(str),
    "agent": st.sampled_from((AGENT, "08069171234")),
    "phone": st.integers(0, 30).map(lambda number: f"+9198100000{number:02}") | st.sampled_from(("09810000001", AGENT)),
    "limit": st.integers(1, 14400).map(str),
    "record": st.sampled_from(("true", "false")),
    "note": st.sampled_from(("plain", '50 % \\ "off"', "\u0928\u092e\u0938\u094d\u0924\u0947 \U0001f600", "x" * 130)),
    "url": st.just("https://media.acme.example/a.wav"),
    "start": st.sampled_from(("2026-12-01T09:30:00+05:30", "2026-12-02T09:30:00Z")),
    "pay": st.sampled_from(("COD", "UPI")),
}
NUMBERS = ("9810000001", "919810000001", "+1 212 555 2368", "+91 98100 00001", "9.81E+09", "9810000001.0", "12", AGENT)
MISFITS = [
    *(("n", text) for text in ("", " ", "\x07", "i" * 201)),
    *(("phone", text) for text in NUMBERS),
    *(("agent", text) for text in (*NUMBERS, "+919810000000")),
    *(("note", text) for text in ("", "\x07", "y" * 1001, "z" * 10_001)),
    *(("limit", text) for text in ("", "0", "14401", "-1", "1.5")),
    *(("start", text) for text in ("", "2026-13-01T00:00:00Z", "soon")),
    *(("record", text) for text in ("", "yes")),
    *(("url", text) for text in ("", "ftp://x", "https://a:b@c", "https://media.acme.example/a.mp3")),
]
HOSTILE = st.one_of(
    st.just(" \u00a0"),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\0"), max_size=6),
)
VALUES = {
    "From": "${row.agent}",
    "TimeLimit": "${row.limit}",
    "Record": "${row.record}",
    "RecordingChannels": "dual",
    "CustomField": "${row.note}",
    "WaitUrl": "${row.url}",
    "not_before": "${row.start}",
    "priority": "${row.limit}",
}
MODES = ("as-typed", "e164")


def plan_of(numbers: str, id_: str, values: dict[str, str], how: str) -> str:
    """A plan whose call names several columns, with `FILE` for its data."""
    lines = ["version: 1", "name: demo", f"numbers: {numbers}", "defaults:", '  CustomField: "of 100 %"']
    lines += [f'  From: "{AGENT}"', f'  CallerId: "{EXOPHONE}"', "calls:"]
    lines += [f'  - id: "{id_}"', '    To: "${row.phone}"', *(f'    {key}: "{values[key]}"' for key in values)]
    return "\n".join([*lines, f"    rows: {{file: FILE, carry: [pay, note]{how}}}", ""])


@st.composite
def plans(draw: st.DrawFn) -> str:
    """Draw what a plan sets, and how."""
    keys = draw(st.sets(st.sampled_from(sorted(VALUES))))
    values = {**VALUES, "CustomField": "${row.note}" + draw(st.sampled_from(("", "/${row.n}%")))}
    how = draw(st.sampled_from((", bad: skip", ""))) + draw(st.sampled_from((", where: {pay: COD}", "")))
    id_ = draw(st.sampled_from(("o-${row.n}", "${row.n}", "${row.n}-${row.pay}")))
    return plan_of(draw(st.sampled_from(MODES)), id_, {key: values[key] for key in sorted(keys)}, how)


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows that are mostly right, with hostile cells among them."""
    rows = draw(st.lists(st.fixed_dictionaries(GOOD), min_size=1, max_size=12))
    any_cell = st.tuples(st.sampled_from(sorted(GOOD)), HOSTILE)
    for column, text in draw(st.lists(st.sampled_from(MISFITS) | any_cell, max_size=5)):
        draw(st.sampled_from(rows))[column] = text
    return rows


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans(), tables())
def test_a_block_gives_what_each_row_gives_by_itself(text: str, rows: list[dict[str, str]]) -> None:
    """JSON Lines are judged row by row: the same rows must give the same, one line higher."""
    compare(text, rows)


RIGHT = {
    **dict.fromkeys(("n", "pay"), "7"),
    "agent": AGENT,
    "phone": "+919810000001",
    "limit": "60",
    "record": "true",
    "note": "plain",
    "url": "https://media.acme.example/a.wav",
    "start": "2026-12-01T09:30:00+05:30",
}


@pytest.mark.parametrize("numbers", MODES)
@pytest.mark.parametrize("misfit", MISFITS, ids=lambda each: f"{each[0]}={each[1][:20]!r}")
def test_each_doubt_sends_its_row_to_be_judged_by_itself(numbers: str, misfit: tuple[str, str]) -> None:
    column, text = misfit
    rows = [{**RIGHT, "n": "1"}, {**RIGHT, "n": "2", column: text}, {**RIGHT, "n": "3", "phone": "+919810000003"}]
    for id_ in ("${row.n}", "o-${row.n}"):
        compare(plan_of(numbers, id_, VALUES, ""), rows)


def compare(text: str, rows: list[dict[str, str]]) -> None:
    """Judge rows in a block and one by one, which must give the same."""
    with TemporaryDirectory() as folder:
        for name in ("d22.csv", "d.jsonl"):
            _write(Path(folder) / name, rows)
            (Path(folder) / f"{name}.yaml").write_text(text.replace("FILE", name), "utf-8")
        in_blocks, one_by_one = (load_plan(str(Path(folder) / f"{name}.yaml")) for name in ("d22.csv", "d.jsonl"))
        assert [_moved(item) for item in in_blocks.calls()] == list(_without_names(one_by_one))
        assert _digest(in_blocks, by_block=True) == _digest(one_by_one, by_block=False)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    if path.suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(GOOD), quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _moved(item: object, by: int = -1) -> object:
    """Return what came, with places in data files moved by so many lines and without the files' names."""
    if isinstance(item, ResolvedCall):
        return (item.id, item.fields, _place(item.span, by), dict(item.carry), item.schedule)
    if isinstance(item, SkippedRow):
        return (item.id, int(item.place.rpartition(":")[2]) + by)
    assert isinstance(item, Diagnostic)
    message = item.message.replace("d22.csv", "d.jsonl") if by else item.message
    if item.id in ("duplicate-id", "same-person"):
        message = ""  # names the line of the first call, which stands in its places
    return (item.id, item.severity, message, tuple(_place(span, by) for span in item.spans), item.hint)


def _place(span: Span, by: int) -> tuple[str, int, int, int | None]:
    in_data = not span.file.endswith(".yaml")
    return ("data" if in_data else "plan", span.line + by * in_data, span.column, span.end_column)


def _without_names(loaded: LoadedPlan) -> list[object]:
    return [_moved(item, 0) for item in loaded.calls()]


def _digest(loaded: LoadedPlan, *, by_block: bool) -> str | None:
    if loaded.plan is None:
        return None
    digest = Digest(loaded.plan, "")
    for item in loaded.blocks() if by_block else loaded.calls():
        if not isinstance(item, Diagnostic):
            digest.add(item)
    return digest.hexdigest()


CALL = "\ncalls:\n  - id: o-${row.n}\n    To: ${row.phone}\n    RecordingChannels: dual\n    rows: d.csv\n"


def test_right_rows_are_judged_in_blocks_and_a_doubtful_one_by_itself(tmp_path: Path) -> None:
    rows = [{"n": str(number), "phone": f"+9198{number:08}", "note": "x" * 60} for number in range(2500)]
    rows[1200]["phone"] = "9810000001"
    (tmp_path / "d.csv").write_text(
        "n,phone,note\n" + "".join(f"{','.join(row.values())}\n" for row in rows), encoding="utf-8"
    )
    items = list(plan(tmp_path, CALL).loaded.blocks())
    blocks = [item for item in items if isinstance(item, CallBlock)]
    apart = [item for item in items if isinstance(item, ResolvedCall)]
    assert [call.id for call in apart] == ["o-0", "o-1200"], "the first shows whether its parameters fit each other"
    assert len(blocks) > 3
    assert sum(map(len, blocks)) == 2498
    of_all = ["time-limit-unset", "purpose-missing", "one-agent-for-many"]
    told = [item.id for item in items if isinstance(item, Diagnostic)]
    assert told == ["no-effect", "number-to-guess", *of_all]
    assert [call.id for block in blocks for call in block][-1] == "o-2499"


def test_a_taken_id_and_a_person_rung_before_are_found_across_blocks(tmp_path: Path) -> None:
    rows = [f"{number},+9198{number:08},{'x' * 60}\n" for number in range(2500)]
    rows[2100] = "7,+919810000001,x\n"
    rows[2200] = "a,+919800000008,x\n"
    (tmp_path / "d.csv").write_text(f"n,phone,note\n{''.join(rows)}", "utf-8")
    found = plan(tmp_path, CALL)
    told = [item for item in found.told if item.id in ("duplicate-id", "same-person")]
    assert [(item.id, [span.line for span in item.spans]) for item in told] == [
        ("duplicate-id", [2102, 9]),
        ("same-person", [2202, 10]),
    ]
    assert len(found.calls) == 2499
    assert [item.severity for item in told] == [Severity.ERROR, Severity.WARNING]
