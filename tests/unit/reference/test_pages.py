"""Every name that people meet is documented, and what the documentation shows is so."""

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.reference.examples import told

from orchestrator.app.explain import all_pages, finding_pages
from orchestrator.model.exit_codes import Exit
from orchestrator.model.page import Example, Page, Subject
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.reference.page_text import NARROWEST, WIDEST, page_text

ROOT = Path(__file__).parents[3]
PAGES = all_pages()
FINDINGS = finding_pages()
WITHOUT_EXAMPLE = {
    # What only a journal, a target beside a plan, the carrier or the machine gives rise to.
    *("numbers-changed", "name-taken", "unchanged", "older-journal", "run-cannot-proceed", "account-unknown"),
    *(
        "suppressed-when-reviewed",
        "review-not-remembered",
        "dnd-when-run",
        "dnd-registered",
        "notify-unsigned",
        "notify-unencrypted",
        "notify-failed",
        "notify-slow",
        "not-unknown",
        "sid-taken",
        "target-as-it-is",
    ),
    *("policy-not-obeyed", "toml-syntax"),
    *("caller-id-not-allowed", "digest-required", "approved", "cost-unknown", "other-currency"),
    # What is wrong with a file as a whole, or with how it is named.
    *(
        "not-a-mapping",
        "empty-document",
        "not-utf-8",
        "not-text",
        "not-fetched",
        "bad-row",
        "line-too-long",
        "file-too-large",
    ),
    *("unreadable-file", "not-a-file", "no-such-root", "reserved-name", "unknown-target", "name-twice", "no-name"),
    # What would fill a screen.
    *("too-many-aliases", "too-many-values", "too-many-problems", "too-long", "value-too-long"),
}
"""Findings that no piece of a plan or target file can show."""


def examples(*, good: bool) -> Iterator[tuple[Page, Example]]:
    for page in PAGES:
        example = page.good if good else page.bad
        if example is not None and page.inside is None:
            yield page, example


def names(found: tuple[Page, Example]) -> str:
    return f"{found[0].subject} {found[0].name}"


@pytest.mark.parametrize("found", [*examples(good=True)], ids=names)
def test_an_example_passes_validation_and_nothing_is_said_of_it(found: tuple[Page, Example], tmp_path: Path) -> None:
    assert told(found[1], tmp_path / "root") == ()


INHERENT = {"in-abandoned": ("same-person",)}
"""What cannot be shown without another finding: few agents stand as To of many calls."""


@pytest.mark.parametrize("found", [*examples(good=False)], ids=names)
def test_a_wrong_example_is_reported_with_the_id_that_it_names(found: tuple[Page, Example], tmp_path: Path) -> None:
    page, example = found
    ids = {item.id for item in told(example, tmp_path / "root")}
    assert example.finding in ids
    assert page.subject is not Subject.FINDING or ids == {page.name, *INHERENT.get(page.name, ())}


def test_a_finding_is_shown_by_an_example_unless_none_can_show_it() -> None:
    assert {page.name for page in FINDINGS.values() if page.bad is None} == WITHOUT_EXAMPLE
    assert {page.name for page in FINDINGS.values() if page.good is None} == WITHOUT_EXAMPLE


def test_the_severity_of_a_finding_is_that_of_its_example(tmp_path: Path) -> None:
    for page in FINDINGS.values():
        if page.bad is not None:
            (severity,) = {item.severity.value for item in told(page.bad, tmp_path / page.name)}
            assert severity in page.standing.removeprefix("a finding, ").split(" or ")


MAKERS = {
    *(
        "error",
        "warning",
        "note",
        "ValueProblem",
        "FileRefusal",
        "_error",
        "_report",
        "_bound",
        "_NotARow",
        "ParseError",
        "Rule",
        "PackRule",
    ),
}
"""The functions and classes that a finding's id is given to."""


