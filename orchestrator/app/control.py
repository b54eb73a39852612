"""`pause`, `resume`, `cancel` and `suppress`: from any terminal, beside a dialer that may be running."""

import contextlib
import time
from collections.abc import Callable, Iterator

from orchestrator.app.journal import existing_journal
from orchestrator.app.known_heads import committing_and_noted
from orchestrator.app.named_run import find_run, read_run_argument
from orchestrator.app.process import user
from orchestrator.journal import control
from orchestrator.journal.transaction import Transaction
from orchestrator.model.errors import WrongUsage
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import Hold, Suppression, resume_commands
from orchestrator.model.story import Edition
from orchestrator.phone.numbers import Validity, read


@frozen
class Controlled:
    """What a command found and did.

    `plan` is None where every plan on the journal is meant, then `run` and `edition` are empty; `run` is the edition's
    latest. `changed` is False where nothing was done. `before` stood before, `after` stands now, the strongest first.
    `calls` were closed, or are due again. `superseded_by` names, in words, the newer edition that closed this one for
    good. `is_over`: every call that the journal knows of the edition has its disposition, and none was kept back.
    `held_elsewhere`: how many plans are held by themselves, where every plan was meant or nothing was done.
    `dialing`: a process dials.
    `by_default`: no run was named and none dials, so that the latest was meant.
    """

    plan: str | None
    edition: str
    run: str
    changed: bool
    before: tuple[Hold, ...]
    after: tuple[Hold, ...]
    calls: int = 0
    superseded_by: str | None = None
    is_over: bool = False
    held_elsewhere: int = 0
    dialing: bool = False
    by_default: bool = False


@frozen
class ReleasedNumber:
    """The number's identity, and what had it not rung from this journal; None where nothing had, nor was changed."""

    number: str
    before: Suppression | None


@frozen
class SuppressedNumber:
    """The number's identity, and why it is not rung; `already`: that was known before, and nothing was changed."""

    number: str
    suppression: Suppression
    already: bool


def pause(journal: str | None, run: str | None, because: str | None, *, whole: bool) -> Controlled:
    """Start no further call in the edition of `run`; `whole`: in no plan on the journal.

    Without a `run` the one that dials now is meant; where none does, the latest. Raises WrongUsage where there is no
    such run or more than one may be meant, CannotProceed without a journal; so do `cancel` and `resume`.
    """

    def work(tx: Transaction, edition: Edition) -> int | None:
        return 0 if control.pause(tx, edition, because, user(), time.time()) else None

    return _do(journal, run, whole, work)


def cancel(journal: str | None, run: str | None, because: str | None) -> Controlled:
    """Close what the edition of `run` has not dialed, until it is resumed."""

    def work(tx: Transaction, edition: Edition) -> int | None:
        return control.cancel(tx, edition, because, user(), time.time())

    return _do(journal, run, False, work)


def resume(journal: str | None, run: str | None, because: str | None, *, whole: bool) -> Controlled:
    """Let the edition of `run` go on, or every plan that only the whole journal's pause held.

    Raises WrongUsage where a halt stands and no reason is given.
    """

    def work(tx: Transaction, edition: Edition) -> int | None:
        strongest = next(iter(tx.view.holds.on(edition.plan, edition.edition)), None)
        if strongest is not None and strongest.kind == "halted" and not because:
            newer = tx.view.editions.superseded_by(edition.plan, edition.edition)
            raise WrongUsage(_needs_reason(edition, strongest, newer))
        return control.resume(tx, edition, because, user(), time.time())

    return _do(journal, run, whole, work)


def suppress(journal: str | None, number: str, because: str) -> SuppressedNumber:
    """Never ring a number again from this journal, whatever a plan says. Raises WrongUsage or CannotProceed."""
    found = read(number)
    if found is None or found.validity is not Validity.VALID:
        why = "no phone number" if found is None else _NOT_A_NUMBER[found.validity]
        raise WrongUsage(
            f"that is {why}, so suppressing it would protect nobody; write it with its country code "
            "(+91...), or as it is dialed within India (0...)"
        )
    identity = found.identity
    with committing_and_noted(existing_journal(journal)) as tx:
        added = control.suppress(tx, identity, because, user(), time.time())
        known = tx.view.holds.suppression(identity)
        if known is None:
            raise LookupError("a number that was just suppressed")
        return SuppressedNumber(identity, known, not added)


def release(journal: str | None, number: str, because: str) -> ReleasedNumber:
    """Let a number be rung again, as far as plans and lists let it. Raises WrongUsage or CannotProceed."""
    found = read(number)
    if found is None:
        raise WrongUsage("that is no phone number; `orchestrate suppress --list` has those that are suppressed")
    with committing_and_noted(existing_journal(journal)) as tx:
        before = tx.view.holds.suppression(found.identity)
        control.release(tx, found.identity, because, user(), time.time())
        return ReleasedNumber(found.identity, before)


@contextlib.contextmanager
def suppressions(journal: str | None) -> Iterator[Iterator[tuple[str, Suppression]]]:
    """Hold the stream of the numbers that are not rung from this journal, the latest first. Raises CannotProceed."""
    with existing_journal(journal).view() as view:
        yield view.holds.suppressions()


_NOT_A_NUMBER = {
    Validity.GUESSED: "a phone number only if somebody guesses what was meant",
    Validity.POSSIBLE: "no number of its country's numbering plan",
    Validity.SHORT: "too short for a whole phone number",
    Validity.IMPOSSIBLE: "a number that no country has",
}


def _do(
    journal: str | None, run: str | None, whole: bool, work: Callable[[Transaction, Edition], int | None]
) -> Controlled:
    """Commit one step; it returns how many calls it changed, None where it changed nothing."""
    known, what = existing_journal(journal), read_run_argument(run)
    with committing_and_noted(known) as tx:
        view = tx.view
        found = None if whole else find_run(view, what, acts=True)
        edition = view.editions.whole_journal() if found is None else found.edition
        before = view.holds.on(edition.plan, edition.edition)
        calls = work(tx, edition)
        view = tx.view
        return Controlled(
            plan=None if whole else edition.name,
            edition=edition.edition,
            run="" if whole else edition.run,
            changed=calls is not None,
            before=before,
            after=view.holds.on(edition.plan, edition.edition),
            calls=calls or 0,
            superseded_by=None if whole else view.editions.superseded_by(edition.plan, edition.edition),
            is_over=not whole and view.editions.is_over(edition),
            held_elsewhere=view.editions.held() if whole or calls is None else 0,
            dialing=view.runs.has_dialer(edition.plan),
            by_default=found is not None and run is None and not found.dials,
        )


def _needs_reason(edition: Edition, halt: Hold, newer: str | None) -> str:
    """Say what a halt is lifted by; where the edition is closed for good, that it does not go on even then."""
    halted = f"plan {edition.label} was halted at {halt.began_at} ({halt.reason})"
    if newer is not None:
        why = f"and is not dialed again: {newer} superseded it; its halt is lifted all the same only with a reason"
        return f"{halted}, {why}: {resume_commands([halt], edition.run)}"
    return f"{halted}; find out why, then give a reason for going on: {resume_commands([halt], edition.run)}"
