"""What changes from one plan to another as text, for people: whom it rings first, then what is dialed otherwise."""

from collections.abc import Iterable, Iterator
from itertools import islice

import click

from orchestrator.cli.render.changed_settings import changed_settings, differs
from orchestrator.cli.render.people import is_number
from orchestrator.cli.render.plan import UNBOUNDED
from orchestrator.cli.render.rung_again import SettingChange, changed_identity, consequences, counted
from orchestrator.cli.render.wrapping import wrapped
from orchestrator.exotel.call_fields import AGENT, PERSON
from orchestrator.exotel.masking import Masker
from orchestrator.model.frozen import frozen
from orchestrator.model.plan_diff import CallDiff, Fate, ManyChange, PlanDiff, PlanSide
from orchestrator.model.review import FieldChange, FieldValue
from orchestrator.phone.pseudonyms import Pseudonyms
from orchestrator.phone.safe_text import visible
from orchestrator.plan.sorted_calls import SUPPRESSED

MOST_LISTED = 20
"""Calls that are listed of those added, of those removed and of those changed, unless every one is asked for."""

MARKS = {Fate.ADDED: ("+", "green"), Fate.REMOVED: ("-", "red"), Fate.CHANGED: ("~", "yellow")}


def with_changes_of_their_own(diff: PlanDiff, fate: Fate) -> tuple[int, Iterable[CallDiff]]:
    """Return how many calls became this, and a stream of them: those with nothing but what is shown once left out."""
    counts = {
        Fate.ADDED: diff.counts.added,
        Fate.REMOVED: diff.counts.removed,
        Fate.CHANGED: diff.counts.changed - diff.counts.only_shared,
    }
    return counts[fate], (call for call in diff.calls if call.fate is fate and (fate is not Fate.CHANGED or call.own))


