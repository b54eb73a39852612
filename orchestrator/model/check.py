"""What `doctor` found out about one thing in the environment of a run."""

from enum import StrEnum

from orchestrator.model.frozen import frozen


class Health(StrEnum):
    """How one thing stands: only a problem keeps a run from going on."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_JUDGED = "not-judged"
    """It cannot be found out from here, or nobody asked."""


class Area(StrEnum):
    """What part of the environment a check is about, in the order in which they are shown."""

    PLAN = "plan"
    SETTINGS = "settings"
    CERTIFICATES = "certificates"
    CARRIER = "carrier"
    CALLBACKS = "callbacks"
    JOURNAL = "journal"
    CLOCK = "clock"
    AUDIO = "audio"


@frozen
class Check:
    """One check. `id` is kebab-case and stable; `what` is a sentence that says what was found, and why that matters.

    `where` names the file, variable, address or number that it is about, None where nothing else could be meant. `hint`
    says what to do about a warning or a problem. None of them holds a secret; numbers are masked by whoever shows them.
    """

    area: Area
    id: str
    health: Health
    what: str
    where: str | None = None
    hint: str | None = None


@frozen
class Examination:
    """All checks of one environment. `refused`: the plan has errors, so that `run` would refuse it."""

    target: str
    plan: str | None
    checks: tuple[Check, ...]
    refused: bool = False

    @property
    def is_stopped(self) -> bool:
        """Whether a run could not go on."""
        return self.count(Health.PROBLEM) > 0

    def count(self, health: Health) -> int:
        """Return how many checks stand so."""
        return sum(check.health is health for check in self.checks)
