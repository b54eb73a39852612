"""What the carrier's headers say of quiet: read where they are there, believed as far as they can be true."""

import pytest

from orchestrator.exotel.placement import DEFAULT_QUIET, LONGEST_RESET, LONGEST_WAIT, quiet
from orchestrator.model.outcome import Exchange

DATE = "Mon, 05 Jan 2026 10:00:00 GMT"
AT = 1767607200


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {}, None),
        (200, {"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(AT + 9), "date": DATE}, None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 9), "date": DATE}, 9.0),
        (404, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 9), "date": DATE}, 9.0),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT - 9), "date": DATE}, None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 9)}, None),
        (200, {"x-ratelimit-remaining": "0"}, None),
        (200, {"x-ratelimit-remaining": "none", "x-ratelimit-reset": "soon", "date": DATE}, None),
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + LONGEST_RESET + 1), "date": DATE}, None),
        (200, {"retry-after": "9"}, None),
        (429, {}, DEFAULT_QUIET),
        (429, {"retry-after": "0"}, DEFAULT_QUIET),
        (429, {"retry-after": "9"}, 9.0),
        (429, {"retry-after": "Mon, 05 Jan 2026 10:00:30 GMT", "date": DATE}, 30.0),
        (429, {"x-ratelimit-reset": str(AT + 9), "date": DATE}, 9.0),
        (429, {"retry-after": "99999999"}, LONGEST_WAIT),
    ],
)
def test_how_long_no_request_may_leave(status: int, headers: dict[str, str], seconds: float | None) -> None:
    assert quiet(Exchange(True, status, headers, b"", complete=True)) == seconds


def test_no_answer_asks_for_nothing() -> None:
    assert quiet(Exchange(bytes_sent=True, error="broken")) is None
