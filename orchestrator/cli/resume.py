"""`orchestrate resume`: let go on what was paused, cancelled or halted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from orchestrator.cli.because import because_option
from orchestrator.cli.held_text import held_where, named, superseded, tell_default
from orchestrator.cli.options import Command, known_journal_option, text, unmask_option
from orchestrator.cli.screen import Screen, aside, results
from orchestrator.model.hold import way_on
from orchestrator.phone.visible import visible

if TYPE_CHECKING:
    from orchestrator.app.control import Controlled


@click.command("resume", cls=Command, short_help="Let go on what was paused, cancelled or halted.")
@click.argument("run", metavar="[RUN]", required=False, callback=text)
@click.option("--all", "whole", is_flag=True, help="End the pause of the whole journal (`pause --all`).")
@because_option("Why it may go on; a halted plan needs it. Kept in the journal.")
@known_journal_option
@unmask_option
@click.pass_obj
def command(screen: Screen, /, run: str | None, whole: bool, because: str | None, journal: str | None) -> None:
    """End all that holds the plan's edition that RUN is of.

    A RUN is a run's id or a unique beginning of it, a plan's name, or a plan's file; without one the run that dials
    now is meant, or where none does the latest.

    Cancelled calls are due again. A plan that was halted goes on only with --because. What a pause of the whole
    journal holds, only --all lets go on; --all lets nothing else go on. An edition that a newer one superseded is not
    dialed again.
    """
    if whole and run is not None:
        raise click.UsageError("--all is every plan on the journal; name no RUN with it")
    from orchestrator.app.control import resume

    done = resume(journal, run, because, whole=whole)
    what = "the whole journal" if done.plan is None else named(done.plan, done.edition)
    if done.changed:
        ended = " and ".join(hold.kind for hold in done.before if hold.whole == whole)
        goes = "goes on, it was" if done.superseded_by is None else "is no longer"
        results(f"{what}: {goes} {ended}{'; '.join(['', *_what_follows(done)])}\n")
    else:
        stood = "no `pause --all` held it" if whole else "nothing was paused, cancelled or halted"
        closed = "" if done.superseded_by is None else f"; {superseded(done.superseded_by)}"
        results(f"{what}: {stood}; nothing was changed{closed}\n")
        tell_default(done)
    for hold in done.after:
        aside(f"note: {held_where(hold, screen.masker)}; {visible(way_on([hold], done.run))} ends that")
    if done.held_elsewhere:
        held = "1 plan is" if done.held_elsewhere == 1 else f"{done.held_elsewhere:,} plans are"
        aside(f"note: {held} held apart from that, see `orchestrate status PLAN`; `orchestrate resume RUN` ends that")


def _what_follows(done: "Controlled") -> Iterator[str]:
    if done.superseded_by is not None:
        yield superseded(done.superseded_by)
        return
    if done.calls:
        yield "1 call is due again" if done.calls == 1 else f"{done.calls:,} calls are due again"
    if done.is_over:
        yield "nothing of it is left to dial"
    elif not done.dialing and not done.after:
        yield "no process dials: the plan's `orchestrate run` command goes on"
