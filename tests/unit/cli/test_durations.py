"""Durations as typed on a command line."""

import click
import pytest

from orchestrator.cli.options import duration


def seconds(text: str | None) -> float | None:
    context = click.Context(click.Command("x"))
    return duration(context, click.Option(["--wait"]), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("1h30m", 5400), ("500ms", 0.5), ("0", 0), ("0s", 0)],
)
def test_units_and_their_sums_become_seconds(text, expected):
    assert seconds(text) == expected


def test_an_option_that_was_not_given_has_no_value():
    assert seconds(None) is None


@pytest.mark.parametrize("text", ["", "15", "m", "1m1h", "-5m", "1.5h", "5 m", "٣m", "5m\n", "9" * 30 + "s", "367d"])
def test_anything_else_is_refused_with_the_forms_that_exist(text):
    with pytest.raises(click.BadParameter, match="write 90s, 15m, 2h, 1d or 1h30m"):
        seconds(text)
