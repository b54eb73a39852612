"""A large plan is loaded in many transactions: whatever happens between two of them, nobody is dialed twice or lost."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from unit.engine.bench import replied
from unit.journal.loading import spooled
from unit.journal.story import RUN, Story, call

from orchestrator.journal.control import cancel, resume
from orchestrator.journal.load import Load, Loading, Reload
from orchestrator.journal.queries import Reader
from orchestrator.journal.run import Loaded
from orchestrator.journal.spool import CallSpool
from orchestrator.journal.sqlite.file import connect
from orchestrator.journal.verify.whole import verify
from orchestrator.model.call import ResolvedCall, SkippedRow
from orchestrator.model.errors import Refused, TakenOver
from orchestrator.model.events import EventType
from orchestrator.model.story import Edition

BATCH = 4
LARGE = 2 * BATCH + 3
AGAIN = replace(RUN, id="20260921T142640m000-bbbb")
THIRD = replace(RUN, id="20260921T142640m000-cccc")


LOST = {"since": RUN.at, "by": "me", "because": "lost", "account": "acme1", "plan": "cod", "edition": ""}


def plan(begin: int = 0, end: int = LARGE) -> CallSpool:
    """A plan of some calls, read."""
    return read(*(call(f"order-{n}", n) for n in range(begin, end)))


def read(*items: ResolvedCall | SkippedRow) -> CallSpool:
    return spooled(items, batch=BATCH)


class Batches:
    """Loads one plan, as far as a test wants."""

    def __init__(self, story: Story, journal: Path, loading: Loading) -> None:
        self._story, self._loading = story, loading
        with closing(connect(journal, read_only=True)) as db:
            loading.prepare(Reader(db))

    def step(self) -> Loaded | None:
        """Commit the next batch."""
        self._loading.read_ahead()
        return self._story.do(self._loading.step)

    def to_the_end(self) -> Loaded:
        """Commit all that is left."""
        while (found := self.step()) is None:
            pass
        return found


def rows(journal: Path, query: str) -> list[tuple[object, ...]]:
    with closing(connect(journal, read_only=True)) as db:
        return db.execute(query).fetchall()


@pytest.fixture
def story(journal: Path) -> Story:
    return Story(journal)


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("known", [0, LARGE])
def test_after_a_kill_between_two_batches_the_next_run_loads_all(
    story: Story, journal: Path, batches: int, known: int
) -> None:
    """Of a new plan, and of one whose data changed; the next run's plan lacks some of the calls again."""
    if known:
        Batches(story, journal, Load(replace(RUN, inputs="one"), plan(3, known))).to_the_end()
    killed = Batches(story, journal, Load(replace(AGAIN, inputs="two"), plan()))
    for _ in range(batches):
        assert killed.step() is None
    assert verify(journal).altered == ()
    with closing(connect(journal, read_only=True)) as db:
        for inputs in ("one", "two"):
            assert Reader(db).view.plans.taken_in("acme1", "cod", "", inputs, keep_suppressed=False) is None
    loaded = Batches(story, journal, Load(replace(THIRD, inputs="two"), plan(3))).to_the_end()
    assert (loaded.calls, loaded.to_dial) == (LARGE - 3, LARGE - 3)
    assert verify(journal).altered == ()
    states = "SELECT state, reason, count(*) FROM calls GROUP BY 1, 2 ORDER BY 1"
    assert rows(journal, states) == [("closed", "removed", 3), ("due", None, LARGE - 3)]
    again = Batches(story, journal, Reload(replace(THIRD, id="last", inputs="two"), BATCH)).to_the_end()
    assert (again.calls, again.to_dial) == (LARGE - 3, LARGE - 3)
    assert rows(journal, "SELECT DISTINCT run FROM calls WHERE state = 'due'") == [(again.scope.run,)]
    assert verify(journal).altered == ()


def test_what_rang_before_a_kill_stays_rung(story: Story, journal: Path) -> None:
    first = Batches(story, journal, Load(RUN, plan())).to_the_end().scope
    story.attempt(first, "order-2", replied(200, "sid-2"))
    Batches(story, journal, Load(AGAIN, plan())).step()
    loaded = Batches(story, journal, Load(THIRD, plan())).to_the_end()
    assert loaded.to_dial == LARGE - 1
    assert rows(journal, "SELECT state, rung FROM calls WHERE id = 'order-2'") == [("open", 1)]


def test_from_the_first_batch_on_no_earlier_run_dials_and_of_two_loads_one_ends(story: Story, journal: Path) -> None:
    first = Batches(story, journal, Load(RUN, plan(0, 3))).to_the_end().scope
    second = Batches(story, journal, Load(AGAIN, plan()))
    second.step()
    with pytest.raises(TakenOver):
        story.attempt(first, "order-1", None)
    Batches(story, journal, Load(THIRD, plan())).step()
    with pytest.raises(TakenOver):
        second.step()


