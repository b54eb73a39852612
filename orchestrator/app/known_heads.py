"""The newest event of each journal that this machine knows, so that an older copy of one is noticed.

A journal that was restored from a copy, or one of two copies in use, does not know who was rung since. Only `run
--expect-head` proves that it does; what can be noticed without it is the newest event that a run on this machine left,
or a moment before it was killed.
"""

import asyncio
import contextlib
import os
import secrets
import string
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from orchestrator.journal.port import Journal
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import JournalBroken

NOTED_EVERY = 1.0
"""Seconds between two notes of a run."""

KEPT = 50
"""Most journals of the sandbox that are remembered, the latest used: each `make run` makes a new one."""


def older_copy(view: View, *, is_live: bool) -> Diagnostic | None:
    """Say that a journal lacks the newest event that this machine knows of it; None where it has it, or none is known.

    An error, since it is said even under --quiet; the run goes on, since a person may know better.
    """
    known = _read(_place(view.id, is_live=is_live))
    if known is None or view.holds_event(known):
        return None
    return error(
        "older-journal",
        f"this journal does not hold the newest event that this machine knows of it (head sha256:{known}): it is an"
        " older copy, or one of two copies in use, and whoever was rung since may be rung again",
        hint="stop, and bring the newest journal back; `--expect-head` refuses an older one before anything is dialed",
    )


def remember(view: View, *, is_live: bool) -> None:
    """Note the journal's newest event in the user's state folder; where that cannot be written it is not noted."""
    place = _place(view.id, is_live=is_live)
    aside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, f"{view.head}\n".encode())
        finally:
            os.close(handle)
        aside.replace(place)
        if not is_live:
            _forget_oldest(place.parent)


@contextlib.contextmanager
def committing_and_noted(journal: Journal) -> Iterator[Transaction]:
    """Commit as the journal does, and note the newest event: an older copy does not know what a person said either.

    Raises CannotProceed.
    """
    with journal.committing(then=note_again) as tx:
        yield tx


def note_again(view: View) -> None:
    """Note a journal's newest event, if a run on this machine has used the journal before."""
    for is_live in (True, False):
        if _place(view.id, is_live=is_live).exists():
            remember(view, is_live=is_live)


@contextlib.contextmanager
def remembered(view: View, journal: Journal, *, is_live: bool) -> Iterator[None]:
    """Note the newest event again and again, inside the running event loop: whoever is killed cannot note it last."""

    async def note() -> None:
        known = None
        while True:
            with contextlib.suppress(JournalBroken), journal.readable():  # whoever writes to the journal reports it
                newest = view.head
                if newest != known:
                    remember(view, is_live=is_live)
                known = newest
            await asyncio.sleep(NOTED_EVERY)

    task = asyncio.get_running_loop().create_task(note())
    try:
        yield
    finally:
        task.cancel()


def _place(journal: str, *, is_live: bool) -> Path:
    """Return where it is noted; an id that is no id, of a journal that somebody altered, leads nowhere else."""
    import platformdirs

    if not set(journal) <= set(string.ascii_letters + string.digits + "_"):
        journal = sha256(journal.encode("utf-8", "replace")).hexdigest()
    state = Path(platformdirs.user_state_dir("orchestrate", appauthor=False))
    return state / "heads" / ("live" if is_live else "sandbox") / journal


def _read(place: Path) -> str | None:
    try:
        found = place.read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return found if len(found) == 64 else None


def _forget_oldest(folder: Path) -> None:
    by_age = sorted(folder.iterdir(), key=lambda item: item.stat().st_mtime, reverse=True)
    for item in by_age[KEPT:]:
        item.unlink(missing_ok=True)
