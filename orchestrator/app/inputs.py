"""Which files a command reads, so that nothing that it writes takes the place of one."""

from collections.abc import Iterator

from orchestrator.app.targets import target_file
from orchestrator.model.target import Target
from orchestrator.plan.load import LoadedPlan
from orchestrator.plan.named_files import named_files
from orchestrator.plan.paths import target_files


def files_read(
    loaded: LoadedPlan, target: Target, asked: str, root: str | None, journal: str | None = None
) -> Iterator[str]:
    """Yield the files that are read for a plan: its own and its target's, all that they name, and the journal.

    `asked` is what the user called the target.
    """
    yield loaded.path
    yield from named_files(loaded)
    file, rails = target_file(asked, loaded.path, root), target.guardrails
    if file is not None:
        yield str(file)
    if rails.suppress:
        named = target_files(rails.folder, root)
        yield from map(named.name, rails.suppress)
    if journal is not None:
        yield journal
