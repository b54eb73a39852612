"""Who is rung again after a change: a plan's identity in a journal, and what other numbers and ids lead to."""

from collections.abc import Iterator

from orchestrator.model.frozen import frozen
from orchestrator.model.plan_diff import PlanDiff


@frozen
class SettingChange:
    """A setting before and after, in words, None where it is not set; and what the change means."""

    name: str
    before: str | None
    after: str | None
    meaning: tuple[str, ...] = ()


def changed_identity(diff: PlanDiff) -> Iterator[SettingChange]:
    """Yield what decides by which calls a journal knows the plan again: where it changes, people are rung again."""
    old, new = diff.old, diff.new
    if not old.exists or not new.exists:
        return
    calls = counted(new.calls, "call")
    if old.name != new.name:
        meaning = f"to a journal this is another plan: all of its {calls} would be dialed, whoever the old one has rung"
        yield SettingChange("name", old.name, new.name, (meaning,))
    if old.edition != new.edition:
        again = f"another edition dials its {calls} again, on purpose, whoever the old one has rung"
        closed = "the run of a newer edition closes what the older one has not dialed yet (superseded)"
        yield SettingChange("edition", old.edition or None, new.edition or None, (again, closed))
    if old.account != new.account:
        meaning = f"on another account nobody was rung yet: all {calls} would be dialed"
        yield SettingChange("account", old.account, new.account, (meaning,))
    if diff.moved:
        meaning = "a journal that knows the plan by its old place wants `run --moved`"
        yield SettingChange("file", old.file, new.file, (meaning,))


def consequences(diff: PlanDiff) -> Iterator[str]:
    """Say what the changed calls mean for who is rung: in another edition nothing of the old one counts."""
    counts = diff.counts
    if diff.reordered:
        stages = ", and who is in the first stages" if diff.new.policy.stages else ""
        yield f"the calls come in another order: who is rung first is another{stages}"
    if not diff.old.exists or not diff.new.exists or not diff.is_same_edition:
        return
    if counts.other_numbers:
        ring = "rings" if counts.other_numbers == 1 else "ring"
        yield (
            f"{counted(counts.other_numbers, 'call')} {ring} other numbers under the same id: where one of them may"
            " have rung in this edition, `run` refuses the plan (3)"
        )
    if counts.same_pairs:
        rings = "rings" if counts.same_pairs == 1 else "ring"
        yield (
            f"{counted(counts.same_pairs, 'added call')} {rings} the numbers of a removed one: where that may have rung"
            " in this edition, `run` leaves it out (id changed) unless --new-ids is given"
        )
    if counts.removed:
        yield "a removed call is not dialed any more; one that rang before keeps its place in the journal"


def counted(number: int, word: str) -> str:
    """Return `1 call` or `2,000 calls`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
