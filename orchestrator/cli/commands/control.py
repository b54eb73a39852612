"""`orchestrate pause`, `resume`, `cancel` and `suppress`: said from any terminal, beside a run that may be dialing."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from orchestrator.cli.complete import runs_and_plans
from orchestrator.cli.options import (
    Command,
    because_option,
    format_option,
    known_journal_option,
    storable_text,
    unmask_option,
)
from orchestrator.cli.render.held import held, note_latest_run_meant, scoped_hold, superseded
from orchestrator.cli.render.names import named
from orchestrator.cli.screen import Screen, write_stderr, write_stdout
from orchestrator.model.hold import Suppression, resume_commands
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
    what = "every plan on the journal" if done.plan is None else f"plan {named(done.plan, done.edition, screen.masker)}"
    if not done.changed:
        write_stdout(f"{what}: {held(hold, screen.masker)}; nothing was changed\n")
        return
    if done.superseded_by is not None:
        write_stdout(f"{what}: paused; {superseded(done.superseded_by, screen.masker)}\n")
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
    what = "the whole journal" if done.plan is None else f"plan {named(done.plan, done.edition, screen.masker)}"
    if done.changed:
        ended = " and ".join(hold.kind for hold in done.before if hold.whole == whole)
        goes = "goes on, it was" if done.superseded_by is None else "is no longer"
        write_stdout(f"{what}: {goes} {ended}{'; '.join(['', *_what_resumes(done, screen)])}\n")
    else:
        stood = "no `pause --all` held it" if whole else "nothing was paused, cancelled or halted"
        closed = "" if done.superseded_by is None else f"; {superseded(done.superseded_by, screen.masker)}"
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


def _what_resumes(done: "Controlled", screen: Screen) -> Iterator[str]:
    if done.superseded_by is not None:
        yield superseded(done.superseded_by, screen.masker)
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
    what = f"plan {named(done.plan or '', done.edition, screen.masker)}"
    if not done.changed:
        write_stdout(f"{what}: {held(hold, screen.masker)}; nothing was changed\n")
        return
    if done.superseded_by is not None:
        write_stdout(f"{what}: cancelled; {superseded(done.superseded_by, screen.masker)}\n")
        return
    closed = "1 call was closed" if done.calls == 1 else f"{done.calls:,} calls were closed"
    way = visible(resume_commands(done.after, done.run))
    write_stdout(f"{what}: cancelled; {closed}, live calls finish; no further call starts until {way}\n")
    note_latest_run_meant(done)
    _note_held_before(done, screen)


@click.command("suppress", cls=Command)
@click.argument("number", metavar="[NUMBER]", required=False, callback=storable_text)
@because_option("Why; kept in the journal. Needed for each NUMBER.")
@click.option("--list", "every", is_flag=True, help="List the numbers that are suppressed.")
@click.option("--remove", is_flag=True, help="Suppress NUMBER no more.")
@format_option
@known_journal_option
@unmask_option
@click.pass_obj
def suppress_command(
    screen: Screen,
    /,
    number: str | None,
    because: str | None,
    every: bool,
    remove: bool,
    format_: str,
    journal: str | None,
) -> None:
    """Never ring NUMBER again, at once: no plan on the journal, and no run that is under way.

    Any spelling of the number will do. A call that rings at this moment finishes. With --remove it may be rung again,
    as far as plans, lists and targets let it.
    """
    if every:
        if number is not None or remove or because is not None:
            raise click.UsageError("--list stands alone: it takes no NUMBER, no --remove and no --because")
        _list_suppressed(screen, journal, format_)
        return
    if format_ != "text":
        raise click.UsageError("--format is for --list")
    if number is None:
        raise click.UsageError("name a NUMBER, or give --list")
    if because is None:
        raise click.UsageError("say why with --because: it is kept in the journal")
    write_stdout((_release if remove else _suppress)(screen, journal, number, because) + "\n")


def _suppress(screen: Screen, journal: str | None, number: str, because: str) -> str:
    from orchestrator.app.control import suppress

    done = suppress(journal, number, because)
    shown = screen.masker.number(done.number)
    if not done.already:
        return visible(f"{shown} is never rung again by any plan on this journal")
    known = done.suppression
    why, by = screen.masker.text(known.because), screen.masker.text(known.by)
    return visible(f"{shown} was suppressed already by {by} at {known.at}: {why}; nothing was changed")


def _release(screen: Screen, journal: str | None, number: str, because: str) -> str:
    from orchestrator.app.control import release

    done = release(journal, number, because)
    shown = screen.masker.number(done.number)
    if done.before is None:
        return visible(f"{shown} was not suppressed on this journal; nothing was changed")
    why, by = screen.masker.text(done.before.because), screen.masker.text(done.before.by)
    then = "plans may ring it again, unless a list says otherwise; calls that were closed wait for the plan's next run"
    return visible(f"{shown} is suppressed no more (it was by {by} at {done.before.at}: {why}); {then}")


def _list_suppressed(screen: Screen, journal: str | None, format_: str) -> None:
    from orchestrator.app.control import suppressions

    with suppressions(journal) as listed:
        if format_ == "json":
            from orchestrator.reports.standing_json import suppressions_json

            write_stdout(suppressions_json(listed, screen.masker))
        else:
            write_stdout(_suppressed_lines(listed, screen))


def _suppressed_lines(listed: Iterable[tuple[str, Suppression]], screen: Screen) -> Iterator[str]:
    none = True
    for number, known in listed:
        none = False
        by, why = screen.masker.text(known.by), screen.masker.text(known.because)
        yield visible(f"{screen.masker.number(number)}  {known.at[:19]}Z  {by}: {why}") + "\n"
    if none:
        yield "no number is suppressed on this journal; plans and targets may have lists of their own\n"
