"""The file of dates on which nobody is rung."""

from datetime import date
from pathlib import Path

import pytest
from unit.plan.desk import Read, plan

from orchestrator.plan.digest import inputs_hash

CALL = 'calls:\n  - {id: a, To: "+919900000001"}\npolicy: {holidays: h.csv}\n'
REPUBLIC, INDEPENDENCE = date(2026, 1, 26), date(2026, 8, 15)


def with_file(folder: Path, content: str | bytes) -> Read:
    (folder / "h.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return plan(folder, CALL)


@pytest.mark.parametrize(
    "content",
    [
        "date,name\n2026-01-26,Republic Day\n2026-08-15,Independence Day\n",
        "name, Date\nRepublic Day, 2026-01-26\n\n,,\n'Independence, the', x\n".replace(
            "'Independence, the', x", '"Day, Independence",2026-08-15'
        ),
        "2026-01-26\n2026-08-15",
        "2026-08-15,Independence Day\r\n2026-01-26,Republic Day\r\n2026-01-26,again\r\n",
        "\ufeffdate\n2026-01-26\n2026-08-15\n",
        '"2026-01-26"\n"2026-08-15"\n',
        "2026-01-26,Republic Day, 26 January\n2026-08-15,1947: 79 years,15/8\n",
        'date, name\n2026-01-26, "Republic Day, national"\n2026-08-15,  "Independence\nDay"\n',
        'name, date\n"Republic Day", "2026-01-26"\nIndependence, "2026-08-15"\n',
    ],
)
def test_dates_are_read_with_and_without_a_header(tmp_path: Path, content: str) -> None:
    read = with_file(tmp_path, content)
    assert [each for each in read.told if each.id != "blank-rows"] == []
    assert read.loaded.plan is not None
    assert read.loaded.plan.policy.holidays == {REPUBLIC, INDEPENDENCE}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", [("no-dates", 1)]),
        ("date,name\n", [("no-dates", 1)]),
        ("day,name\n2026-01-26,Republic Day\n", [("no-date-column", 1)]),
        ("date;name\n2026-01-26;Republic Day\n", [("wrong-separator", 1)]),
        ("date\n26-01-2026\n2026-08-15\n2026-02-30\n", [("not-a-date", 2), ("not-a-date", 4)]),
        ("26/01/2026\n", [("not-a-date", 1)]),
        ("2026-11-26,2026-11-27\n", [("second-date", 1)]),
        ("date,until\n2026-11-26,Diwali\n2026-11-26, 2026-11-28 \n", [("second-date", 3)]),
        ("date,name\n2026-11-26,Diwali until 28.11.2026\n", [("second-date", 2)]),
        ("date,date\n2026-11-26,2026/11/27\n", [("second-date", 2)]),
        ("2026-11-26,,27-11-2026\n", [("second-date", 1)]),
        ("2026-11-26,20261127\n", [("second-date", 1)]),
        ('2026-11-26, "27-Nov-26"\n', [("second-date", 1)]),
        ('2026-11-26,\t"20261127"\n', [("second-date", 1)]),
        ("2026-11-26, '27-Nov-26\n", [("second-date", 1)]),
        ('date,name\n2026-11-26, "Diwali\n27.11.2026, too"\n', [("second-date", 2)]),
        ('2026-11-26, "Diwali\n', [("unclosed-quote", 1)]),
        ("2026-11-26,27 Nov 2026\n", [("second-date", 1)]),
        ("2026-11-26,27-November-26\n", [("second-date", 1)]),
        ('2026-01-26,"Republic\n2026-08-15,Independence Day"\n', [("second-date", 1)]),
        ("2026-11-26/2026-11-27\n", [("not-a-date", 1)]),
        ("2026-11-26;2026-11-27\n", [("not-a-date", 1)]),
        ("# 2026\n2026-11-26\n", [("not-a-date", 1)]),
        ("date,name\n,Republic Day\n", [("not-a-date", 2)]),
        ("name,date\nRepublic Day\n", [("not-a-date", 2)]),
        (b"date,name\n2026-01-26,F\xeate\n", [("not-utf-8", 2)]),
        ('date\n"2026-01-26\n', [("unclosed-quote", 2)]),
        ("date\n" + "x1\n" * 50, [("not-a-date", line) for line in range(2, 22)]),
    ],
)
def test_what_is_wrong_is_told_at_its_line_and_there_is_no_plan(
    tmp_path: Path, content: str | bytes, told: list[tuple[str, int]]
) -> None:
    read = with_file(tmp_path, content)
    assert [(each.id, each.spans[0].line) for each in read.errors] == told
    assert {each.spans[0].file for each in read.errors} == {str(tmp_path / "h.csv")}
    assert all(each.hint for each in read.errors)
    assert read.loaded.plan is None


def test_a_missing_file_and_one_outside_are_told_at_the_plans_place(tmp_path: Path) -> None:
    for name, problem in {"h.csv": "no-such-file", "../h.csv": "file-outside-root"}.items():
        found = plan(tmp_path, CALL.replace("h.csv", name)).errors
        assert [(each.id, each.spans[0].line, each.spans[0].column) for each in found] == [(problem, 8, 20)]


def test_another_byte_gives_another_hash(tmp_path: Path) -> None:
    prints = {
        inputs_hash(with_file(tmp_path, text).loaded)
        for text in ("2026-01-26\n", "2026-01-26", "2026-01-26,x\n", "2026-01-27\n")
    }
    assert len(prints) == 4
    assert "" not in prints
