"""The report as a page: it tells what the other formats tell, and nothing that others wrote is alive in it."""

import csv
import io
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from unit.reports.day import BACKGROUND, POLICY, day
from unit.reports.day import RUN as DAY_RUN
from unit.reports.page import Page
from unit.reports.told import AGENT, BUSY, CALLS, COMPLETED, DANGEROUS, PERSON, REJECTED, RUN, SID, call, report

from orchestrator.exotel.masking import Masker
from orchestrator.model.background import Background
from orchestrator.model.outcome import Disposition, Leg
from orchestrator.model.policy import Policy, Rate, Window
from orchestrator.model.record import AttemptRecord, Part
from orchestrator.reports import report_html
from orchestrator.reports.report import Report
from orchestrator.reports.report_csv import csv_report
from orchestrator.reports.report_html import LONGEST, html_report

OUTCOME = "What became of the calls"


def written(told: Report, *, unmask: bool = False) -> str:
    return "".join(html_report(told, Masker(unmask)))


def page(told: Report, *, unmask: bool = False) -> Page:
    found = Page(written(told, unmask=unmask))
    found.check()
    return found


def test_every_figure_of_the_headline_is_the_one_of_the_other_formats() -> None:
    told = day(300)
    found = page(told)
    rows = list(csv.DictReader(io.StringIO("".join(csv_report(told, Masker())))))
    assert {word: n for word, (n, _) in found.figures(OUTCOME).items()} == {
        word.value: f"{told.totals[word.value]:,}" for word in Disposition if told.totals.get(word.value)
    }
    assert [(row[0], row[1], row[4]) for row in found.calls] == [
        (row["id"], row["disposition"], row["attempts"]) for row in rows
    ]
    said = "\n".join(found.texts["dl"])
    assert f"{told.totals['completed']:,}" in said
    assert f"{sum(float(row['cost'] or 0) for row in rows):,.2f} INR" in said


def test_the_funnel_counts_how_far_each_call_came() -> None:
    assert {step: row[0] for step, row in page(report()).figures("How far they came").items()} == {
        "planned": "7",
        "dialed": "3",  # vip-1, busy-1, and lost: perhaps it rang
        "accepted": "2",
        "leg 1 answered": "1",
        "leg 2 answered": "1",
        "completed": "1",
    }


def test_an_edition_without_calls_says_so_and_shows_no_figures_of_nothing() -> None:
    found = page(report(()))
    assert found.texts["main"][0].count("There are no calls.") == 2
    assert "How far they came" not in found.tables


@pytest.mark.parametrize(("left", "words"), [(0, "none still is"), (1, "1 still is"), (2, "2 still are")])
def test_what_became_of_unknown_outcomes_is_told_in_words(left: int, words: str) -> None:
    background = Background(once_unknown={"found by look-up": 3, **({"unknown": left} if left else {})})
    said = page(replace(report(), background=lambda: background)).texts["main"][0]
    assert f"The outcome of {3 + left} attempts was unknown at some time; {words}." in said


@pytest.mark.parametrize("cap", [None, Rate(20, 60.0), Rate(1, 366 * 86_400.0), Rate(10**9, 0.001)], ids=str)
@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z"])
def test_a_time_that_no_run_can_have_had_is_shown_as_it_is_and_counted_nowhere(at: str, cap: Rate | None) -> None:
    """A damaged journal has it: no calendar has the year after it."""
    told = call("a", Disposition.COMPLETED, replace(COMPLETED, started_at=at, placed_at=at), replace(BUSY, ended_at=at))
    policy = replace(POLICY, pace=cap)
    found = page(replace(report((told,)), background=lambda: replace(BACKGROUND, policy=policy)))
    assert "1 request left" in found.texts["main"][0]
    assert f"began {at}" in found.texts["main"][0]


