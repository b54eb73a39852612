"""A command on a terminal of a certain width."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from acceptance import canary, cli


def on_terminal(
    arguments: Sequence[str], folder: Path, width: int, environment: Mapping[str, str], patience: float = 60
) -> tuple[int, str]:
    """Run a command whose stdout is a terminal; return its exit code and what the screen got, with plain line ends."""
    began = time.time()
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    process = subprocess.Popen(
        [*cli.command(), *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=subprocess.DEVNULL,
    )
    os.close(its)
    shown = bytearray()
    try:
        while piece := _read(ours):
            shown += piece
        code = process.wait(patience)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()
    text = shown.decode().replace("\r\n", "\n")
    canary.check(arguments, folder, environment, Path(os.devnull), began, text)
    return code, text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux' way to say that nobody writes any more
        return b""
