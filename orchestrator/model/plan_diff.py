"""What changes from one plan to another, as a value: for text, JSON and Markdown alike."""

from collections.abc import Iterable
from dataclasses import field
from enum import StrEnum

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.frozen import frozen
from orchestrator.model.policy import Policy
from orchestrator.model.review import FieldChange
from orchestrator.model.target import Target


class Fate(StrEnum):
    """What became of something that has a name in both plans, or in one of them."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class ManyChange:
    """One change that many calls have in common, shown once. `calls` None: nobody counts how many it touches."""

    value: FieldChange
    calls: int | None


@frozen
class CallDiff:
    """What became of one call. `fields` are those that differ: all of them where the call was added or removed.

    `shared` are those of them that are shown once for many calls. `same_pair`: an added call that rings the numbers of
    a removed one.
    """

    fate: Fate
    id: str
    fields: tuple[FieldChange, ...]
    shared: tuple[FieldChange, ...] = ()
    same_pair: bool = False

    @property
    def own(self) -> tuple[FieldChange, ...]:
        """The fields that are not shown once for many calls."""
        return tuple(each for each in self.fields if each not in self.shared)


@frozen
class CallCounts:
    """How many calls became what.

    `only_shared`: changed in nothing but what is shown once for many. `other_numbers`: ring somebody else under the
    same id. `same_pairs`: added, and ring the numbers of a removed one.
    """

    added: int = 0
    removed: int = 0
    changed: int = 0
    unchanged: int = 0
    only_shared: int = 0
    other_numbers: int = 0
    same_pairs: int = 0

    @property
    def all_changed(self) -> int:
        """How many are not the same."""
        return self.added + self.removed + self.changed


@frozen
class ListedNumbers:
    """A list that a plan names, how many numbers it has, and what tells apart two lists of as many numbers."""

    name: str
    count: int
    content: int


@frozen
class PlanSide:
    """One of the two plans, on its target. `file` is as people name it.

    `exists` False: there is no such plan on this side, and nothing else means anything. `account` None: it is not
    known. `left_out` counts rows that `bad: skip` leaves out.
    """

    file: str
    target: Target
    exists: bool = True
    name: str = ""
    edition: str = ""
    account: str | None = None
    digest: str | None = None
    calls: int = 0
    left_out: int = 0
    purpose: str | None = None
    numbers: str = "as-typed"
    policy: Policy = field(default_factory=Policy)
    lists: tuple[ListedNumbers, ...] = ()


@frozen
class PlanDiff:
    """What changes from `old` to `new`.

    `written` are changes in the plan's `vars` and `defaults`, as they are written there, `shared` others that calls
    have in common. `calls` are in the order of their ids, may be iterated again, and stream. `moved`: the plan stood
    elsewhere. `reordered`: both plans have the same ids, and in another order. `findings` are what people should know
    of how the plans were read, `read` the files that were.
    """

    old: PlanSide
    new: PlanSide
    written: tuple[ManyChange, ...]
    shared: tuple[ManyChange, ...]
    counts: CallCounts
    calls: Iterable[CallDiff]
    moved: bool = False
    reordered: bool = False
    findings: tuple[Diagnostic, ...] = ()
    read: tuple[str, ...] = ()

    @property
    def is_same_edition(self) -> bool:
        """Whether a journal knows calls of the old plan again in the new one."""
        old, new = self.old, self.new
        return (old.name, old.edition, old.account) == (new.name, new.edition, new.account)
