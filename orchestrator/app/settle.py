"""`settle`: a person's verdict on unknown attempts, committed beside a dialer that may be running."""

import time
from collections.abc import Iterator, Mapping

from orchestrator.app.journal import existing_journal
from orchestrator.app.named_run import find_run, read_run_argument
from orchestrator.app.process import user
from orchestrator.journal.control import drop
from orchestrator.journal.port import Journal
from orchestrator.journal.transaction import Transaction
from orchestrator.journal.views.view import View
from orchestrator.model.call import Attempt
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.model.errors import Refused, WrongUsage
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import resume_commands
from orchestrator.model.outcome import Disposition, Placement
from orchestrator.model.record import AttemptRecord
from orchestrator.model.story import Edition
from orchestrator.policy.evidence import Settlement, judged, obstacle, stands

NOT_PLACED = "settled as not placed"
"""Why a call is due again."""

BATCH = 100
"""Verdicts in one commit: a dialer beside us waits for no more than these."""


@frozen
class Prospect:
    """What keeps a call that was judged not placed from being dialed; where nothing does, the next run dials it.

    For good: `superseded_by` names, in words, a newer edition; `removed`: the plan, as it was run last, does not hold
    it; `suppressed` says why a number of it is never rung again. For now: `resume_commands` lift what
    holds the edition, in words, empty where nothing does.
    """

    superseded_by: str | None
    removed: bool
    suppressed: str | None
    resume_commands: str

    @property
    def is_dialed(self) -> bool:
        """Whether a run dials it, as things stand."""
        return self.superseded_by is None and not self.removed and self.suppressed is None


@frozen
class Settled:
    """What became of one verdict. `already`: it had been given before, and nothing was changed.

    `follows`: the next run follows the call to its ending. `prospect` is there for a call that was judged not placed.
    `safe_from` is the RFC 3339 time before which such a call could be live all the same; None where that has passed.
    """

    call: str
    n: int
    plan: str
    edition: str
    words: str
    follows: bool
    already: bool
    prospect: Prospect | None
    safe_from: str | None


def settle(
    journal: str | None, call: str, run: str | None, *, placed: bool, sid: str | None, because: str | None
) -> Settled:
    """Give a verdict on the latest attempt of a call. Raises WrongUsage, Refused or CannotProceed.

    `run` names the edition; without it the call must be unknown in one edition only.
    """
    settlement, known = Settlement(placed, user(), sid, because), existing_journal(journal)
    what = read_run_argument(run)
    with known.committing() as tx:
        named = None if run is None else find_run(tx.view, what).run
        edition, attempt = _attempt_of(tx.view, call, named, settlement)
        already = stands(attempt.record, settlement)
        now = time.time()
        record = attempt.record
        if not already:
            _refuse_used_sid(tx.view, attempt, settlement)
            record = _commit(tx, attempt, settlement, now)
        return Settled(
            call=call,
            n=record.n,
            plan=edition.name,
            edition=edition.edition,
            words=settlement.words,
            follows=placed and record.ending is None,
            already=already,
            prospect=None if placed else _prospect(tx.view, edition, attempt),
            safe_from=rfc3339(attempt.pair_free_at) if not placed and attempt.pair_free_at > now else None,
        )


def settle_not_found(journal: str | None, run: str | None, because: str | None) -> Iterator[tuple[str, Prospect]]:
    """Judge `not-placed` what look-ups asked about and did not find, once it cannot be live; yield the calls.

    Each by its id, with what comes next. Of the edition of `run`, by default of the latest run. Each batch is committed
    before its calls are yielded.
    """
    known, what = existing_journal(journal), read_run_argument(run)
    settlement = Settlement(False, user(), None, because)
    with known.view() as view:
        edition = find_run(view, what).edition
    while settled := _settle_batch(known, edition, settlement):
        yield from settled


def _settle_batch(journal: Journal, edition: Edition, settlement: Settlement) -> list[tuple[str, Prospect]]:
    with journal.committing() as tx:
        now = time.time()
        found = tx.view.attempts.not_found(edition, now, BATCH)
        for attempt in found:
            _commit(tx, attempt, settlement, now)
        return [(attempt.call_id, _prospect(tx.view, edition, attempt)) for attempt in found]


