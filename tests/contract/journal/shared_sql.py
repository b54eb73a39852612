"""The SQL that SQLite and PostgreSQL share: a connection to SQLite that lets no other statement of the journal pass."""

import functools
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from sqlite3 import Cursor
from typing import Any

import pglast
from pglast.ast import A_Expr, BoolExpr, FuncCall, Node, NullTest, SubLink
from pglast.visitors import Visitor

from orchestrator.journal.sqlite.connection import Connection

FUNCTIONS = {
    *(("coalesce", 2), ("count", 0), ("count", 1), ("glob", 2), ("length", 1), ("like_escape", 2), ("max", 1)),
    *(("min", 1), ("replace", 3), ("substr", 2), ("substr", 3), ("sum", 1)),
}
"""Names, with how many values they take, that mean the same in both; `glob` is what each says in its own way."""

ARITHMETIC = {"+", "-", "*", "/"}

JOURNAL = Path(sys.modules[Connection.__module__].__file__ or "").parents[1]
"""The room whose statements are meant, but for those of its folder for SQLite."""


class SharedSql(Connection):
    """Says nothing in SQLite's own way, and refuses what PostgreSQL would not take."""

    def by(self, index: str) -> str:
        """Name no index: a statement means the same without."""
        del index
        return ""

    def glob(self, text: str) -> str:
        """Call what PostgreSQL would be given as a function."""
        return f"glob(?, {text})"

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        """Run a statement of both."""
        self._check(sql)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        """Run a statement of both."""
        self._check(sql)
        return super().executemany(sql, parameters)

    def _check(self, sql: str) -> None:
        asked_by = Path(sys._getframe(2).f_code.co_filename)
        if asked_by.is_relative_to(JOURNAL) and not asked_by.is_relative_to(JOURNAL / "sqlite"):
            self._look_at(sql)

    def _look_at(self, sql: str) -> None:
        problems = problems_of(sql)
        assert not problems, f"{'; '.join(problems)}: {sql}"


@functools.cache
def problems_of(sql: str) -> tuple[str, ...]:
    """Say what PostgreSQL does not take of a statement, or would take for something else."""
    if re.search(r"\?\d", sql):
        return ("numbered placeholders are not the same in both",)
    numbers = iter(range(1, 1_000_000))
    try:
        tree = pglast.parse_sql(re.sub(r"\?", lambda _: f"${next(numbers)}", sql))
    except pglast.Error as problem:
        return (str(problem),)
    found = _Foreign()
    found(tree)
    return tuple(found.problems)


class _Foreign(Visitor):  # type: ignore[misc]
    """Gathers what can be parsed, and is not the same in both."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def visit_FuncCall(self, _ancestors: object, node: FuncCall) -> None:  # noqa: N802
        name, count = node.funcname[-1].sval, len(node.args or ())
        if (name, count) not in FUNCTIONS:
            self.problems.append(f"{name} of {count} values is not known to both")

    def visit_A_Expr(self, _ancestors: object, node: A_Expr) -> None:  # noqa: N802
        if node.name and node.name[-1].sval in ARITHMETIC:
            self.problems += ["a condition is no number" for part in (node.lexpr, node.rexpr) if _is_condition(part)]


def _is_condition(node: Node | None) -> bool:
    if isinstance(node, BoolExpr | NullTest):
        return True
    if isinstance(node, SubLink):
        return node.subLinkType.name == "EXISTS_SUBLINK"
    return isinstance(node, A_Expr) and bool(node.name) and node.name[-1].sval in {"=", "<>", "<", ">", "<=", ">="}
