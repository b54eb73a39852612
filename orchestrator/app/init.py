"""`init`: lays out a repository of call plans, from nothing or from a spreadsheet export, and checks it before."""

import contextlib
import csv
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from orchestrator.app.validate import validate
from orchestrator.model.diagnostic import Diagnostic, Severity, Span, error
from orchestrator.model.errors import CannotProceed, Refused, WrongUsage
from orchestrator.model.frozen import frozen
from orchestrator.phone.numbers import Validity, must_be_guessed, read
from orchestrator.plan.findings import line_excerpt
from orchestrator.plan.git import remotes
from orchestrator.plan.paths import how_to_open, shown_name
from orchestrator.plan.rows.columns import Guess, guess_id, guess_phone
from orchestrator.plan.rows.export import Export, convert
from orchestrator.plan.rows.row import BadRow, Row, RowBlock, RowItem
from orchestrator.plan.rows.source import read_rows
from orchestrator.plan.rules.settings import SETTINGS_FILE
from orchestrator.starter.repository import (
    EXAMPLE,
    Pipeline,
    Starter,
    pipeline_files,
    plan_of,
    repository_files,
    sample_rows,
    text_of,
)

Ask = Callable[[str, Callable[[str], str | None]], str]
"""Asks a person a question; the function says why an answer will not do, None where it will."""

NEW_PLAN = "calls"
"""The name of a plan that has no export to be called after."""
EXAMPLE_AGENT, EXAMPLE_CALLER_ID = "+447700900001", "07410410123"
"""Of a range that is kept free for films; and an example of the numbering plan's, which is no account's ExoPhone."""
THERE = "the plan is there already"
LOOKED_AT = 2_000
"""Rows by which columns are guessed."""
ROOM = 1 << 20
"""Characters, and cells, of those rows: wide ones are fewer."""
MOST_NAMES = 20
"""Columns that are listed to choose from."""
FEWEST_CALLS = 1_000
"""The limit of a plan with few rows: the next days bring more."""
LONGEST_NAME = 40
"""Characters of a plan's name that is made of a file's."""
IGNORED = ".gitignore"
TARGET = "configs/live.yaml"


@frozen
class InitOptions:
    """What `init` was asked for; None where nothing was said."""

    folder: str
    export: str | None = None
    agent: str | None = None
    caller_id: str | None = None
    id_column: str | None = None
    phone_column: str | None = None
    name: str | None = None
    purpose: str = "transactional"
    pipeline: Pipeline | None = None


@frozen
class Initialised:
    """What was done. Paths are below the folder; `kept` were there before. `export` None: it began from nothing.

    The columns count only where the plan was written.
    `remarks` are for people, `warnings` are what the check of the plan says beside.
    """

    starter: Starter
    written: tuple[str, ...]
    kept: tuple[str, ...]
    export: Export | None
    rows: int
    id_column: Guess
    phone_column: Guess
    remarks: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]


@frozen
class _Table:
    """The data as the plan will read it, in the file `copy`; `rows` are its first."""

    source: str
    copy: Path
    export: Export
    rows: Sequence[Sequence[str]]
    count: int


class _Place(NamedTuple):
    """What the user calls a file, and how many lines of its beginning our copy of it lacks."""

    name: str
    lines: int = 0


