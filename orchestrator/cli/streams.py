"""The three standard streams as this process has them: closed, full, unread or in a poor encoding, and still safe.

A descriptor that was closed is opened on /dev/null before anything else: else the next file that is opened, the
journal perhaps, would take its number, and be written to. Results wait for their reader, as those of any command do.
Writing to stderr never fails, and where a command dials or receives callbacks it never waits either: a thread writes
what is queued, and lines for which there is no room are counted.
"""

import codecs
import contextlib
import errno
import io
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TextIO

STDIN, STDOUT, STDERR = 0, 1, 2

ROOM = 4 * 1024 * 1024
"""Bytes that may wait on stderr for a reader: some ten thousand lines."""

AT_ONCE = 4096
"""Bytes written to stderr at a time: as many fit into a pipe that is ready (PIPE_BUF)."""

FULL = (errno.EAGAIN, errno.EWOULDBLOCK)


class StdoutUnwritable(OSError):  # noqa: N818 - named for what happened
    """Results that could not be written: a full disk, a descriptor that is not for writing."""


def _escape(problem: UnicodeError) -> tuple[str, int]:
    """Write what an encoding lacks as JSON would. What `backslashreplace` writes of `e` with an accent is no JSON."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    units = problem.object[problem.start : problem.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), problem.end


codecs.register_error("json-escape", _escape)
ESCAPES = "json-escape"
"""The name of that error handler."""


class _Stream(io.RawIOBase):
    """A standard stream that is written to."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._handle

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return os.isatty(self._handle)


class StdoutWriter(_Stream):
    """Standard output: waits for its reader, also where the descriptor is set not to. One that has gone is no error."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        self._is_over = False

    def check(self) -> None:
        """Raise StdoutUnwritable where nothing could be written, as far as can be known without writing."""
        try:
            os.write(self._handle, b"")  # a full device and a descriptor that is for reading refuse this too
        except OSError as problem:
            if problem.errno not in (*FULL, errno.EPIPE):
                self._is_over = True
                raise StdoutUnwritable(problem.errno, problem.strerror) from None

    def drop(self) -> None:
        """Drop whatever is still written."""
        self._is_over = True

    def write(self, data: Any) -> int:
        """Write everything. Raises StdoutUnwritable, once."""
        left = memoryview(data).cast("B")
        while len(left) and not self._is_over:
            try:
                left = left[os.write(self._handle, left) :]
            except OSError as problem:
                if problem.errno in FULL:
                    select.select([], [self._handle], [])
                    continue
                self._is_over = True
                if problem.errno != errno.EPIPE:
                    raise StdoutUnwritable(problem.errno, problem.strerror) from None
        return len(data)


class StderrWriter(_Stream):
    """Standard error: what is said beside the results. It never fails; once it is `queued` it never waits."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._size, self._lost, self._moved = 0, 0, 0.0
        self._notice: Callable[[int], str] | None = None
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def write(self, data: Any) -> int:
        """Write everything, now or later; or count its lines as lost."""
        if self._thread is None:
            _write_out(self._handle, bytes(data))
        else:
            with self._changed:
                is_awaited = not self._queue
                self._add(bytes(data))
                if is_awaited:  # to wake the thread for each line would cost more than the line
                    self._changed.notify_all()
        return len(data)

    def queue(self, notice: Callable[[int], str]) -> None:
        """Never wait from now on. `notice` says, as a line, how many lines were lost."""
        if self._thread is None:
            self._notice = notice
            self._thread = threading.Thread(target=self._serve, name="stderr", daemon=True)
            self._thread.start()

    def finish(self, patience: float) -> None:
        """Write what is queued, as long as somebody reads; give up after so many seconds in which nobody did."""
        thread = self._thread
        if thread is None:
            return
        with self._changed:
            self._report_lost()
            self._is_closing, self._moved = True, time.monotonic()
            self._changed.notify_all()
            while thread.is_alive() and time.monotonic() - self._moved < patience:
                self._changed.wait(0.02)

    def _add(self, data: bytes) -> None:
        if self._size + len(data) > ROOM:
            self._lost += max(1, data.count(b"\n"))
            return
        self._report_lost()
        self._queue.append(data)
        self._size += len(data)

    def _report_lost(self) -> None:
        if self._lost and self._notice is not None:
            line = f"{self._notice(self._lost)}\n".encode(errors="backslashreplace")
            self._lost = 0
            self._queue.append(line)
            self._size += len(line)

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._is_closing:
                    self._changed.wait()
                if not self._queue:
                    return
                data = self._take()
            _write_out(self._handle, data, self._note_progress)
            with self._changed:
                self._size -= len(data)
                self._changed.notify_all()

    def _take(self) -> bytes:
        """Take what is queued, as much as is written at once."""
        data = self._queue.popleft()
        while self._queue and len(data) + len(self._queue[0]) <= AT_ONCE:
            data += self._queue.popleft()
        return data

    def _note_progress(self) -> None:
        self._moved = time.monotonic()


def make_streams_safe() -> None:
    """Make the streams of this process safe; to be called before it opens anything."""
    open_closed_descriptors()
    sys.stdout = _text(io.BufferedWriter(StdoutWriter(STDOUT)), sys.stdout)
    sys.stderr = _text(StderrWriter(STDERR), sys.stderr, write_through=True)
    if sys.stdin is None:
        sys.stdin = open(STDIN, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - the stream


CLOSED: set[int] = set()
"""The standard descriptors that were closed when this process began."""


def open_closed_descriptors() -> None:
    """Open /dev/null in the place of each standard stream that is closed."""
    for handle, mode in ((STDIN, os.O_RDONLY), (STDOUT, os.O_WRONLY), (STDERR, os.O_WRONLY)):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free number, which is this one
            CLOSED.add(handle)


def stderr_writer() -> StderrWriter | None:
    """Return what writes stderr; None where a test has put another stream in its place."""
    buffer = getattr(sys.stderr, "buffer", None)
    return buffer if isinstance(buffer, StderrWriter) else None


def check_stdout() -> None:
    """Raise StdoutUnwritable where results cannot be written: to be asked before anything is done."""
    raw = _stdout_writer()
    if raw is not None:
        raw.check()


def drop_stdout() -> None:
    """Drop what is still buffered for stdout, so that the interpreter's last flush cannot fail or wait."""
    raw = _stdout_writer()
    if raw is not None:
        raw.drop()


def _stdout_writer() -> StdoutWriter | None:
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw if isinstance(raw, StdoutWriter) else None


def _text(buffer: Any, former: TextIO | None, *, write_through: bool = False) -> TextIO:
    encoding = getattr(former, "encoding", None) or "utf-8"
    buffered: bool = not write_through and buffer.isatty()
    return io.TextIOWrapper(buffer, encoding, ESCAPES, line_buffering=buffered, write_through=write_through)


def _write_out(handle: int, data: bytes, progress: Callable[[], None] = lambda: None) -> None:
    """Write to stderr, whole lines at a time, as others may write there too; what cannot be written is dropped."""
    left, written = memoryview(data), 0
    with contextlib.suppress(OSError, ValueError):
        while left:
            select.select([], [handle], [])
            whole_lines = data.rfind(b"\n", written, written + AT_ONCE) + 1 - written
            try:
                written += os.write(handle, left[: whole_lines if whole_lines > 0 else AT_ONCE])
            except BlockingIOError:
                continue
            left = memoryview(data)[written:]
            progress()
