"""The documentation of the exit codes: when each comes, and what a pipeline does then."""

from orchestrator.model.exit_codes import MEANINGS, Exit
from orchestrator.model.page import Page, Subject

_WHY: dict[int, str] = {
    Exit.AS_WISHED: """
        Wished is what `policy.success` says, without it that every dialed call is completed; suppressed counts as
        wished. A command other than `run` has done what was asked.""",
    Exit.NOT_AS_WISHED: """
        Nothing is left to dial. The summary says what was wished and what it is; running again repeats the verdict.
        `journal verify` ends so where something was altered.""",
    Exit.WRONG_USAGE: "An option or its value is not right, or there is no such run or call. Nothing was done.",
    Exit.REFUSED: "Each finding has an id, a place and a hint, and `orchestrate explain ID` says more. Mend the plan.",
    Exit.CANNOT_PROCEED: """
        Credentials, permission, the account, the digest, approvals or the journal stand in the way, or another run
        holds the plan. The plan itself may be right: the hint says what to do.""",
    Exit.STOPPED: """
        A halt, a pause, a cancellation, a closed window, a limit, or a carrier that is down. The message says from when
        the same command goes on, and what must be said first.""",
    Exit.UNKNOWN_LEFT: """
        Perhaps these phones rang. Look into the carrier's list of calls, and settle each with `orchestrate settle CALL
        --as placed` or `not-placed`.""",
    Exit.BUG: "Please report it. The journal, if one was open, is whole; ORCHESTRATE_DEBUG=1 shows where it happened.",
    Exit.HUNG_UP: "The signal SIGHUP came. Calls that were under way are looked after by the next run.",
    Exit.INTERRUPTED: "The signal SIGINT came, by Ctrl-C. A second one ends the process at once.",
    Exit.TERMINATED: "The signal SIGTERM or SIGQUIT came, as from a CI service that cancels a job.",
}
"""When each comes, and what to do then."""


def exit_code_pages() -> tuple[Page, ...]:
    """Return a page for each exit code."""
    return tuple(
        Page(
            Subject.EXIT_CODE,
            str(int(code)),
            "an exit code",
            f"{MEANINGS[code][:1].upper()}{MEANINGS[code][1:]}.",
            " ".join(_WHY[code].split()),
            spellings=(f"exit {int(code)}", f"exit code {int(code)}"),
        )
        for code in Exit
    )