def initialise(options: InitOptions, ask: Ask | None) -> Initialised:
    """Write the files of a repository, all or none, and overwrite none. `ask` None: there is nobody to ask.

    Raises WrongUsage where something has to be said, Refused where the data or the plan has an error, CannotProceed.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="orchestrate-init-") as folder:
            return _initialise(options, ask, Path(folder))
    except OSError as problem:
        where = shown_name(str(problem.filename or options.folder))
        reason = problem.strerror or type(problem).__name__
        raise CannotProceed(f"{where}: {reason}; nothing was written", how_to_open(problem)) from None


def _initialise(options: InitOptions, ask: Ask | None, staged: Path) -> Initialised:
    folder = Path(options.folder)
    table = _table(options.export, staged)
    name = options.name or _name_of(options.export)
    is_new = not os.path.lexists(folder / plan_of(name))
    answers = _Answers(ask, asks_numbers=is_new and options.export is not None)
    phone, id_ = answers.columns(options, table) if is_new else (Guess(table.export.columns[0], THERE),) * 2
    agent = answers.number(options.agent, EXAMPLE_AGENT, "--agent", "The agent's number, which is rung first")
    caller_id = answers.number(options.caller_id, EXAMPLE_CALLER_ID, "--caller-id", "The ExoPhone that people see")
    answers.check_nothing_is_missing()
    pipeline, remarks = _pipeline(options.pipeline, folder)
    starter = Starter(
        name=name,
        purpose=options.purpose,
        agent=agent,
        caller_id=caller_id,
        columns=table.export.columns,
        id_column=str(id_.column),
        phone_column=str(phone.column),
        most_calls=max(FEWEST_CALLS, -(-2 * table.count // 1_000) * 1_000),
        pipeline=pipeline,
        export=_below(options.export, folder),
    )
    texts = repository_files(starter)
    _stage(starter, texts, table, folder, staged)
    warnings = _check(starter, table, folder, staged) if is_new else ()
    unlisted = _not_ignored(texts[IGNORED], folder)
    written, kept = _write([starter.data, *([starter.sample] if is_new else ()), *texts], folder, staged)
    if not any(path in written for path in pipeline_files(pipeline)):
        remarks.clear()  # they are about it
    if options.export is not None and starter.data in kept:
        remarks.append(f"{starter.data} was there, and stays: remove it to take this export in its place")
    if options.export is None and starter.plan in written:
        remarks.append("the numbers and the rows are made up, and ring nobody: put your own in their places")
    if unlisted and IGNORED in kept:
        remarks.append(f"{IGNORED} was there, and lacks {', '.join(unlisted)}: what they name does not belong in Git")
    export = None if options.export is None else table.export
    return Initialised(starter, written, kept, export, table.count, id_, phone, tuple(remarks), warnings)


def _table(export: str | None, staged: Path) -> _Table:
    """Convert the export, or the example, and look at its first rows. Raises Refused, or WrongUsage for no file."""
    source, copy = export or str(staged / EXAMPLE), staged / "copy.csv"
    if export is None:
        Path(source).write_text(text_of(EXAMPLE), "utf-8")
    try:
        with copy.open("w", encoding="utf-8", newline="") as converted:
            found = convert(source, converted)
    except (FileNotFoundError, NotADirectoryError):
        raise WrongUsage(f"there is no file {shown_name(source)}") from None
    if isinstance(found, Diagnostic):
        raise Refused((found,))
    rows: list[Sequence[str]] = []
    count, room = 0, ROOM
    with copy.open("rb") as data:
        for item in read_rows(data, source):
            if isinstance(item, Diagnostic) and item.is_error:
                raise Refused((_moved(item, {source: _Place(source, found.lines_left_out)}),))
            count += len(item) if isinstance(item, RowBlock) else isinstance(item, Row | BadRow)
            for cells in _cells(item) if len(rows) < LOOKED_AT and room > 0 else ():
                rows.append(cells)
                room -= len(cells) + sum(map(len, cells))
    if not count:
        raise Refused((error("no-rows", "no row stands below the names of the columns", Span(source, 1)),))
    return _Table(source, copy, found, rows[:LOOKED_AT], count)


def _cells(item: RowItem) -> Sequence[Sequence[str]]:
    """Return the cells of what a reader yields, row by row; none of what is no row."""
    if isinstance(item, RowBlock):
        return item.cells[:LOOKED_AT]
    return [list(item.values.values())] if isinstance(item, Row) else []


class _Answers:
    """Collects what has to be known: from options, by guessing, or by asking; what is missing is told all at once.

    `asks_numbers` False: examples stand for numbers that nobody named.
    """

    def __init__(self, ask: Ask | None, *, asks_numbers: bool) -> None:
        self._ask = ask
        self._asks_numbers = asks_numbers
        self._missing: list[str] = []

    def columns(self, options: InitOptions, table: _Table) -> tuple[Guess, Guess]:
        """Return the columns of the phone numbers and of the ids."""
        names, rows = table.export.columns, table.rows
        phone = self._column(options.phone_column, guess_phone(names, rows), "--phone-column", "phone numbers", names)
        guess = guess_id(names, rows, phone.column or "")
        return phone, self._column(options.id_column, guess, "--id-column", "ids, different in each row", names)

    def _column(self, said: str | None, guess: Guess, option: str, what: str, names: Sequence[str]) -> Guess:
        listed = ", ".join(f"`{line_excerpt(name)}`" for name in names[:MOST_NAMES])
        listed += f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
        if said is not None:
            if said.strip() not in names:
                raise WrongUsage(f"{option}: there is no column `{line_excerpt(said)}`; the columns are {listed}")
            return Guess(said.strip(), "you named it")
        if guess.column is not None:
            return guess
        if self._ask is None:
            self._missing.append(f"{option} NAME ({guess.why}; the columns are {listed})")
            return guess
        question = f"{guess.why}. Which column has the {what}? ({listed})"
        answer = self._ask(
            question, lambda text: None if text.strip() in names else "there is no such column; type its name"
        )
        return Guess(answer.strip(), "you named it")

    def number(self, said: str | None, example: str, option: str, what: str) -> str:
        """Return a number in a spelling that the carrier need not guess."""
        if said is None and not self._asks_numbers:
            return example
        if said is None and self._ask is None:
            self._missing.append(f"{option} NUMBER ({what[0].lower()}{what[1:]})")
            return example
        if said is None and self._ask is not None:
            said = self._ask(what, why_no_number)
        text = str(said).strip()
        found = read(text)
        return found.identity if found is not None and must_be_guessed(text) else text

    def check_nothing_is_missing(self) -> None:
        """Raise WrongUsage naming every option that has to be given."""
        if self._missing:
            raise WrongUsage(f"nobody can be asked here, and this is not known: {'; '.join(self._missing)}")


def why_no_number(text: str) -> str | None:
    """Return why a text cannot stand for an agent or an ExoPhone; None where it can."""
    found = read(text.strip())
    if found is None or found.validity is not Validity.VALID:
        return "it is no phone number; write all its digits behind `+` and the country code (+91 for India)"
    return None


def _name_of(export: str | None) -> str:
    """Return a plan's name after its export's."""
    if export is None:
        return NEW_PLAN
    slug = re.sub(r"[^a-z0-9]+", "-", Path(export).stem.lower())[:LONGEST_NAME].strip("-")
    return slug or NEW_PLAN


def _pipeline(said: Pipeline | None, folder: Path) -> tuple[Pipeline, list[str]]:
    """Return the pipeline, after the repository's remote where nobody said which, with what is to be known of it."""
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
    top, addresses = remotes(existing)
    remarks = []
    if top is not None and top != Path(os.path.realpath(folder)) and said != "none":
        remarks.append(f"the repository begins at {shown_name(str(top))}: move the pipeline's file there")
    if said is not None:
        return said, remarks
    for address in addresses:
        host = _host_of(address)
        if "gitlab" in host:
            return "gitlab", remarks
        if "github" in host:
            return "github", remarks
    return "github", [*remarks, "no remote tells which pipeline is yours: GitHub's was taken (--pipeline)"]


