"""Which run a command is about: a RUN is a run's id, a unique beginning of one, a plan's name, or a plan's file."""

import os
from collections.abc import Sequence

from orchestrator.app.stdin import STDIN, plan_on_stdin
from orchestrator.journal.views.view import View
from orchestrator.model.errors import Refused, WrongUsage
from orchestrator.model.frozen import frozen
from orchestrator.model.story import Edition, RunNamed
from orchestrator.plan.load import NamedPlan, plan_named_in
from orchestrator.plan.paths import plan_source

PLAN_SUFFIXES = (".yaml", ".yml", ".json")

MOST_RUNS_LISTED = 10
"""Most runs that are listed to choose from."""


@frozen
class RunArgument:
    """What a person typed for RUN, with what its file says where it is one; `text` None: nothing was typed."""

    text: str | None
    plan: NamedPlan | None = None
    source: str = ""


@frozen
class NamedRun:
    """The run that is meant, with its edition.

    `itself`: it was named, not its plan. `dials`: it goes on in a process that lives.
    """

    run: str
    edition: Edition
    itself: bool
    dials: bool


def read_run_argument(text: str | None, root: str | None = None) -> RunArgument:
    """Take what was typed, and read the plan's file where it is one: before the journal is opened.

    Raises WrongUsage for an empty text and a file that does not exist, Refused for a file that is no plan.
    """
    if text is None:
        return RunArgument(None)
    if not text.strip():
        raise WrongUsage("RUN is empty: name a run by its id, its plan's name or its plan's file, or leave it out")
    is_path = text == STDIN or "/" in text or text.endswith(PLAN_SUFFIXES)
    if not is_path and not os.path.isfile(text):  # noqa: PTH113 - pathlib raises for a name that is too long
        return RunArgument(text)
    if is_path and text != STDIN and _is_missing(text):
        raise WrongUsage(f"there is no file {text}; RUN is a run's id, a plan's name or a plan's file")
    found = plan_named_in(text, root, plan_on_stdin(text))
    if isinstance(found, NamedPlan):
        return RunArgument(text, found, plan_source(text, root))
    if is_path:
        raise Refused(found)
    return RunArgument(text)  # a file of this name that is no plan: it may be a run's or a plan's name all the same


def _is_missing(path: str) -> bool:
    """Whether no file has this name; a name that no file can have is found out by reading it."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


def find_run(view: View, what: RunArgument, *, acts: bool = False, edition: str | None = None) -> NamedRun:
    """Return the run that is meant; without a name the latest, or for a command that `acts` the one that dials now.

    `edition` is for a plan, whose latest it is without one: the file's own where a file is named. A plan that dials
    now is meant as it dials by a command that acts. Raises WrongUsage where there is none, or more than one.
    """
    dialing = view.runs.that_dial() if acts else []
    live = {run.run for run in dialing}
    if what.text is None:
        return _named_run(view, _unnamed(view, dialing, edition), itself=False, dials=bool(dialing))
    exact = view.runs.by_id(what.text)
    by_plan = [] if exact else _of_plan(view, what, dialing, edition)
    by_id = [exact] if exact else view.runs.beginning(what.text)
    if edition is not None and by_id and not by_plan:
        raise WrongUsage("--edition is for a plan; a run has an edition of its own")
    found = {run.run: run for run in (*by_plan, *by_id)}
    if not found:
        raise WrongUsage(unknown_run(what, edition))
    if len(found) > 1:
        raise WrongUsage(
            f"{what.text} may mean {len(found):,} runs; name one by its id: {runs_to_choose([*found.values()])}"
        )
    (run,) = found.values()
    return _named_run(view, run, itself=not by_plan, dials=run.run in live)


def _named_run(view: View, run: RunNamed, *, itself: bool, dials: bool) -> NamedRun:
    return NamedRun(run.run, view.editions.of_run(run.run), itself, dials)


def _unnamed(view: View, dialing: Sequence[RunNamed], edition: str | None) -> RunNamed:
    """Return the one that dials; where none does, or that is not asked for, the latest."""
    if edition is not None:
        raise WrongUsage("--edition is for a plan; name a plan with it")
    if len(dialing) > 1:
        raise WrongUsage(f"{len(dialing)} runs dial now; name the one that is meant: {runs_to_choose(dialing)}")
    run = dialing[0] if dialing else view.runs.latest()
    if run is None:
        raise WrongUsage("there is no run in the journal yet")
    return run


def _of_plan(view: View, what: RunArgument, dialing: Sequence[RunNamed], edition: str | None) -> list[RunNamed]:
    """Return the runs that a plan's name or file may mean."""
    text, plan = str(what.text), what.plan
    found = _of_name(view, text, dialing, edition)
    if plan is None:
        return found
    other = next((run.source for run in view.runs.latest_of(plan.name, None) if _is_others(run, what.source)), None)
    if other is not None:
        raise WrongUsage(f"the journal knows the plan {plan.name} from another file, {other}; name its run by the id")
    return found + _of_name(view, plan.name, dialing, plan.edition if edition is None else edition)


def _of_name(view: View, name: str, dialing: Sequence[RunNamed], edition: str | None) -> list[RunNamed]:
    """Return the run of a plan that dials, and the latest of another edition where that is asked for by name."""
    live = [run for run in dialing if run.name == name]
    latest = view.runs.latest_of(name, edition)
    if not live:
        return latest
    dialed = {(run.plan, run.edition) for run in live}
    plans = {run.plan for run in live}
    others = [run for run in latest if run.plan in plans and (run.plan, run.edition) not in dialed]
    return [*live, *(others if edition is not None else ())]


def _is_others(run: RunNamed, source: str) -> bool:
    return bool(source) and run.source not in ("", source)


def unknown_run(what: RunArgument, edition: str | None) -> str:
    """Say that the journal knows nothing by what was typed."""
    named = f"{what.plan.name} ({what.text})" if what.plan else what.text
    of = f", edition {edition}" if edition else ""
    return f"the journal knows no run or plan {named}{of}; `orchestrate runs` lists what it knows"


def runs_to_choose(runs: Sequence[RunNamed]) -> str:
    """Return the runs to choose from, in one line."""
    more = f"; and {len(runs) - MOST_RUNS_LISTED:,} more" if len(runs) > MOST_RUNS_LISTED else ""
    return "; ".join(run.label for run in runs[:MOST_RUNS_LISTED]) + more
