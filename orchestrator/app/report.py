"""`report`: what became of a plan's calls, from the journal, in any format and at any time."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from orchestrator.app.journal import existing_journal
from orchestrator.app.named_run import find_run, read_run_argument
from orchestrator.app.options import ReportOptions, check_pattern
from orchestrator.exotel.masking import Masker
from orchestrator.journal.views.view import View
from orchestrator.model.background import Background
from orchestrator.model.call import Scope
from orchestrator.model.errors import WrongUsage
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import WHOLE, Part
from orchestrator.reports.formats import BY_NAME, FORMATS, Format, format_of_file, no_format
from orchestrator.reports.report import Report
from orchestrator.reports.report_file import STDOUT, check_destination, write_report


def report_now(options: ReportOptions) -> None:
    """Write the report of the edition that a run, by default the latest, or a plan is about.

    Raises as `read_report` does; WrongUsage also where the format has no such column, CannotProceed where `out` cannot
    be written.
    """
    format_ = _format(options)
    with read_report(options) as report:
        write(report, options.out, options.unmask, format_)


@contextlib.contextmanager
def read_report(options: ReportOptions) -> Iterator[Report]:
    """Hold what the journal says of the edition that a run, by default the latest, or a plan is about.

    All is as of one moment, also while a run goes on. Raises WrongUsage where the journal knows no such run, plan or
    call, Refused for a file that is no plan, CannotProceed without a journal, or where `out` could not be written.
    """
    part = Part(options.only, tuple(map(Disposition, options.dispositions)))
    check_pattern(part.only, "to report every call")
    known, named = existing_journal(options.journal), read_run_argument(options.what, options.root)
    check_destination(options.out, [str(known.path), *([named.text] if named.plan and named.text else [])])
    with known.view() as view:
        found = find_run(view, named, edition=options.edition)
        scope = view.runs.scope_of(found.run)
        if part.only is not None and not view.results.totals(scope, part.only)["calls"]:
            raise WrongUsage(f"no call of {found.edition.label} has an id like {part.only}")
        yield report_of(view, scope, part, options.columns)


def report_of(view: View, scope: Scope, part: Part = WHOLE, columns: tuple[str, ...] | None = None) -> Report:
    """Return what the journal says of a run and the calls of its edition that are meant."""
    results = view.results
    return Report(
        run=view.runs.record(scope.run_id),
        counted=cache(lambda: results.totals(scope, part.only or "*", dispositions=part.dispositions)),
        calls=lambda: results.calls(scope, part),
        carried=lambda: results.carried(scope),
        chain=view.chain,
        part=part,
        columns=columns,
        background=lambda: _background(view, scope, part),
    )


def _background(view: View, scope: Scope, part: Part) -> Background:
    """Return what stands behind the calls, with what they were expected to cost."""
    from orchestrator.app.forecast import expected_cost

    found, totals = view.backgrounds.of(scope, part), view.results.totals(scope, part.only or "*")
    meant = totals["calls"] - totals[Disposition.SUPPRESSED]
    if part.dispositions or found.policy is None:
        return found  # how a call ends nobody estimates by how it has ended
    target = view.runs.record(scope.run_id).target
    estimate = expected_cost(target, found.rates, found.policy, meant, view.backgrounds.past_calls(scope))
    return replace(found, estimate=estimate)


def write(report: Report, path: str, unmask: bool, format_: Format | None = None) -> None:
    """Write a report to a file, or to stdout for `-`, in the format that its name asks for where none is given."""
    chosen = format_ or format_of_file(path) or FORMATS[0]
    write_report(path, chosen.write(report, Masker(unmask)), chosen.on_stdout)


def _format(options: ReportOptions) -> Format:
    """Return the format that is meant. Raises WrongUsage where there is none, or it has not what was chosen of it."""
    if options.format is not None:
        chosen = BY_NAME[options.format]
    elif options.out == STDOUT:
        chosen = FORMATS[0]
    else:
        named = format_of_file(options.out)
        if named is None:
            raise WrongUsage(f"{no_format(options.out)}; or name a format with --format")
        chosen = named
    if options.columns is not None and not chosen.has_columns:
        tables = " and ".join(each.name for each in FORMATS if each.has_columns)
        raise WrongUsage(f"--columns is for {tables}; a report in {chosen.name} has all that is known of a call")
    if chosen.is_of_all and (options.only is not None or options.dispositions):
        raise WrongUsage(f"a report in {chosen.name} is of the whole journal: no calls of it can be chosen")
    return chosen
