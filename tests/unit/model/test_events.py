"""A moment as reports and events write it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.events import rfc3339

EDGES = (
    0.0,
    1.0,
    0.9994999,
    0.9999996,
    1.9999995,
    1790000000.9999995,
    1790000000.0004999,
    -0.0000004,
    -1.5,
    253402300799.0,
)


@given(st.floats(-62135596800.0, 253402300799.0, allow_nan=False))
def test_it_is_the_time_in_utc_with_whole_milliseconds_begun(epoch: float) -> None:
    check(epoch)


@pytest.mark.parametrize("epoch", EDGES)
def test_what_lies_between_two_seconds_is_of_the_one_that_python_says(epoch: float) -> None:
    check(epoch)


def check(epoch: float) -> None:
    said = datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")
    assert rfc3339(epoch) == said.replace("+00:00", "Z")
