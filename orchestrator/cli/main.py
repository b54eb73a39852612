"""`orchestrate`: the group of commands.

Each command's module is imported when it is asked for, and imports what it needs when it runs, so that `--help`
and completion stay quick.
"""

import importlib
import os
import sys
from typing import Any

import click

from orchestrator.cli.boundary import guarded, process
from orchestrator.cli.screen import Screen
from orchestrator.cli.streams import ESCAPES
from orchestrator.model.errors import CannotProceed
from orchestrator.model.program import JOURNAL_FORMAT, PLAN_VERSION, REPORT_FORMAT, VERSION

COMMANDS = {
    "init": ("init", "Lay out a repository of plans, also from a spreadsheet export."),
    "validate": ("validate", "Find every problem of plans and target files at once."),
    "fmt": ("fmt", "Bring plans and target files into canonical form; comments stay."),
    "plan": ("plan", "Show what `run` would do now, and the digest."),
    "approve": ("approve", "Record that a person lets a plan's digest run."),
    "diff": ("diff", "Show what changes from one plan to another, or since a commit."),
    "run": ("run", "Dial a plan, each call at most once; also resumes."),
    "status": ("status", "Where a run, or a plan over all its runs, stands."),
    "why": ("why", "Everything about one call: row, waits, attempts, callbacks, cost."),
    "report": ("report", "What became of every call: JSON, CSV, JUnit, Markdown."),
    "runs": ("status", "List the journal's runs, the latest first."),
    "compare": ("compare", "Two runs side by side."),
    "pause": ("control", "Start no further call; live ones finish, the process stays."),
    "resume": ("control", "Let go on what was paused, cancelled or halted."),
    "cancel": ("control", "Close the undialed calls of a plan's edition until `resume`."),
    "suppress": ("control", "Never ring a number again, for every plan on the journal."),
    "settle": ("settle", "Say what became of an unknown attempt, or of many."),
    "doctor": ("doctor", "What is wrong with this environment, without dialing."),
    "serve": ("serve", "Receive callbacks as a service, beside the runs."),
    "sandbox": ("sandbox", "Serve the simulated carrier on a port."),
    "journal": ("journal", "Make or verify the journal of a live target."),
    "schema": ("reference", "Print a JSON Schema."),
    "explain": ("reference", "Print the documentation of a parameter."),
}
"""The commands in the order in which a new user needs them, each with the module of `commands/` that it stands in and
its line of the help page, which is written without loading any of them.

The command `plan` is `plan_command` there.
"""


class Orchestrate(click.Group):
    """The group, with our error boundary around everything that it does."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        name, summary = COMMANDS[cmd_name]
        module = importlib.import_module(f"orchestrator.cli.commands.{name}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        command.short_help = summary
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands of the help page."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def __call__(self, *args: Any, **extra: Any) -> Any:
        """Run as this process, which ends with our own exit code whatever its streams and signals do."""
        return process(lambda: self.main(*args, **extra))

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command line and exit with its code."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors=ESCAPES)
        screen = Screen()
        extra = {"prog_name": "orchestrate", **extra, "standalone_mode": False, "obj": screen}
        sys.exit(guarded(lambda: self._started(*args, **extra), screen))

    def _started(self, *args: Any, **extra: Any) -> Any:
        """Run the command line. Raises CannotProceed in a folder that is gone: no relative path means anything."""
        try:
            os.getcwd()  # noqa: PTH109 - asked, not used
        except OSError as problem:
            message = f"the folder that the command was started in cannot be found: {problem.strerror}"
            raise CannotProceed(message, "change to a folder that exists, and run it again") from None
        return super().main(*args, **extra)


@click.group(
    cls=Orchestrate,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 as wished, 1 not as wished, 2 wrong usage, 3 refused, 4 cannot proceed, 5 stopped, "
    "6 unknown outcomes left, 129/130/143 interrupted, 70 a bug of ours.",
)
@click.version_option(
    VERSION,
    prog_name="orchestrate",
    message=f"%(prog)s %(version)s\nplan version {PLAN_VERSION}\nreport format {REPORT_FORMAT}\n"
    f"journal format {JOURNAL_FORMAT}",
)
def main() -> None:
    """Phone calls as code: a YAML plan says which calls are wanted, `run` dials each at most once."""