def made() -> set[str]:
    """The ids that the code gives to findings, wherever they are written."""
    found: set[str] = set()
    for path in (ROOT / "orchestrator").rglob("*.py"):
        if path.is_relative_to(ROOT / "orchestrator/cli") or path.is_relative_to(ROOT / "orchestrator/reference"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                given = node.args[2:3] if called == "ParseError" else node.args[:1]
                found.update(
                    each.value
                    for each in given
                    if called in MAKERS
                    and isinstance(each, ast.Constant)
                    and re.fullmatch("[a-z0-9-]+", str(each.value))
                )
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
                found.update({node.value.value} & FINDINGS.keys())  # an id that has a name of its own
    return found


def test_every_id_that_the_code_gives_to_a_finding_is_documented_and_no_other() -> None:
    assert made() - {"wrong-form"} == FINDINGS.keys() - {"wrong-form"}, (
        "document it in orchestrator/reference/findings/, or with its rule"
    )


def test_every_id_of_the_interface_is_documented() -> None:
    interface = json.loads((ROOT / "tests/unit/interface.json").read_text())
    no_findings = {"not-sent"}  # of a callback that the sandbox owes
    assert set(interface["finding ids"]) - no_findings == FINDINGS.keys()


HEADS = re.compile(r"^(?:\S+:\d+:\d+: )?(?:error|warning|note)\[([a-z0-9-]+)\]: ", re.MULTILINE)


def test_what_the_plans_of_the_tests_report_is_documented() -> None:
    for path in (ROOT / "tests/plans/invalid").glob("*.expected.txt"):
        told_of = HEADS.findall(path.read_text())
        assert told_of
        assert set(told_of) - FINDINGS.keys() == set()


def keys(schema: object, path: str = "") -> Iterator[str]:
    """Each lower-case key that a schema describes, found by looking everywhere."""
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            if not name[0].isupper():
                yield f"{path}{name}"
                yield from keys(inner, f"{path}{name}.")
        for word, inner in schema.items():
            if word in ("items", "anyOf"):
                yield from keys(inner, path)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keys(inner, path)


def test_every_key_of_plans_policies_and_target_files_has_a_page() -> None:
    plan_keys = {page.name for page in PAGES if page.subject in (Subject.PLAN_KEY, Subject.POLICY_KEY)}
    assert plan_keys == set(keys(plan_schema()))
    assert {page.name for page in PAGES if page.subject is Subject.TARGET_KEY} == set(keys(target_schema()))


def test_every_exit_code_has_a_page() -> None:
    assert {page.name for page in PAGES if page.subject is Subject.EXIT_CODE} == {str(int(code)) for code in Exit}


def test_every_page_says_what_its_name_is_in_whole_sentences() -> None:
    for page in PAGES:
        assert page.what.endswith("."), page.name
        assert page.why == "" or page.why.endswith("."), page.name
        assert page.why or page.subject in (Subject.PARAMETER, Subject.WORD) or page.inside, page.name


def test_every_key_has_a_right_and_a_wrong_example_and_they_hold_the_key() -> None:
    for page in PAGES:
        if page.subject in (Subject.PLAN_KEY, Subject.POLICY_KEY, Subject.TARGET_KEY) and page.inside is None:
            last = page.name.rpartition(".")[2]
            shown = [example for example in (page.good, page.bad) if example is not None]
            assert len(shown) == 2
            assert all(re.search(rf"\b{last}:", example.text) or last == "vars" for example in shown), page.name


def test_no_two_pages_of_a_subject_have_one_name() -> None:
    assert len({(page.subject, page.name) for page in PAGES}) == len(PAGES)


SCREENS = Path(__file__).parent / "screens"
SHOWN = ["TimeOut", "policy.window", "calls.rows.sample", "guardrails.expect", "wrong-separator", "6", "disposition"]


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_looks_as_it_is_stored(name: str, width: int) -> None:
    """`UPDATE_EXPECTED=1` stores what it looks like now: read the difference before committing it."""
    (page,) = (page for page in PAGES if page.name == name)
    stored, text = SCREENS / f"{name}-{width}.txt", page_text(page, width)
    if os.environ.get("UPDATE_EXPECTED") == "1":
        stored.write_text(text)
    assert text == stored.read_text()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 140])
def test_every_page_fits_its_terminal_but_for_what_can_be_copied(width: int) -> None:
    for page in PAGES:
        quoted = {
            f"    {line}".rstrip()
            for example in (page.good, page.bad)
            if example is not None
            for text in (example.text, *example.files.values())
            for line in text.splitlines()
        }
        for line in page_text(page, width).splitlines():
            assert len(line) <= max(NARROWEST, min(width, WIDEST)) or line in quoted or " " not in line.strip()[4:], (
                line
            )
