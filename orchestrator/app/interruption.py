"""The signals that ask a process to end: always taken, whatever the process is doing.

While an event loop runs, the signal is handed to it (`process.signals`); at any other time the signal is raised as
`Interrupted` in the main thread. A thread of its own watches both: a second signal, or a first one that the main
thread cannot take because it is deep inside a library, ends the process. That is always safe: the journal is written
for it. Only the standard library is imported here, and little of it: every command begins with this.
"""

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

CODES = {
    signal.SIGINT: 130,
    signal.SIGTERM: 143,
    signal.SIGQUIT: 143,  # it asks for the same as SIGTERM: no code of its own stands in the table
    signal.SIGHUP: 129,
}
"""The signals that end a process, and its exit code then."""

TAKEN_WITHIN = 5.0
"""Seconds for the main thread to take a first signal; a library that does not return may keep it from that."""

ENDED_WITHIN = 2.0
"""Seconds for the process to end in good order after a second signal."""

ONE_BURST = 0.1
"""Seconds in which several signals count as one: where a terminal closes, kernel and shell both send SIGHUP."""


class Interrupted(SystemExit):
    """A signal asked the process to end while no event loop was there to take it."""

    def __init__(self, signum: int) -> None:
        self.signal = signal.Signals(signum)
        self.signal_code = CODES[self.signal]
        super().__init__(self.signal_code)


HandingOver = Callable[[Callable[[int], None]], contextlib.AbstractContextManager[None]]
"""Hands each signal that asks for an end to somebody, for as long as the context is open."""


class Watch:
    """What this process knows of the signals that it was sent."""

    def __init__(self) -> None:
        self._taker: Callable[[int], None] | None = None  # set while an event loop takes signals
        self._taken_at: float | None = None
        self._code: int | None = None
        self._last_words: Callable[[], None] = lambda: None

    def begin(self, last_words: Callable[[], None]) -> None:
        """Take the signals from now on; `last_words` is called before the process is ended by force."""
        self._last_words = last_words
        listening, speaking = os.pipe()
        os.set_blocking(speaking, False)
        threading.Thread(target=self._watch, args=(listening,), name="signals", daemon=True).start()
        signal.set_wakeup_fd(speaking, warn_on_full_buffer=False)
        for signum in CODES:
            if signum != signal.SIGHUP or signal.getsignal(signum) is not signal.SIG_IGN:  # `nohup` ignores it
                signal.signal(signum, self._take)

    def over(self, code: int) -> None:
        """Take note that the command is over: a signal ends the process with its code from now on."""
        self._code = code

    @contextlib.contextmanager
    def handing_over(self, take: Callable[[int], None]) -> Iterator[None]:
        """Hand each signal to somebody instead of raising it."""
        self._taker = take
        try:
            yield
        finally:
            self._taker = None

    def _take(self, signum: int, _frame: FrameType | None) -> None:
        """Run in the main thread, as soon as it executes Python."""
        if self._code is not None:
            os._exit(self._code)
        now, first = time.monotonic(), self._taken_at
        if first is not None and now - first < ONE_BURST:
            return
        taker, self._taken_at = self._taker, now if first is None else first
        if taker is not None:
            taker(signum)
        elif first is None:
            raise Interrupted(signum)

    def _watch(self, listening: int) -> None:
        """Run in a thread, which learns of each signal at once, whatever keeps the main thread busy."""
        last = self._next(listening)
        began = time.monotonic()
        while _is_readable(listening, TAKEN_WITHIN) or self._taken_at is not None:
            last = self._next(listening)
            if time.monotonic() - began >= ONE_BURST:
                time.sleep(ENDED_WITHIN)
                break
        self._last_words()
        os._exit(CODES[signal.Signals(last)])

    @staticmethod
    def _next(listening: int) -> int:
        """Wait for the next signal that ends a process."""
        while True:
            (signum,) = os.read(listening, 1)
            if signum in CODES:
                return signum


WATCH = Watch()
"""Signals belong to the process, and so does this: there is one."""


def _is_readable(handle: int, within: float) -> bool:
    return bool(select.select([handle], [], [], within)[0])
