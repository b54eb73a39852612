"""A call may end between two questions of one pass: the writer's thread commits whenever it likes."""

from pathlib import Path

from acceptance.desk import Desk, calls

from durability.carrier import Carrier
from durability.inject import in_child


def test_a_run_does_not_end_while_calls_are_due(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=0.1)
    arguments = desk.run_arguments(desk.plan(calls(*(f"c{n}" for n in range(20))), policy={"concurrency": 1}), live)
    extra = in_child("durability.slow_pass")
    done = desk.orchestrate(*arguments, **extra)
    assert done.code == 0, done.said
