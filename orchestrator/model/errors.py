"""The ways in which a command cannot go on. Everything else that is raised is a bug (exit 70)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.model.diagnostic import Diagnostic


class OrchestrateError(Exception):
    """We cannot go on, for a reason that is told; never a bug of ours."""


class Refused(OrchestrateError):  # noqa: N818 - named for what happened, as in "the plan was refused"
    """The plan, its data or a guardrail refuses; nothing was dialed (exit 3)."""

    def __init__(self, diagnostics: "tuple[Diagnostic, ...]") -> None:
        ids = ", ".join(dict.fromkeys(each.id for each in diagnostics))
        super().__init__(f"refused, nothing was dialed: {ids}")
        self.diagnostics = diagnostics


class CannotProceed(OrchestrateError):  # noqa: N818 - as above
    """Credentials, permission, digest, journal or lock stand in the way (exit 4)."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongUsage(OrchestrateError):  # noqa: N818 - as above
    """What was asked for does not exist, or does not go together (exit 2)."""


class NotLeaving(Exception):  # noqa: N818 - as above
    """A guard closed right before a request's first byte: nothing is sent. The text says which guard."""


class TakenOver(Exception):  # noqa: N818 - as above
    """Another process dials the plan now: this one's intents are no longer taken (exit 4)."""

    def __init__(self) -> None:
        super().__init__("another process has taken over and dials this plan now")


class JournalBroken(OrchestrateError):  # noqa: N818 - as above
    """The journal cannot be written (disk full, read-only, I/O error): nothing may be dialed any more (exit 5)."""
