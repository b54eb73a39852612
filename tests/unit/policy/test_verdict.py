"""The exit code: judged on the calls, with the precedence of the contract."""

import pytest

from orchestrator.model.outcome import Disposition
from orchestrator.policy.verdict import Stop, as_wished, exit_code, unfulfilled


def judge(stop: Stop | None = None, *, success=(), until_placed=False, undialed=0, reasons=None, **counts: int) -> int:
    words = {word.value: 0 for word in Disposition} | {name.replace("_", "-"): n for name, n in counts.items()}
    totals = {"calls": sum(words.values()), **words}
    return exit_code(totals, reasons or {}, success, stop, until_placed=until_placed, undialed=undialed)


def test_all_completed_is_as_wished_and_one_busy_is_not() -> None:
    assert judge(completed=3) == 0
    assert judge(completed=3, busy=1) == 1
    assert judge(completed=2, suppressed=5) == 0
    assert judge() == 0


@pytest.mark.parametrize(("completed", "code"), [(6, 0), (5, 1)])
def test_success_is_a_share_of_the_dialed_calls(completed: int, code: int) -> None:
    wished = (("completed", 0.6),)
    assert judge(success=wished, completed=completed, busy=10 - completed, suppressed=90) == code


def test_an_unknown_outcome_outranks_any_wish() -> None:
    assert judge(success=(("completed", 0.1),), completed=9, unknown=1) == 6


def test_a_call_still_waiting_outranks_an_unknown_one() -> None:
    assert judge(waiting=1, undialed=1, unknown=1) == 5


def test_the_account_outranks_what_is_left_open() -> None:
    assert judge(waiting=1, undialed=1, not_dialed=1, reasons={"account": 1}) == 4
    assert judge(Stop(4, "402"), waiting=1, undialed=1) == 4


@pytest.mark.parametrize("code", [130, 143])
def test_a_signal_outranks_everything_but_a_bug(code: int) -> None:
    assert judge(Stop(code, "interrupted"), unknown=1, not_dialed=1, reasons={"account": 1}) == code


def test_a_limit_that_the_user_set_is_no_failure() -> None:
    assert judge(Stop(0, "limit"), completed=2, waiting=7, undialed=7) == 0
    assert judge(Stop(0, "limit"), completed=1, busy=1, waiting=7, undialed=7) == 0
    assert judge(Stop(0, "limit"), completed=1, unknown=1, waiting=7, undialed=7) == 6


def test_rows_that_the_plan_tells_to_skip_are_not_held_against_it() -> None:
    assert judge(completed=2, not_dialed=1, reasons={"bad row": 1}) == 0
    assert judge(completed=2, not_dialed=1, reasons={"removed": 1}) == 1


LIMIT, DOWN = Stop(0, "limit"), Stop(5, "circuit")


@pytest.mark.parametrize(
    ("counts", "undialed", "reasons", "stop", "code"),
    [
        # 0 and 1: all are placed; their endings are for later
        ({"waiting": 3}, 0, {}, None, 0),
        ({"waiting": 3, "busy": 1}, 0, {}, None, 0),
        ({"waiting": 3, "rejected": 1}, 0, {}, None, 1),
        # 5 outranks 1: some still wait to be placed, or are kept back
        ({"waiting": 3, "rejected": 1}, 1, {}, None, 5),
        ({"waiting": 3, "not_dialed": 1}, 0, {"limit": 1}, None, 5),
        ({"waiting": 3, "not_dialed": 1}, 0, {"halted": 1}, None, 5),
        ({"waiting": 3, "not_dialed": 1, "rejected": 1}, 0, {"cancelled": 1}, None, 5),
        ({"waiting": 3}, 2, {}, DOWN, 5),
        # 6 outranks 5: an unknown one, whatever else is left
        ({"waiting": 3, "rejected": 1, "unknown": 1}, 0, {}, None, 6),
        ({"waiting": 3, "unknown": 1}, 2, {}, None, 6),
        ({"waiting": 3, "unknown": 1, "not_dialed": 1}, 0, {"limit": 1}, None, 6),
        ({"waiting": 3, "unknown": 1, "not_dialed": 1}, 0, {"cancelled": 1}, None, 6),
        ({"waiting": 3, "unknown": 1}, 2, {}, DOWN, 6),
        ({"waiting": 3, "unknown": 1}, 2, {}, LIMIT, 6),
        # a signal, a refusal and the account outrank 6
        ({"waiting": 3, "unknown": 1, "not_dialed": 1}, 0, {"account": 1}, None, 4),
        ({"unknown": 1}, 0, {}, Stop(4, "402"), 4),
        ({"unknown": 1}, 0, {}, Stop(3, "dnd"), 3),
        ({"unknown": 1}, 2, {}, Stop(130, "interrupted"), 130),
        ({"unknown": 1, "not_dialed": 1}, 2, {"account": 1}, Stop(143, "terminated"), 143),
        # what the user limited is as asked
        ({"waiting": 3}, 2, {}, LIMIT, 0),
        ({"waiting": 3, "rejected": 1}, 2, {}, LIMIT, 1),
    ],
)
def test_until_placed_judges_placements_only(
    counts: dict[str, int], undialed: int, reasons: dict[str, int], stop: Stop | None, code: int
) -> None:
    assert judge(stop, until_placed=True, undialed=undialed, reasons=reasons, **counts) == code


@pytest.mark.parametrize(
    ("counts", "not_dialed", "success", "words"),
    [
        ({"completed": 3}, {}, (), ()),
        ({"completed": 14, "busy": 6}, {}, (), ("wished that every dialed call is completed, and 14 of 20 are",)),
        ({"completed": 12, "busy": 8}, {}, (("completed", 0.6),), ()),
        ({"completed": 9, "busy": 11}, {}, (("completed", 0.6),),
         ("wished completed 60%, and it is 45%: 9 of 20",)),
        ({"completed": 5999, "busy": 4001}, {}, (("completed", 0.6),),
         ("wished completed 60%, and it is 59.9%: 5,999 of 10,000",)),
        ({"busy": 1}, {}, (("completed", 0.5), ("busy", 0.1), ("failed", 0.125)),
         ("wished completed 50%, and it is 0%: 0 of 1", "wished failed 12.5%, and it is 0%: 0 of 1")),
        ({"completed": 3, "not-dialed": 2, "suppressed": 1}, {"window": 2}, (),
         ("wished that every call is dialed, and 2 of 6 were not",)),
        ({"completed": 3, "not-dialed": 1}, {"id changed": 1}, (),
         ("wished that every call is dialed, and 1 of 4 was not",)),
        ({"completed": 3, "not-dialed": 2}, {"bad row": 2}, (), ()),
    ],
)  # fmt: skip
def test_what_is_not_as_wished_is_told_with_the_wish(
    counts: dict[str, int],
    not_dialed: dict[str, int],
    success: tuple[tuple[str, float], ...],
    words: tuple[str, ...],
) -> None:
    totals = {word.value: 0 for word in Disposition} | counts
    totals["calls"] = sum(counts.values())
    assert unfulfilled(totals, not_dialed, success) == words
    assert as_wished(totals, not_dialed, success) == (not words)
