"""`explain`: every name is found as people type it, and what is not there is answered with what is near."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestrator.app.explain import all_pages, names_by_subject
from orchestrator.cli.main import main

ROOT = Path(__file__).parents[3]


def explain(*words: str, **environment: str) -> str:
    """What `explain` prints; it does not fail."""
    found = CliRunner().invoke(main, ["explain", *words], env=environment)
    assert (found.exit_code, found.stderr) == (0, ""), found.output
    return found.stdout


def headings(text: str) -> list[str]:
    """The first lines of the pages of an answer."""
    return [line.split(": ")[0] for line in text.splitlines() if line[:1].strip()]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        (["window"], "policy.window"),
        (["policy.window"], "policy.window"),
        (["POLICY.WINDOW"], "policy.window"),
        (["policy.window[0].days"], "policy.window.days"),
        (["days"], "policy.window.days"),
        (["guardrails.expect"], "guardrails.expect"),
        (["approval_for"], "guardrails.approval_for"),
        (["approval-for"], "guardrails.approval_for"),
        (["bad-row"], "bad-row"),
        (["bad", "row"], "bad-row"),
        (["number_to_guess"], "number-to-guess"),
        (["4"], "4"),
        (["exit", "4"], "4"),
        (["exit code 130"], "130"),
        (["`may have rung`"], "may have rung"),
        (["agent-no-answer"], "agent-no-answer"),
        (["disposition"], "disposition"),
        (["person"], "person"),
        (["StartPlaybackToNew"], "StartPlaybackTo"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_name_is_found_as_people_type_it(typed: list[str], first: str) -> None:
    assert first in headings(explain(*typed))


def test_all_that_is_called_so_is_shown() -> None:
    assert headings(explain("pace")) == ["policy.pace", "pace", "pace"]
    assert headings(explain("journal")) == ["journal", "journal"]
    assert headings(explain("edition")) == ["edition", "edition"]


def test_what_is_alike_is_shown_once() -> None:
    assert headings(explain("attempts")) == [
        *("policy.per_person.attempts", "policy.redial.busy.attempts"),
        "policy.limits.attempts",
    ]


def test_every_page_is_found_by_its_name_and_by_each_other_spelling() -> None:
    for page in all_pages():
        for spelling in (page.name, *page.spellings):
            assert page.name in headings(explain(spelling)), spelling


def test_without_a_name_all_names_are_listed() -> None:
    text = explain()
    for subject, names in names_by_subject():
        assert f"{subject.capitalize()}s\n" in text
        assert [name for name in names if name not in text] == []


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_it_fits_the_terminal(columns: int) -> None:
    for text in (explain(COLUMNS=str(columns)), explain("sid", COLUMNS=str(columns))):
        assert max(map(len, text.splitlines())) <= min(columns, 100)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("windwo", "policy.window"),
        ("TimeOuts", "TimeOut"),
        ("guardrails.expects", "guardrails.expect"),
        ("bad-rows", "bad-row"),
        ("dispositon", "disposition"),
        ("suppresed", "suppressed"),
    ],
)
def test_an_unknown_name_is_answered_with_near_ones(typed: str, suggested: str) -> None:
    found = CliRunner().invoke(main, ["explain", typed])
    assert (found.exit_code, found.stdout) == (2, "")
    assert f"did you mean {suggested}" in found.stderr or f" or {suggested}" in found.stderr


@pytest.mark.parametrize("typed", ["", " ", "zzzzqqqq", "\x1b[2J", "##vso[x]", "9" * 500, "[0]", "é" * 80, ".."])
def test_what_is_no_name_at_all_is_wrong_usage(typed: str) -> None:
    found = CliRunner().invoke(main, ["explain", typed])
    assert (found.exit_code, found.stdout) == (2, "")
    assert "orchestrate explain" in found.stderr
    assert "\x1b" not in found.stderr
    assert "##vso" not in found.stderr


def test_no_page_is_out_of_reach_of_a_closed_standard_output() -> None:
    program = "from orchestrator.cli.main import main; main()"
    with subprocess.Popen([sys.executable, "-c", program, "explain"], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == 0
