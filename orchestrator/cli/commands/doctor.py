"""`orchestrate doctor`: what is wrong with the environment of a run, without dialing."""

import shutil
import sys

import click

from orchestrator.cli.complete import files
from orchestrator.cli.options import (
    Command,
    format_option,
    known_journal_option,
    root_option,
    secrets_option,
    target_option,
    unmask_option,
)
from orchestrator.cli.screen import Screen, wants_colour, write_stdout
from orchestrator.model.exit_codes import Exit


@click.command("doctor", cls=Command)
@click.argument("plan", required=False, shell_complete=files)
@target_option("Where the plan would be dialed; a target file, exotel or sandbox.")
@known_journal_option
@click.option("--audio", is_flag=True, help="Fetch each audio file that the plan names, and check it.")
@format_option
@root_option
@secrets_option("Folder with a file for each secret.")
@unmask_option
@click.option("-q", "--quiet", is_flag=True, help="Warnings and problems only, and no last line.")
@click.pass_obj
def doctor_command(
    screen: Screen,
    /,
    plan: str | None,
    target: str,
    journal: str | None,
    audio: bool,
    format_: str,
    root: str | None,
    secrets_dir: str | None,
    quiet: bool,
) -> int:
    """Look at all that a run of PLAN needs around it: settings, carrier, callbacks, journal, clock. Nothing is dialed.

    Of a live target the carrier is asked for the account's ExoPhones. With --audio the files that the plan names by
    address are fetched too, unless they lie inside a network, and a file that is another than before is told. Exits 4
    where `run` could not go on, 3 where it would refuse the plan.
    """
    from orchestrator.app.doctor.examination import DoctorOptions, examine

    if audio and plan is None:
        raise click.UsageError("--audio needs a PLAN: its audio is checked")
    screen.sources = tuple(each for each in (plan, target) if each)
    found = examine(DoctorOptions(plan, target, journal, root, secrets_dir, audio))
    code = Exit.REFUSED if found.refused else Exit.CANNOT_PROCEED if found.is_stopped else Exit.AS_WISHED
    if format_ == "json":
        from orchestrator.reports.examination_json import examination_json

        write_stdout(examination_json(found, code, screen.masker))
        return code
    from orchestrator.cli.render.examination import examination_text

    width, colour = shutil.get_terminal_size().columns, wants_colour(sys.stdout)
    write_stdout(examination_text(found, screen.masker, width, colour=colour, quiet=quiet))
    return code
