"""What changes from one plan to another as Markdown, for a pull request: the summary, then what a reader folds out."""

from collections.abc import Callable, Iterator, Sequence

from orchestrator.cli.render.changed_settings import changed_settings, differs
from orchestrator.cli.render.diff import with_changes_of_their_own
from orchestrator.cli.render.people import People
from orchestrator.cli.render.rung_again import SettingChange, changed_identity, consequences, counted
from orchestrator.exotel.call_fields import AGENT, PERSON
from orchestrator.model.frozen import frozen
from orchestrator.model.plan_diff import CallDiff, Fate, ManyChange, PlanDiff, PlanSide
from orchestrator.model.review import FieldChange
from orchestrator.plan.sorted_calls import SUPPRESSED
from orchestrator.reports.markdown import Page, code


@frozen
class DiffMarkdown:
    """Writes a diff. No number is in it, even in part, unless `people` shows them."""

    people: People

    def render(self, diff: PlanDiff) -> str:
        """Return the document."""
        ends = (self._digest("old digest", diff.old), self._digest("new digest", diff.new))
        page = Page(f"{''.join(ends)}\n{self.people.note}\n")
        page.add(self._head(diff))
        if not differs(diff):
            page.add("Nothing differs: the same calls under the same policy.\n\n")
            return page.text()
        page.add("".join(f"- {text}\n" for text in consequences(diff)) + "\n")
        self._settings(page, "Who is rung again", list(changed_identity(diff)))
        self._settings(page, "Policy", list(changed_settings(diff)))
        self._many(page, "Defaults and variables", diff.written)
        self._many(page, "In many calls", diff.shared)
        for fate, row in ((Fate.ADDED, self._added), (Fate.REMOVED, self._removed), (Fate.CHANGED, self._changed)):
            self._calls(page, diff, fate, row)
        return page.text()

    def _head(self, diff: PlanDiff) -> str:
        counts, side = diff.counts, diff.new if diff.new.exists else diff.old
        parts = (
            f"{counted(counts.added, 'call')} added",
            f"{counts.removed:,} removed",
            f"{counts.changed:,} changed",
            f"{counts.unchanged:,} unchanged",
        )
        target = diff.new.target
        rings = "**phones ring**" if target.is_live else "no phone rings"
        what = (
            "" if diff.old.exists and diff.new.exists else " - a new plan" if diff.new.exists else " - a removed plan"
        )
        return (
            f"### {self._code(side.name)}: {', '.join(parts)}{what}\n\n"
            f"{self._code(diff.old.file)} → {self._code(diff.new.file)}, target {self._code(target.name)}: {rings}\n\n"
        )

    def _digest(self, name: str, side: PlanSide) -> str:
        return "" if side.digest is None else f"{name} {self._code(side.digest)}<br>\n"

    def _code(self, text: str) -> str:
        return code(self.people.masker.text(text))

    # -- what is shown once ------------------------------------------------------------------------------

    def _settings(self, page: Page, title: str, changes: Sequence[SettingChange]) -> None:
        if changes:
            head = ("setting", "before", "after", "what it means")
            rows = ([self._code(each.name), *self._both(each), "<br>".join(each.meaning)] for each in changes)
            page.table(f"{title}: {len(changes):,}", head, rows, len(changes), unfolded=True)

    def _both(self, change: SettingChange) -> list[str]:
        return ["not set" if text is None else self._code(text) for text in (change.before, change.after)]

    def _many(self, page: Page, title: str, changes: Sequence[ManyChange]) -> None:
        if changes:
            rows = ([*self._field(each.value), "" if each.calls is None else f"{each.calls:,}"] for each in changes)
            page.table(f"{title}: {len(changes):,}", ("parameter", "before", "after", "calls"), rows, len(changes))

    def _field(self, change: FieldChange) -> list[str]:
        return [
            self._code(change.name),
            *(self.people.value(change.name, each) for each in (change.before, change.after)),
        ]

    # -- the calls ---------------------------------------------------------------------------------------

    def _calls(self, page: Page, diff: PlanDiff, fate: Fate, row: Callable[[CallDiff], list[str]]) -> None:
        count, calls = with_changes_of_their_own(diff, fate)
        if count:
            head = ("call", "what changes") if fate is Fate.CHANGED else ("call", "rings first", "then", "")
            page.table(f"Calls {fate.value}: {count:,}", head, map(row, calls), count)
        if fate is Fate.CHANGED and diff.counts.only_shared:
            page.add(f"{counted(diff.counts.only_shared, 'call')} changed only in what is shown above.\n\n")

    def _added(self, call: CallDiff) -> list[str]:
        values = {each.name: each.after for each in call.fields}
        notes = ["the numbers of a removed call"] if call.same_pair else []
        notes += ["suppressed"] if values.get(SUPPRESSED) else []
        return [
            self._code(call.id),
            *(self.people.value(each, values.get(each)) for each in (AGENT, PERSON)),
            ", ".join(notes),
        ]

    def _removed(self, call: CallDiff) -> list[str]:
        values = {each.name: each.before for each in call.fields}
        return [self._code(call.id), *(self.people.value(each, values.get(each)) for each in (AGENT, PERSON)), ""]

    def _changed(self, call: CallDiff) -> list[str]:
        return [self._code(call.id), "<br>".join(self._own(call))]

    def _own(self, call: CallDiff) -> Iterator[str]:
        for change in call.own:
            if change.name == SUPPRESSED:
                yield "now suppressed" if change.after else "no longer suppressed"
            else:
                name, before, after = self._field(change)
                yield f"{name} {before} → {after}"
