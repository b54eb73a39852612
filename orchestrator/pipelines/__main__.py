"""`python -m orchestrator.pipelines`: what commands wrote, as the summary of a job and as one comment.

For the pipelines of `action.yml` and `configs/pipelines/`; people need no such command.
"""

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from orchestrator.model.errors import CannotProceed
from orchestrator.model.exit_codes import Exit
from orchestrator.phone.safe_text import visible
from orchestrator.pipelines.comment import NoThreadError, is_commit, mark, post, thread_of

MOST_OF_A_SUMMARY = 1_000_000
"""GitHub takes 1 MiB a step."""


LEFT_OUT = "\n*Left out here, because it is too long: {what}. The files of this job have it.*\n"
MARKDOWN = ".md"


def document(files: Iterable[Path], most: int) -> str:
    """Return the files as one document of at most `most` bytes, the first ones whole as long as they fit.

    Markdown is taken as it is; anything else stands in a block of code, where a service makes nothing of it. Files that
    are missing or empty are passed over. Both were written by `orchestrate`, which masks numbers and disarms texts.
    """
    left = most - size(LEFT_OUT.format(what="changes, findings, summary, review"))
    parts, left_out = [], []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        if not text.strip():
            continue
        part = f"{text.rstrip()}\n" if file.suffix == MARKDOWN else _block(text, left)
        if size(part) <= left:
            parts.append(part)
            left -= size(part) + 1
        else:
            left_out.append(file.stem)
    if left_out:
        parts.append(LEFT_OUT.format(what=", ".join(left_out)))
    return "\n".join(parts)


def size(text: str) -> int:
    """Return the bytes of a text."""
    return len(text.encode("utf-8", "surrogatepass"))


def _block(text: str, most: int) -> str:
    """Return a text as a block of code that no line of it can end, with as many of its lines as fit."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    lines = text.rstrip().splitlines()
    kept = most - 2 * size(fence) - len("\n\n\n... and 1,000,000,000 more lines\n")
    shown: list[str] = []
    for line in lines:
        kept -= size(line) + 1
        if kept < 0:
            shown.append(f"... and {len(lines) - len(shown):,} more lines")
            break
        shown.append(line)
    return "\n".join([fence, *shown, fence, ""])


@click.command()
@click.option("--about", metavar="TEXT", help="Comment too; one comment for each TEXT, such as a plan and its target.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def main(about: str | None, files: tuple[Path, ...]) -> None:
    """Append FILES to the summary of this job, if it has one, and make them the one comment about a plan."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(f"{document(files, MOST_OF_A_SUMMARY)}\n")
    if about is None:
        return
    try:
        thread = thread_of(os.environ)
        reviewed = f"\nReviewed: commit {thread.commit}\n" if is_commit(thread.commit) else ""
        text = document(files, thread.most - size(mark(about)) - size(reviewed)) + reviewed
        click.echo(visible(f"commented: {post(thread, about, text)}"))
    except NoThreadError as reason:
        click.echo(visible(f"no comment: {reason}"))
    except CannotProceed as problem:
        click.echo(visible(f"cannot proceed: {problem}; {problem.hint}"), err=True)
        sys.exit(Exit.CANNOT_PROCEED)


if __name__ == "__main__":
    main()