def _host_of(address: str) -> str:
    """Return the host of a remote's address: of a URL, or of `user@host:path`."""
    with contextlib.suppress(ValueError):
        return (urlsplit(address).hostname or address.partition(":")[0]).lower()
    return ""


def _below(export: str | None, folder: Path) -> str | None:
    """Return where below the folder an export stands that its own patterns do not keep out of Git; else None."""
    if export is None:
        return None
    real, top = Path(os.path.realpath(export)), Path(os.path.realpath(folder))
    if not real.is_relative_to(top) or "\n" in str(real):
        return None
    return real.relative_to(top).as_posix()


def _not_ignored(text: str, folder: Path) -> list[str]:
    """Return the patterns that a repository's own file of what Git must not take does not have."""
    own: list[str] = []
    with contextlib.suppress(OSError):
        own = (folder / IGNORED).read_text("utf-8", "replace").split("\n")
    return [line for line in text.split("\n") if line and not line.startswith("#") and line not in own]


def _stage(starter: Starter, texts: dict[str, str], table: _Table, folder: Path, staged: Path) -> None:
    """Lay everything out in a folder of our own, as it will stand: with what is there already."""
    for name in ("data", *(str(Path(path).parent) for path in texts)):
        (staged / name).mkdir(parents=True, exist_ok=True)
    table.copy.rename(staged / starter.data)
    with (staged / starter.sample).open("w", encoding="utf-8", newline="") as sample:
        csv.writer(sample, lineterminator="\n").writerows([starter.columns, *sample_rows(starter)])
    for path, text in texts.items():
        (staged / path).write_text(text, "utf-8")
    for path in (starter.data, starter.sample, SETTINGS_FILE):
        if os.path.lexists(folder / path):
            shutil.copyfile(folder / path, staged / path)


