"""The verdict, row by row of docs/guarantees.md, without a socket; the sockets are in tests/contract."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.exotel.placement import verdict
from orchestrator.model.outcome import Exchange, Placement, may_have_rung

CALL = b'{"Call": {"Sid": "abc", "Status": "in-progress"}}'
DATE = "Sun, 22 Nov 2026 09:00:00 GMT"
NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def exchange(
    status: int | None, body: bytes = b"", sent: bool = True, complete: bool = True, **headers: str
) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(sent, status, named, body, complete, None if complete else "it broke")


ROWS = [
    (200, CALL, Placement.ACCEPTED, False),
    (202, CALL, Placement.ACCEPTED, False),
    (206, CALL, Placement.ACCEPTED, False),
    (200, b"{}", Placement.UNKNOWN, False),
    (204, b"", Placement.UNKNOWN, False),
    (408, b"", Placement.UNKNOWN, False),
    (425, b"", Placement.UNKNOWN, False),
    (400, CALL, Placement.UNKNOWN, False),
    (401, CALL, Placement.UNKNOWN, False),
    (429, CALL, Placement.UNKNOWN, False),
    (400, b"", Placement.REJECTED, False),
    (404, b"", Placement.REJECTED, False),
    (409, b"", Placement.REJECTED, False),
    (418, b"", Placement.REJECTED, False),
    (499, b"", Placement.REJECTED, False),
    (401, b"", Placement.REJECTED, True),
    (402, b"", Placement.REJECTED, True),
    (403, b"", Placement.REJECTED, True),
    (300, b"", Placement.REJECTED, True),
    (302, CALL, Placement.UNKNOWN, True),
    (399, b"", Placement.REJECTED, True),
    (429, b"", Placement.THROTTLED, False),
    (500, b"", Placement.UNKNOWN, False),
    (500, CALL, Placement.UNKNOWN, False),
    (502, b"", Placement.UNKNOWN, False),
    (503, b"", Placement.UNKNOWN, False),
    (504, b"", Placement.UNKNOWN, False),
    (599, b"", Placement.UNKNOWN, False),
    (101, CALL, Placement.UNKNOWN, False),
    (600, CALL, Placement.UNKNOWN, False),
    (999, b"", Placement.UNKNOWN, False),
]


@pytest.mark.parametrize(("status", "body", "placement", "account_problem"), ROWS)
def test_each_answer_has_its_placement(status: int, body: bytes, placement: Placement, account_problem: bool) -> None:
    judgement = verdict(exchange(status, body))
    assert (judgement.placement, judgement.account_problem) == (placement, account_problem)


@pytest.mark.parametrize(("status", "body", "placement", "account_problem"), ROWS)
def test_a_body_that_broke_off_after_what_was_read_changes_nothing(
    status: int, body: bytes, placement: Placement, account_problem: bool
) -> None:
    judgement = verdict(exchange(status, body, complete=False))
    assert (judgement.placement, judgement.account_problem) == (placement, account_problem)


@pytest.mark.parametrize("status", [400, 401, 404, 429])
@pytest.mark.parametrize(
    ("body", "complete"),
    [
        (b'{"Call":{', False),
        (b'{"Call":{"Status":"queued",', False),
        (b"<TwilioResponse><Call><Status>queued", False),
        (b"<html><body>The call ", False),
        (b'{"Call":{"', True),
        (b'<?xml version="1.0"?><TwilioResponse><Call><Si', True),
    ],
)
def test_a_refusal_whose_body_breaks_off_may_name_a_call(status: int, body: bytes, complete: bool) -> None:
    """An answer of which a part is missing is no proof that nothing rang, as one that cannot be decoded is none."""
    judgement = verdict(exchange(status, body, complete=complete))
    assert (judgement.placement, judgement.account_problem) == (Placement.UNKNOWN, False)
    assert "it breaks off" in (judgement.message or "")


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"status": 400}}',
        b"<Errors><Message>bad</Message></Errors>\n",
        b'{"RestException": {"Status": 40',
        b'<?xml version="1.0"?>\n<TwilioResponse><RestException><Sta',
    ],
)
def test_a_whole_document_or_the_carriers_own_refusal_is_one_whatever_length_was_announced(
    body: bytes, complete: bool
) -> None:
    assert verdict(exchange(400, body, complete=complete)).placement is Placement.REJECTED


def test_without_a_status_the_bytes_decide() -> None:
    assert verdict(exchange(None, sent=False, complete=False)).placement is Placement.UNREACHED
    assert verdict(exchange(None, sent=True, complete=False)).placement is Placement.UNKNOWN


def test_the_sid_in_a_failure_is_kept_for_reconciling() -> None:
    assert verdict(exchange(500, CALL)).facts.sid == "abc"


@settings(deadline=None)
@given(st.integers(min_value=100, max_value=999) | st.none(), st.binary(max_size=80), st.booleans())
def test_nothing_that_may_have_rung_is_called_safe(status: int | None, body: bytes, sent: bool) -> None:
    """Only a refusal by status line, or nothing sent at all, is ever judged as `did not ring`."""
    placement = verdict(exchange(status, body, sent=sent)).placement
    if not may_have_rung(placement):
        assert (status is None and not sent) or (
            status is not None and 300 <= status < 500 and status not in (408, 425)
        )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "30"}, 30.0),
        ({"retry_after": " 1.5 "}, 1.5),
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "99999999999"}, 86400.0),
        ({"retry_after": "Sun, 22 Nov 2026 09:01:30 GMT", "date": DATE}, 90.0),
        ({"retry_after": "Sun, 22 Nov 2026 08:00:00 GMT", "date": DATE}, 0.0),
        ({"x_ratelimit_reset": str(EPOCH + 12), "date": DATE}, 12.0),
        ({"retry_after": "soon", "x_ratelimit_reset": str(EPOCH + 12), "date": DATE}, 12.0),
        ({"x_ratelimit_reset": str(EPOCH - 5), "date": DATE}, None),
        ({"x_ratelimit_reset": "nan", "date": DATE}, None),
        ({"retry_after": "-3"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after": "٣"}, None),
        ({"retry_after": "Sun, 99 Nov 2026 99:99:99 GMT", "date": DATE}, None),
        ({}, None),
    ],
)
def test_how_long_a_429_tells_us_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert verdict(exchange(429, **headers)).retry_after == seconds


def test_a_time_of_day_is_measured_from_our_clock_only_where_the_answer_has_no_date() -> None:
    until = "Sun, 22 Nov 2026 09:00:20 GMT"
    assert verdict(exchange(429, retry_after=until)).retry_after is None
    assert verdict(exchange(429, retry_after=until), NOW).retry_after == 20.0


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ("token", "region")),
        (402, ("balance", "plan")),
        (403, ("allow-list", "KYC")),
        (404, ("account SID", "region")),
        (302, ("base_url", "never followed")),
        (500, ("perhaps",)),
        (200, ("Sid",)),
    ],
)
def test_a_message_tells_the_likely_cause_and_the_carriers_words(status: int, words: tuple[str, ...]) -> None:
    message = verdict(exchange(status, b'{"RestException": {"Message": "their words"}}')).message or ""
    for word in (*words, "their words", str(status)):
        assert word in message
    assert "\n" not in message
