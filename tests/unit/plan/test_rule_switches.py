"""What a plan waives and what orchestrate.toml says of rules, for every id that can be switched; and what cannot be."""

import os
import time
from pathlib import Path

import pytest
from unit.plan.desk import plan
from unit.reference.examples import written

from orchestrator.app.explain import finding_pages
from orchestrator.app.validate import Checked, validate
from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.plan.rules.registry import OF_SEVERAL_PLANS, SWITCHED
from orchestrator.plan.rules.settings import LARGEST, read_settings

PAGES = finding_pages()
ERRORS = {"number-destroyed", "number-not-valid"}
"""What their examples show is an error: only elsewhere are they warnings, and can be switched."""
SHOWN = sorted(SWITCHED - OF_SEVERAL_PLANS - ERRORS)
LATER = "2099-12-31"


def waiver(rule: str, until: str = LATER) -> str:
    return f"{{rule: {rule}, owner: me@acme.example, reason: a good one, until: {until}}}"


class Bench:
    """The bad example of a rule, to be checked again and again under other settings."""

    def __init__(self, rule: str, folder: Path) -> None:
        example = PAGES[rule].bad
        assert example is not None
        self.rule = rule
        self.root = folder / "root"
        self.paths = written(example, self.root)
        self.text = Path(self.paths[0]).read_text()

    def check(self, settings: str = "", *, waived: bool = False) -> Checked:
        (self.root / "orchestrate.toml").write_text(settings)
        Path(self.paths[0]).write_text(self._waived() if waived else self.text)
        return validate(self.paths)[0]

    def _waived(self) -> str:
        waive = f"waive: [{waiver(self.rule)}]"
        for before, after in (("\npolicy:\n", f"\npolicy:\n  {waive}\n"), ("\npolicy: {", f"\npolicy: {{{waive}, ")):
            if before in self.text:
                return self.text.replace(before, after)
        return f"{self.text}policy:\n  {waive}\n"

    def told(self, settings: str = "") -> list[Diagnostic]:
        return self.of(self.check(settings))

    def of(self, found: Checked) -> list[Diagnostic]:
        return [each for each in found.diagnostics if each.id == self.rule]


def test_every_switch_is_of_a_documented_finding_that_is_not_always_an_error() -> None:
    assert PAGES.keys() >= SWITCHED
    assert {rule for rule in SWITCHED if PAGES[rule].standing == "a finding, error"} == {"number-destroyed"}


@pytest.mark.parametrize("rule", SHOWN)
def test_every_rule_can_be_waived(rule: str, tmp_path: Path) -> None:
    bench = Bench(rule, tmp_path)
    before, waived = bench.check(), bench.check(waived=True)
    found = bench.of(waived)
    assert [each.waiver and each.waiver.owner for each in found] == ["me@acme.example"] * len(bench.of(before))
    assert [each.severity for each in found] == [each.severity for each in bench.of(before)]
    assert waived.waived == sum(each.count for each in found) > 0
    others = sum(each.count for each in before.diagnostics if each.id != rule)
    assert sum(waived.counts.values()) == others, "it counts no more, and the waiver is of use"
    raised = bench.check(f'[rules.severity]\n{rule} = "error"\n', waived=True)
    assert {each.severity for each in bench.of(raised)} == {Severity.ERROR}
    assert not any(each.is_error for each in raised.diagnostics)


@pytest.mark.parametrize("rule", SHOWN)
def test_every_rule_can_be_ignored_selected_raised_and_lowered(rule: str, tmp_path: Path) -> None:
    bench = Bench(rule, tmp_path)
    first = bench.check()
    before = bench.of(first)
    assert before
    assert bench.told(f'[rules]\nignore = ["{rule}"]\n') == []
    assert bench.told('[rules]\nselect = ["name-twice"]\n') == []
    assert bench.told(f'[rules]\nselect = ["{rule}"]\n') == before
    assert bench.told(f'[rules]\nselect = ["{rule}"]\nignore = ["{rule}"]\n') == []
    for severity in Severity:
        judged = bench.check(f'[rules.severity]\n{rule} = "{severity.value}"\n')
        assert {each.severity for each in bench.of(judged)} == {severity}
        others = sum(each.count for each in first.diagnostics if each.id != rule and each.severity is severity)
        assert judged.counts[severity] == sum(each.count for each in before) + others


