"""What others are told at a run's end: totals, without a number, an id of a call, or a secret. JSON, format 1."""

from collections.abc import Mapping
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.exit_codes import MEANINGS
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import RunRecord
from orchestrator.reports.report_json import TOTALS, run_facts

TYPE = "run.ended"


def notification(run: RunRecord, totals: Mapping[str, int], *, simulated: bool) -> dict[str, Any]:
    """Return the message. `type` and `timestamp` are where Standard Webhooks has them; `simulated`: no phone rang."""
    masker = Masker()
    return {
        "format": 1,
        "type": TYPE,
        "timestamp": run.ended_at,
        "simulated": simulated,
        "run": run_facts(run, masker),
        "totals": {key: totals.get(key, 0) for key in TOTALS},
    }


def notification_in_words(run: RunRecord, totals: Mapping[str, int], *, simulated: bool) -> tuple[str, str]:
    """Return the same for people: a title, and a text."""
    code = run.exit_code or 0
    ended = ", ".join(f"{totals[word]:,} {word}" for word in Disposition if totals.get(word))
    lines = [
        f"exit {code}: {MEANINGS.get(code, 'see the log')}",
        f"calls: {totals.get('calls', 0):,}, attempts: {totals.get('attempts', 0):,}{f' ({ended})' if ended else ''}",
        f"{f'edition {run.edition}, ' if run.edition else ''}target {run.target}, run {run.id}",
    ]
    if simulated:
        lines.append("SANDBOX: no phone rang; the carrier was simulated")
    masker = Masker()
    return masker.shown(f"{run.plan}: exit {code}"), "\n".join(map(masker.shown, lines))
