"""Counts which calls a run has started, so that `--limit N` starts exactly N and no more."""

from collections.abc import Iterable


class CallLimit:
    """Counts the calls that one run has dialed for the first time, by their keys.

    A redial is no start. A call that did not ring - throttled, unreached, its intent taken back - is started still, as
    long as it is to be sent again: its place is kept for it. Once it is closed or put off, another takes that place.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._dialed: set[int] = set()  # they may have rung, were rejected, or are being placed
        self.again: set[int] = set()  # they did not ring, and are to be sent again
        self._sent_again: set[int] = set()  # of those in `_dialed`, they were in `again` before

    def is_full(self) -> bool:
        """Whether so many calls are started."""
        return self._most is not None and len(self._dialed) + len(self.again) >= self._most

    @property
    def admits_nothing(self) -> bool:
        """Whether no call may start at all: not even a redial."""
        return self._most == 0

    def begin(self, key: int) -> None:
        """Count a call that is dialed for the first time."""
        if key in self.again:
            self.again.discard(key)
            self._sent_again.add(key)
        self._dialed.add(key)

    def did_not_ring(self, key: int) -> None:
        """Take note that a call is to be sent again; nothing where it was not counted: a redial."""
        if key in self._dialed:
            self._dialed.discard(key)
            self.again.add(key)

    def release(self, key: int) -> None:
        """Give the place of a call that is not sent again, or not for now, to another."""
        self.again.discard(key)

    def never_began(self, key: int) -> None:
        """Count a call no more whose intent was not committed; one that was sent before waits for its turn again."""
        self._dialed.discard(key)
        if key in self._sent_again:
            self.again.add(key)

    def keep(self, due: Iterable[int], rang: Iterable[int]) -> None:
        """Of the calls to be sent again keep those that are `due`; those that `rang` after all were dialed."""
        self._dialed.update(rang)
        self.again &= set(due)
