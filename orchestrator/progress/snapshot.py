"""What a run was given and how far it was when it began: its caps, its counts, and whom to ask while it goes on."""

from collections.abc import Callable

from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Rate
from orchestrator.policy.may_start import Rules


@frozen
class RunSnapshot:
    """What events do not say. Counts are of the moment at which the run was loaded, over all runs of the edition.

    `pace` is the plan's cap on connects, `account_pace` the target's on all requests. `dialed` calls may have rung,
    `rejected` were refused, `undialed` are still to be dialed for the first time: all 0 where no stage or limit counts
    them. `open` calls were left under way, `passed_over` are due and not among those that --only chose. `limit`: calls
    that the run may start. `until_placed`: a call takes its place only while its request is open.

    The functions ask the run itself: who paused it and why, until when the carrier wants quiet (epoch seconds), whether
    it starts nothing any more. `paused_by` is asked in the event loop's thread only.
    """

    rules: Rules
    pace: Rate | None
    account_pace: Rate | None
    slots: int
    dialed: int = 0
    rejected: int = 0
    undialed: int = 0
    open: int = 0
    passed_over: int = 0
    limit: int | None = None
    until_placed: bool = False
    paused_by: Callable[[], str] = lambda: ""
    quiet_until: Callable[[], float] = lambda: 0.0
    stops: Callable[[], bool] = lambda: False
