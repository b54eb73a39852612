"""kill -9 at every named point of a run (checkpoints.py), at its first pass and at a later one, on one journal."""

import signal
import socket
from pathlib import Path

import pytest
from acceptance.desk import Desk, calls

from durability.carrier import Carrier
from durability.checkpoints import CHECKPOINTS, NEVER, NOBODY, ONCE_A_RUN, VARIABLE
from durability.inject import in_child
from durability.judge import judged, run_to_the_end

KEYS = [f"c{index}" for index in range(6)]
CALLED_BACK = KEYS[::2]  # the others are looked up


def free_port() -> int:
    """A port for the receiver: every run of one plan hears callbacks at the same address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def killed_at(desk: Desk, arguments: list[str], checkpoint: str, nth: int) -> None:
    """Run until the process dies there."""
    process = desk.start(*arguments, **in_child("durability.checkpoints", **{VARIABLE: f"{checkpoint}:{nth}"}))
    out, err = process.communicate(timeout=40)
    assert process.returncode == -signal.SIGKILL, (f"never passed {nth} times: {checkpoint}", out, err)


@pytest.fixture
def hearing(desk: Desk, carrier: Carrier) -> Path:
    """A live target with a receiver; half of its calls are called back, the others looked up."""
    desk.create_journal()
    carrier.rules(talk=0.05, calls={key: {"callback": "after"} for key in CALLED_BACK})
    receiver = f"127.0.0.1:{free_port()}"
    return desk.target(
        carrier,
        callbacks={"listen": receiver, "public_url": f"http://{receiver}"},
        lookups={"after": "100ms", "every": "100ms", "settle": "1s"},
    )


@pytest.mark.parametrize("checkpoint", CHECKPOINTS)
def test_a_kill_there_rings_nobody_twice_and_loses_nobody(
    desk: Desk, carrier: Carrier, hearing: Path, checkpoint: str
) -> None:
    """Only the one call whose request was between intent and outcome may be unknown afterwards."""
    policy: dict[str, object] = {"concurrency": 1}
    if checkpoint.startswith("look-up"):  # the last call's price is asked for meanwhile: not beside the next request
        policy["pace"] = "1/2s"
    arguments = desk.run_arguments(desk.plan(calls(*KEYS), policy=policy), hearing)
    passes = (1, 1 if checkpoint.startswith(ONCE_A_RUN) else 2)  # then in the middle of what is left
    for nth in passes:
        killed_at(desk, arguments, checkpoint, nth)
    found = judged(desk, carrier, KEYS, run_to_the_end(desk, arguments))
    doubt = CHECKPOINTS[checkpoint]
    if doubt == NOBODY:
        assert found.unknown == set()
        assert found.requests == len(KEYS)
    elif doubt == NEVER:
        assert found.unknown == found.never
        assert len(found.unknown) == len(passes)
    else:
        assert found.never == set()
        assert len(found.unknown) <= len(passes)
