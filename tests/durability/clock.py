"""A clock that a test sets while the process runs: `time.time` of the process under test, so many seconds off.

    TEST_IN_CHILD=durability.clock TEST_CLOCK=/path/of/a/file/that/holds/the/seconds

The steady clock (`time.monotonic`, the event loop's) goes on as a computer's does when its time of day is set.
"""

import os
import time
from pathlib import Path

VARIABLE = "TEST_CLOCK"


def install() -> None:
    """Shift this process's time of day."""
    file, real = Path(os.environ[VARIABLE]), time.time
    time.time = lambda: real() + float(file.read_text() or 0)
