"""Which commands lift what holds an edition: every place that tells people asks here."""

import pytest

from orchestrator.model.hold import Hold, HoldKind, lifted_by, resume_commands

AT = "2026-11-22T09:00:00Z"


def hold(kind: HoldKind, *, whole: bool = False) -> Hold:
    return Hold(kind, "why", "asha", AT, whole)


HALTED, CANCELLED, PAUSED, ALL = hold("halted"), hold("cancelled"), hold("paused"), hold("paused", whole=True)


@pytest.mark.parametrize(
    ("holds", "commands"),
    [
        ((), ()),
        ((PAUSED,), ("orchestrate resume r1",)),
        ((CANCELLED, PAUSED), ("orchestrate resume r1",)),
        ((HALTED,), ("orchestrate resume r1 --because TEXT",)),
        ((HALTED, CANCELLED, PAUSED), ("orchestrate resume r1 --because TEXT",)),
        ((ALL,), ("orchestrate resume --all",)),
        ((CANCELLED, ALL), ("orchestrate resume r1", "orchestrate resume --all")),
        ((HALTED, ALL), ("orchestrate resume r1 --because TEXT", "orchestrate resume --all")),
    ],
    ids=repr,
)
def test_the_commands_that_lift_what_holds(holds: tuple[Hold, ...], commands: tuple[str, ...]) -> None:
    assert lifted_by(holds, "r1") == commands


def test_without_a_run_the_latest_is_meant_and_words_join_the_commands() -> None:
    assert lifted_by([HALTED]) == ("orchestrate resume --because TEXT",)
    assert resume_commands([PAUSED, ALL], "r1") == "`orchestrate resume r1` and `orchestrate resume --all`"
    assert resume_commands([]) == ""
