"""What a system finds beside the program: its man page, and the scripts by which shells complete its words.

`python -m orchestrator.cli.shared_data` (or `make generate`) writes them to `share/`, which is committed, and from
where a wheel puts them into the environment's own `share/`. One page documents all commands: click-man would write
one for each, asks a group for commands that are loaded, and leaves lines that begin with a dot to roff.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from orchestrator.app.generate import generate
from orchestrator.cli.main import main
from orchestrator.model.program import DOCUMENTATION, VERSION

SHARE = Path(__file__).parents[2] / "share"
"""Where the committed files are."""

PROGRAM, VARIABLE = "orchestrate", "_ORCHESTRATE_COMPLETE"


def completion(shell: str) -> str:
    """Return click's script for a shell: it asks the program itself at each tab."""
    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError(f"click completes for {shell}")
    script = kind(main, {}, PROGRAM, VARIABLE)
    text: str = script.source_template % script.source_vars()
    return text.strip() + "\n"


def man_page() -> str:
    """Return the page of the program and all its commands, as roff."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield f'.TH ORCHESTRATE 1 "" "orchestrate {VERSION}" "User Commands"'
    yield from (".SH NAME", f"{PROGRAM} \\- {_text('phone calls as code, each dialed at most once')}")
    yield from (".SH SYNOPSIS", f".B {PROGRAM}", "COMMAND [OPTIONS] [ARGUMENTS]")
    yield ".SH DESCRIPTION"
    yield from _paragraphs(main)
    yield from _options(click.Context(main, info_name=PROGRAM))
    yield ".SH COMMANDS"
    yield from _commands(click.Context(main, info_name=PROGRAM))
    yield from (".SH EXIT STATUS", _text((main.epilog or "").removeprefix("Exit codes: ")))
    yield ".SH ENVIRONMENT"
    for name, uses in _environment():
        yield from (".TP", f".B {name}", _text(uses))
    yield from (".SH SEE ALSO", _text(DOCUMENTATION))


def _commands(context: click.Context) -> Iterator[str]:
    """Yield each command below a group with its usage, what it does, and its options."""
    for inner in _below(context):
        if not isinstance(inner.command, click.Group):
            yield f".SS {_text(' '.join([inner.command_path, *inner.command.collect_usage_pieces(inner)]))}"
            yield from _paragraphs(inner.command)
            yield from _options(inner)
        yield from _commands(inner)


def _below(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    if isinstance(group, click.Group):
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None:
                yield click.Context(command, context, name)


def _paragraphs(command: click.Command) -> Iterator[str]:
    for number, paragraph in enumerate(inspect.cleandoc(command.help or "").split("\n\n")):
        if number:
            yield ".PP"
        yield _text(" ".join(paragraph.split()))


def _options(context: click.Context) -> Iterator[str]:
    for parameter in context.command.params:
        if not isinstance(parameter, click.Option):
            continue  # the usage has it
        record = parameter.get_help_record(context)
        if record is not None:
            yield from (".TP", f".B {_text(record[0])}", _text(" ".join(record[1].split())))


def _environment() -> Iterator[tuple[str, str]]:
    """Yield the variables that the program obeys, by name: those of options, and those that have none."""
    found = {
        "EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN": "The account of a live target, and its credentials.",
        "EXOTEL_BASE_URL, EXOTEL_REGION": "Where the built-in target exotel is; a region is singapore or mumbai.",
        "ORCHESTRATE_PSEUDONYM_KEY": "A secret by which labels for phone numbers are the same in every output.",
        "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY": "The proxy that leads to the carrier.",
        "SSL_CERT_FILE, SSL_CERT_DIR": "The certificates that are trusted, instead of the system's.",
        "NO_COLOR": "No colours, also on a terminal.",
    }
    open_ = [click.Context(main, info_name=PROGRAM)]
    while open_:
        context = open_.pop()
        open_ += _below(context)
        for parameter in context.command.params:
            if isinstance(parameter, click.Option) and isinstance(parameter.envvar, str):
                found[parameter.envvar] = f"What {parameter.opts[0]} says where it is not given."
    yield from sorted(found.items())


def _text(text: str) -> str:
    """Return a text that roff prints as it is, in one line of the source: no command, no escape, plain hyphens."""
    return "\\&" * text.startswith((".", "'")) + text.replace("\\", "\\e").replace("-", "\\-").replace("\n", " ")


FILES: dict[str, Callable[[], str]] = {
    "man/man1/orchestrate.1": man_page,
    "bash-completion/completions/orchestrate": partial(completion, "bash"),
    "zsh/site-functions/_orchestrate": partial(completion, "zsh"),
    "fish/vendor_completions.d/orchestrate.fish": partial(completion, "fish"),
}
"""What stands in each file, at the places where man and the shells look below a prefix's `share`."""


if __name__ == "__main__":
    for changed_name in generate(SHARE, FILES):
        sys.stdout.write(f"share/{changed_name}\n")
