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
    "read_report",
    "review",
    "run",
    "run_async",
    "write_report",
]

_HOMES = {
    "app.library": ("run", "run_async"),
    "app.options": ("PlanOptions", "ReportOptions", "RunOptions"),
    "app.plan": ("plan_now review",),
    "app.report": ("read_report", "report_now write_report"),
    "app.run": ("RunOutcome",),
    "model.diagnostic": ("Diagnostic",),
    "model.errors": ("CannotProceed", "OrchestrateError", "Refused"),
    "model.events": ("Event",),
    "model.review": ("PlanView",),
    "reports.report": ("Report",),
}
"""Where each public name is, as the imports above say to type checkers; a second word is what it is called here."""


def __getattr__(name: str) -> "Any":
    """Load what has a public name, once somebody asks for it (PEP 562)."""
    from importlib import import_module

    for home, names in _HOMES.items():
        for found in names:
            own, _, public = found.partition(" ")
            if (public or own) == name:
                value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), own)
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__version__ = "0.1.0"

PLAN_VERSION = 1
"""The `version` of the plan language."""
REPORT_FORMAT = 1
"""The `format` of reports and of all other JSON."""
JOURNAL_FORMAT = 1
"""The format of the journals that this program makes, which it also brings older ones to."""

REPOSITORY = "acme/orchestrate"
"""Where the action and the reusable workflow are: pipelines that `init` writes call them there."""

DOCUMENTATION = "https://orchestrate.example/docs/reference"
"""Where docs/reference/ is published: SARIF's readers lead people there."""
