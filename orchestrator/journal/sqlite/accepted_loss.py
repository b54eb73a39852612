"""Takes a journal's file that was parted from its companions as it is, where a person accepts what may be lost."""

import contextlib
import secrets
import time
from pathlib import Path

from orchestrator.journal.loss import make_unknown
from orchestrator.journal.sqlite import companions
from orchestrator.journal.sqlite.connection import Connection, wal_of
from orchestrator.journal.sqlite.file import connect, real_path
from orchestrator.journal.sqlite.mark import DialerEntry, Mark
from orchestrator.journal.sqlite.use import what_is_missing
from orchestrator.journal.transaction import Transaction
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.frozen import frozen


@frozen
class Lost:
    """What a person accepted: the dialers whose commits may be lost since `since`, and how many calls are unknown now.

    `missing` is False where nothing was lost, and nothing was changed.
    """

    missing: bool
    since: str = ""
    dialers: tuple[DialerEntry, ...] = ()
    calls: int = 0
    aside: str | None = None


def accept_loss(path: Path, by: str, because: str) -> Lost:
    """Take a journal that was parted from its companions as it is. Raises CannotProceed."""
    path = real_path(path)
    if what_is_missing(path) is None:
        connect(path, read_only=True).close()  # what cannot be read proves nothing
        return Lost(missing=False)
    found: list[Lost] = []

    def accept(db: Connection, mark: Mark) -> None:
        found.append(_accepted(db, mark, by, because))

    log, aside = wal_of(path), _put_aside(path)
    try:
        connect(path, accept=accept).close()
    except CannotProceed:
        if aside is not None:  # nothing was accepted: a person may still want it where it was
            with contextlib.suppress(OSError):
                aside.replace(log)
        raise
    lost = found[0] if found else Lost(missing=True)
    return Lost(True, lost.since, lost.dialers, lost.calls, str(aside) if aside else None)


def _put_aside(path: Path) -> Path | None:
    """Rename a log that does not belong to the journal; return its new name, None where there is none.

    Raises CannotProceed where that cannot be done.
    """
    log = wal_of(path)
    if not companions.wal_holds_something(path):
        return None
    aside = log.with_name(f"{log.name}.of-another-journal-{secrets.token_hex(4)}")
    try:
        log.rename(aside)  # nothing is replaced: the name is new
    except OSError as problem:
        raise CannotProceed(
            f"nothing was changed: {log} cannot be put aside: {problem.strerror}", "check the folder and the disk"
        ) from None
    return aside


def _accepted(db: Connection, mark: Mark, by: str, because: str) -> Lost:
    now = time.time()
    tx, calls = Transaction(db), 0
    for dialer in mark.dialers or (None,):
        data: dict[str, str | int | float | None] = {"since": mark.since, "by": by, "because": because}
        if dialer is not None:
            data |= {"account": dialer.account, "plan": dialer.plan, "edition": dialer.edition}
        tx.append(EventType.JOURNAL_LOSS_ACCEPTED, rfc3339(now), "", data=data)
        if dialer is not None:
            calls += make_unknown(tx, dialer.account, dialer.plan, dialer.edition, mark.since, now)
    tx.seal()
    return Lost(True, mark.since, mark.dialers, calls)
