"""The exit code: a judgement on the plan's calls, not on the work of this process."""

import math
from collections.abc import Mapping
from signal import Signals

from orchestrator.model.frozen import frozen


@frozen
class Stop:
    """Why a run starts no further calls. `code` is 3, 4, 5, one of INTERRUPTED, or 0: a limit of the user is reached.

    `signal` is the one that came.
    """

    code: int
    message: str
    signal: Signals | None = None

    @property
    def is_interruption(self) -> bool:
        """Whether a signal ends the run."""
        return self.code in INTERRUPTED


INTERRUPTED = (129, 130, 143)
"""The exit codes of an interrupted run: hang-up, Ctrl-C, terminate."""


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
    """Return the exit code: 129/130/143 before 4, 5, 6, 1 and 0; under `until_placed` 6 before 5 (docs/guarantees.md).

    `totals` has a count a disposition, `not_dialed` one a reason. `undialed` counts the waiting calls that still
    wait to be placed; under `until_placed` those that merely wait for their ending do not hold the run open.
    """
    if stop and (stop.is_interruption or stop.code in (3, 4)):
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
    return not unfulfilled(totals, not_dialed, success)


def unfulfilled(
    totals: Mapping[str, int], not_dialed: Mapping[str, int], success: tuple[tuple[str, float], ...]
) -> tuple[str, ...]:
    """Say of each wish that was not fulfilled what was wished, and what it is; none where all went as wished."""
    dialed = totals["calls"] - totals["suppressed"] - totals["not-dialed"] - totals["waiting"]
    left_out = totals["not-dialed"] - not_dialed.get("bad row", 0)
    were = "was" if left_out == 1 else "were"
    wished = f"wished that every call is dialed, and {left_out:,} of {totals['calls']:,} {were} not"
    unmet = [wished] if left_out else []
    if not success and totals["completed"] != dialed:
        unmet.append(f"wished that every dialed call is completed, and {totals['completed']:,} of {dialed:,} are")
    for word, share in success:
        found = totals.get(word, 0)
        if found < share * dialed:
            unmet.append(f"wished {word} {share * 100:g}%, and it is {_cut(found / dialed)}: {found:,} of {dialed:,}")
    return tuple(unmet)


def _cut(share: float) -> str:
    """Return `59.9%` for less than 60%: what is not enough never seems to be."""
    return f"{math.floor(round(share * 1000, 6)) / 10:g}%"
