"""The report as Markdown: what GitHub makes of it is ours alone, it fits a comment, and it tells what matters first."""

from dataclasses import replace

import pytest
from acceptance.github import Page
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.reports.told import AGENT, BUSY, CALLS, COMPLETED, DANGEROUS, PERSON, RUN, SID, call, report

from orchestrator.exotel.masking import Masker
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import CallRecord, Part
from orchestrator.reports.markdown import LONGEST
from orchestrator.reports.report import Report
from orchestrator.reports.report_markdown import MOST_REASONS, markdown_report


def written(told: Report, *, unmask: bool = False) -> str:
    return "".join(markdown_report(told, Masker(unmask)))


def many(count: int, disposition: Disposition = Disposition.REJECTED, text: str = "") -> list[CallRecord]:
    return [call(f"{n} {text}", disposition, reason=f"{n % 3_000} {text}") for n in range(count)]


def test_the_headline_the_figures_and_the_reasons_come_first() -> None:
    text = written(report())
    head = text.split("<details")[0].splitlines()
    assert head[0] == "### `cod`, edition `2026-11-22`: 1 of 7 calls completed"
    assert head[2:] == [
        "- 7 calls, 5 attempts, target `sandbox`",
        "- cost `2.40 INR`, as far as the carrier has told",
        f"- not as wished: `{RUN.unmet}`",
        "",
    ]
    assert "| completed | 1 | 14.3% |" in text
    assert "| rejected | `RestException 400: To +9199******01 is no number` | 1 |" in text
    assert "| `busy-1` |  | 1 | `2026-11-22T08:00:01Z` |" in text
    assert text.rstrip().splitlines()[-1].startswith(f"run `{RUN.id}`, `{RUN.started_at}` to")
    folded = [line for line in text.splitlines() if line.startswith("<details>")]
    assert [line.split("<summary>")[1] for line in folded] == [
        f"1 {word}</summary>" for word in ("unknown", "rejected", "busy", "waiting", "not-dialed", "suppressed")
    ]


def test_what_was_asked_for_and_that_the_run_goes_on_is_told() -> None:
    part = Part("vip-`*|", (Disposition.BUSY, Disposition.NO_ANSWER))
    text = written(report(run=replace(RUN, ended_at=None, exit_code=None, head=None), part=part))
    assert "- only calls with ids like `vip-\\x60*\\x7c` and disposition busy, no-answer\n" in text
    assert "- **the run goes on**\n" in text
    Page(text).check()


def test_prices_of_two_currencies_are_told_apart() -> None:
    mixed = call("m", Disposition.COMPLETED, replace(BUSY, currency="USD"), COMPLETED)
    assert "- cost `1.20 INR and 0.60 USD`, as far" in written(report((mixed,)))


@pytest.mark.parametrize("unmask", [False, True])
def test_nothing_that_others_wrote_is_alive(unmask: bool) -> None:
    text = written(report((*CALLS, *DANGEROUS)), unmask=unmask)
    Page(text).check()
    assert "@team" in "\n".join(Page(text).code)


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_text_at_all_is_alive(text: str) -> None:
    told = report((call(text, Disposition.REJECTED, reason=text), call("b", Disposition.BUSY)), part=Part(text))
    Page(written(told, unmask=True)).check()


@pytest.mark.parametrize("text", ["x" * 200, "|" * 200, "\U0001f600" * 200, "`" * 200])
def test_it_fits_a_comment_whatever_the_calls(text: str) -> None:
    calls = [each for word in Disposition for each in many(400, word, text)]
    shown = written(report(calls))
    assert len(shown.encode()) <= LONGEST
    Page(shown).check()
    assert "... and" in shown


def test_reasons_that_are_all_different_are_counted_as_others() -> None:
    shown = written(report(many(2 * MOST_REASONS)))
    assert "| rejected | `other reasons` | 1,000 |" in shown
    assert f"... and {MOST_REASONS + 1 - 50:,} more" in shown
    assert "... and 1,950 more" in shown


def test_numbers_are_masked_unless_they_are_asked_for() -> None:
    for number in (AGENT, PERSON, "919900000002"):
        assert number.lstrip("+") not in written(report()).replace(SID, "")
    assert "rejected-919900000002" in written(report(), unmask=True)


def test_an_empty_edition_has_its_headline() -> None:
    assert "0 of 0 calls completed" in written(report(()))
