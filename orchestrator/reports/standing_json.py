"""The journal's runs, and where a plan's edition stands, for programs: JSON, format 1."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.exotel.masking import Masker
from orchestrator.model.hold import Hold, Suppression
from orchestrator.model.record import CallRecord
from orchestrator.model.refusal import Refusal
from orchestrator.model.story import Dialer, RunLine, Standing
from orchestrator.reports.report_json import call_text, each_on_a_line, one_a_line, run_facts


def runs_json(runs: Iterable[RunLine], masker: Masker) -> Iterator[str]:
    """Yield the document: `format`, and under `runs` a run a line, as the report has it, with `calls` and `seconds`."""
    yield '{"format": 1,\n "runs": ['
    yield from one_a_line(
        run_facts(line.run, masker) | {"calls": line.calls, "seconds": line.run.seconds} for line in runs
    )
    yield "]}\n"


def standing_json(standing: Standing, masker: Masker, calls: Iterable[CallRecord] | None = None) -> Iterator[str]:
    """Yield the document: the run, the edition's `totals`, what holds it, what it waits for; callbacks refused.

    Then, where they are asked for, its `calls`, each on a line of its own, as the report has it.
    """
    document: dict[str, Any] = {
        "format": 1,
        "run": run_facts(standing.run, masker),
        "runs": standing.runs,
        "totals": dict(standing.totals),
        "due": standing.due,
        "open": standing.open,
        "attempts_of_run": standing.attempts_of_run,
        "alive": standing.alive,
        "dialer": None if standing.dialer is None else _dialer(standing.dialer),
        "approvals": [{"by": masker.text(each.by), "at": each.at} for each in standing.approvals],
        "holds": [hold_facts(hold, masker) for hold in standing.holds],
        "next_at": standing.next_at,
        "next_why": None if standing.next_why is None else masker.text(standing.next_why),
        "refused_callbacks": {
            **{why.value: standing.refused.counts.get(why, 0) for why in Refusal},
            "last_at": standing.refused.last_at,
        },
    }
    text = json.dumps(document, indent=1)
    if calls is None:
        yield f"{text}\n"
        return
    yield text.removesuffix("\n}") + ',\n "calls": ['
    yield from each_on_a_line(call_text(call, masker) for call in calls)
    yield "]}\n"


def suppressions_json(listed: Iterable[tuple[str, Suppression]], masker: Masker) -> Iterator[str]:
    """Yield the document: `format`, and under `numbers` a suppressed number a line, with who said so, when and why."""
    yield '{"format": 1,\n "numbers": ['
    yield from one_a_line(
        {
            "number": masker.number(number),
            "because": masker.text(known.because),
            "by": masker.text(known.by),
            "at": known.at,
        }
        for number, known in listed
    )
    yield "]}\n"


def _dialer(dialer: Dialer) -> dict[str, Any]:
    return {"alive": dialer.alive, "pid": dialer.pid, "silent_seconds": round(dialer.silent, 1)}


def hold_facts(hold: Hold, masker: Masker) -> dict[str, Any]:
    """Return what holds an edition, or with `scope` journal every plan."""
    return {
        "kind": hold.kind,
        "scope": "journal" if hold.whole else "edition",
        "reason": masker.text(hold.reason) or None,
        "by": masker.text(hold.by) or None,
        "began_at": hold.began_at,
    }
