"""Stops a run at one exact point of a call until the test lets it go on: its file at TEST_HELD_FILE is gone.

    TEST_IN_CHILD=durability.held_at TEST_HELD_AT="claim" TEST_HELD_FILE=/some/file

"claim": the call is chosen, its intent's transaction has not begun. "first byte": the intent is committed, and nothing
but the last look of the guards stands before the request. However long it is held, its intent does not grow old, so
that nothing else keeps the request back.
"""

import os
import time
from pathlib import Path
from typing import Any

POINTS = {"claim": "claim", "first byte": "_guard"}
AT, FILE = "TEST_HELD_AT", "TEST_HELD_FILE"
PATIENCE = 30.0


def install() -> None:
    """Wrap the method of the engine that is called at the point."""
    from orchestrator.engine.attempt import Attempts, Intent

    point, file = os.environ[AT], Path(os.environ[FILE])
    name = POINTS[point]
    original = getattr(Attempts, name)

    def held(self: Any, *args: Any) -> Any:
        if point != "claim" or self._claims:
            hold(file)
        return original(self, *args)

    setattr(Attempts, name, held)
    Intent.is_fresh = lambda *_: True  # type: ignore[method-assign]


def hold(file: Path) -> None:
    """Say that the point is reached, and wait; the second time there is nothing to wait for."""
    if file.with_suffix(".passed").exists():
        return
    file.with_suffix(".passed").touch()
    file.touch()
    ends = time.monotonic() + PATIENCE
    while file.exists() and time.monotonic() < ends:
        time.sleep(0.005)