def _prospect(view: View, edition: Edition, attempt: Attempt) -> Prospect:
    return Prospect(
        superseded_by=view.editions.superseded_by(edition.plan, edition.edition),
        removed=not view.attempts.is_held_by_plan(attempt),
        suppressed=view.attempts.suppressed(attempt),
        resume_commands=resume_commands(view.holds.on(edition.plan, edition.edition), edition.run),
    )


def _attempt_of(view: View, call: str, run: str | None, settlement: Settlement) -> tuple[Edition, Attempt]:
    """Return the attempt that is to be judged, or was judged so before."""
    editions, latest = view.editions.with_call(call, run), view.attempts.latest
    if not editions:
        raise WrongUsage(f"there is no call {call} in the journal" + (f" under run {run}" if run else ""))
    tried = [(edition, attempt) for edition in editions if (attempt := latest(edition, call)) is not None]
    open_to_verdict = [found for found in tried if obstacle(found[1]) is None]
    if len(open_to_verdict) > 1:
        places = "; ".join(f"--run {edition.run} ({edition.label})" for edition, _ in open_to_verdict)
        raise WrongUsage(f"call {call} is unknown in {len(open_to_verdict)} plans or editions; name one: {places}")
    given_before = [found for found in tried if stands(found[1].record, settlement)]
    chosen = open_to_verdict or given_before
    if not chosen:
        raise Refused((_nothing_to_judge(call, tried),))
    return chosen[0]


def _nothing_to_judge(call: str, tried: list[tuple[Edition, Attempt]]) -> Diagnostic:
    if not tried:
        message = f"call `{call}` was never dialed, so there is nothing to judge"
        return error("not-unknown", message, hint="`orchestrate why` tells what became of it")
    edition, attempt = tried[0]
    message = f"attempt {attempt.record.n} of call `{call}` in plan {edition.label} cannot be judged: "
    hint = "only an unknown attempt can be settled; `orchestrate why` tells the call's story"
    return error("not-unknown", message + str(obstacle(attempt)), hint=hint)


def _refuse_used_sid(view: View, attempt: Attempt, settlement: Settlement) -> None:
    """Refuse a Sid that another attempt has: one call of the carrier belongs to one attempt."""
    holder = None if settlement.sid is None else view.attempts.with_sid(settlement.sid)
    if holder is None or holder.key == attempt.key:
        return
    message = f"the call Sid {settlement.sid} belongs to attempt {holder.record.n} of call `{holder.call_id}`"
    hint = "compare From, To and the time in the carrier's call details, and take the Sid from there"
    raise Refused((error("sid-taken", f"{message} (run {holder.run_id})", hint=hint),))


def _commit(tx: Transaction, attempt: Attempt, settlement: Settlement, now: float) -> AttemptRecord:
    """Write one verdict down, and what follows from it for the call."""
    at = rfc3339(now)
    record = judged(attempt.record, settlement, at)
    tx.save(attempt, record)
    said = {"placement": record.placement, "evidence": record.evidence, "sid": record.sid, "ending": record.ending}
    _append(tx, EventType.ATTEMPT_SETTLED, at, attempt, said | {"by": settlement.by, "because": settlement.because})
    if record.placement is Placement.UNREACHED:
        tx.put_back(attempt.call, 0.0, NOT_PLACED)
        _drop(tx, attempt)
    elif record.ending is None:
        tx.reopen_call(attempt.call)
    else:
        had_ended = tx.close_call(attempt.call, Disposition(record.ending), now)
        ended = {"disposition": record.ending, "reason": None, "duration": record.duration, "ending": record.ending}
        _append(tx, EventType.CALL_CORRECTED if had_ended else EventType.CALL_ENDED, at, attempt, ended)
    return record


def _drop(tx: Transaction, attempt: Attempt) -> None:
    """Close what no run may dial any more: a run of unchanged inputs, or one that is under way, would take it up."""
    if tx.view.editions.superseded_by(attempt.plan, attempt.edition) is not None:
        drop(tx, attempt, "superseded")
    elif not tx.view.attempts.is_held_by_plan(attempt):
        drop(tx, attempt, "removed")


def _append(tx: Transaction, kind: EventType, at: str, attempt: Attempt, data: Mapping[str, str | int | None]) -> None:
    """Append an event under the run that made the attempt: a verdict belongs to no run of its own."""
    tx.append(kind, at, attempt.run_id, attempt.call_id, attempt.record.n, data)
