"""Which journal a command means, `journal create` and `journal verify`."""

import hashlib
import sys
from pathlib import Path

from orchestrator.app.known_heads import note_again
from orchestrator.app.process import user
from orchestrator.journal.sqlite.accepted_loss import Lost, accept_loss
from orchestrator.journal.sqlite.backup import Copied, back_up
from orchestrator.journal.sqlite.file import check_is_file, create, real_path
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.verify.finding import Tell, Verified, untold
from orchestrator.journal.verify.proof import verify_proof
from orchestrator.journal.verify.whole import verify
from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target

SHARED = ("postgresql://", "postgres://")


def create_journal(path: str | None) -> str:
    """Make the journal where it is missing and return its id. Raises CannotProceed."""
    return create(_meant(path).path)


def verify_journal(path: str | None, expected: str | None = None, tell: Tell = untold) -> Verified:
    """Say what was altered in a journal; `expected` is a head that it must hold. Raises CannotProceed."""
    return verify(_meant(path).path, expected, tell)


def verify_proof_of_journal(path: str, expected: str | None = None, tell: Tell = untold) -> Verified:
    """Say what was altered in a proof, which is a file, or stdin for `-`. Raises CannotProceed."""
    try:
        if path == "-":
            return verify_proof(sys.stdin.buffer, "what stdin gives", expected, tell)
        with Path(path).open("rb") as file:
            return verify_proof(file, path, expected, tell)
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise CannotProceed(f"the proof {path} cannot be read: {why}", "check its path and permissions") from None


def back_up_journal(path: str | None, copy: str) -> Copied:
    """Make a whole copy of a journal, also of one in use. Raises CannotProceed."""
    return back_up(existing_journal(path).path, Path(copy))


def accept_loss_of_journal(path: str | None, because: str) -> Lost:
    """Go on without what a journal lost: whoever may have been rung meanwhile is unknown. Raises CannotProceed."""
    journal = existing_journal(path)
    lost = accept_loss(journal.path, user(), because)
    with journal.committing(then=note_again):
        pass
    return lost


def default_journal() -> FileJournal:
    """Return the sandbox's own journal, in the user's state directory."""
    import platformdirs

    return FileJournal(real_path(Path(platformdirs.user_state_dir("orchestrate", appauthor=False)) / "sandbox.db"))


def _meant(path: str | None) -> FileJournal:
    return named_journal(path) if path else default_journal()


def existing_journal(path: str | None) -> FileJournal:
    """Return the journal that is meant, the sandbox's own where none is named. Raises CannotProceed."""
    journal = _meant(path)
    if not is_there(journal):
        hint = (
            "name the journal of the run with --journal"
            if path is None
            else "check that --journal names the journal of the run"
        )
        raise CannotProceed(f"there is no journal at {journal.name}", hint)
    check_is_file(journal.path)
    return journal


def locate_journal(path: str | None, target: Target) -> FileJournal:
    """Return the journal of a run: made where it is missing for the sandbox, never for a live target.

    An empty journal on a fresh machine would ring everybody again. Raises CannotProceed.
    """
    if path is None and target.is_live:
        raise CannotProceed(
            f"target {target.name} rings real phones and needs a journal that remembers who was rung",
            "make one once with `orchestrate journal create --journal FILE`, keep it, and name it with --journal",
        )
    journal = _meant(path)
    if target.is_live and not is_there(journal):
        raise CannotProceed(
            f"there is no journal at {journal.name}, and an empty one would ring everybody again",
            "restore it; only for the very first run make it with `orchestrate journal create --journal FILE`",
        )
    if not target.is_live:
        create(journal.path)
    check_is_file(journal.path)
    return journal


def sandbox_state(journal: FileJournal, account: str, plan: str) -> Path:
    """Return the file beside a journal where the sandbox keeps the calls of a plan, whatever signs its names have."""
    digest = hashlib.sha256(f"{account}\n{plan}".encode()).hexdigest()[:12]
    return journal.path.with_name(f"{journal.path.name}.{digest}.sandbox")


def named_journal(path: str) -> FileJournal:
    """Return the journal that a name means. Raises CannotProceed for a name that no journal can have."""
    if path.startswith(SHARED):
        raise CannotProceed("a journal shared through Postgres is not in this version", "name a file with --journal")
    return FileJournal(real_path(Path(path)))


def is_there(journal: FileJournal) -> bool:
    """Whether something stands in the journal's place, or nobody may look."""
    try:
        journal.path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True
