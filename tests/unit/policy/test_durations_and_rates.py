"""Durations and rates as people write them."""

import pytest

from orchestrator.model.policy import Rate
from orchestrator.policy.units import parse_duration, parse_rate


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("24h", 86400), ("1d", 86400), ("500ms", 0.5), ("0s", 0),
     ("1h30m", 5400), ("1d2h3m4s5ms", 93784.005), ("366d", 366 * 86400)],
)  # fmt: skip
def test_a_duration_is_whole_numbers_with_units_largest_first(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "15", "m", "-1m", "1.5h", "1 m", "1M", "15m\n", "1m1h", "1m1m", "367d", "9999999999s", "٣m", "1e3s"]
)
def test_anything_else_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("150/minute", Rate(150, 60)),
        ("5/second", Rate(5, 1)),
        ("900/hour", Rate(900, 3600)),
        ("10/6s", Rate(10, 6)),
        ("1/500ms", Rate(1, 0.5)),
        ("1/1m30s", Rate(1, 90)),
    ],
)
def test_a_rate_is_a_count_and_a_length_of_time(text: str, rate: Rate) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text",
    ["", "150", "0/minute", "1/0s", "-1/minute", "1.5/minute", "150 / minute", "150/minutes", "1/day", "1/minute\n"],
)
def test_anything_else_is_no_rate(text: str) -> None:
    assert parse_rate(text) is None