def test_what_is_an_error_stays_one_where_its_warnings_are_switched(tmp_path: Path) -> None:
    for rule in sorted(ERRORS):
        bench = Bench(rule, tmp_path / rule)
        before = bench.told()
        assert {each.severity for each in before} == {Severity.ERROR}
        assert bench.told(f'[rules]\nignore = ["{rule}"]\n[rules.severity]\n{rule} = "note"\n') == before
        assert bench.of(bench.check(waived=True)) == before


CALL = 'calls: [{id: a, To: "+919900000001"}, {id: b, To: "+919900000001"}]\n'


def test_a_row_that_is_left_out_is_listed_whatever_the_settings(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text('[rules]\nignore = ["number-destroyed"]\n')
    (tmp_path / "rows.csv").write_text("id,phone\n1,9.19877E+11\n2,+919900000001\n")
    rows = "calls: [{id: 'o-${row.id}', rows: {file: rows.csv, bad: skip}, To: '${row.phone}'}]\n"
    found = plan(tmp_path, f"{rows}policy: {{waive: [{waiver('number-destroyed')}]}}\n").told
    assert [(each.id, each.waiver) for each in found] == [("number-destroyed", None), ("waiver-idle", None)]


@pytest.mark.parametrize(
    ("window", "until", "at", "expected"),
    [
        # 2026-11-30T18:30Z is midnight in India, and the last of the month still in UTC and New York.
        ("", "2026-11-30", "2026-11-30T23:59:59+00:00", "same-person"),
        ("", "2026-11-30", "2026-12-01T00:00:00+00:00", "waiver-expired"),
        ("Asia/Kolkata", "2026-11-30", "2026-11-30T18:29:59+00:00", "same-person"),
        ("Asia/Kolkata", "2026-11-30", "2026-11-30T18:30:00+00:00", "waiver-expired"),
        ("America/New_York", "2026-11-30", "2026-12-01T04:59:59+00:00", "same-person"),
        ("America/New_York", "2026-11-30", "2026-12-01T05:00:00+00:00", "waiver-expired"),
    ],
)
def test_a_waiver_holds_to_the_end_of_its_day_where_the_plan_rings(
    tmp_path: Path, window: str, until: str, at: str, expected: str
) -> None:
    from datetime import datetime

    hours = f'window: [{{days: mon-sun, hours: "09:00-21:00", timezone: {window}}}], ' if window else ""
    text = f"{CALL}policy: {{{hours}waive: [{waiver('same-person', until)}]}}\n"
    found = plan(tmp_path, text, at=datetime.fromisoformat(at).timestamp()).told
    told = {each.id: each for each in found}
    assert told.keys() == {"same-person", expected}
    assert told[expected].is_error == (expected == "waiver-expired")
    assert (told["same-person"].waiver is None) == (expected == "waiver-expired")


def test_of_two_waivers_of_a_rule_one_holds_and_the_other_is_idle(tmp_path: Path) -> None:
    found = plan(
        tmp_path, f"{CALL}policy: {{waive: [{waiver('same-person')}, {waiver('same-person', '2098-01-01')}]}}\n"
    )
    assert [(each.id, each.waiver and each.waiver.until) for each in found.told] == [
        ("same-person", LATER),
        ("waiver-idle", None),
    ]


@pytest.mark.parametrize(
    "calls",
    [
        'calls: [{id: a, To: "+919900000001"}, {id: a, To: "+919900000001"}]\n',  # with an error not all is looked at
        "calls: [{id: 'o-${row.id}', rows: {file: gone.csv, sample: rows.csv}, To: '${row.phone}'}]\n",
    ],
)
def test_a_waiver_is_not_called_idle_where_not_all_was_looked_at(tmp_path: Path, calls: str) -> None:
    (tmp_path / "rows.csv").write_text("id,phone\n1,+919900000001\n")
    text = f"{calls}policy: {{waive: [{waiver('blank-rows')}]}}\n"
    assert "waiver-idle" not in plan(tmp_path, text, use_sample=True).ids
    assert "waiver-idle" in plan(tmp_path, f"{CALL}policy: {{waive: [{waiver('blank-rows')}]}}\n").ids


SETTINGS = [
    ("[rules]\nignore = ['same-persn']\n", "unknown-rule", 2, 12, "did you mean `same-person`?"),
    ("[rules]\n# same-number\nselect = [\n  'same-number',\n]\n", "not-a-rule", 4, 4, "explain"),
    ("[rules.severity]\nnot-e164 = 'note'\n", "not-a-rule", 2, 1, "explain"),
    ("[rules.severity]\nsame-person = 'fatal'\n", "not-allowed", 2, 1, '`same-person = "note"`'),
    ("[rules.severity]\nsame-person = 1\n", "not-allowed", 2, 1, '`same-person = "note"`'),
    ("[rules]\nignored = []\n", "unknown-key", 2, 1, "did you mean `ignore`?"),
    ("[rule]\nignore = []\n", "unknown-key", 1, 2, "did you mean `rules`?"),
    ("[rules]\nignore = 'same-person'\n", "wrong-type", 2, 1, "same-person"),
    ("[rules]\nignore = [1]\n", "wrong-type", 2, 1, "same-person"),
    ("rules = 3\n", "wrong-type", 1, 1, "[rules]"),
    ("[rules]\nseverity = []\n", "wrong-type", 2, 1, "[severity]"),
    ("[rules\n", "toml-syntax", 1, 7, "[rules]"),
    ("[rules]\n[rules]\n", "toml-syntax", 2, 7, "[rules]"),
    ("a = 1979-13-45\n", "toml-syntax", 1, 9, "[rules]"),
    ("a = " + "[" * 5_000 + "\n", "toml-syntax", 1, 1, "[rules]"),
    ("a = " + "9" * 5_000 + "\n", "toml-syntax", 1, 1, "[rules]"),
    ("a = '\x00'\n", "toml-syntax", 1, 6, "[rules]"),
    ("# ...\n" + "a." * 30_000 + "b = 1\n", "toml-syntax", 2, 1, "rules.severity"),
    (("a." * 90 + '"\u2028".') * 300 + "b = 1\n", "toml-syntax", 1, 1, "rules.severity"),  # no end of a line
]


@pytest.mark.parametrize(("text", "id_", "line", "column", "hint"), SETTINGS, ids=lambda each: str(each)[:40])
def test_what_is_wrong_in_the_settings_is_told_at_its_place(
    tmp_path: Path, text: str, id_: str, line: int, column: int, hint: str
) -> None:
    (tmp_path / "orchestrate.toml").write_text(text)
    started = time.process_time()
    found = plan(tmp_path, CALL)
    (problem,) = found.errors
    assert time.process_time() - started < 5
    assert problem.id == id_
    assert (problem.spans[0].line, problem.spans[0].column) == (line, column)
    assert problem.spans[0].file.endswith("orchestrate.toml")
    assert hint in (problem.hint or "")


def test_with_a_mistake_in_the_settings_nothing_of_them_counts(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text('[rules]\nignore = ["same-person"]\nselct = []\n')
    assert plan(tmp_path, CALL).ids == ["unknown-key", "same-person"]


def test_hostile_settings_take_no_time_and_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "orchestrate.toml"
    names = ",".join(f'"rule-{n}"' for n in range(5_000))
    started = time.process_time()
    for raw in (b"\xff\xfe[\0", b"#" * (LARGEST + 1), f"[rules]\nignore = [{names}]\n".encode()[:LARGEST]):
        path.write_bytes(raw)
        assert read_settings(tmp_path)[1]
    path.write_text(f"[rules]\nignore = [{names[:50_000].rpartition(',')[0]}]\n")
    assert 10 < len(read_settings(tmp_path)[1]) < 100
    assert time.process_time() - started < 5


@pytest.mark.parametrize("kind", ["folder", "pipe", "nowhere", "circle"])
def test_settings_that_are_no_file_are_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "orchestrate.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("orchestrate.toml" if kind == "circle" else "gone.toml")
    found = [each.id for each in read_settings(tmp_path)[1]]
    assert found == ([] if kind == "nowhere" else ["unreadable-file"])


def test_several_plans_are_told_once_of_the_settings_that_they_share(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text("[rules]\nignored = []\n")
    for name in ("one", "two"):
        plan(tmp_path, CALL)
        (tmp_path / "plan.yaml").rename(tmp_path / f"{name}.yaml")
    files = validate([str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")])
    assert [[each.id for each in file.diagnostics if each.is_error] for file in files] == [["unknown-key"], []]


@pytest.mark.parametrize(("ignored", "expected"), [("", ["name-twice"]), ('"name-twice"', [])])
def test_what_only_several_plans_show_is_switched_too(tmp_path: Path, ignored: str, expected: list[str]) -> None:
    (tmp_path / "orchestrate.toml").write_text(f"[rules]\nignore = [{ignored}]\n")
    for name in ("one", "two"):
        plan(tmp_path, 'calls: [{id: a, To: "+919900000001"}]\n')
        (tmp_path / "plan.yaml").rename(tmp_path / f"{name}.yaml")
    _, second = validate([str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")])
    assert [each.id for each in second.diagnostics] == expected
