"""What orchestrate.toml at the root says of rules: which are on, which are not, and how much each matters."""

import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.model.diagnostic import Diagnostic, Severity, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.paths import how_to_open, open_regular, printable
from orchestrator.plan.rules.registry import SWITCHED, not_switched
from orchestrator.plan.suggestions import closest_word
from orchestrator.plan.yaml.text import read_stream

if TYPE_CHECKING:
    from orchestrator.model.page import Page

SETTINGS_FILE = "orchestrate.toml"
LARGEST = 64 * 1024
"""Bytes of the file."""

_MOST_PROBLEMS = 20
"""Names that are wrong and are told of: each is looked for in the whole file."""

_TABLE, _LISTS, _SEVERITY = "rules", ("select", "ignore"), "severity"
_SEVERITIES = tuple(each.value for each in Severity)


@frozen
class RuleSettings:
    """What a repository says of rules. `select` None: all are on. `text` is the file's own, empty without one."""

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    text: str = ""

    def is_on(self, rule: str) -> bool:
        """Whether a rule is asked."""
        return rule not in self.ignore and (self.select is None or rule in self.select)


NO_SETTINGS = RuleSettings()


def is_settings_file(path: str) -> bool:
    """Whether a finding's place is in such a file, which several plans share."""
    return path.rpartition("/")[2] == SETTINGS_FILE


def read_settings(root: Path) -> tuple[RuleSettings, tuple[Diagnostic, ...]]:
    """Read the file at a root; never raises for bad input. With an error in it nothing of it counts."""
    shown = os.path.relpath(root / SETTINGS_FILE)
    file = printable(str(root / SETTINGS_FILE) if shown.startswith("..") else shown)
    text, problems = _text(root / SETTINGS_FILE, file)
    if text is None or not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return NO_SETTINGS, problems
    values, problems = _parsed(text, file)
    settings = _Reader(text, file)
    read = settings.read(values)
    problems += tuple(settings.problems)
    return (NO_SETTINGS if problems else read), problems


