"""`--because`: why somebody does what they do, kept in the journal."""

from collections.abc import Callable

import click

from orchestrator.cli.options import Decorated, text

LONGEST = 500
"""Characters of a reason: it is shown in one line."""


def because_option(words: str, *, required: bool = False) -> Callable[[Decorated], Decorated]:
    """Add `--because`; `words` are its help."""
    return click.option("--because", metavar="TEXT", callback=_reason, required=required, help=words)


def _reason(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Take a reason; one of blanks only is none."""
    if value is None:
        return None
    if len(value) > LONGEST:
        raise click.BadParameter(f"a reason has at most {LONGEST} characters")
    if not value.strip():
        raise click.BadParameter("a reason has at least one word")
    return text(ctx, param, value)