def test_what_there_is_one_of_is_told_as_one_and_a_short_talk_in_seconds() -> None:
    said = page(report((call("a", Disposition.COMPLETED, COMPLETED),))).texts["main"][0]
    assert [words for words in ("To rang for 9 s.", "The one talk took 41 s.") if words not in said] == []
    assert "Half of" not in said
    assert "talked41 s in 1 talk" in said
    long = replace(COMPLETED, legs=(), duration=100)
    said = page(report((call("a", Disposition.COMPLETED, long), call("b", Disposition.COMPLETED, long)))).texts["main"][
        0
    ]
    assert "Half of 2 talks took 100 s or less, nine of ten 100 s or less. They come to 3 min." in said


def test_a_call_has_its_story_below_its_row() -> None:
    told = call("vip-1", Disposition.COMPLETED, replace(BUSY, message="busy tone"), COMPLETED, carry={"hub": "BLR-4"})
    (story,) = [row[0] for rows in page(report((told,))).tables.values() for row in rows if "Close" in row[0]]
    for words in (
        "Attempt 1 began 2026-11-22 08:00:01; accepted (by callback); HTTP 200; Sid sid-1; ended busy; cost 0.60 INR",
        "0.60 INR; busy tone",
        "Attempt 2 began 2026-11-22 09:00:01",
        f"Sid {SID}; leg 1 completed for 50 s; leg 2 completed for 41 s by Human; ended completed at 2026-11-22",
        "recording https://***@recordings.example/",
        "hub: BLR-4",
    ):
        assert words in story


def test_how_the_run_was_made_is_told() -> None:
    said = page(day(5)).texts["dl"][-1]
    for words in (
        DAY_RUN.digest,
        DAY_RUN.head,
        "ravi (2026-11-22 16:30:00), meera",
        "exotel",
        "20/minute",
        "runs of the edition2",
    ):
        assert words in said.replace("\n", "")
    assert (
        "so far"
        in page(replace(day(5), run=replace(DAY_RUN, head=None, ended_at=None, exit_code=None))).texts["dl"][-1]
    )


def test_the_cost_stands_against_the_estimate_and_the_limit() -> None:
    found = page(day(300))
    rows = found.figures("What it cost")
    assert rows["the estimate, from the least to the most"] == ["8,150.00\u201311,480.00 INR"]
    assert rows["the plan's limit (limits.cost)"] == ["15,000.00 INR"]
    assert "The estimate was 8,150.00\u201311,480.00 INR." in found.texts["main"][0]
    assert "estimate" not in page(report()).texts["main"][0]


def test_times_are_those_of_the_plans_window_and_the_page_says_so() -> None:
    found = page(day(3))
    assert "Times are in Asia/Kolkata" in found.texts["header"][0]
    assert found.calls[0][5] == "2026-11-23 09:00:06"
    assert "Times are in UTC" in page(report()).texts["header"][0]
    nowhere = Policy(windows=(Window(frozenset({0}), 0, 1440, "Mars/Base"),))
    assert "UTC" in page(replace(day(3), background=lambda: Background(nowhere))).texts["header"][0]


def test_what_was_asked_for_and_what_a_reader_must_know_first_is_told() -> None:
    part = Part("vip-*", (Disposition.BUSY,))
    notes = page(report(run=replace(RUN, ended_at=None, exit_code=None), part=part)).texts["header"][0]
    assert "No phone rang" in notes
    assert "The run goes on" in notes
    unmet = page(report(run=replace(RUN, unmet="completed: 60% wished, 14.3% it is"))).texts["header"][0]
    assert "Not as wished: completed: 60% wished, 14.3% it is." in unmet
    assert "Only calls with ids like vip-* and disposition busy." in notes
    assert "No phone rang" not in page(day(3)).texts["header"][0]


@pytest.mark.parametrize("unmask", [False, True])
def test_nothing_that_others_wrote_is_alive(unmask: bool) -> None:
    found = page(report((*CALLS, *DANGEROUS)), unmask=unmask)
    assert len(found.calls) == len(CALLS) + len(DANGEROUS)
    text = "".join(found.texts["html"])
    assert "\u202e" not in text
    assert not any(ord(each) < 32 and each != "\n" for each in text)


