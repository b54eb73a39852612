"""`orchestrate pause`, `resume`, `cancel` and `suppress`: said from any terminal, beside a run that may be dialing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from orchestrator.cli.complete import runs_and_plans
from orchestrator.cli.options import Command, because_option, known_journal_option, storable_text, unmask_option
from orchestrator.cli.render.held import held, named, note_latest_run_meant, scoped_hold, superseded
from orchestrator.cli.screen import Screen, write_stderr, write_stdout
from orchestrator.model.hold import resume_commands
from orchestrator.phone.safe_text import visible

if TYPE_CHECKING:
    from orchestrator.app.control import Controlled


@click.command("pause", cls=Command)
@click.argument("run", metavar="[RUN]", required=False, callback=storable_text, shell_complete=runs_and_plans)
@click.option("--all", "whole", is_flag=True, help="Every plan on the journal, also runs that start later.")
@because_option("Why; kept in the journal, and shown by `status`.")
@known_journal_option
@unmask_option
@click.pass_obj
def pause_command(screen: Screen, /, run: str | None, whole: bool, because: str | None, journal: str | None) -> None:
    """Start no further call in the plan's edition that RUN is of.

    A RUN is a run's id or a unique beginning of it, a plan's name, or a plan's file; without one the run that dials
    now is meant, or where none does the latest.

    Calls that are under way finish. The process that dials waits for `orchestrate resume` (after --all, for `resume
    --all`), at most as long as its --wait. Done twice it changes nothing.
    """
    _check_all_alone(whole, run)
    from orchestrator.app.control import pause

    done = pause(journal, run, because, whole=whole)
    hold = next(hold for hold in done.after if hold.kind == "paused" and hold.whole == whole)
    what = "every plan on the journal" if done.plan is None else named(done.plan, done.edition)
    if not done.changed:
        write_stdout(f"{what}: {held(hold, screen.masker)}; nothing was changed\n")
        return
    if done.superseded_by is not None:
        write_stdout(f"{what}: paused; {superseded(done.superseded_by)}\n")
        return
    later = ", also of runs that start later," if whole else ""
    way = visible(resume_commands(done.after, done.run))
    write_stdout(f"{what}: paused; no further call starts{later} until {way}; live calls finish\n")
    note_latest_run_meant(done)
    _note_held_before(done, screen)


@click.command("resume", cls=Command)
@click.argument("run", metavar="[RUN]", required=False, callback=storable_text, shell_complete=runs_and_plans)
@click.option("--all", "whole", is_flag=True, help="End the pause of the whole journal (`pause --all`).")
@because_option("Why it may go on; a halted plan needs it. Kept in the journal.")
@known_journal_option
@unmask_option
@click.pass_obj
def resume_command(screen: Screen, /, run: str | None, whole: bool, because: str | None, journal: str | None) -> None:
    """End all that holds the plan's edition that RUN is of.

    A RUN is a run's id or a unique beginning of it, a plan's name, or a plan's file; without one the run that dials
    now is meant, or where none does the latest.

    Cancelled calls are due again. A plan that was halted goes on only with --because. What a pause of the whole
    journal holds, only --all lets go on; --all lets nothing else go on. An edition that a newer one superseded is not
    dialed again.
    """
    _check_all_alone(whole, run)
    from orchestrator.app.control import resume

    done = resume(journal, run, because, whole=whole)
    what = "the whole journal" if done.plan is None else named(done.plan, done.edition)
    if done.changed:
        ended = " and ".join(hold.kind for hold in done.before if hold.whole == whole)
        goes = "goes on, it was" if done.superseded_by is None else "is no longer"
        write_stdout(f"{what}: {goes} {ended}{'; '.join(['', *_what_resumes(done)])}\n")
    else:
        stood = "no `pause --all` held it" if whole else "nothing was paused, cancelled or halted"
        closed = "" if done.superseded_by is None else f"; {superseded(done.superseded_by)}"
        write_stdout(f"{what}: {stood}; nothing was changed{closed}\n")
        note_latest_run_meant(done)
    for hold in done.after:
        write_stderr(
            f"note: {scoped_hold(hold, screen.masker)}; {visible(resume_commands([hold], done.run))} ends that"
        )
    if done.held_elsewhere:
        held = "1 plan is" if done.held_elsewhere == 1 else f"{done.held_elsewhere:,} plans are"
        write_stderr(f"note: {held} held separately, see `orchestrate status PLAN`; `orchestrate resume RUN` ends that")


def _check_all_alone(whole: bool, run: str | None) -> None:
    if whole and run is not None:
        raise click.UsageError("--all is every plan on the journal; name no RUN with it")


def _note_held_before(done: "Controlled", screen: Screen) -> None:
    for other in done.before:
        write_stderr(f"note: it was held already: {scoped_hold(other, screen.masker)}")


def _what_resumes(done: "Controlled") -> Iterator[str]:
    if done.superseded_by is not None:
        yield superseded(done.superseded_by)
        return
    if done.calls:
        yield "1 call is due again" if done.calls == 1 else f"{done.calls:,} calls are due again"
    if done.is_over:
        yield "nothing of it is left to dial"
    elif not done.dialing and not done.after:
        yield "no process dials now: give the plan's `orchestrate run` command again to go on"


@click.command("cancel", cls=Command)
@click.argument("run", metavar="[RUN]", required=False, callback=storable_text, shell_complete=runs_and_plans)
@because_option("Why; kept in the journal, and shown by `status`.")
@known_journal_option
@unmask_option
@click.pass_obj
def cancel_command(screen: Screen, /, run: str | None, because: str | None, journal: str | None) -> None:
    """Close what is not dialed yet in the plan's edition that RUN is of.

    A RUN is a run's id or a unique beginning of it, a plan's name, or a plan's file; without one the run that dials
    now is meant, or where none does the latest.

    Calls that are under way are followed to their end; then the run ends. Until `orchestrate resume` - with a reason,
    where a halt stands too - no run dials the edition. Done twice it changes nothing.
    """
    from orchestrator.app.control import cancel

    done = cancel(journal, run, because)
    hold = next(hold for hold in done.after if hold.kind == "cancelled")
    what = named(done.plan or "", done.edition)
    if not done.changed:
        write_stdout(f"{what}: {held(hold, screen.masker)}; nothing was changed\n")
        return
    if done.superseded_by is not None:
        write_stdout(f"{what}: cancelled; {superseded(done.superseded_by)}\n")
        return
    closed = "1 call was closed" if done.calls == 1 else f"{done.calls:,} calls were closed"
    way = visible(resume_commands(done.after, done.run))
    write_stdout(f"{what}: cancelled; {closed}, live calls finish; no further call starts until {way}\n")
    note_latest_run_meant(done)
    _note_held_before(done, screen)


@click.command("suppress", cls=Command)
@click.argument("number", metavar="NUMBER", callback=storable_text)
@because_option("Why; kept in the journal.", required=True)
@known_journal_option
@unmask_option
@click.pass_obj
def suppress_command(screen: Screen, /, number: str, because: str, journal: str | None) -> None:
    """Never ring NUMBER again, at once: no plan on the journal, and no run that is under way.

    Any spelling of the number will do. A call that rings at this moment finishes.
    """
    from orchestrator.app.control import suppress
    from orchestrator.phone.safe_text import visible

    done = suppress(journal, number, because)
    shown = screen.masker.number(done.number)
    if done.already:
        known = done.suppression
        why, by = screen.masker.text(known.because), screen.masker.text(known.by)
        already = f"{shown} was suppressed already by {by} at {known.at}: {why}; nothing was changed"
        write_stdout(visible(already) + "\n")
    else:
        write_stdout(visible(f"{shown} is never rung again by any plan on this journal") + "\n")
