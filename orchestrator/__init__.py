"""Declarative orchestration of phone calls over Exotel's connect API.

A YAML call plan says which calls are wanted; `orchestrate run` dials each at most once. The rooms of the
package, and which may know which, are drawn in ARCHITECTURE.md.

What a program imports from here is documented in docs/library.md. Nothing is loaded before it is asked for.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from orchestrator.app.library import run, run_async
    from orchestrator.app.options import PlanOptions, ReportOptions, RunOptions
    from orchestrator.app.plan import plan_now as review
    from orchestrator.app.report import read_report
    from orchestrator.app.report import report_now as write_report
    from orchestrator.app.run import RunOutcome
    from orchestrator.model.diagnostic import Diagnostic
    from orchestrator.model.errors import CannotProceed, OrchestrateError, Refused
    from orchestrator.model.events import Event
    from orchestrator.model.program import VERSION as __version__  # noqa: N811 - as packages name it
    from orchestrator.model.review import PlanView
    from orchestrator.reports.report import Report

__all__ = [
    "CannotProceed",
    "Diagnostic",
    "Event",
    "OrchestrateError",
    "PlanOptions",
    "PlanView",
    "Refused",
    "Report",
    "ReportOptions",
    "RunOptions",
    "RunOutcome",
    "__version__",
    "read_report",
    "review",
    "run",
    "run_async",
    "write_report",
]

_HOMES = {
    "CannotProceed": "model.errors:CannotProceed",
    "Diagnostic": "model.diagnostic:Diagnostic",
    "Event": "model.events:Event",
    "OrchestrateError": "model.errors:OrchestrateError",
    "PlanOptions": "app.options:PlanOptions",
    "PlanView": "model.review:PlanView",
    "Refused": "model.errors:Refused",
    "Report": "reports.report:Report",
    "ReportOptions": "app.options:ReportOptions",
    "RunOptions": "app.options:RunOptions",
    "RunOutcome": "app.run:RunOutcome",
    "__version__": "model.program:VERSION",
    "read_report": "app.report:read_report",
    "review": "app.plan:plan_now",
    "run": "app.library:run",
    "run_async": "app.library:run_async",
    "write_report": "app.report:report_now",
}
"""Where each public name is when the program runs, as the imports above say it to type checkers."""


def __getattr__(name: str) -> "Any":
    """Load what has a public name, once somebody asks for it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home, _, own = _HOMES[name].partition(":")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), own)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
