"""How long this machine holds up who has something to do: what a test of times cannot blame on the product."""

import threading
import time


class Stalls:
    """Watches in a thread until `end`; `longest` is in seconds."""

    STEP = 0.002

    def __init__(self) -> None:
        self.longest = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.is_set():
            due = time.monotonic() + self.STEP
            time.sleep(self.STEP)
            self.longest = max(self.longest, time.monotonic() - due)

    def end(self) -> None:
        """Watch no longer."""
        self._ended.set()
        self._thread.join()