def _check(starter: Starter, table: _Table, folder: Path, staged: Path) -> tuple[Diagnostic, ...]:
    """Validate the plan and the target where they are staged. Return the warnings; raises Refused for errors."""
    places = {str(staged / path): _Place(str(folder / path)) for path in (starter.plan, starter.sample, TARGET)}
    data = _Place(str(folder / starter.data))
    if not os.path.lexists(folder / starter.data):
        data = _Place(table.source, table.export.lines_left_out)
    places[str(staged / starter.data)] = data
    checked = validate([str(staged / starter.plan), str(staged / TARGET)], str(staged))
    found = tuple(_moved(each, places) for file in checked for each in file.diagnostics)
    if any(each.is_error for each in found):
        raise Refused(tuple(_without(each, str(folder / starter.plan)) for each in found))
    return tuple(each for each in found if each.severity is Severity.WARNING)


def _moved(finding: Diagnostic, places: Mapping[str, _Place]) -> Diagnostic:
    """Return a finding at the places that the user knows."""
    spans = []
    for span in finding.spans:
        place = places.get(os.path.normpath(span.file), _Place(span.file))
        spans.append(span._replace(file=place.name, line=span.line + place.lines))
    return replace(finding, spans=tuple(spans))


def _without(finding: Diagnostic, file: str) -> Diagnostic:
    """Return a finding without its places in a file that is not written."""
    return replace(finding, spans=tuple(span for span in finding.spans if span.file != file))


def _write(paths: Sequence[str], folder: Path, staged: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Copy what is staged to where nothing stands; return what was written and what was kept. All or none."""
    written: list[str] = []
    made: list[Path] = []
    kept = [path for path in paths if os.path.lexists(folder / path)]
    try:
        for path in paths:
            if path in kept:
                continue
            to = folder / path
            for parent in reversed([each for each in to.parents if not each.exists()]):
                parent.mkdir()
                made.append(parent)
            mode = 0o600 if path.startswith("data/") and not path.endswith(".sample.csv") else 0o666
            with (staged / path).open("rb") as source, os.fdopen(os.open(to, _NEW, mode), "wb") as file:
                written.append(path)
                shutil.copyfileobj(source, file)
    except BaseException:
        for path in written:
            (folder / path).unlink(missing_ok=True)
        for each in reversed(made):
            with contextlib.suppress(OSError):
                each.rmdir()
        raise
    return tuple(written), tuple(kept)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
