"""The exit code: a judgement on the plan's calls, not on the work of this process."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run starts no further calls. `code` is 3, 4, 5, 130 or 143, or 0 where the user's own limit was reached."""

    code: int
    message: str


RESUMABLE = ("halted", "cancelled", "limit")
"""Why a call is not dialed for now: somebody resumes the edition, or allows it more, and a later run takes it up."""


def exit_code(
    totals: Mapping[str, int],
    not_dialed: Mapping[str, int],
    success: tuple[tuple[str, float], ...],
    stop: Stop | None,
    *,
    until_placed: bool,
    undialed: int,
) -> int:
    """Judge by product.md section 4, precedence 130/143 > 4 > 5 > 6 > 1 > 0; under `until_placed` 6 comes before 5.

    `totals` has a count a disposition, `not_dialed` one a reason. `undialed` counts the waiting calls that still
    wait to be placed; under `until_placed` those that merely wait for their ending do not hold the run open.
    """
    if stop and stop.code in (130, 143, 3, 4):
        return stop.code
    if not_dialed.get("account"):
        return 4
    if until_placed and totals["unknown"]:
        return 6
    if any(not_dialed.get(reason) for reason in RESUMABLE):
        return 5
    limit_reached = stop is not None and stop.code == 0
    if not limit_reached and ((stop and stop.code == 5) or undialed or (totals["waiting"] and not until_placed)):
        return 5
    if totals["unknown"]:
        return 6
    if until_placed:
        return 1 if totals["rejected"] else 0
    if limit_reached:
        return 0  # as the user asked: what became of the few says nothing of the plan yet
    return 0 if as_wished(totals, not_dialed, success) else 1


def as_wished(totals: Mapping[str, int], not_dialed: Mapping[str, int], success: tuple[tuple[str, float], ...]) -> bool:
    """Whether the calls went as `policy.success` wishes; by default every dialed call completed.

    Suppressed calls count as wished, and so do rows that `bad: skip` leaves out.
    """
    dialed = totals["calls"] - totals["suppressed"] - totals["not-dialed"] - totals["waiting"]
    left_out = totals["not-dialed"] - not_dialed.get("bad row", 0)
    if left_out:
        return False
    if not success:
        return totals["completed"] == dialed
    return all(totals.get(word, 0) >= share * dialed for word, share in success)
