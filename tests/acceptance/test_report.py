"""`report` and `run --report`: every format from the one journal, at any time, agreeing with whoever was called."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier, counting_carrier
from jsonschema import Draft7Validator
from unit.reports.junit_schemas import held_to_the_schemas
from unit.reports.page import Page

from acceptance.cli import Done
from acceptance.desk import AGENT, Desk, call, customer
from orchestrator.reports.formats import FORMATS
from orchestrator.reports.report_schema import line_schema, report_schema

RULES = {"b": {"ending": "busy"}, "c": {"answers": ["404"]}, "d": {"answers": ["drop"], "listed": False}}
SUFFIXES = [each.suffix for each in FORMATS]


class Told:
    """A desk after a run that wrote every report, and a carrier that counted."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk.laid_out(folder)
        self.desk.create_journal()
        with counting_carrier(folder / "carrier") as carrier:
            carrier.rules(calls=RULES)
            target = self.desk.target(carrier)
            rows = "key,phone,hub\n" + "".join(f"{key},{customer(n)},=HUB-{n}\n" for n, key in enumerate("abcde"))
            self.desk.write("rows.csv", rows)
            listed = call("${row.key}", rows={"file": "rows.csv", "carry": ["hub"]}, To="${row.phone}")
            redial = {"busy": {"attempts": 2, "after": "100ms"}}
            self.plan = self.desk.plan([listed | {"CustomField": "${row.key}"}], edition="1", policy={"redial": redial})
            reports = [word for suffix in SUFFIXES for word in ("--report", str(folder / f"all{suffix}"))]
            self.run = self.desk.run(self.plan, target, *reports)
            self.rung = carrier.rung()
            self.sent = len(carrier.connects())

    def report(self, *arguments: str) -> Done:
        done = self.desk.orchestrate("report", *arguments, "--journal", str(self.desk.journal))
        assert done.code == 0, done.said
        return done

    def refused(self, *arguments: str) -> str:
        done = self.desk.orchestrate("report", *arguments, "--journal", str(self.desk.journal))
        assert (done.code, done.out) == (2, ""), done.said
        return done.err


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    told = Told(tmp_path_factory.mktemp("told"))
    assert told.run.code == 6, told.run.said
    return told


def counted(name: str, text: str) -> Counter[str]:
    """How many calls a report says went how, by what a reader of that format finds."""
    if name == "json":
        calls: list[dict[str, Any]] = json.loads(text)["calls"]
    elif name == "jsonl":
        calls = [json.loads(line) for line in text.splitlines()[1:]]
    elif name == "junit":
        kinds = {"failure": "type", "error": "type", "skipped": "message"}
        found = (
            [child.attrib[kinds[child.tag]].split(":")[0] for child in case]
            for case in ET.fromstring(text).iter("testcase")  # noqa: S314 - ours
        )
        return Counter(words[0] if words else "completed" for words in found)
    elif name == "markdown":
        rows = re.findall(r"^\| ([a-z-]+) \| ([0-9,]+) \| [0-9.]+% \|$", text, re.MULTILINE)
        return Counter({word: int(count) for word, count in rows})
    elif name == "proof":
        events = [json.loads(line) for line in text.splitlines()[1:-1]]
        ended = [each for each in events if each["type"] in ("call.ended", "call.corrected")]
        calls = [*{each["call"]["text"]: json.loads(each["data"]["text"]) for each in ended}.values()]
    elif name == "html":
        page = Page(text)
        page.check()
        shown = Counter(row[1] for row in page.calls)
        assert {word: f"{n:,}" for word, n in shown.items()} == {
            word: row[0] for word, row in page.figures("What became of the calls").items()
        }
        return shown
    else:
        calls = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    return Counter(each["disposition"] for each in calls)


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_the_journal_tells_what_the_run_told_byte_for_byte(told: Told, each: Any) -> None:
    """By the latest run, its id, its plan's name and its file; on stdout and in a file."""
    written = told.desk.folder / f"all{each.suffix}"
    run = json.loads((told.desk.folder / "all.json").read_text())["run"]["id"]
    out = told.desk.folder / f"again{each.suffix}"
    told.report("--out", str(out))
    assert out.read_bytes() == written.read_bytes()
    assert out.stat().st_mode & 0o777 == 0o600
    for what in (run, "judged", str(told.plan)):
        assert told.report(what, "--format", each.name).out.encode() == written.read_bytes().replace(b"\r\n", b"\n")