@frozen
class DiffText:
    """Writes a diff as text. `every` lists all calls, `width` is the terminal's.

    `labels` stand beside masked numbers, so that one person in two rows is seen as one.
    """

    masker: Masker
    labels: Pseudonyms
    colour: bool = False
    every: bool = False
    width: int = UNBOUNDED

    def render(self, diff: PlanDiff) -> Iterator[str]:
        """Yield the text."""
        old, new = (self.masker.shown(side.file) for side in (diff.old, diff.new))
        yield from self._wrapped(f"{self._name(diff)}: {old} -> {new}", "  ")
        target = diff.new.target
        rings = "PHONES RING" if target.is_live else "no phone rings"
        yield from self._wrapped(f"target {self.masker.shown(target.name)}: {rings}", "  ")
        if not differs(diff):
            yield "\nNothing differs: the same calls under the same policy.\n"
            yield from self._digest("digest", diff.new)
            return
        yield from self._summary(diff)
        yield from self._settings("who is rung again", changed_identity(diff))
        yield from self._settings("policy", changed_settings(diff))
        yield from self._many("defaults and variables", diff.written)
        yield from self._many("in many calls", diff.shared)
        for fate in Fate:
            yield from self._calls(diff, fate)
        yield "\n"
        yield from self._about_labels()
        yield from self._digest("old digest", diff.old)
        yield from self._digest("new digest", diff.new)

    def _name(self, diff: PlanDiff) -> str:
        side = diff.new if diff.new.exists else diff.old
        return self.masker.shown(side.name)

    def _digest(self, name: str, side: PlanSide) -> Iterator[str]:
        if side.digest is not None:
            yield f"{name} {visible(side.digest)}\n"

    def _about_labels(self) -> Iterator[str]:
        label = self.labels.an_example
        if label is not None:
            key = "this key" if self.labels.lasting else "a secret ORCHESTRATE_PSEUDONYM_KEY"
            elsewhere = f"with {key} that number's label begins alike in every output"
            yield from self._wrapped(
                f"A label such as ({label}) stands for one number in this output; {elsewhere}.", "  "
            )

    def _summary(self, diff: PlanDiff) -> Iterator[str]:
        counts = diff.counts
        if not diff.old.exists:
            yield "the plan is new\n"
        elif not diff.new.exists:
            yield "the plan is removed: a run would not find it\n"
        parts = (
            f"{counted(counts.added, 'call')} added",
            f"{counts.removed:,} removed",
            f"{counts.changed:,} changed",
            f"{counts.unchanged:,} unchanged",
        )
        yield from self._wrapped(", ".join(parts), "  ", bold=True)
        for text in consequences(diff):
            yield from self._wrapped(f"! {text}", "  ", tint="yellow")

    # -- what is shown once ------------------------------------------------------------------------------

    def _settings(self, title: str, changes: Iterator[SettingChange]) -> Iterator[str]:
        for number, change in enumerate(changes):
            if not number:
                yield f"\n{self._bold(title)}\n"
            before, after = (
                None if text is None else self.masker.shown(text) for text in (change.before, change.after)
            )
            fate = Fate.ADDED if before is None else Fate.REMOVED if after is None else Fate.CHANGED
            yield from self._line(fate, f"{self.masker.shown(change.name)}  {_arrow(before, after)}")
            for text in change.meaning:
                yield from self._wrapped(f"    {self.masker.shown(text)}", "    ")

    def _many(self, title: str, changes: tuple[ManyChange, ...]) -> Iterator[str]:
        if changes:
            yield f"\n{self._bold(title)}\n"
        for many in islice(changes, None if self.every else MOST_LISTED):
            calls = "" if many.calls is None else f", in {counted(many.calls, 'call')}"
            yield from self._line(self._fate(many.value), f"{self._field(many.value)}{calls}")
        yield from self._more(len(changes))

    @staticmethod
    def _fate(change: FieldChange) -> Fate:
        return Fate.ADDED if change.before is None else Fate.REMOVED if change.after is None else Fate.CHANGED

    # -- the calls ---------------------------------------------------------------------------------------

    def _calls(self, diff: PlanDiff, fate: Fate) -> Iterator[str]:
        count, calls = with_changes_of_their_own(diff, fate)
        only_shared = diff.counts.only_shared if fate is Fate.CHANGED else 0
        if count or only_shared:
            yield f"\n{self._bold(f'calls {fate.value}')}\n"
        for call in islice(calls, count if self.every else min(count, MOST_LISTED)):
            yield from self._call(call)
        yield from self._more(count)
        if only_shared:
            yield from self._wrapped(f"  {counted(only_shared, 'call')} changed only in what is shown above", "    ")

    def _more(self, count: int) -> Iterator[str]:
        if count > MOST_LISTED and not self.every:
            yield f"  ... and {count - MOST_LISTED:,} more (--all lists them)\n"

    def _call(self, call: CallDiff) -> Iterator[str]:
        name = self.masker.shown(call.id)
        if call.fate is Fate.CHANGED:
            yield from self._line(call.fate, f"{name}  {'; '.join(map(self._field, call.own))}")
            return
        is_added = call.fate is Fate.ADDED
        values = {each.name: each.after if is_added else each.before for each in call.fields}
        first = f"{self._value(AGENT, values[AGENT])} then " if is_added and values.get(AGENT) else ""
        person = self._value(PERSON, values.get(PERSON))
        known = ", the numbers of a removed call" if call.same_pair else ""
        kept = ", suppressed" if values.get(SUPPRESSED) else ""
        yield from self._line(call.fate, f"{name}  {'rings' if is_added else 'to'} {first}{person}{known}{kept}")

    def _field(self, change: FieldChange) -> str:
        if change.name == SUPPRESSED:
            return "now suppressed" if change.after else "no longer suppressed"
        before, after = (self._value(change.name, value) or "not set" for value in (change.before, change.after))
        return f"{self.masker.shown(change.name)}: {before} -> {after}"

    def _value(self, name: str, value: FieldValue) -> str | None:
        """Show a value, a number with its label; None where it is not set."""
        if value is None:
            return None
        if isinstance(value, tuple):
            return self.masker.shown(", ".join(value))
        if not is_number(name) or "${" in value:
            return self.masker.shown(value)
        return f"{visible(self.masker.number(value))} ({self.labels.short(value)})"

    # -- lines -------------------------------------------------------------------------------------------

    def _bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.colour else text

    def _line(self, fate: Fate, text: str) -> Iterator[str]:
        mark, tint = MARKS[fate]
        yield from self._wrapped(f"{mark} {text}", "    ", tint=tint)

    def _wrapped(self, text: str, indent: str, *, tint: str | None = None, bold: bool = False) -> Iterator[str]:
        """Yield a text in lines of the terminal, those after the first one indented."""
        for line in wrapped(text, self.width, indent):
            yield (click.style(line, fg=tint, bold=bold or None) if self.colour and (tint or bold) else line) + "\n"


def _arrow(before: str | None, after: str | None) -> str:
    """Return `600 -> 900`; for what is set in one plan only, that."""
    if before is None:
        return f"{after}"
    return f"{before} -> not set" if after is None else f"{before} -> {after}"
