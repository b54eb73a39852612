"""Refused callbacks are warned of once a minute and counted in the journal, however many a stranger sends."""

import asyncio
import contextlib
from pathlib import Path

from orchestrator.app.callbacks import Refusals
from orchestrator.journal.sqlite.connection import Writer
from orchestrator.journal.sqlite.file import connect, create
from orchestrator.journal.views.refusals import refused_callbacks
from orchestrator.model.refusal import Refusal


class Hand:
    """A clock that is set by hand, and what was said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.refusals = Refusals(self.said.append, lambda: self.now)


def test_each_kind_is_warned_of_at_once_and_then_once_a_minute() -> None:
    hand = Hand()
    for second in range(130):
        hand.now = float(second)
        for _ in range(100):
            hand.refusals.note(Refusal.UNKNOWN_TOKEN)
    hand.refusals.note(Refusal.WRONG_PATH)
    counts = [text.partition(" ")[0] for text in hand.said]
    assert counts == ["1", "6,000", "6,000", "1"]
    assert "address that no call of this journal was given" in hand.said[0]
    assert "public_url" in hand.said[3]


def test_the_rest_is_told_at_the_end_and_all_is_counted_in_the_journal(tmp_path: Path) -> None:
    """Twice, as two processes would: the counts add up, in one row, and no event is written."""
    path = tmp_path / "journal.sqlite"
    create(path)

    async def flooded() -> Hand:
        hand, writer = Hand(), Writer(connect(path), path, lambda _events: None)
        async with hand.refusals.kept(writer):
            for why in (*[Refusal.UNREADABLE_BODY] * 5000, Refusal.WRONG_PATH):
                hand.refusals.note(why)
        await writer.close()
        return hand

    for hand in (asyncio.run(flooded()), asyncio.run(flooded())):
        assert [text.partition(" ")[0] for text in hand.said] == ["1", "1", "4,999"]
    with contextlib.closing(connect(path, read_only=True)) as db:
        found = refused_callbacks(db)
        assert found.counts == {Refusal.WRONG_PATH: 2, Refusal.UNREADABLE_BODY: 10000, Refusal.UNKNOWN_TOKEN: 0}
        assert found.last_at is not None
        assert db.execute("SELECT count(*) FROM events").fetchone() == (0,)


def test_what_nobody_refused_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    create(path)

    async def quiet() -> None:
        writer = Writer(connect(path), path, lambda _events: None)
        async with Hand().refusals.kept(writer):
            pass
        await writer.close()

    asyncio.run(quiet())
    with contextlib.closing(connect(path, read_only=True)) as db:
        assert refused_callbacks(db).last_at is None


def test_a_setting_that_was_altered_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    create(path)
    for text in ("", "[]", '{"counts": 1}', '{"counts": {"wrong_path": "x"}, "last_at": 1}', "[" * 9000):
        with contextlib.closing(connect(path)) as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('refused_callbacks', ?)", (text,))
            assert not refused_callbacks(db).counts
