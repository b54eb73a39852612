"""The end of a run: its verdict on the plan's calls, and what people must know."""

import time
from collections.abc import Callable

from orchestrator.app.options import RunOptions
from orchestrator.engine.scheduler import Engine
from orchestrator.journal.guard_queries import CANCELLED
from orchestrator.journal.port import Writer
from orchestrator.journal.run import Loaded
from orchestrator.journal.views.editions import edition_in_words
from orchestrator.journal.views.view import View
from orchestrator.model.call import Scope
from orchestrator.model.errors import JournalBroken, Refused
from orchestrator.model.events import EventType, rfc3339
from orchestrator.model.frozen import frozen
from orchestrator.model.hold import Hold, resume_commands
from orchestrator.model.outcome import Disposition
from orchestrator.policy.verdict import Stop, exit_code, unfulfilled


@frozen
class Conclusion:
    """How a run ended. `messages` are for people; `unmet` says of wishes that were not fulfilled what they are."""

    code: int
    messages: tuple[str, ...]
    unmet: tuple[str, ...] = ()


async def conclude(
    writer: Writer,
    view: View,
    options: RunOptions,
    loaded: Loaded,
    success: tuple[tuple[str, float], ...],
    engine: Engine,
    now: Callable[[], float] = time.time,
) -> Conclusion:
    """Judge the plan's calls, and write down that the run ended `now`.

    Raises Refused where nobody was dialed because the carrier's word refuses the plan, JournalBroken, with the
    messages, where the end cannot be written.
    """
    scope, stop, only = loaded.scope, engine.stopped, options.only or "*"
    results = view.results
    whole = results.totals(scope, planned=True)
    chosen = results.totals(scope, only, planned=True) if options.only else whole
    waits = whole[Disposition.WAITING]  # where nothing waits the verdict is on the whole plan
    not_dialed = results.not_dialed(scope, only if waits else "*")
    if loaded.newest != scope.edition:
        not_dialed.pop(CANCELLED, None)  # calls that rang before: `resume` makes them due in the newest edition only
    undialed = results.count(scope, "due", only)
    judged = {**(chosen if waits else whole), Disposition.UNKNOWN: whole[Disposition.UNKNOWN]}
    code = exit_code(
        judged,
        not_dialed,
        success,
        stop,
        until_placed=options.until_placed,
        undialed=undialed,
    )
    unmet = unfulfilled(judged, not_dialed, success) if code == 1 and not options.until_placed else ()
    messages = [stop.message] if stop else []
    messages += _about_the_edition(scope, loaded)
    if undialed or not_dialed.get("halted") or not_dialed.get(CANCELLED):
        messages += _about_holds(view.holds.on(scope.plan, scope.edition), stop, scope.run_id)
    messages += _about_the_carrier(engine)
    try:
        at = rfc3339(now())
        if stop is not None and stop.is_interruption:
            data = {"signal": None if stop.signal is None else stop.signal.name}
            await writer.write(lambda tx: tx.append(EventType.RUN_INTERRUPTED, at, scope.run_id, data=data))
        await writer.write(lambda tx: tx.end_run(scope, at, code, unmet))
    except JournalBroken as problem:
        raise JournalBroken("\n".join(dict.fromkeys([str(problem), *messages]))) from None
    if code == 3:
        raise Refused(engine.refused)
    return Conclusion(code, tuple(messages), unmet)


def _about_the_edition(scope: Scope, loaded: Loaded) -> list[str]:
    messages: list[str] = []
    if loaded.newest != scope.edition:
        messages.append(_superseded(scope.edition, loaded.newest))
    if loaded.id_changed:
        messages.append(_id_changed(loaded.id_changed))
    return messages


def _about_holds(holds: tuple[Hold, ...], stop: Stop | None, run: str) -> list[str]:
    """Tell what holds the calls that are left, and which commands lift all of it.

    The engine reports the strongest hold where that is what it stopped for, and knows nothing of the others.
    """
    is_reported = stop is not None and stop.code == 5 and bool(holds) and holds[0].kind in stop.message
    others = holds[1:] if is_reported else holds
    if not others:
        return []
    return [f"{'; '.join(map(_held, others))}: to go on, give {resume_commands(holds, run)}, then the same `run` again"]


def _about_the_carrier(engine: Engine) -> list[str]:
    messages = list(engine.unrecorded)
    if engine.look_up_trouble is not None:
        messages.append(_unanswered(engine.look_up_trouble))
    if engine.dnd_trouble is not None:
        messages.append(_dnd_unanswered(engine.dnd_trouble))
    return messages


def _superseded(edition: str, newest: str) -> str:
    shown, by = edition_in_words(edition), edition_in_words(newest)
    return f"{shown} was superseded by {by}: its calls are not dialed any more; a new edition dials on purpose"


def _held(hold: Hold) -> str:
    where = "every plan on the journal is " if hold.whole else ""
    by = f" by {hold.by}" if hold.by else ""
    because = f" because {hold.reason}" if hold.reason else ""
    return f"{where}{hold.kind}{by} since {hold.began_at}{because}"


def _unanswered(trouble: str) -> str:
    return (
        f"no look-up was answered ({trouble}): how calls ended, and what became of unknown attempts, may be missing;"
        " check that the API key may read calls"
    )


def _dnd_unanswered(trouble: str) -> str:
    return (
        f"the carrier did not say of all numbers whether they are do-not-disturb ({trouble}), and under `policy.dnd`"
        " no number is rung before it has: check that the API key may read numbers, then run the same command again"
    )


def _id_changed(calls: int) -> str:
    return (
        f"calls that were not dialed (id changed): {calls:,}; their numbers may have rung under an id that the plan no"
        " longer holds; give them that id again, or dial them with --new-ids"
    )
