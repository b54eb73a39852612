"""Progress follows committed events."""

from orchestrator.cli.progress import Tally, event_line
from orchestrator.cli.screen import Screen
from orchestrator.model.events import Event, EventType

AT = "2026-11-22T09:00:00Z"


def event(kind: EventType, call: str | None = None, attempt: int | None = None, **data: str | int) -> Event:
    return Event(kind, AT, "r", call, attempt, data)


def tally(*events: Event) -> Tally:
    counted = Tally()
    for one in events:
        counted.add(one)
    return counted


LOADED = event(EventType.CALLS_LOADED, calls=10, to_dial=7, already=3)


def test_calls_of_earlier_runs_count_as_done():
    counted = tally(LOADED, event(EventType.CALL_ENDED, "a", 1, disposition="completed"))
    assert (counted.total, counted.done) == (10, 4)


def test_attempts_are_in_flight_until_their_call_ends_or_their_request_proves_that_nothing_rang():
    started = [event(EventType.ATTEMPT_STARTED, name, 1) for name in ("a", "b", "c")]
    placed = event(EventType.ATTEMPT_PLACED, "a", 1, placement="accepted")
    throttled = event(EventType.ATTEMPT_PLACED, "b", 1, placement="throttled")
    ended = event(EventType.CALL_ENDED, "a", 1, disposition="busy")
    assert tally(LOADED, *started, placed).line() == "3 in flight"
    assert tally(LOADED, *started, placed, throttled, ended).line() == "1 in flight, busy 1"


def test_a_wait_is_told_until_the_next_attempt():
    waiting = event(EventType.RUN_WAITING, reason="window", until="2026-11-23T03:30:00Z")
    assert tally(waiting).line() == "0 in flight, waiting: window, until 2026-11-23T03:30:00Z"
    assert tally(waiting, event(EventType.ATTEMPT_STARTED, "a", 1)).line() == "1 in flight"


def test_an_event_is_one_safe_masked_line():
    one = event(EventType.ATTEMPT_PLACED, "order-919900000001", 2, placement="rejected", message="bad\n\x1b[2J")
    assert event_line(one, Screen()) == (
        r"09:00:00 attempt.placed order-91990*****01#2 placement=rejected message=bad\n\x1b[2J"
    )
    placed = event(EventType.ATTEMPT_PLACED, "a", 1, sid="CA-1234567890")
    assert event_line(placed, Screen()) == "09:00:00 attempt.placed a#1 sid=CA-1234567890"
    heard = event(EventType.CALLBACK_RECEIVED, "a", 1, event="+919900000001")
    assert event_line(heard, Screen()) == "09:00:00 callback.received a#1 callback_event=+9199******01"
    short = Event(EventType.ATTEMPT_STARTED, AT, "r", "a", 1, {"from": "1234567"})
    assert event_line(short, Screen()) == "09:00:00 attempt.started a#1 from=12***67"
    assert event_line(short, Screen(unmask=True)).endswith("from=1234567")
