"""What plans, editions and targets are called where people read them: numbers in their names are masked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.exotel.masking import Masker
    from orchestrator.model.record import RunRecord


def named(plan: str, edition: str, masker: "Masker") -> str:
    """Return `plan, edition E`, safe to print."""
    return masker.shown(plan) + (f", edition {masker.shown(edition)}" if edition else "")


def what_ran(run: "RunRecord", masker: "Masker") -> str:
    """Return `plan, edition E, target T`, safe to print."""
    return f"{named(run.plan, run.edition, masker)}, target {masker.shown(run.target)}"
