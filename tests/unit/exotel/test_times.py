"""The carrier's zoneless times, read in its zone and written for its filters (docs/carrier.md, times)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.exotel.facts import carrier_moment, carrier_text

INDIA, BERLIN = "Asia/Kolkata", "Europe/Berlin"
AT = 1795338000  # 2026-11-22 09:00:00 UTC, from `date -u -d`


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22 14:30:00",
        " 2026-11-22T14:30:00 ",
        "2026-11-22 14:30:00.000",
        "2026-11-22T14:30:00+05:30",
        "2026-11-22T14:30:00+0530",
        "2026-11-22T09:00:00Z",
        "2026-11-22t09:00:00z",
        "2026-11-22T04:00:00-05:00",
        "Sun, 22 Nov 2026 14:30:00 +0530",
        "22 Nov 2026 09:00:00 GMT",
    ],
)
def test_one_moment_in_all_spellings(written: str) -> None:
    assert carrier_moment(written, INDIA) == AT


def test_a_zoneless_time_is_read_in_the_accounts_zone() -> None:
    assert carrier_moment("2026-11-22 10:00:00", BERLIN) == AT
    assert carrier_moment("2026-11-22 17:00:00", "Asia/Singapore") == AT


def test_an_hour_that_happens_twice_is_the_first() -> None:
    first = carrier_moment("2026-10-25 02:30:00", BERLIN)
    assert first == carrier_moment("2026-10-25T02:30:00+02:00", INDIA)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "null",
        "soon",
        "1970-01-01 05:30:00",
        "0000-00-00 00:00:00",
        "2026-13-01 00:00:00",
        "2026-02-30 00:00:00",
        "2026-11-22",
        "2026-11-22 14:30",
        "2026-W47-7 14:30:00",
        "1795338000",
        "22 Nov 2026 09:00:00",
        "22 Nov 2026 09:00:00 +9999999",
        "22 Nov 99999 09:00:00 GMT",
        "٢٠٢٦-11-22 14:30:00",
    ],
)
def test_what_is_no_moment_is_none(written: str | None) -> None:
    assert carrier_moment(written, INDIA) is None


@pytest.mark.parametrize("written", ["0001-01-01 00:00:00", "0001-01-01 00:00:00+23:00", "9999-12-31 23:59:59-23:00"])
def test_the_ends_of_the_calendar_do_not_raise(written: str) -> None:
    carrier_moment(written, INDIA)


@given(st.text(max_size=40) | st.from_regex(r"[0-9 :T+Z-]{19,25}", fullmatch=True))
def test_no_text_raises(written: str) -> None:
    carrier_moment(written, INDIA)


@pytest.mark.parametrize(("epoch", "text"), [(AT, "2026-11-22 14:30:00"), (AT + 0.999, "2026-11-22 14:30:00")])
def test_a_moment_is_written_in_whole_seconds_of_the_zone(epoch: float, text: str) -> None:
    assert carrier_text(epoch, INDIA) == text


@given(st.integers(min_value=86400 * 2, max_value=4_000_000_000))
def test_there_and_back(epoch: int) -> None:
    assert carrier_moment(carrier_text(epoch, INDIA), INDIA) == epoch
