"""Shows a plan's findings beside what a command is really about: on stderr, unless it is told to be quiet."""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from orchestrator.cli.finding_text import hint_of, message_of
from orchestrator.cli.screen import Screen, aside, message, wants_colour
from orchestrator.model.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from orchestrator.logs import Level

LEVELS: dict[Severity, "Level"] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


BESIDE_ERRORS = 10
"""Warnings, and notes, that are shown where there are errors: a hundred would push the errors off the screen."""


def arranged(findings: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[str]]:
    """Put errors first, and beside them only the first few warnings and notes; then lines that count the others.

    Where there is no error, everything stays as it is.
    """
    found = list(findings)
    if not any(finding.is_error for finding in found):
        return found, []
    shown = [finding for finding in found if finding.is_error]
    lines: list[str] = []
    for severity in (Severity.WARNING, Severity.NOTE):
        others = [finding for finding in found if finding.severity is severity]
        shown += others[:BESIDE_ERRORS]
        more = sum(finding.count for finding in others[BESIDE_ERRORS:])
        if more:
            noun = f"{severity.value}{'' if more == 1 else 's'}"
            lines.append(f"... and {more:,} more {noun}, not shown beside errors (`--format json` of `validate` does)")
    return shown, lines


def counts_of(findings: Iterable[Diagnostic]) -> Counter[Severity]:
    """Count findings by their severity, those that one finding stands for too."""
    counts: Counter[Severity] = Counter()
    for finding in findings:
        counts[finding.severity] += finding.count
    return counts


def show_findings(findings: Iterable[Diagnostic], screen: Screen) -> None:
    """Print each finding with its place and its caret, or as a line for programs."""
    found = tuple(finding for finding in findings if finding.is_error or not screen.quiet)
    if not found:
        return
    show = _as_lines if screen.json_lines else _as_pictures
    show(found, screen)


def _as_lines(found: tuple[Diagnostic, ...], screen: Screen) -> None:
    from orchestrator.cli.diagnostics_text import place

    for finding in found:
        message(
            message_of(finding, screen.masker),
            LEVELS[finding.severity],
            id=finding.id,
            place=place(finding.spans[0]) if finding.spans else None,
            hint=hint_of(finding, screen.masker),
        )


def _as_pictures(found: tuple[Diagnostic, ...], screen: Screen) -> None:
    from orchestrator.cli.diagnostics_text import render_text
    from orchestrator.cli.sources import source_lines

    lines = {path: source_lines(path) for path in screen.sources}
    for block in render_text(found, lines, screen.masker, wants_colour(sys.stderr)):
        aside(block)
