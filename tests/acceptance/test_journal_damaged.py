"""A journal that is damaged, cannot be reached or cannot be made: 4, what is wrong and what to do, and nobody rung."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.desk import Desk, calls

PAGE = 4096
KEYS = ("a", "b", "c")


def cut_in_half(whole: bytearray) -> bytearray:
    return whole[: len(whole) // 2]


def cut_in_a_page(whole: bytearray) -> bytearray:
    return whole[: PAGE + 100]


def other_bytes_everywhere(whole: bytearray) -> bytearray:
    chance = random.Random(4)  # noqa: S311 - the same damage every time
    for _ in range(5000):
        whole[chance.randrange(100, len(whole))] = chance.randrange(256)
    return whole


def no_schema(whole: bytearray) -> bytearray:
    whole[100:PAGE] = bytes(PAGE - 100)
    return whole


def other_json(whole: bytearray) -> bytearray:
    """A column that holds what nobody wrote, in pages that SQLite finds in order."""
    return whole.replace(b'[["From"', b'{{{From"')


def zeros(whole: bytearray) -> bytearray:
    return bytearray(len(whole))


DAMAGES = [cut_in_half, cut_in_a_page, other_bytes_everywhere, no_schema, other_json, zeros]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_journal_is_no_bug_of_ours_and_dials_nobody(
    desk: Desk, carrier: Carrier, live: Path, damage: Callable[[bytearray], bytearray]
) -> None:
    """The desk holds every command to it that it shows no traceback and does not exit with 70."""
    plan = desk.plan(calls(*KEYS))
    assert desk.run(plan, live, "--limit", "1").code in (0, 5)
    desk.journal.write_bytes(damage(bytearray(desk.journal.read_bytes())))
    named = ("--journal", str(desk.journal))
    codes = {}
    for words in (
        ("status",),
        ("why", "a"),
        ("runs",),
        ("plan", str(plan), "--target", str(live)),
        ("journal", "verify"),
        ("suppress", "+918123400001", "--because", "x"),
    ):
        done = desk.orchestrate(*words, *named)
        codes[words[0]] = done.code
        assert done.code == 4 or damage is other_json, (words, done.said)
    assert codes["why"] == 4
    assert desk.run(plan, live).code in (4, 5) or damage is other_json
    assert len(carrier.connects()) == 1 or damage is other_json


def test_a_path_that_cannot_be_a_journal_is_named(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls(*KEYS))
    fifo = desk.folder / "fifo"
    os.mkfifo(fifo)
    for path in (desk.folder / ("x" * 300), desk.folder / ("x" * 252), fifo, desk.folder, desk.journal / "below"):
        for words in (("journal", "create"), ("status",), desk.run_arguments(plan, live)):
            named = [word for word in words if word not in ("--journal", str(desk.journal))]
            done = desk.orchestrate(*named, "--journal", str(path))
            assert done.code == 4, (path, words, done.said)
    assert carrier.connects() == []
    assert [item.name for item in desk.folder.iterdir() if item.name.startswith("x")] == []
