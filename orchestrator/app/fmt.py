"""`fmt`: brings the files of plans and targets into their canonical form."""

from collections.abc import Iterator, Sequence

from orchestrator.app.stdin import STDIN, read_stdin
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.frozen import frozen
from orchestrator.plan.canonical import canonical
from orchestrator.plan.source_file import read_source


@frozen
class Formatted:
    """One file, before and after; a byte order mark is in `before`.

    `problems` are why it cannot be read: then it stays as it is, and the texts are empty.
    """

    path: str
    before: str
    after: str
    problems: tuple[Diagnostic, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether the file was not in its canonical form."""
        return self.before != self.after


def fmt(paths: Sequence[str], root: str | None = None, *, write: bool) -> Iterator[Formatted]:
    """Yield each file in its canonical form, and replace it if `write`; `-`, stdin, is only yielded."""
    for path in paths:
        yield _stdin() if path == STDIN else _file(path, root, write=write)


def _stdin() -> Formatted:
    text, problems = read_stdin()
    made = problems if text is None else canonical(text, STDIN)
    return Formatted(STDIN, text or "", made) if isinstance(made, str) else Formatted(STDIN, "", "", made)


def _file(path: str, root: str | None, *, write: bool) -> Formatted:
    source = read_source(path, root)
    if isinstance(source, tuple):
        return Formatted(path, "", "", source)
    made = canonical(source.text, path)
    if isinstance(made, tuple):
        return Formatted(path, "", "", made)
    done = Formatted(path, source.mark + source.text, made)
    if write and done.is_changed:
        source.replace(made)
    return done
