"""What stands behind an edition's calls: the run's policy, its holds, and what became of what was once unknown."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.engine.bench import HUNG, replied
from unit.journal.story import RUN, Story, call

from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.sqlite.journal import FileJournal
from orchestrator.model.background import Background, PastHold
from orchestrator.model.call import Scope
from orchestrator.model.errors import CannotProceed
from orchestrator.model.events import rfc3339
from orchestrator.model.outcome import Disposition
from orchestrator.model.policy import Rate
from orchestrator.model.policy_json import policy_from_json, policy_to_json
from orchestrator.model.record import WHOLE, Part


def background(journal: Path, scope: Scope, part: Part = WHOLE) -> Background:
    with FileJournal(journal).view() as view:
        return view.backgrounds.of(scope, part)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_what_was_once_unknown_is_counted_by_what_it_is_now(path: Path) -> None:
    story = Story(path)
    scope = story.load(RUN, *(call(f"order-{n}", n) for n in range(1, 6))).scope
    story.attempt(scope, "order-1", replied(200, "sid-1"))
    heard = story.attempt(scope, "order-2", HUNG)
    story.attempt(scope, "order-3", HUNG)
    lost = story.attempt(scope, "order-4", None)
    story.give_up(scope)
    assert background(path, scope).once_unknown == {"unknown": 3}
    for n, token in enumerate((heard, lost)):
        story.hear(scope, token, sid=f"sid-1{n}", status="completed", event="terminal")
    assert background(path, scope).once_unknown == {"found by callback": 2, "unknown": 1}
    assert background(path, scope, Part("order-[12]")).once_unknown == {"found by callback": 1}
    assert background(path, scope, Part(dispositions=(Disposition.UNKNOWN,))).once_unknown == {"unknown": 1}


def test_an_attempt_belongs_to_the_edition_that_made_it(path: Path) -> None:
    story = Story(path)
    first = story.load(RUN, call("order-1", 1), call("order-2", 2)).scope
    story.attempt(first, "order-1", replied(200, "sid-1"))
    rising = story.load(replace(RUN, id="20260921T142640m000-bbbb", edition="rising"), call("order-1", 3)).scope
    story.attempt(rising, "order-1", HUNG)
    assert background(path, first).once_unknown == {}
    assert background(path, rising).once_unknown == {"unknown": 1}
    assert (background(path, first).runs, background(path, rising).runs) == (1, 1)


def test_holds_of_the_edition_and_of_the_whole_journal_are_told_from_its_first_run_on(path: Path) -> None:
    story = Story(path)
    early = story.now - 3600
    with closing(connect(path)) as db:
        for kind, plan, began, ended in (("paused", 0, early, early + 60), ("halted", 1, story.now + 5, None)):
            db.execute(
                "INSERT INTO holds (kind, plan, edition, reason, by, began, began_at, ended, ended_at)"
                " VALUES (?, ?, '', 'why', 'asha', ?, ?, ?, ?)",
                (kind, plan, began, rfc3339(began), ended, ended and rfc3339(ended)),
            )
        db.commit()
    scope = story.load(RUN, call("order-1", 1)).scope
    assert background(path, scope).holds == (
        PastHold("halted", "why", "asha", rfc3339(story.now + 4), None, whole=False),
    )


def test_the_policy_is_the_runs_and_one_that_cannot_be_read_is_none(path: Path) -> None:
    story = Story(path)
    scope = story.load(RUN, call("order-1", 1)).scope
    policy = background(path, scope).policy
    assert policy is not None
    assert policy.concurrency == 20
    for damaged in (
        "nonsense",
        '{"pace":{"count":0,"seconds":0}}',
        '{"pace":{"count":5,"seconds":1e300}}',
        '{"pace":{"count":5,"seconds":NaN}}',
    ):
        with closing(connect(path)) as db:
            db.execute("UPDATE runs SET policy = ?", (damaged,))
            db.commit()
        assert background(path, scope).policy is None


def test_what_earlier_editions_say_of_calls_is_read_or_the_journal_is_damaged(path: Path) -> None:
    story = Story(path)
    first = story.load(RUN, call("order-1", 1)).scope
    done = story.attempt(first, "order-1", replied(200, "sid-1"))
    story.hear(first, done, sid="sid-1", status="completed", event="terminal", price="1.20")
    second = story.load(replace(RUN, id="20260921T142640m000-bbbb", edition="rising"), call("order-1", 1)).scope
    with FileJournal(path).view() as view:
        assert view.backgrounds.past_calls(first).count == 0
        assert view.backgrounds.past_calls(second).count == 1
    for change in ("ending = 'x'", "legs = 'x'", "price = 'x'"):
        with closing(connect(path)) as db:
            db.execute(f"UPDATE attempts SET {change}")  # noqa: S608
            db.commit()
        with pytest.raises(CannotProceed, match="damaged"), FileJournal(path).view() as view:
            view.backgrounds.past_calls(second)


def test_another_pace_of_another_run_of_the_edition_is_known(path: Path) -> None:
    story = Story(path)
    first = story.load(RUN, call("order-1", 1)).scope
    same = replace(RUN, id="20260921T142640m000-bbbb", policy='{"concurrency":9.0}')
    story.load(same, call("order-1", 1))
    assert not background(path, first).had_another_pace
    faster = policy_to_json(replace(policy_from_json(RUN.policy), pace=Rate(7, 1.0)))
    last = story.load(replace(RUN, id="20260921T142640m000-cccc", policy=faster), call("order-1", 1)).scope
    assert background(path, first).had_another_pace
    assert background(path, last).had_another_pace
    assert background(path, last).runs == 3
    other = story.load(replace(RUN, id="20260921T142640m000-dddd", edition="2"), call("order-1", 1)).scope
    assert not background(path, other).had_another_pace
