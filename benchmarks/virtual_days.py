"""Runs a plan in virtual time against the simulated carrier, from a Friday on, and prints what became of its calls.

python benchmarks/virtual_days.py PLAN TARGET
"""

import json
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestrator.app.options import RunOptions
from orchestrator.app.virtual_run import run_virtually

FRIDAY = datetime(2026, 12, 4, 13, 0, tzinfo=ZoneInfo("Asia/Kolkata"))


def main(plan: str, target: str) -> None:
    """Print the totals, and the days that passed."""
    run = run_virtually(RunOptions(plan, target), FRIDAY.timestamp())
    days = (run.ended - FRIDAY.timestamp()) / 86_400
    print(json.dumps({**run.reader.view.results.totals(run.scope), "days": round(days, 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
