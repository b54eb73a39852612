"""The last screen of a run."""

import io
from dataclasses import replace

import pytest

from orchestrator.cli.render.summary import NO_PHONE_RANG, UNKNOWN_SHOWN, meaning, print_summary, summary
from orchestrator.exotel.masking import Masker
from orchestrator.model.exit_codes import MEANINGS
from orchestrator.model.record import RunRecord
from orchestrator.progress.times import duration_in_words

DIGEST = "sha256:" + "0123456789abcdef" * 4
RUN = RunRecord("r1", "cod", "[/x]", DIGEST, "sandbox", "2026-11-22T09:00:00Z", "2026-11-22T09:00:04.200Z", 1)
HEAD = "sha256:" + "fedcba9876543210" * 4
TOTALS = {"calls": 1004, "completed": 1000, "busy": 3, "unknown": 1, "attempts": 1010}


def screen(
    unknown: tuple[str, ...] = (),
    *,
    sandbox: bool = True,
    colour: bool = False,
    code: int = 1,
    run: RunRecord = RUN,
    own: int | None = None,
) -> str:
    stream = io.StringIO()
    print_summary(
        summary(run, TOTALS, unknown, own),
        journal="/var/lib/j.db",
        exit_code=code,
        meant=meaning(code),
        sandbox=sandbox,
        masker=Masker(),
        stream=stream,
        colour=colour,
    )
    return stream.getvalue()


def test_it_shows_dispositions_figures_journal_and_what_the_code_means():
    lines = screen().splitlines()
    assert lines[0] == "cod, edition [/x], target sandbox"
    assert [line.split()[:2] for line in lines[1:4]] == [["completed", "1,000"], ["busy", "3"], ["unknown", "1"]]
    assert "calls   1,004, 1,010 attempts in 4.2 s" in lines
    assert "journal /var/lib/j.db" in lines
    assert f"digest  {DIGEST}" in lines
    assert "exit    1: every call has its disposition, and they are not as wished" in lines


def test_a_re_run_tells_what_it_did_now_and_what_stood_before():
    assert "calls   1,004, 1,010 attempts (10 now, 1,000 before) in 4.2 s" in screen(own=10).splitlines()
    assert "calls   1,004, 1,010 attempts (0 now, 1,010 before) in 4.2 s" in screen(own=0).splitlines()
    assert screen(own=1010) == screen()


@pytest.mark.parametrize(
    ("code", "waiting", "told", "words"),
    [
        (0, 0, {}, "all calls as wished"),
        (1, 0, {}, "every call has its disposition, and they are not as wished"),
        (0, 1000, {}, "what was asked for is done; 1,000 of the plan wait"),  # --limit
        (1, 1, {}, "the calls are not as wished; 1 of the plan waits"),
        (0, 0, {"only": True}, MEANINGS[0]),
        (1, 0, {"only": True}, MEANINGS[1]),
        (0, 3, {"only": True}, "what was asked for is done; 3 of the plan wait"),
        (1, 1, {"only": True}, "the calls that --only chose are not as wished; 1 of the plan waits"),
        (0, 0, {"until_placed": True}, "no call was rejected"),
        (0, 3, {"until_placed": True}, "no call was rejected; 3 of the plan wait"),
        (1, 3, {"until_placed": True}, "calls were rejected; 3 of the plan wait"),
        (1, 0, {"until_placed": True, "only": True}, "calls were rejected"),
        (0, 2, {"until_placed": True, "only": True}, "no call that --only chose was rejected; 2 of the plan wait"),
        (5, 9, {"until_placed": True, "only": True}, MEANINGS[5]),
        (6, 9, {"only": True}, MEANINGS[6]),
        (99, 0, {"only": True}, "unlisted"),
    ],
)
def test_the_meaning_of_the_code_is_true_of_what_the_run_was_told(code, waiting, told, words):
    assert meaning(code, waiting, **told) == words
    assert len(f"exit    {code}: {words}") <= 80


def test_the_journals_head_stands_below_it_once_the_run_has_ended():
    ended = screen(run=replace(RUN, journal="jr_1", head=HEAD)).splitlines()
    assert ended[ended.index("journal /var/lib/j.db") + 1] == f"head    {HEAD}"
    assert max(len(line) for line in ended) <= 80
    assert "head" not in screen()


def test_the_last_line_of_a_sandbox_run_says_that_no_phone_rang():
    assert screen().splitlines()[-1] == NO_PHONE_RANG
    assert "no phone rang" not in screen(sandbox=False)


def test_unknown_calls_are_listed_masked_and_bounded():
    shown = screen(tuple(f"order-91990000{n:04}" for n in range(UNKNOWN_SHOWN + 5)), code=6)
    assert "order-91990***" in shown
    assert "919900000001" not in shown
    assert "... and 5 more" in shown
    assert shown.splitlines()[-1] == NO_PHONE_RANG


def test_colour_where_it_is_wanted():
    assert "\x1b[" in screen(colour=True)


def test_no_colour_where_none_is_wanted():
    assert "\x1b" not in screen()


def test_every_line_of_figures_fits_80_columns():
    assert max(len(line) for line in screen().splitlines()) <= 80


def test_durations_read_well():
    assert [duration_in_words(seconds) for seconds in (0, 4.23, 59.9, 60, 200, 3599.6, 7500)] == [
        "0.0 s", "4.2 s", "59.9 s", "1 min 0 s", "3 min 20 s", "1 h 0 min", "2 h 5 min",
    ]  # fmt: skip
