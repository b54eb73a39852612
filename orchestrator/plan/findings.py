"""Findings in bounded numbers: of one file those up to a limit, of a million rows the first of each kind."""

from collections import Counter
from collections.abc import Iterable, Iterator

from orchestrator.model.diagnostic import Diagnostic, Severity, Span, Waiver, error
from orchestrator.phone.masking import LONGEST_SPELLING, excerpt

MOST_PROBLEMS = 5_000
"""Errors of one file that are reported. Whoever has more has named the wrong file, or repeats one slip of the pen."""

SKIPPED = "row skipped: "
"""Begins the message of the one warning that each row left out by `bad: skip` has."""


def is_skipped_row(finding: Diagnostic) -> bool:
    """Whether this finding stands for one row that is left out."""
    return finding.severity is Severity.WARNING and finding.message.startswith(SKIPPED)


def up_to_limit(problems: Iterator[Diagnostic]) -> list[Diagnostic]:
    """Return the problems up to a number of errors, then one that says so: the rest is not even looked for."""
    found: list[Diagnostic] = []
    errors = 0
    for problem in problems:
        errors += problem.is_error
        if errors > MOST_PROBLEMS:
            found.append(too_many_problems(*problem.spans[:1]))
            break
        found.append(problem)
    return found


def too_many_problems(*places: Span, most: int = MOST_PROBLEMS) -> Diagnostic:
    """Return the error that says that no further problems are looked for."""
    message = f"the file has more than {most:,} problems: no others are looked for"
    return error("too-many-problems", message, *places, hint="mend these first, and check again")


def in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings in the order of the text that they are about."""
    return sorted(found, key=lambda each: [(span.line, span.column) for span in each.spans[:1]])


_Kind = tuple[str, Severity, Waiver | None]


class BoundedFindings:
    """Collects findings in bounded memory: at most `limit` of each id, severity and waiver are kept."""

    def __init__(self, limit: int = 100) -> None:
        self._limit = limit
        self._kept: list[Diagnostic] = []
        self._counts: Counter[_Kind] = Counter()
        self._reported: Counter[_Kind] = Counter()
        self.skipped_rows = 0

    def add(self, finding: Diagnostic) -> None:
        """Take one finding."""
        kind = (finding.id, finding.severity, finding.waiver)
        self._counts[kind] += finding.count
        self.skipped_rows += is_skipped_row(finding)
        if self._reported[kind] < self._limit:
            self._reported[kind] += finding.count
            self._kept.append(finding)

    def count(self, severity: Severity) -> int:
        """Return how many findings of this severity were added, kept or not; those that are waived do not count."""
        return sum(count for (_, of, waiver), count in self._counts.items() if of is severity and waiver is None)

    @property
    def waived(self) -> int:
        """How many findings are waived."""
        return sum(count for (_, _, waiver), count in self._counts.items() if waiver is not None)

    @property
    def errors(self) -> int:
        """How many findings stop a run."""
        return self.count(Severity.ERROR)

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return the kept findings in the order they came, then one line for each kind that had more."""
        unreported = (
            Diagnostic(*kind[:2], f"... and {more:,} more like this", count=more, waiver=kind[2])
            for kind, count in self._counts.items()
            if (more := count - self._reported[kind])
        )
        return (*self._kept, *unreported)


def secret_in_file(key: str, span: Span) -> Diagnostic:
    """Refuse what is named like a secret; its line is never shown."""
    hint = (
        "remove it: EXOTEL_API_KEY and EXOTEL_API_TOKEN come from the environment or from --secrets-dir;"
        " if it was committed, replace the secret"
    )
    return error("secret-in-file", f"no secret belongs in this file: `{line_excerpt(key)}`", span, hint=hint)


def hints(first: str, second: str) -> str:
    """Return two hints as one: the second goes on with the sentence, or begins its own behind a question."""
    return f"{first} {second[:1].upper()}{second[1:]}" if first.endswith("?") else f"{first}; {second}"


def line_excerpt(text: str, longest: int = 60) -> str:
    """Return data that is safe in a message: on one line, and of `longest` characters at most."""
    start = text[: longest + LONGEST_SPELLING]
    return excerpt("".join(character if character.isprintable() else "?" for character in start), longest)
