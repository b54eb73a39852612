"""Commands as processes, without the second that a fresh interpreter takes to import what they need.

A server has imported a whole program, gone through one plan in virtual time, and done nothing else; it forks each
command. That is a process like any other, with its own number, session, folder, environment, streams, signals and exit
code: only the imports are behind it, and what it would compute from the program alone.
What a fresh interpreter alone can show stays with one: see `tests/unit/cli/` and whoever calls `cli.command()`.
Each program has a server of its own, so that the counting carrier's processes hold nothing of the product.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from durability.inject import VARIABLE

from acceptance import canary

TESTS = Path(__file__).parent.parent
LAZY = (
    *("anyio._backends._asyncio", "anyio.streams.tls", "encodings.ascii", "encodings.unicode_escape"),
    *("encodings.utf_8_sig", "httpcore2", "httpcore2._async.http2", "httpcore2._async.http_proxy", "msgspec"),
    *("phonenumbers.data.region_IN", "rich.live", "truststore", "tzdata"),
    *("uvicorn.lifespan.off", "uvicorn.lifespan.on", "uvicorn.protocols.http.h11_impl"),
    "uvicorn.protocols.websockets.auto",
)
"""What commands import only while they run, beside the modules of the product and what those import."""

REHEARSED = TESTS.parent / "configs/plans/quickstart.yaml"

SIZE = struct.Struct("!I")
PRODUCT, CARRIER = "orchestrator.cli.main", "durability.carrier_server"
"""The programs: modules with a function `main`."""
Main = Callable[[], object]


def is_forkable(environment: Mapping[str, str]) -> bool:
    """Whether a command needs no interpreter that was started in exactly this environment."""
    names = {name for name in (*os.environ, *environment) if name.startswith(("PYTHON", "LANG", "LC_", "LD_"))}
    return all(os.environ.get(name, "") == environment.get(name, "") for name in names)


class Command:
    """A command that the server has forked, held as `subprocess.Popen` holds one with its output in pipes."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        stdin: Path = Path(os.devnull),
        program: str = PRODUCT,
    ) -> None:
        self.args = list(arguments)
        self._held_to = (self.args, folder, environment, stdin, time.time()) if program == PRODUCT else None
        self.returncode: int | None = None
        pipes = [os.pipe() for _ in range(3)]
        out, err, self._status = (reading for reading, _ in pipes)
        self.stdout, self.stderr = (os.fdopen(reading, encoding="utf-8") for reading in (out, err))
        self._read: dict[int, bytes] = {out: b"", err: b""}
        request = json.dumps([self.args, str(folder), dict(environment)]).encode()
        server, process = _server(program)
        with contextlib.suppress(ConnectionError), stdin.open("rb") as reading:
            streams = [reading.fileno(), *(writing for _, writing in pipes)]
            socket.send_fds(server, [SIZE.pack(len(request))], streams)
            server.sendall(request)
        for _, writing in pipes:
            os.close(writing)
        began = os.read(self._status, SIZE.size)
        if not began:
            self.stdout.close()
            self.stderr.close()
            os.close(self._status)
            raise RuntimeError(
                f"{program}, which forks the commands of the tests, has ended with {process.wait()}: stderr says why;"
                " after a change of the dependencies run `make .venv/installed`"
            )
        self.pid = SIZE.unpack(began)[0]

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs; -9 is the signal 9."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._status, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(SIZE.unpack(os.read(self._status, SIZE.size))[0])
            os.close(self._status)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read both streams to their ends and wait for its end; what was read before a time-out is not lost."""
        deadline = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for stream in (self.stdout, self.stderr):
                if not stream.closed:
                    selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                ready = selector.select(left)
                if not ready and left == 0.0:
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
                for key, _ in ready:
                    data = os.read(key.fd, 65536)
                    self._read[key.fd] += data
                    if not data:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
        self.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        out, err = (data.decode().replace("\r\n", "\n") for data in self._read.values())
        if self._held_to is not None:
            canary.check(*self._held_to, out + err)
        return out, err

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without asking."""
        self.send_signal(signal.SIGKILL)


@cache
def _server(program: str) -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start a program's server of this test process; it ends with it, because its socket does."""
    ours, theirs = socket.socketpair()
    search = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(
        [sys.executable, "-m", "acceptance.forked", program, str(theirs.fileno())],
        stdin=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        env={**os.environ, "PYTHONPATH": search},
    )
    theirs.close()
    return ours, process


def _import_and_rehearse() -> None:
    """Import all of the product, and go through a plan: records' methods and expressions are compiled at first use.

    Virtual time needs no thread, no socket and no file, which a fork would share with the server.
    """
    product = importlib.import_module("orchestrator")
    for module in pkgutil.walk_packages(product.__path__, "orchestrator."):
        importlib.import_module(module.name)
    for name in LAZY:
        importlib.import_module(name)
    options = importlib.import_module("orchestrator.app.options").RunOptions(str(REHEARSED))
    importlib.import_module("orchestrator.app.virtual_run").run_virtually(options, time.time())
    importlib.import_module("orchestrator.exotel.masking").Masker().text("+918123400001")
    assert threading.active_count() == 1


def _serve(program: str, requests: socket.socket) -> None:
    """Import the program, then fork a command for each request."""
    if program == PRODUCT:
        _import_and_rehearse()
    main = importlib.import_module(program).main
    gc.collect()
    gc.freeze()
    while True:
        head, streams, _, _ = socket.recv_fds(requests, SIZE.size, 4)
        if not head:
            return
        request = b""
        while len(request) < SIZE.unpack(head)[0]:
            request += requests.recv(1 << 20)
        if os.fork() == 0:
            _parent(main, *json.loads(request), *streams[:3], status=streams[3])
        for stream in streams:
            os.close(stream)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _parent(
    main: Main, arguments: list[str], folder: str, environment: dict[str, str], *streams: int, status: int
) -> None:
    """Fork the command, and tell its number and how it ended: a process of its own for each, which only waits."""
    pid = os.fork()
    if pid == 0:
        _become(main, arguments, folder, environment, *streams)
    os.write(status, SIZE.pack(pid))
    for stream in streams:
        os.close(stream)
    os.write(status, SIZE.pack(os.waitpid(pid, 0)[1]))
    os._exit(0)


def _become(main: Main, arguments: list[str], folder: str, environment: dict[str, str], *streams: int) -> None:
    """Be the command: what `subprocess` and the console script do before its first line."""
    try:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, 256)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        if VARIABLE in environment:
            importlib.import_module(environment[VARIABLE]).install()
        if "PYTHONWARNINGS" in environment:
            warnings.simplefilter(environment["PYTHONWARNINGS"])
        sys.argv = ["orchestrate", *arguments]
        main()
    except BaseException:  # noqa: BLE001 - a command ends its process itself: this would be a bug
        traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    _serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
