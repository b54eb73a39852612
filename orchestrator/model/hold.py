"""What keeps calls from starting until somebody says otherwise."""

from collections.abc import Iterable
from typing import Literal

from orchestrator.model.frozen import frozen

HoldKind = Literal["halted", "paused", "cancelled"]
"""A rule of the plan halted it; a person paused it, or cancelled what was not dialed."""


@frozen
class Hold:
    """What holds a plan's edition, or every plan on the journal (`whole`).

    `reason` is the rule that halted, or why a person did it: empty where they gave none. `by` is that person, empty
    where the engine did it. `began_at` is RFC 3339 in UTC.
    """

    kind: HoldKind
    reason: str
    by: str
    began_at: str
    whole: bool = False

    @property
    def in_words(self) -> str:
        """What holds, and why: `paused: the hub is closed`."""
        return f"{self.kind}: {self.reason}" if self.reason else self.kind


def lifted_by(holds: Iterable[Hold], run: str = "") -> tuple[str, ...]:
    """Return the commands that together lift these standing holds; none where nothing holds.

    One `resume` lifts all that holds an edition itself, and needs a reason where a halt is among that; the hold on
    every plan is lifted by a command of its own. `run` is the id of a run of the edition; without it the run that
    dials is meant, or where none does the journal's latest.
    """
    held = tuple(holds)
    own = [hold.kind for hold in held if not hold.whole]
    commands = []
    if own:
        named = f" {run}" if run else ""
        commands.append(f"orchestrate resume{named}{' --because TEXT' if 'halted' in own else ''}")
    if len(own) < len(held):
        commands.append("orchestrate resume --all")
    return tuple(commands)


def resume_commands(holds: Iterable[Hold], run: str = "") -> str:
    """Return the same in words: `` `orchestrate resume R --because TEXT` and `orchestrate resume --all` ``."""
    return " and ".join(f"`{command}`" for command in lifted_by(holds, run))


@frozen
class Suppression:
    """Why a number is never rung again, who said so, and when (RFC 3339 in UTC)."""

    because: str
    by: str
    at: str
