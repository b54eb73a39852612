"""Calls that wait until all of a plan is found good, in memory or in a file."""

import resource
from collections.abc import Iterator

import pytest
from unit.journal.loading import spooled
from unit.journal.story import call

from orchestrator.journal.spool import BYTES_IN_MEMORY
from orchestrator.model.call import SkippedRow
from orchestrator.model.errors import CannotProceed

CALL = call("order", 1)
MORE_THAN_FIT = BYTES_IN_MEMORY // 125


@pytest.mark.parametrize("calls", [0, 1, 3_000, MORE_THAN_FIT])
def test_all_calls_come_back_in_their_order_as_often_as_they_are_asked_for(calls: int) -> None:
    spool = spooled([*[CALL] * calls, SkippedRow(None, "d.csv:7")])
    assert spool.count == calls + 1
    for _ in range(2):
        rows = [row for rows in spool.batches() for row in rows]
        assert [row.position for row in rows] == list(range(calls + 1))
        assert [row.is_call for row in rows] == [True] * calls + [False]
        assert rows[-1].place == "d.csv:7"
    if calls:
        assert (rows[0].id, rows[0].span, rows[0].pair("a")) == ("order", CALL.span, "a:+917410410123>+918123400001")


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond a megabyte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("full_disk")
def test_where_there_is_no_room_for_the_calls_that_is_said() -> None:
    with pytest.raises(CannotProceed, match="until they are loaded: File too large"):
        spooled([CALL] * MORE_THAN_FIT)
