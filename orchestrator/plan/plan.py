"""A plan as the rest of the program knows it: everything but its calls, which are streamed."""

from dataclasses import dataclass
from typing import Literal

from orchestrator.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan file says of itself. `path` is as the user named it, `-` for stdin.

    `edition` None: the plan names none. `purpose` None: the compliance rules cannot judge.
    """

    path: str
    name: str
    policy: Policy
    edition: str | None = None
    description: str | None = None
    purpose: str | None = None
    numbers: Literal["as-typed", "e164"] = "as-typed"
