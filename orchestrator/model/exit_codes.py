"""The exit codes: an interface, documented in the README, never reused."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process says to its caller."""

    AS_WISHED = 0
    NOT_AS_WISHED = 1
    WRONG_USAGE = 2
    REFUSED = 3
    CANNOT_PROCEED = 4
    STOPPED = 5
    UNKNOWN_LEFT = 6
    BUG = 70
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


GO_ON = "run the same command again to go on"

MEANINGS: dict[int, str] = {
    Exit.AS_WISHED: "all calls as wished",
    Exit.NOT_AS_WISHED: "every call has its disposition, and they are not as wished",
    Exit.WRONG_USAGE: "wrong usage of the command line",
    Exit.REFUSED: "the plan, its data or a guardrail refuses; nothing was dialed",
    Exit.CANNOT_PROCEED: "cannot proceed",
    Exit.STOPPED: "stopped before the end, and resumable",
    Exit.UNKNOWN_LEFT: "attempts with an unknown outcome are left; nothing dials them again",
    Exit.BUG: "a bug of ours",
    Exit.HUNG_UP: f"hung up: the terminal or the connection was closed; the journal is whole; {GO_ON}",
    Exit.INTERRUPTED: f"interrupted; the journal is whole; {GO_ON}",
    Exit.TERMINATED: f"terminated; the journal is whole; {GO_ON}",
}
