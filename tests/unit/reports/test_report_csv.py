"""CSV for machines is RFC 4180 and exact; CSV for spreadsheets has no cell that one would take for something else."""

import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.reports.told import AGENT, BUSY, CALLS, COMPLETED, DANGEROUS, HOSTILE, PERSON, RUN, SID, call, report

from orchestrator.exotel.masking import Masker
from orchestrator.model.errors import WrongUsage
from orchestrator.model.outcome import Disposition
from orchestrator.phone.safe_text import printable
from orchestrator.reports.report_csv import COLUMNS, csv_report, rows_of
from orchestrator.reports.report_sheet import guarded, sheet_report

FIELD = r'(?:"(?:[^"]|"")*"|[^",\r\n]*)'
RFC_4180 = re.compile(rf"(?:{FIELD}(?:,{FIELD})*\r\n)*", re.DOTALL)
"""The grammar of RFC 4180: a quoted field may hold anything, another one no quote, comma or end of line."""


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def machine(*calls: object, unmask: bool = False, columns: tuple[str, ...] | None = None) -> str:
    return "".join(csv_report(report(calls or CALLS, columns=columns), Masker(unmask)))  # type: ignore[arg-type]


def sheet(*calls: object, unmask: bool = False) -> str:
    return "".join(sheet_report(report(calls or CALLS), Masker(unmask)))  # type: ignore[arg-type]


def test_a_row_a_call_tells_its_last_attempt_and_what_all_cost() -> None:
    first, second, *_ = rows(machine())
    assert list(first) == [*COLUMNS, "carry.hub", "carry.alt"]
    assert first == {
        "id": "vip-1", "disposition": "completed", "reason": "", "from": "+9180******34", "to": "+9199******01",
        "attempts": "2", "first_started_at": "2026-11-22T08:00:01Z", "cost": "1.80", "currency": "INR",
        "started_at": "2026-11-22T09:00:01Z", "placed_at": "2026-11-22T09:00:02Z",
        "ended_at": "2026-11-22T09:00:43Z", "placement": "accepted", "evidence": "reply", "http_status": "200",
        "sid": SID, "ending": "completed", "duration": "41",
        "recording_url": f"https://***@recordings.example/acme1/{SID}.mp3", "message": "",
        "leg1_status": "completed", "leg1_duration": "50", "leg1_answered_by": "",
        "leg2_status": "completed", "leg2_duration": "41", "leg2_answered_by": "Human",
        "run": RUN.id, "plan": "cod", "edition": "2026-11-22", "carry.hub": "BLR-4", "carry.alt": "08*******78",
    }  # fmt: skip
    assert (second["carry.hub"], second["carry.alt"], second["cost"]) == ("DEL", "", "0.60")


def test_a_call_that_was_never_dialed_has_its_row() -> None:
    told = {row["id"]: row for row in rows(machine())}
    assert [row["disposition"] for row in told.values()] == [each.disposition.value for each in CALLS]
    assert (told["skipped"]["reason"], told["skipped"]["attempts"], told["skipped"]["sid"]) == ("limit", "0", "")


def test_prices_in_two_currencies_have_no_sum() -> None:
    mixed = call("m", Disposition.COMPLETED, replace(BUSY, currency="USD"), COMPLETED)
    (row,) = rows(machine(mixed))
    assert (row["cost"], row["currency"]) == ("", "")


def test_every_text_comes_back_as_it_was_from_the_grammar_and_from_a_reader() -> None:
    text = machine(*DANGEROUS, unmask=True)
    assert RFC_4180.fullmatch(text)
    for each, row in zip(DANGEROUS, rows(text), strict=True):
        assert (row["id"], row["reason"], row["carry.hub"]) == (each.id, each.reason, each.carry["hub"])
        assert {name: row[f"carry.{name}"] for name in each.carry} == dict(each.carry)


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=3))
def test_any_text_comes_back(text: str, carry: dict[str, str]) -> None:
    written = machine(call(text, Disposition.REJECTED, reason=text, carry=carry), unmask=True)
    assert RFC_4180.fullmatch(written)
    header, row = csv.reader(io.StringIO(written, newline=""), strict=True)
    assert (
        dict(zip(header, row, strict=True)).items() >= {f"carry.{name}": value for name, value in carry.items()}.items()
    )
    assert row[:3] == [text, "rejected", text]


@given(st.lists(st.text(alphabet=st.sampled_from(" ,;\"'\r\n\tax\u2028é0")), min_size=1, max_size=4))
def test_a_row_is_written_as_the_writer_of_csv_would_write_it(cells: list[str]) -> None:
    expected = io.StringIO(newline="")
    csv.writer(expected, lineterminator="\r\n").writerow([*cells, 7, None])
    assert "".join(rows_of(iter([[*cells, "7", ""]]))) == expected.getvalue()


