"""Ids of a million calls, and findings of a million rows, in bounded memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.diagnostic import Severity, error, warning
from orchestrator.plan.duplicates import SeenTexts
from orchestrator.plan.findings import SKIPPED, BoundedFindings, is_skipped_row


@given(st.lists(st.text(max_size=3)))
def test_an_id_that_comes_again_gives_the_number_of_the_first(ids: list[str]) -> None:
    seen = SeenTexts()
    first: dict[str, int] = {}
    for number, call_id in enumerate(ids):
        assert seen.add(call_id, number) == first.get(call_id)
        first.setdefault(call_id, number)
    assert len(seen) == len(first)


def test_a_hundred_thousand_ids_take_under_five_megabytes() -> None:
    tracemalloc.start()
    seen = SeenTexts()
    assert all(seen.add(f"order-{number}", number << 30) is None for number in range(100_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    assert seen.add("order-99999", 0) == 99_999 << 30


def test_the_first_findings_of_a_kind_are_kept_and_the_rest_counted() -> None:
    collected = BoundedFindings(limit=2)
    for number in range(1_000_000 // 1000):
        collected.add(error("short-row", f"row {number}"))
    collected.add(warning("advised", "once"))
    assert [(item.id, item.message) for item in collected.findings()] == [
        ("short-row", "row 0"),
        ("short-row", "row 1"),
        ("advised", "once"),
        ("short-row", "... and 998 more like this"),
    ]
    assert collected.errors == 1000
    assert collected.count(Severity.WARNING) == 1


def test_skipped_rows_are_counted() -> None:
    collected = BoundedFindings()
    for finding in (warning("short-row", SKIPPED + "too short"), warning("advised", "x"), error("short-row", SKIPPED)):
        collected.add(finding)
    assert collected.skipped_rows == 1
    assert not is_skipped_row(warning("short-row", "the row is short"))
