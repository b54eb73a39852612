"""The ways in which a command cannot go on. Everything else that is raised is a bug (exit 70)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.model.diagnostic import Diagnostic


class Refused(Exception):  # noqa: N818 - named for what happened, as in "the plan was refused"
    """The plan, its data or a guardrail refuses; nothing was dialed (exit 3)."""

    def __init__(self, diagnostics: "tuple[Diagnostic, ...]") -> None:
        super().__init__(f"{len(diagnostics)} problem(s)")
        self.diagnostics = diagnostics


class CannotProceed(Exception):  # noqa: N818 - as above
    """Credentials, permission, digest, journal or lock stand in the way (exit 4)."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class WrongUsage(Exception):  # noqa: N818 - as above
    """The command line asks for something that does not exist (exit 2)."""


class NotLeaving(Exception):  # noqa: N818 - as above
    """A guard closed right before a request's first byte: nothing is sent. The text says which guard."""


class TakenOver(Exception):  # noqa: N818 - as above
    """Another process dials the plan now: this one's intents are no longer taken (exit 4)."""

    def __init__(self) -> None:
        super().__init__("another process has taken over and dials this plan now")


class JournalBroken(Exception):  # noqa: N818 - as above
    """The journal cannot be written (disk full, read-only, I/O error): nothing may be dialed any more (exit 5)."""
