"""GitHub's expressions, as many of them as our workflow has: what `${{ ... }}` and `if:` come to."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[\w.-]+|&&|\|\||==|!=|[!(),])")
INSERTED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


class Expression:
    """One expression, read from left to right."""

    def __init__(self, text: str, contexts: Mapping[str, Any]) -> None:
        self._tokens = TOKEN.findall(text)
        assert "".join(self._tokens) == re.sub(r"\s+(?=(?:[^']*'[^']*')*[^']*$)", "", text), text
        self._contexts = contexts

    def value(self) -> Any:
        found = self._either()
        assert not self._tokens, self._tokens
        return found

    def _next(self, *wanted: str) -> str | None:
        if self._tokens and (not wanted or self._tokens[0] in wanted):
            return str(self._tokens.pop(0))
        return None

    def _either(self) -> Any:
        found = self._both()
        while self._next("||"):
            other = self._both()
            found = found or other
        return found

    def _both(self) -> Any:
        found = self._equal()
        while self._next("&&"):
            other = self._equal()
            found = found and other
        return found

    def _equal(self) -> Any:
        found = self._single()
        while sign := self._next("==", "!="):
            found = (text_of(found) == text_of(self._single())) is (sign == "==")
        return found

    def _single(self) -> Any:
        if self._next("!"):
            return not self._single()
        if self._next("("):
            found = self._either()
            assert self._next(")")
            return found
        token = self._next() or ""
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        return self._called(token) if self._next("(") else self._looked_up(token)

    def _called(self, name: str) -> Any:
        arguments: list[Any] = []
        while not self._next(")"):
            arguments.append(self._either())
            self._next(",")
        functions: dict[str, Callable[..., Any]] = {
            "always": lambda: True,
            "success": lambda: not self._contexts["failed"],
            "contains": lambda whole, part: part in whole,
            "format": lambda pattern, *values: pattern.format(*values),
            "fromJSON": json.loads,
        }
        return functions[name](*arguments)

    def _looked_up(self, path: str) -> Any:
        if path in ("true", "false"):
            return path == "true"
        found: Any = self._contexts
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


def text_of(value: Any) -> str:
    """What a value is where a text is wanted."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def inserted(text: Any, contexts: Mapping[str, Any]) -> str:
    """The text with each `${{ ... }}` in it replaced."""
    return INSERTED.sub(lambda found: text_of(Expression(found[1], contexts).value()), text_of(text))


def holds(condition: str | None, contexts: Mapping[str, Any]) -> bool:
    """Whether an `if:` holds; without `always()` no step runs after one that failed."""
    text = INSERTED.sub(r"\1", condition or "success()")
    return bool(Expression(text, contexts).value()) and ("always()" in text or not contexts["failed"])
