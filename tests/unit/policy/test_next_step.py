"""What comes after a placement: only what cannot have rung is sent again."""

import pytest

from orchestrator.model.outcome import Disposition, Placement, Verdict
from orchestrator.policy.next_step import Again, Close, Follow, after_placement, back_off


@pytest.mark.parametrize("placement", [Placement.ACCEPTED, Placement.UNKNOWN])
@pytest.mark.parametrize("failures", [1, 2, 50])
def test_an_attempt_that_may_have_rung_is_followed_and_never_sent_again(placement: Placement, failures: int) -> None:
    assert after_placement(Verdict(placement), failures) == Follow()


def test_a_throttled_attempt_waits_as_long_as_it_was_told_and_so_does_everybody_else() -> None:
    assert after_placement(Verdict(Placement.THROTTLED, retry_after=17.0), 1) == Again(17.0)
    assert after_placement(Verdict(Placement.THROTTLED, retry_after=0.0), 1) == Again(0.0)
    assert after_placement(Verdict(Placement.THROTTLED), 3) == Again(4.0)


def test_an_unreached_attempt_is_sent_again_with_back_off() -> None:
    assert [after_placement(Verdict(Placement.UNREACHED), n) for n in (1, 2, 3)] == [Again(1.0), Again(2.0), Again(4.0)]


def test_a_rejected_call_is_closed_with_the_carriers_words() -> None:
    step = after_placement(Verdict(Placement.REJECTED, message="To is not a number"), 1)
    assert step == Close(Disposition.REJECTED, "To is not a number")


def test_a_refusal_by_the_account_leaves_the_call_undialed_and_stops_the_run() -> None:
    step = after_placement(Verdict(Placement.REJECTED, account_problem=True), 1)
    assert step == Close(Disposition.NOT_DIALED, "account", stop_run=True)


def test_back_off_doubles_up_to_thirty_seconds() -> None:
    assert [back_off(n) for n in (1, 2, 3, 4, 5, 6, 7, 1000)] == [1, 2, 4, 8, 16, 30, 30, 30]
