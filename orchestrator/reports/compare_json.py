"""Two runs side by side, for programs: JSON, format 1."""

import json
from collections.abc import Mapping
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.record import RunRecord
from orchestrator.model.story import OwnFigures
from orchestrator.reports.report_json import run_facts


def compared_facts(run: RunRecord, totals: Mapping[str, int], own: OwnFigures, masker: Masker) -> dict[str, Any]:
    """Return one of the runs: its facts, `totals` of its edition, and under `own` what came of its own attempts."""
    return {
        **run_facts(run, masker),
        "seconds": run.seconds,
        "totals": dict(totals),
        "own": {
            "attempts": own.attempts,
            "outcomes": dict(own.outcomes),
            "seconds": own.seconds,
            "cost": [{"amount": f"{amount:f}", "currency": currency} for currency, amount in sorted(own.cost.items())],
        },
    }


def compare_json(*runs: dict[str, Any]) -> str:
    """Return the document: `format`, and both `runs`, the first first."""
    return json.dumps({"format": 1, "runs": runs}, indent=1) + "\n"
