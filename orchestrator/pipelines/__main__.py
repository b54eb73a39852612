"""`python -m orchestrator.pipelines`: what commands wrote, as the summary of a job and as one comment.

For the pipelines of `action.yml` and `configs/pipelines/`; people need no such command.
"""

import os
import sys
from pathlib import Path

import click

from orchestrator.model.errors import CannotProceed
from orchestrator.model.exit_codes import Exit
from orchestrator.phone.safe_text import visible
from orchestrator.pipelines.comment import NoThreadError, is_commit, mark, post, thread_of
from orchestrator.pipelines.document import document, size

MOST_OF_A_SUMMARY = 1_000_000
"""GitHub takes 1 MiB a step."""


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
