"""The command line as a user has it: a process, its exit code, and what it printed."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance import canary
from acceptance.forked import Command, is_forkable

Process = Command | subprocess.Popen[str]


def command() -> list[str]:
    """How `orchestrate` is started: the console script beside the interpreter that runs the tests.

    A checkout that is not installed has none; there the same entry point is called by name.
    """
    script = Path(sys.executable).parent / "orchestrate"
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from orchestrator.cli.main import main; main()"]


@dataclass(frozen=True)
class Done:
    """One finished command."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self.out + self.err


def forms_of(secret: tuple[str, str]) -> tuple[str, ...]:
    """The texts in which a key and its token could leak: themselves, and what Basic auth makes of them."""
    key, token = secret
    pair = base64.b64encode(f"{key}:{token}".encode()).decode()
    alone = (base64.b64encode(part.encode()).decode().rstrip("=") for part in secret)
    return (key, token, pair.rstrip("="), *alone)


def start(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Process:
    """Start a command in a session of its own; the caller ends it, and its pipes with it."""
    return (Command if is_forkable(environment) else Started)(arguments, folder, environment)


class Started(subprocess.Popen[str]):
    """A command in an interpreter of its own, held to the same as one that is forked."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._held_to = (arguments, folder, environment, Path(os.devnull), time.time())
        super().__init__(
            [*command(), *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def communicate(self, *given: Any, **named: Any) -> tuple[str, str]:
        """Read both streams, wait for its end, and look at what it showed."""
        out, err = super().communicate(*given, **named)
        canary.check(*self._held_to, out + err)
        return out, err


def until(true: Callable[[], object], process: subprocess.Popen[str], patience: float = 20) -> None:
    """Wait for a moment in the life of a running command."""
    began = time.monotonic()
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() - began < patience
        time.sleep(0.01)


def finish(process: subprocess.Popen[str], secrets: Sequence[str], began: float, patience: float = 60) -> Done:
    """Wait for a command and hold it to what holds for every command: no traceback, no bug, no secret."""
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {patience} s; it had said:\n{out}\n{err}") from None
    done = Done(process.returncode, out, err, time.monotonic() - began)
    assert "Traceback" not in done.said, done.said
    assert done.code != 70, done.said
    for secret in secrets:
        assert secret not in done.said, "a secret was printed"
    return done


def base_environment(home: Path) -> dict[str, str]:
    """The scrubbed environment of the tests (conftest.py), with a home of its own."""
    return {**os.environ, "HOME": str(home)}
