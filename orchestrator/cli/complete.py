"""What a shell offers where a value is typed: names that exist. Asked at each tab, it never says a word itself."""

import contextlib
from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

PLAIN = "plain"
"""The type of a word; of others the shell itself finds the files."""

MOST_RUNS = 50
"""Runs that are offered, the latest first."""


def _completing(values: Callable[[click.Context, str], Iterable[CompletionItem]]) -> Complete:
    """Return what click asks for values that begin as was typed; where none does, files. What goes wrong says nothing.

    A shell that was offered words does not look for files itself.
    """

    def complete(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
        with contextlib.suppress(Exception):
            return [item for item in values(ctx, typed) if item.type != PLAIN or item.value.startswith(typed)]
        return []

    return complete


def _names(_ctx: click.Context, typed: str) -> Iterable[CompletionItem]:
    if typed[:1].isupper():  # only the carrier's parameters begin so: nothing else need be loaded
        from orchestrator.exotel.parameters import BY_SPELLING

        return [CompletionItem(name, help=row.summary) for name, row in BY_SPELLING.items()]
    from orchestrator.app.explain import all_pages

    pages = [page for page in all_pages() if not page.inside]
    ends = {page.name.rpartition(".")[2]: page for page in reversed(pages)}
    return [CompletionItem(name, help=page.what) for name, page in ({page.name: page for page in pages} | ends).items()]


def _targets(ctx: click.Context, typed: str) -> Iterable[CompletionItem]:
    """Offer what is built in and the files of the root's `configs` folder, else files: a target may be any."""
    from orchestrator.app.targets import target_names

    plan, root = ctx.params.get("plan"), ctx.params.get("root")
    return _or_files(target_names(plan if isinstance(plan, str) else ".", root), typed)


def _scenarios(_ctx: click.Context, _typed: str) -> Iterable[CompletionItem]:
    from orchestrator.model.target import SCENARIO_NAMES

    return map(CompletionItem, SCENARIO_NAMES)


def _runs(ctx: click.Context, typed: str) -> Iterable[CompletionItem]:
    """Offer the ids of the latest runs and their plans' names, else files: a run may be meant by any of them."""
    from itertools import islice

    from orchestrator.app.status import journal_runs

    with journal_runs(ctx.params.get("journal")) as lines:
        runs = [line.run for line in islice(lines, MOST_RUNS)]
    return _or_files([*dict.fromkeys(run.plan for run in runs), *(run.id for run in runs)], typed)


def _or_files(names: Iterable[str], typed: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(typed)] or [CompletionItem(typed, type="file")]


names_to_explain = _completing(_names)
targets = _completing(_targets)
scenarios = _completing(_scenarios)
runs_and_plans = _completing(_runs)
files = _completing(lambda _ctx, typed: [CompletionItem(typed, type="file")])
folders = _completing(lambda _ctx, typed: [CompletionItem(typed, type="dir")])