WORST = '</script></style>{{ 7*7 }}{% raw %}" onclick=x javascript:alert(1) \u202ertl\x00\x1b[2J <svg/onload=a>'


def test_whatever_is_written_into_every_text_stays_text() -> None:
    """Ten kilobytes of it, in all that a plan, a person or the carrier writes."""
    text = WORST + "x" * 10_000 + WORST
    attempt = AttemptRecord(
        1, text, sid=text, recording_url=text, price="1", currency=text, message=text, ended_at=text
    )
    worst = replace(
        call(text, Disposition.REJECTED, attempt, reason=text, carry={text: text}), from_number=text, to_number=text
    )
    held = replace(BACKGROUND.holds[0], reason=text, by=text)
    background = replace(BACKGROUND, holds=(held,), approvals=(replace(BACKGROUND.approvals[0], by=text, at=text),))
    run = replace(RUN, plan=WORST, edition=WORST, target=WORST, id=WORST, started_at=text, digest=text, head=text)
    found = page(replace(report((worst,), run=run, part=Part(text)), background=lambda: background), unmask=True)
    assert "{{ 7*7 }}" in found.calls[0][0]
    said = "".join(found.texts["body"])
    assert not any(ord(each) < 32 and each != "\n" for each in said)
    assert "\u202e" not in said
    assert len(found.calls[0][0]) <= LONGEST + 20


@settings(max_examples=60, deadline=None)
@example("Call", True)  # as the head of the table says
@given(st.text(max_size=200), st.booleans())
def test_any_text_at_all_stays_text(text: str, unmask: bool) -> None:
    attempt = replace(REJECTED, message=text, sid=text, legs=(Leg(text, 1, text),))
    found = page(report((call(text, Disposition.REJECTED, attempt, carry={text: text}),)), unmask=unmask)
    assert found.calls[0][0] == Masker(unmask).shown(text)


def test_no_number_is_shown_unless_it_is_asked_for() -> None:
    hidden, shown = written(report((*CALLS, *DANGEROUS))), written(report((*CALLS, *DANGEROUS)), unmask=True)
    for number in (AGENT, PERSON, "08012345678", "919900000002", "919876543210"):
        assert number not in hidden
        assert number in shown
    assert SID in hidden
    assert "secret" not in hidden


def test_of_more_calls_than_the_table_holds_every_so_many_th_is_shown_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report_html, "MOST_ROWS", 300)
    found = page(day(1000))
    assert [row[0] for row in found.calls] == [f"order-{n + 1:05}" for n in range(0, 1000, 4)]
    assert "These are 250 of 1,000 calls: one of every 4" in found.texts["main"][0]
    assert found.figures("How far they came")["planned"][0] == "1,000"
    assert "one of every" not in page(day(300)).texts["main"][0]


@pytest.mark.parametrize("count", [0, 1, 100, 101])
def test_the_first_hundred_rows_are_laid_out_and_the_others_wait(count: int) -> None:
    found = page(day(count))
    assert len(found.calls) == count
    laid_out = next((rows for caption, rows in found.tables.items() if caption.startswith("The calls,")), [])
    assert sum(row[0].startswith("order-") for row in laid_out) == min(count, 100)
    assert ("template" in found.texts) is (count > 100)


def test_agents_whose_numbers_are_masked_alike_are_told_apart() -> None:
    pair = [replace(each, from_number=f"+9180{n}9171234") for n, each in enumerate(CALLS[:2])]
    names = list(page(report(pair)).figures("Agents side by side"))
    assert names == ["+9180******34 (1)", "+9180******34 (2)"]


def test_the_template_engine_is_loaded_for_this_format_alone() -> None:
    code = (
        "import sys; from orchestrator.reports import formats, report_json, report_html;"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