def _text(path: Path, file: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    try:
        with open_regular(str(path)) as stream:
            raw = stream.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None, ()
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else "it is no file"
        hint = how_to_open(problem)
        return None, (error("unreadable-file", f"the file cannot be read: {reason}", Span(file, 1), hint=hint),)
    if len(raw) > LARGEST:
        message = f"the file is larger than {LARGEST // 1024} KiB"
        return None, (error("file-too-large", message, Span(file, 1), hint="it holds settings, and few of them"),)
    return read_stream(io.BytesIO(raw), file)


_AT = re.compile(r" \(at line ([0-9]+), column ([0-9]+)\)\Z")


_MOST_PARTS = 100
"""Dots in one line: TOML's reader takes the square of the parts of a key, and no setting has four."""


def _parsed(text: str, file: str) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
    import tomllib

    deep = next((at for at, line in enumerate(text.split("\n"), 1) if _dots(line) > _MOST_PARTS), None)
    if deep is not None:
        hint = "a key has few parts, such as `rules.severity`"
        return {}, (error("toml-syntax", "a key on this line has too many parts", Span(file, deep), hint=hint),)
    try:
        return tomllib.loads(text), ()
    except RecursionError:
        reason, place = "it is nested too deeply", None
    except ValueError as problem:
        place = _AT.search(str(problem))
        reason = line_excerpt(_AT.sub("", str(problem)).removesuffix(" (at end of document)"))
    span = Span(file, 1) if place is None else Span(file, int(place[1]), int(place[2]))
    hint = 'the file has tables such as `[rules]` and lines such as `ignore = ["same-person"]`'
    return {}, (error("toml-syntax", f"TOML cannot be read here: {reason}", span, hint=hint),)


def _dots(line: str) -> int:
    return 0 if line.lstrip().startswith("#") else line.count(".")


class _Reader:
    """Reads the tables of the file, and finds where in its text what is wrong with them stands."""

    def __init__(self, text: str, file: str) -> None:
        self._lines = text.splitlines()
        self._file = file
        self.problems: list[Diagnostic] = []

    def read(self, values: Mapping[str, Any]) -> RuleSettings:
        """Return what is said of rules; what is wrong is in `problems`."""
        self._known_keys(values, (_TABLE,), "orchestrate.toml")
        rules = self._table(values, _TABLE)
        self._known_keys(rules, (*_LISTS, _SEVERITY), f"[{_TABLE}]")
        select, ignore = (self._ids(rules, name) for name in _LISTS)
        severity = dict(self._severities(self._table(rules, _SEVERITY)))
        selected = None if "select" not in rules else frozenset(select)
        return RuleSettings(selected, frozenset(ignore), severity, "\n".join(self._lines))

    def _table(self, values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = values.get(name, {})
        if isinstance(found, dict):
            return found
        message, hint = f"`{name}` must be a table", f"write `[{name}]` on a line of its own"
        self.problems.append(error("wrong-type", message, self._place(name), hint=hint))
        return {}

    def _known_keys(self, values: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        for name in islice(values, _MOST_PROBLEMS):
            if name not in known:
                near = closest_word(name, known)
                hint = f"did you mean `{near}`?" if near else f"known are: {', '.join(known)}"
                message = f"`{line_excerpt(name)}` is not known in {where}"
                self.problems.append(error("unknown-key", message, self._place(name), hint=hint))

    def _ids(self, rules: Mapping[str, Any], name: str) -> Iterator[str]:
        listed = rules.get(name, [])
        if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
            yield from filter(self._is_rule, listed)
        else:
            message, hint = f"`{name}` must be a list of rules", f'for example `{name} = ["same-person"]`'
            self.problems.append(error("wrong-type", message, self._place(name), hint=hint))

    def _severities(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Severity]]:
        for rule, word in values.items():
            if self._is_rule(rule) and isinstance(word, str) and word in _SEVERITIES:
                yield rule, Severity(word)
            elif rule in SWITCHED:
                message = f"the severity of `{rule}` is one of: {', '.join(_SEVERITIES)}"
                hint = f'for example `{rule} = "note"`'
                self.problems.append(error("not-allowed", message, self._place(rule), hint=hint))

    def _is_rule(self, rule: str) -> bool:
        if rule not in SWITCHED and len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(not_switched(rule, self._place(rule)))
        return rule in SWITCHED

    def _place(self, word: str) -> Span:
        """Return where a key or a text first stands in the file; TOML's reader does not say."""
        whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        for number, line in enumerate(self._lines, 1):
            found = None if line.lstrip().startswith("#") else whole.search(line)
            if found is not None:
                return Span(self._file, number, found.start() + 1, found.end() + 1)
        return Span(self._file, 1)


def settings_page() -> "Page":
    """Return the documentation of the file."""
    from orchestrator.model.page import Example, Page, Subject

    keys = (
        f"`{_TABLE}.select`: the rules that are on; without it all are. A list of ids.",
        f"`{_TABLE}.ignore`: the rules that are off, also where `select` names them. A list of ids.",
        f"`{_TABLE}.{_SEVERITY}`: how much a rule matters, by its id: {', '.join(_SEVERITIES)}.",
    )
    return Page(
        Subject.SETTINGS,
        SETTINGS_FILE,
        "the settings of a repository",
        "It marks the root of a repository of plans, and says which rules count in it and how much.",
        "`validate`, `plan`, `run` and `diff` obey it alike. It may be empty. An error that protects a promise cannot"
        " be switched off or lowered; where a plan needs an exception, `policy.waive` names who answers for it. An"
        " ignored rule is not asked at all. A mistake in the file is an error of every plan beside it.",
        lists=(("Keys", keys),),
        good=Example(
            '[rules]\nignore = ["quote-the-number"]\n\n[rules.severity]\nsame-person = "error"\n', is_settings=True
        ),
        bad=Example('[rules]\nignore = ["quote-the-numbers"]\n', "unknown-rule", is_settings=True),
        spellings=(_TABLE, *(f"{_TABLE}.{name}" for name in (*_LISTS, _SEVERITY))),
    )
