"""A plan under review, and what changes from one to another, as Markdown: the summary, then what a reader folds out.

It is for a comment on a pull request, where strangers may read it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from orchestrator.cli.render.changed_settings import changed_settings, differs
from orchestrator.cli.render.diff import with_changes_of_their_own
from orchestrator.cli.render.findings import place, waiver_of
from orchestrator.cli.render.people import People
from orchestrator.cli.render.plan import CHANGE_WORDS
from orchestrator.cli.render.plan_estimate import estimate_lines, once
from orchestrator.cli.render.plan_header import epoch, header, moment
from orchestrator.cli.render.rung_again import SettingChange, changed_identity, consequences, counted
from orchestrator.exotel.call_fields import AGENT, PERSON
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.frozen import frozen
from orchestrator.model.plan_diff import CallDiff, Fate, ManyChange, PlanDiff, PlanSide
from orchestrator.model.review import Change, FieldChange, PlannedCall, PlanView, SharedPerson
from orchestrator.plan.sorted_calls import SUPPRESSED
from orchestrator.reports.markdown import Page, code

LONGEST_LINE = 1_000
"""Characters of one line on how the plan is dialed: its windows and lists may be many."""


@frozen
class PlanMarkdown:
    """Writes a review. No number is in it, even in part, unless `people` shows them."""

    people: People

    def render(self, view: PlanView) -> str:
        """Return the document."""
        page = Page(f"digest {self._code(view.digest)}\n\n{self.people.note}\n")
        page.add(self._head(view))
        page.add("".join(f"- {line}\n" for line in self._obstacles(view)) + "\n")
        self._lines(page, f"Estimate{once(view)}", list(estimate_lines(view)), unfolded=True)
        self._lines(page, "How it is dialed", list(header(replace(view, journal=_name_of(view.journal)))))
        if view.edits:
            rows = ([*self._edit(each.change), f"{each.to_dial:,}", f"{each.called:,}"] for each in view.edits)
            columns = ("parameter", "before", "after", "to dial", "already called, not sent again")
            page.table("Changed in several calls", columns, rows, len(view.edits))
        for group in view.groups:
            if group.change is not Change.FINISHED:
                rows = (self._call(view, call) for call in group.sample)
                title = f"{group.count:,} {CHANGE_WORDS[group.change]}"
                page.table(title, ("call", "rings first", "then", "why"), rows, group.count)
        self._shared(page, view)
        if view.findings:
            found = (self._finding(view, each) for each in view.findings)
            page.table(f"Findings: {len(view.findings):,}", ("finding", "where", "what"), found, len(view.findings))
        return page.text()

    def _code(self, text: str) -> str:
        return code(self.people.masker.text(text))

    def _head(self, view: PlanView) -> str:
        edition = f", edition {self._code(view.edition)}" if view.edition else ""
        rings = "no phone rings" if view.sandbox else "**phones ring**"
        groups = ", ".join(f"{group.count:,} {CHANGE_WORDS[group.change]}" for group in view.groups)
        calls = view.totals.get("calls", 0)
        return (
            f"### {self._code(view.name)}{edition}: {groups or 'no calls'}\n\n"
            f"{calls:,} call{'' if calls == 1 else 's'}, target {self._code(view.target)}: {rings}\n\n"
        )

    def _obstacles(self, view: PlanView) -> Iterator[str]:
        """Yield what keeps all calls from starting, and what only this target knows."""
        if view.opens_at is not None:
            at = f"at {self._code(moment(view, view.moment))}" if view.at else "now"
            then = moment(view, epoch(view.opens_at))
            why = self._code(view.opens_why or "")
            yield f"Nothing starts {at}: not before {self._code(then)} because of {why}"
        if view.held is not None:
            ways = " and ".join(map(self._code, view.lifted_by))
            yield f"Nothing starts at all: {self._code(view.held)}; lifted by {ways}"
        if view.unlisted:
            yield f"Admitted by the target's `accept`: {self._code('; '.join(view.unlisted))}"

    def _lines(self, page: Page, title: str, lines: list[tuple[str, str]], *, unfolded: bool = False) -> None:
        if lines:
            rows = ([name, code(self.people.masker.text(text), LONGEST_LINE)] for name, text in lines)
            page.table(title, ("", ""), rows, len(lines), unfolded=unfolded)

    def _edit(self, change: FieldChange) -> list[str]:
        values = (self.people.value(change.name, each) for each in (change.before, change.after))
        return [self._code(change.name), *values]

    def _call(self, view: PlanView, call: PlannedCall) -> list[str]:
        numbers = [self.people.person(each) if each else "" for each in (call.from_number, call.to_number)]
        return [self._code(call.id), *numbers, "<br>".join(self._why(view, call))]

    def _why(self, view: PlanView, call: PlannedCall) -> Iterator[str]:
        if call.not_before is not None and call.not_before == view.opens_at:
            pass  # said once for the plan
        elif call.not_before is not None:
            then = moment(view, epoch(call.not_before))
            yield f"not before {self._code(then)} because of {self._code(call.reason or '')}"
        elif call.why:
            yield self._code(call.why)
        edits = [edit.change for edit in view.edits]
        for change in call.changes if call.change is Change.CHANGED else ():
            if change not in edits:
                name, before, after = self._edit(change)
                yield f"{name} {before} → {after}"

    def _shared(self, page: Page, view: PlanView) -> None:
        if view.people:
            more = f", and {view.more_repeats:,} more calls to others" if view.more_repeats else ""
            rows = map(self._person, view.people)
            page.table(f"People rung by several calls{more}", ("person", "calls"), rows, len(view.people))

    def _person(self, one: SharedPerson) -> list[str]:
        more = one.count - len(one.calls)
        calls = " ".join(map(self._code, one.calls)) + (f" and {more:,} more" if more else "")
        return [self.people.person(one.number), calls]

    def _finding(self, view: PlanView, finding: Diagnostic) -> list[str]:
        where = self._code(place(finding.spans[0])) if finding.spans else ""
        message = self.people.masker.message(finding)
        if view.journal is not None:
            message = message.replace(view.journal, _name_of(view.journal) or "")
        # What is quoted stands in a span of code already, which a backtick would end.
        what, waiver = code(message.replace("`", "'")), waiver_of(finding, self.people.masker)
        if waiver is not None:
            what = f"{what}<br>{code(waiver)}"
        return [f"{finding.standing} {code(finding.id)}", where, what]


def _name_of(journal: str | None) -> str | None:
    """Return a journal's own name: strangers may read this, and need not know where a machine keeps it."""
    return None if journal is None else PurePath(journal).name


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