def attempts(name: str, text: str) -> set[int]:
    """How many connect requests a report tells of, in each place where a reader of that format can count them."""
    if name == "json":
        document = json.loads(text)
        return {document["totals"]["attempts"], sum(len(each["attempts"]) for each in document["calls"])}
    if name == "jsonl":
        first, *calls = map(json.loads, text.splitlines())
        return {first["totals"]["attempts"], sum(len(each["attempts"]) for each in calls)}
    if name == "junit":
        suite = held_to_the_schemas(text)
        return {int(each.attrib["value"]) for each in suite.iter("property") if each.attrib["name"] == "attempts"}
    if name == "markdown":
        return set(map(int, re.findall(r", ([0-9,]+) attempts, target", text)))
    if name == "proof":
        first, *events = map(json.loads, text.splitlines())
        began = sum(each.get("type") == "attempt.started" for each in events)
        return {first["totals"]["attempts"], first["types"]["attempt.started"], began}
    if name == "html":
        page = Page(text)
        (tile,) = re.findall(r"attempts\s*([0-9,]+)\s*connect requests", page.texts["main"][0])
        pace = sum(int(row[1]) for row in page.tables["How fast calls were started"][1:])
        return {int(tile), pace, sum(int(row[4]) for row in page.calls)}
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    return {sum(int(row["attempts"]) for row in rows)}


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_every_format_counts_what_the_carrier_received(told: Told, each: Any) -> None:
    """Calls by how they went, and connect requests: as the format's reader finds them, and as the server counted."""
    text = (told.desk.folder / f"all{each.suffix}").read_text("utf-8")
    found = counted(each.name, text)
    assert found == {"completed": 2, "busy": 1, "rejected": 1, "unknown": 1}
    rang = Counter(RULES.get(key, {}).get("ending", "completed") for key in {*told.rung} if key in "abe")
    assert {word: found[word] for word in rang} == rang
    totals = json.loads((told.desk.folder / "all.json").read_text())["totals"]
    assert {word: n for word, n in totals.items() if n and word not in ("calls", "attempts")} == found
    assert totals["calls"] == found.total()
    assert attempts(each.name, text) == {told.sent} == {6}


def test_the_page_has_the_estimate_that_the_review_had(desk: Desk) -> None:
    """From what the journal alone keeps: also once the calls have told how they end and what they cost."""
    desk.create_journal()
    plan = desk.plan([call(f"c{n}", n) for n in range(25)], policy={"redial": {"busy": {"attempts": 2, "after": "1s"}}})
    cost = json.loads(desk.orchestrate("plan", str(plan), "--format", "json").out)["estimate"]["cost"]
    assert desk.orchestrate("run", str(plan), "--journal", str(desk.journal), "--limit", "20").code == 0
    page = Page(desk.orchestrate("report", "--journal", str(desk.journal), "--format", "html").out)
    (told,) = page.figures("What it cost")["the estimate, from the least to the most"]
    assert told == f"{cost['low']:,.2f}\u2013{cost['high']:,.2f} {cost['currency']}"


def test_the_json_kinds_are_as_their_schemas_say(told: Told) -> None:
    Draft7Validator(report_schema()).validate(json.loads(told.report().out))
    check = Draft7Validator(line_schema())
    for line in told.report("--format", "jsonl").out.splitlines():
        check.validate(json.loads(line))


def test_a_part_of_the_calls_is_chosen_and_counted(told: Told) -> None:
    document = json.loads(told.report("--disposition", "BUSY,rejected", "--disposition", "unknown").out)
    assert [each["id"] for each in document["calls"]] == ["b", "c", "d"]
    assert (document["totals"]["calls"], document["totals"]["completed"], document["totals"]["attempts"]) == (3, 0, 4)
    assert document["part"] == {"only": None, "dispositions": ["busy", "rejected", "unknown"]}
    some = told.report("judged", "--only", "[a-c]", "--disposition", "completed", "--format", "csv").out
    assert [row["id"] for row in csv.DictReader(io.StringIO(some))] == ["a"]
    assert told.report("--disposition", "canceled", "--format", "csv", "--columns", "id").out == "id\n"
    none = told.report("--disposition", "canceled", "--format", "csv").out
    assert none.splitlines() == some.splitlines()[:1], "a part has the columns of the whole"
    assert told.report("--disposition", "canceled", "--format", "csv", "--columns", "carry.hub").out == "carry.hub\n"


