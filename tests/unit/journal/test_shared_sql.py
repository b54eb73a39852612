"""What the journal asks is in the SQL that SQLite and PostgreSQL share: no word of one of them alone stands outside.

`tests/contract/journal/shared_sql.py` has each statement parsed that a contract test plays; here every text is looked
at, whether it is played or not.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

JOURNAL = Path(__file__).parents[3] / "orchestrator" / "journal"

STATEMENT = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|WHERE|ORDER BY|EXISTS|CASE WHEN|coalesce\()", re.ASCII)
"""What a part of a statement has, and a sentence has not."""

FOREIGN = {
    "a hint": r"\b(NOT )?INDEXED\b|[ (]\+[a-z]",
    "a pattern of SQLite's own": r"\b(GLOB|MATCH|REGEXP)\b",
    "a function of JSON": r"\bjson\w*\(|->",
    "a function of time": r"\b(julianday|strftime|unixepoch|datetime|date|time)\(",
    "a function of SQLite's own": r"\b(total|group_concat|typeof|instr|ifnull|iif|printf|hex|changes)\(",
    "the larger of two by an aggregate": r"\b(max|min)\([^()]*,",
    "IS between values": r"\bIS (?!(NOT )?(NULL|TRUE|FALSE|DISTINCT)\b)\S",
    "a conflict in SQLite's words": r"\bINSERT OR\b|\bREPLACE INTO\b",
    "rows by their hidden number": r"\b_?ROWID_?\b|\bWITHOUT ROWID\b",
    "a table of SQLite's own": r"\bsqlite_\w+|\bPRAGMA\b|\b(main|temp)\.",
    "a placeholder with a number": r"\?\d",
    "a double equals sign": r"==",
    "a name in quotes": r'"\w+"(?!:)',
    "no limit": r"\bLIMIT -",
    "a condition as a number": r"[+-] ?\((?!SELECT)[^()]*(=|<|>|\bIN\b|\bIS\b)",
    "WHERE 1": r"\bWHERE [01]\b",
}
"""What SQLite understands and PostgreSQL does not, or takes for something else."""


def texts() -> Iterator[tuple[str, str]]:
    """Yield each part of a statement outside SQLite's own folder, with its place."""
    for path in sorted(JOURNAL.rglob("*.py")):
        if "sqlite" not in path.relative_to(JOURNAL).parts:
            yield from _texts_in(path.relative_to(JOURNAL).as_posix(), path.read_text())


def _texts_in(name: str, source: str) -> Iterator[tuple[str, str]]:
    tree = ast.parse(source)
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
        if is_text and STATEMENT.search(node.value):  # type: ignore[attr-defined]
            yield f"{name}:{node.lineno}", node.value  # type: ignore[attr-defined]


@pytest.mark.parametrize("pattern", FOREIGN.values(), ids=FOREIGN)
def test_no_statement_has(pattern: str) -> None:
    found = [f"{place}: {text}" for place, text in texts() if re.search(pattern, text)]
    assert found == []


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("a hint", "SELECT 1 FROM calls INDEXED BY calls_due"),
        ("a hint", "SELECT 1 FROM attempts a WHERE +a.started > ?"),
        ("a pattern of SQLite's own", "SELECT 1 FROM calls WHERE id GLOB ?"),
        ("a function of JSON", "SELECT json_extract(data, '$.digest') FROM events"),
        ("a function of time", "SELECT julianday(ended_at) FROM attempts"),
        ("a function of SQLite's own", "SELECT total(rung) FROM calls"),
        ("the larger of two by an aggregate", "UPDATE calls SET not_before = max(earliest, ?)"),
        ("IS between values", "SELECT 1 FROM calls WHERE reason IS NOT 'bad row'"),
        ("IS between values", "SELECT 1 FROM calls WHERE (reason, finished) IS (NULL, NULL)"),
        ("a conflict in SQLite's words", "INSERT OR IGNORE INTO held VALUES (?)"),
        ("rows by their hidden number", "SELECT rowid FROM calls ORDER BY ROWID"),
        ("a table of SQLite's own", "SELECT name FROM sqlite_schema"),
        ("a table of SQLite's own", "SELECT name FROM main.calls"),
        ("a placeholder with a number", "SELECT 1 FROM runs WHERE plan = ?1"),
        ("a double equals sign", "SELECT 1 FROM runs WHERE plan == ?"),
        ("a name in quotes", 'SELECT 1 FROM runs WHERE state = "due"'),
        ("no limit", "SELECT 1 FROM runs LIMIT -1"),
        ("a condition as a number", "UPDATE calls SET rung = rung + (placement IN ('accepted'))"),
        ("WHERE 1", "SELECT 1 FROM runs WHERE 1 ORDER BY key"),
    ],
)
def test_each_is_known_when_it_is_seen(kind: str, statement: str) -> None:
    ((_, text),) = _texts_in("test_shared_sql.py", f"db.execute({statement!r})")
    assert re.search(FOREIGN[kind], text)


def test_the_statements_are_found_where_they_are() -> None:
    """A look that finds nothing would find nothing wrong."""
    places = {place.partition(":")[0] for place, _ in texts()}
    files = {path.relative_to(JOURNAL).as_posix() for path in JOURNAL.rglob("*.py")}
    asking = {name for name in files if ".execute(" in (JOURNAL / name).read_text() and "sqlite/" not in name}
    assert asking <= places