def test_a_refused_plan_leaves_nothing_behind_however_late_the_problem_stands(story: Story, journal: Path) -> None:
    first = Batches(story, journal, Load(RUN, plan())).to_the_end().scope
    last = f"order-{LARGE - 1}"
    story.attempt(first, last, replied(200, "sid"))
    before = rows(journal, "SELECT * FROM calls ORDER BY key"), rows(journal, "SELECT * FROM runs")
    changed = read(*(call(f"order-{n}", n) for n in range(1, LARGE - 1)), call(last, 77777))
    with pytest.raises(Refused):
        Batches(story, journal, Load(AGAIN, changed))
    assert (rows(journal, "SELECT * FROM calls ORDER BY key"), rows(journal, "SELECT * FROM runs")) == before


def test_a_call_that_is_rung_between_review_and_load_is_refused_with_other_numbers(story: Story, journal: Path) -> None:
    first = Batches(story, journal, Load(RUN, plan(0, 3))).to_the_end().scope
    batches = Batches(story, journal, Load(AGAIN, read(call("order-1", 77777))))
    story.attempt(first, "order-1", replied(200, "sid"))
    with pytest.raises(Refused):
        batches.step()
    assert rows(journal, "SELECT id FROM runs") == [(RUN.id,)]


def test_what_is_loaded_already_and_what_is_not_yet_are_both_the_plans(story: Story, journal: Path) -> None:
    """A person who settles an attempt meanwhile has its call put back, not dropped."""
    first = Batches(story, journal, Load(RUN, plan())).to_the_end().scope
    early, late = "order-1", f"order-{LARGE - 1}"
    for id_ in (early, late):
        story.attempt(first, id_, None)
    Batches(story, journal, Load(AGAIN, plan())).step()
    with closing(connect(journal, read_only=True)) as db:
        reader = Reader(db)
        attempts = {attempt.call_id: attempt for attempt in reader.open_attempts(first)}
        assert attempts.keys() == {early, late}
        assert all(map(reader.view.attempts.is_held_by_plan, attempts.values()))


def test_a_row_and_its_call_may_come_in_different_batches(story: Story, journal: Path) -> None:
    others = [call(f"order-{n}", n) for n in range(BATCH)]
    listed: list[ResolvedCall | SkippedRow] = [SkippedRow("late", "d.csv:2"), call("early", 77777), *others]
    listed += [SkippedRow("early", "d.csv:9001"), call("late", 77778)]
    loaded = Batches(story, journal, Load(RUN, read(*listed))).to_the_end()
    assert (loaded.calls, loaded.to_dial) == (len(others) + 3, len(others) + 2)
    states = "SELECT id, state, reason FROM calls WHERE id NOT LIKE 'order-%' ORDER BY id"
    assert rows(journal, states) == [
        ("d.csv:9001", "closed", "bad row"),
        ("early", "due", None),
        ("late", "due", None),
    ]
    assert verify(journal).altered == ()


def test_a_load_that_was_broken_off_does_not_answer_for_a_loss(story: Story, journal: Path) -> None:
    """Whoever may have been dialed in a lost part of the journal is unknown to the run that loads all."""
    listed = plan(0, BATCH + 1)
    story.do(lambda tx: tx.append(EventType.JOURNAL_LOSS_ACCEPTED, RUN.at, "", data=LOST))
    assert Batches(story, journal, Load(RUN, listed)).step() is None
    loaded = Batches(story, journal, Load(AGAIN, listed)).to_the_end()
    assert (loaded.calls, loaded.to_dial) == (listed.count, 0)
    assert rows(journal, "SELECT disposition, count(*) FROM calls GROUP BY 1") == [("unknown", listed.count)]


def test_a_redial_that_is_resumed_meanwhile_is_due_whether_it_is_loaded_already_or_not(
    story: Story, journal: Path
) -> None:
    first = Batches(story, journal, Load(RUN, plan())).to_the_end().scope
    early, late = "order-1", "order-9"
    for id_ in (early, late):
        token = story.attempt(first, id_, replied(200, id_))
        story.hear(first, token, sid=id_, status="busy", event="terminal")
    for (key,) in rows(journal, "SELECT key FROM calls WHERE disposition = 'busy'"):
        story.do(lambda tx, key=key: tx.put_back(key, story.now + 90.0, "redial after busy"))  # type: ignore[misc]
    edition = Edition(first.plan, "cod", "", RUN.id)
    assert story.do(lambda tx: cancel(tx, edition, None, "me", story.now)) == LARGE
    Batches(story, journal, Load(AGAIN, plan())).step()
    story.do(lambda tx: resume(tx, edition, None, "me", story.now))
    states = dict(rows(journal, "SELECT id, state FROM calls"))
    assert (states[early], states[late]) == ("due", "due")