def test_a_sheet_joins_back_to_the_rows_that_the_plan_was_made_of(told: Told) -> None:
    table = told.report("--format", "sheet-csv", "--columns", "carry.hub,disposition,to").out
    assert table.splitlines()[:3] == [
        "\ufeffcarry.hub,disposition,to",
        "'=HUB-0,completed,'+9181******00",
        "'=HUB-1,busy,'+9181******01",
    ]
    exact = told.report("--format", "csv", "--columns", "carry.hub,to", "--unmask").out
    assert exact.splitlines()[1] == f"=HUB-0,{customer(0)}"


def test_numbers_are_in_a_report_only_where_they_were_asked_for(told: Told) -> None:
    for each in FORMATS:
        shown = told.report("--format", each.name, "--unmask").out
        hidden = told.report("--format", each.name).out
        for number in (AGENT, customer(0), customer(2)):
            assert number.lstrip("+") not in hidden
        assert (customer(2) in shown) is (each.name != "markdown"), "which names no number, but where a text does"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--disposition", "bsy"), "there are completed, busy, no-answer"),
        (("--disposition", ","), "names no disposition"),
        (("--columns", "id"), "--columns is for csv and sheet-csv"),
        (("--format", "csv", "--columns", "id,nothing"), "there is no column 'nothing'; there are id, disposition"),
        (("--format", "csv", "--columns", "carry.pay"), "there is no column 'carry.pay'; there are"),
        (("--format", "sheet-csv", "--columns", "pay"), "there is no column 'pay'; there are"),
        (("--only", "z*"), "no call of judged, edition 1 has an id like z*"),
        (("--only", " "), "--only is empty"),
        (("--format", "pdf"), "'pdf' is not one of"),
        (("--format", "html", "--columns", "id"), "--columns is for csv and sheet-csv"),
        (("--out", "r.pdf"), "these suffixes exist: .json"),
        (("nothing",), "the journal knows no run or plan nothing"),
        (("judged", "--edition", "2"), "the journal knows no run or plan judged, edition 2"),
    ],
)
def test_what_is_not_there_is_wrong_usage_and_told(told: Told, arguments: tuple[str, ...], words: str) -> None:
    assert words in told.refused(*arguments)
    assert not (told.desk.root / "r.pdf").exists()


@pytest.mark.parametrize("place", ["missing/r.json", ".", "journal", "plan"])
def test_a_report_is_never_written_where_it_cannot_be_or_over_what_is_read(told: Told, place: str) -> None:
    out = {"journal": str(told.desk.journal), "plan": str(told.plan)}.get(place, place)
    before = told.desk.journal.read_bytes(), told.plan.read_bytes()
    arguments = ("--journal", str(told.desk.journal), "--format", "csv", "--out", out)
    done = told.desk.orchestrate("report", str(told.plan), *arguments)
    assert (done.code, done.out) == (4, ""), done.said
    assert (told.desk.journal.read_bytes(), told.plan.read_bytes()) == before


def test_a_journal_that_is_not_there_cannot_be_reported(desk: Desk) -> None:
    done = desk.orchestrate("report", "--journal", "nothing.db")
    assert (done.code, done.out) == (4, ""), done.said
    assert not (desk.root / "nothing.db").exists()


def test_calls_that_wait_are_told_so_while_a_run_is_halfway(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan([call(key, n) for n, key in enumerate("abc")])
    assert desk.run(plan, live, "--limit", "1").code == 0
    done = desk.orchestrate("report", str(plan), "--journal", str(desk.journal), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["id"], row["disposition"], row["attempts"]) for row in rows] == [
        ("a", "completed", "1"),
        ("b", "waiting", "0"),
        ("c", "waiting", "0"),
    ]
    page = Page(desk.orchestrate("report", str(plan), "--journal", str(desk.journal), "--format", "html").out)
    assert [(row[0], row[1], row[4]) for row in page.calls] == [
        (row["id"], row["disposition"], row["attempts"]) for row in rows
    ]
    assert page.figures("How far they came")["dialed"][0] == "1"
