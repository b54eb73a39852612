"""Checks of the journal: that it is there and whole, is the one that the target wants, and lies where it is safe."""

from collections.abc import Iterator

from orchestrator.app.journal import default_journal, is_there, named_journal
from orchestrator.app.targets import check_pinned
from orchestrator.journal.sqlite.file import check_is_file
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.journal.sqlite.place import FORGETFUL, NETWORK, place_of
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.errors import CannotProceed
from orchestrator.model.program import JOURNAL_FORMAT
from orchestrator.model.target import Target

LITTLE_SPACE, NO_SPACE = 1 << 29, 1 << 24
"""Bytes on the journal's disk: half a gigabyte is a million calls, and with sixteen megabytes no run should begin."""


def check_journal(path: str | None, target: Target) -> Iterator[Check]:
    """Check the journal that a run on this target would take; nothing is made or changed."""
    if path is None and target.is_live:
        what = "a live target needs a journal that remembers who was rung, and none is named"
        hint = "make one once with `orchestrate journal create --journal FILE`, and name it with --journal"
        yield _check("journal", Health.PROBLEM, what, None, hint)
        return
    try:
        journal = named_journal(path) if path else default_journal()
        yield from _there(journal, target)
    except CannotProceed as problem:
        yield _check("journal", Health.PROBLEM, problem.message, path, problem.hint)


def _check(id_: str, health: Health, what: str, where: str | None = None, hint: str | None = None) -> Check:
    return Check(Area.JOURNAL, id_, health, what, where, hint)


def _there(journal: FileJournal, target: Target) -> Iterator[Check]:
    if not is_there(journal):
        if target.is_live:
            hint = "restore it; only for the very first run make it with `orchestrate journal create --journal FILE`"
            what = "there is no journal, and an empty one would ring everybody again"
            yield _check("journal", Health.PROBLEM, what, journal.name, hint)
        else:
            yield _check("journal", Health.OK, "a run in the sandbox makes it", journal.name)
        return
    check_is_file(journal.path)
    with journal.view() as view:
        id_ = view.id
        check_pinned(id_, journal.name, target)
        dialing = [run.label for run in view.runs.that_dial()]
    yield _check("journal", Health.OK, f"{id_}, of format {JOURNAL_FORMAT}, with all that was committed", journal.name)
    if dialing:
        yield _check("journal-in-use", Health.OK, f"a run dials on it now: {dialing[0]}", journal.name)
    yield from _where_it_lies(journal)


def _where_it_lies(journal: FileJournal) -> Iterator[Check]:
    name = journal.name
    try:
        place = place_of(journal.path)
    except OSError as problem:
        yield _check("journal-disk", Health.NOT_JUDGED, f"nothing can be told of its disk: {problem.strerror}", name)
        return
    if not place.may_write:
        what = "this user may not write it, or beside it: no run can begin"
        yield _check("journal-writable", Health.PROBLEM, what, name, "check the owner and the permissions")
    kind = place.file_system
    if kind is None:
        yield _check("journal-disk", Health.NOT_JUDGED, "the system does not tell what kind of disk it is on", name)
    elif kind in NETWORK or kind.startswith("fuse"):
        what = f"it lies on {kind}: what is committed there may be lost, and two may dial at once"
        yield _check("journal-disk", Health.WARNING, what, name, "keep it on a disk of this machine")
    elif kind in FORGETFUL:
        what = f"it lies on {kind}, which is gone with the container or the machine: it forgets who was rung"
        yield _check("journal-disk", Health.WARNING, what, name, "keep it on a volume that stays")
    else:
        yield _check("journal-disk", Health.OK, f"it lies on a disk of this machine ({kind})", name)
    if place.free < LITTLE_SPACE:
        health = Health.PROBLEM if place.free < NO_SPACE else Health.WARNING
        what = f"its disk has {place.free // 1_000_000:,} MB left"
        yield _check("journal-space", health, what, name, "make room: a run stops where the journal cannot grow")
    if not place.is_private:
        what = "other users of this machine may read it, and it holds phone numbers"
        yield _check("journal-private", Health.WARNING, what, name, f"chmod 600 {name}")
