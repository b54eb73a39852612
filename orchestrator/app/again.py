"""The command that goes on with a run: the same one, with everything that decides whom it dials."""

import math
import shlex
from collections.abc import Iterator
from pathlib import Path

from orchestrator.app.options import RunOptions


def command_line(options: RunOptions, journal: Path) -> str:
    """Return the command as a shell takes it; the journal is named also where a setting had."""
    return shlex.join(["orchestrate", "run", options.plan, *_words(options), "--journal", str(journal)])


def _words(options: RunOptions) -> Iterator[str]:
    values = {
        "--target": None if options.target == "sandbox" else options.target,
        "--edition": options.edition,
        "--expect": options.expect,
        "--expect-head": options.expect_head and f"sha256:{options.expect_head}",
        "--only": options.only,
        "--limit": None if options.limit is None else str(options.limit),
        "--until": "placed" if options.until_placed else None,
        "--wait": _seconds(options.wait),
        "--settle-for": _seconds(options.settle_for),
        "--root": options.root,
        "--secrets-dir": options.secrets_dir,
    }
    for name, value in values.items():
        if value is not None:
            yield from (name, value)
    for path in options.reports:
        yield from ("--report", path)
    flags = {
        "--new-ids": options.new_ids,
        "--moved": options.moved,
        "--retry-rejected": options.retry_rejected,
        "--unmask": options.unmask,
        "--yes": options.yes,
    }
    yield from (name for name, is_set in flags.items() if is_set)


def _seconds(duration: float | None) -> str | None:
    return None if duration is None or math.isinf(duration) else f"{duration:.15g}s"