@given(st.lists(st.text(alphabet=st.sampled_from(',"\r\na')), min_size=2, max_size=2), st.integers(0, 59))
def test_one_row_that_must_be_quoted_changes_no_other_among_many(cells: list[str], place: int) -> None:
    table = [["id", "reason"]] * 60
    table[place] = cells
    expected = io.StringIO(newline="")
    csv.writer(expected, lineterminator="\r\n").writerows(table)
    assert "".join(rows_of(iter(table))) == expected.getvalue()


def test_a_row_of_one_empty_cell_is_a_row() -> None:
    assert "".join(rows_of(iter([[""], [""], ["a"]]))) == '""\r\n""\r\na\r\n'


def test_columns_are_those_that_were_asked_for_in_that_order() -> None:
    text = machine(columns=("carry.hub", "id", "cost"))
    assert text.splitlines()[:3] == ["carry.hub,id,cost", "BLR-4,vip-1,1.80", "DEL,busy-1,0.60"]


@pytest.mark.parametrize("wrong", ["ID", "carry", "carry.nothing", "hub", "carry."])
def test_a_column_that_there_is_not_is_refused_before_a_byte_is_written(wrong: str) -> None:
    with pytest.raises(WrongUsage, match="there is no column"):
        next(csv_report(report(columns=("id", wrong)), Masker()))


def test_numbers_are_masked_in_both_unless_they_are_asked_for() -> None:
    for text in (machine(), sheet()):
        for number in (AGENT, PERSON, "919900000002", "08012345678", "key:secret"):
            assert number.lstrip("+") not in text.replace(SID, "")
    for text in (machine(unmask=True), sheet(unmask=True)):
        assert PERSON in text
        assert "rejected-919900000002" in text


FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def test_no_cell_of_a_sheet_is_a_formula_and_the_file_says_that_it_is_utf_8() -> None:
    text = sheet(*DANGEROUS, unmask=True)
    assert text.encode().startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True):
        for cell in row:
            assert not FORMULA.match(cell.lstrip()), cell
            assert not re.search(r";\s*[=+\-@]", cell), "a formula where cells are parted by semicolons"
            assert printable(cell) == cell


@pytest.mark.parametrize(
    "text",
    [
        "+919812345678", "08012345678", "918012345678901234", "0042", "1.50", "1,000", "1e5", "7E3", "5%", "$5", "₹ 5",
        "(5)", "-5", "2026-11-22", "22/11/26", "1-2", "3/4", "10:30", "5 pm", "12 a.m.", "Nov 22", "22-Nov-2026",
        "MARCH1", "dec 1", "TRUE", "false", "#REF!", "2026-11-22T09:00:00", "=1", "@x", " =1", "\t=1", "'x",
        "\uff14\uff12", "\u200d=1",
    ],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_would_change_has_an_apostrophe_before_it(text: str) -> None:
    shown = guarded(text)
    assert isinstance(shown, str)
    assert shown.startswith("'")
    assert shown[1:] == text.replace("\t", "    ")


@pytest.mark.parametrize(
    "text",
    [
        *("42", "0", "123456789012345", "BLR-4", "order-17", "vip", "lists/do-not-call.csv:7", SID, "a;b", "marching"),
        *("2026-11-22T09:00:01Z", "https://r.example/a.mp3", "no-answer", "Döner", "e5", "janitor", "", "4th floor"),
    ],
)
def test_a_text_that_a_spreadsheet_shows_as_it_is_stays_so_that_columns_join_back(text: str) -> None:
    assert guarded(text) == text


def test_what_is_a_number_by_its_kind_stays_one_in_a_sheet() -> None:
    first = rows(sheet().removeprefix("\ufeff"))[0]
    assert (first["attempts"], first["duration"], first["cost"]) == ("2", "41", "1.80")
    assert (first["to"], first["carry.alt"]) == ("'+9199******01", "08*******78")


@pytest.mark.parametrize("blank", [" ", ".", "'", "(", "1", "1 ", ";", ",", "e", "jan "])
def test_a_long_text_is_judged_in_no_time(blank: str) -> None:
    assert guarded(blank * 50_000 + "x")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_guard_can_be_taken_off_again(text: str) -> None:
    """One apostrophe at the beginning is ours, whatever stands behind it."""
    shown = guarded(text)
    assert isinstance(shown, str)
    assert guarded(shown) == f"'{shown}" if shown.startswith("'") else guarded(shown) == shown
