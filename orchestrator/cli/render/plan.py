"""A plan under review as text, for people: what it is, what changes, when it would be over, and the digest."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import click

from orchestrator.cli.render.names import named
from orchestrator.cli.render.plan_estimate import estimate_lines, once
from orchestrator.cli.render.plan_header import WORDS_OF_OTHERS, epoch, header, moment, where
from orchestrator.cli.render.wrapping import wrapped
from orchestrator.exotel.masking import Masker
from orchestrator.exotel.parameters import parameter_of
from orchestrator.model.frozen import frozen
from orchestrator.model.review import (
    STATE_WORDS,
    CallState,
    Change,
    ChangeGroup,
    FieldChange,
    FieldValue,
    PlannedCall,
    PlannedRequest,
    PlanView,
)
from orchestrator.phone.safe_text import cells, visible
from orchestrator.progress.times import LocalTimes, duration_in_words

MOST_LISTED = 50
"""Calls up to which every one that changes is listed: three screens, with the figures still in sight."""
SAMPLED = 10
"""Calls of each group that are listed where they are more."""
MOST_NAMES = 24
"""Columns of an id; a longer one moves what follows."""
WIDE = 80
"""Columns from which on there is room for them."""
UNBOUNDED = 10_000
"""Columns where nothing is broken."""

MARKS = {
    Change.DIAL: ("+", "green"),
    Change.CHANGED: ("~", "yellow"),
    Change.REFUSED: ("!", "red"),
    Change.CLOSED: ("x", "magenta"),
    Change.REMOVED: ("-", "red"),
    Change.GOES_ON: (">", "cyan"),
    Change.FINISHED: (" ", None),
}
CHANGE_WORDS = {
    Change.DIAL: "to dial",
    Change.CHANGED: "to dial with a changed request",
    Change.REFUSED: "refused",
    Change.CLOSED: "closed",
    Change.REMOVED: "removed",
    Change.GOES_ON: "under way",
    Change.FINISHED: "finished",
}
LEGEND = {
    Change.DIAL: "to dial",
    Change.CHANGED: "changed request",
    Change.REFUSED: "refused",
    Change.CLOSED: "closed",
    Change.REMOVED: "removed",
    Change.GOES_ON: "under way",
}


@frozen
class PlanText:
    """Writes a review as text. `requests` shows each connect request, `origin` who decided each field.

    `every` lists every call, `width` is the terminal's.
    """

    masker: Masker
    colour: bool = False
    requests: bool = False
    origin: bool = False
    every: bool = False
    width: int = UNBOUNDED

    def render(self, view: PlanView) -> Iterator[str]:
        """Yield the text: the plan, what changes, the figures, the digest."""
        title = f"{named(view.name, view.edition, self.masker)}, to {self.masker.shown(where(view))}"
        yield from self._wrapped(title, "", bold=self.masker.shown(view.name))
        yield from self._lines(header(view))
        yield "\n"
        yield from self._groups(view)
        yield from self._people(view)
        yield from self._figures(view)
        yield from self._estimate(view)
        if view.unlisted:
            words = "; ".join(self.masker.shown(item) for item in view.unlisted)
            yield from self._wrapped(f"unlisted: {words} (admitted by the target's `accept`)", "  ")
        yield f"digest {self._bold(visible(view.digest))}\n"

    def _lines(self, lines: Iterable[tuple[str, str]]) -> Iterator[str]:
        for name, text in lines:
            shown = self.masker.shown(text) if name in WORDS_OF_OTHERS else visible(text)
            yield from self._wrapped(f"  {name:9} {shown}", " " * 12)

    def _bold(self, text: str) -> str:
        return click.style(text, bold=True) if self.colour else text

    def _wrapped(self, text: str, indent: str, *, bold: str = "", tint: str | None = None) -> Iterator[str]:
        """Yield a text in lines of the terminal, those after the first one indented."""
        for number, line in enumerate(wrapped(text, self.width, indent)):
            shown = line.replace(visible(bold), self._bold(visible(bold)), 1) if bold and not number else line
            yield (click.style(shown, fg=tint) if self.colour and tint else shown) + "\n"

    # -- the calls ---------------------------------------------------------------------------------------

    def _groups(self, view: PlanView) -> Iterator[str]:
        listed = [group for group in view.groups if group.change is not Change.FINISHED or self.every]
        counted = [group for group in view.groups if group not in listed]
        marks = [f"{MARKS[group.change][0]} {LEGEND[group.change]}" for group in listed if group.change in LEGEND]
        if marks:
            yield from self._wrapped(f"  {'   '.join(marks)}", "  ")
        if view.edits:
            yield from self._wrapped("changed in several calls", "  ", bold="changed in several calls")
            yield from self._edits(view)
        is_short = sum(group.count for group in listed) <= MOST_LISTED
        for group in listed:
            yield from self._group(view, group, MOST_LISTED if is_short else SAMPLED)
        for group in counted:
            because = self._reasons(group.reasons, "")
            yield from self._wrapped(f"{group.count:,} finished: {because} (--all lists them)", "  ")
        if view.groups:
            yield "\n"

    def _group(self, view: PlanView, group: ChangeGroup, most: int) -> Iterator[str]:
        heading = f"{group.count:,} {CHANGE_WORDS[group.change]}"
        yield from self._wrapped(heading, "  ", bold=heading)
        sample = group.sample[:most]
        for call in self._all_of(view, group) if self.every else sample:
            yield from self._call(view, call)
        if group.count > len(sample) and not self.every:
            left = Counter(group.reasons)
            left.subtract(call.why if call.why in left else next(reversed(left)) for call in sample)
            words = self._reasons(+left, "at once" if group.change is Change.DIAL else "")
            more = f"... and {group.count - len(sample):,} more{f': {words}' if words else ''} (--all lists them)"
            yield from self._wrapped(f"  {more}", "    ")

    @staticmethod
    def _all_of(view: PlanView, group: ChangeGroup) -> Iterable[PlannedCall]:
        if group.count <= len(group.sample):
            return group.sample
        if group.change is Change.REMOVED:
            return view.removed
        return (call for call in view.calls if call.change is group.change)

    def _reasons(self, reasons: Mapping[str, int], at_once: str) -> str:
        waits = "wait for " if at_once else ""
        found = [(count, f"{waits}{self.masker.shown(why)}" if why else at_once) for why, count in reasons.items()]
        return ", ".join(f"{count:,} {why}" for count, why in found if why)

    def _call(self, view: PlanView, call: PlannedCall) -> Iterator[str]:
        mark, tint = MARKS[call.change]
        show = self.masker
        name = show.shown(call.id)
        padded = name + " " * max(0, self._names(view) - cells(name))
        rings = f"rings {visible(show.number(call.from_number))} then {visible(show.number(call.to_number))}"
        if not call.to_number:  # a bad row
            rings = "is left out"
        elif call.change in (Change.CLOSED, Change.REMOVED, Change.REFUSED):
            rings = f"to {visible(show.number(call.to_number))}"
        why = self._why(view, call)
        yield from self._wrapped(f"{mark} {padded} {rings}{f' ({why})' if why else ''}", "    ", tint=tint)
        for change in call.changes if call.change is Change.CHANGED else ():
            if not any(edit.change == change for edit in view.edits):
                yield from self._wrapped(f"    {self._edit(change)}", "      ")
        if self.requests and call.request.url:
            yield from self._request(call.request)

    def _names(self, view: PlanView) -> int:
        """Return the columns of the ids: on a narrow screen as few as those that are listed need."""
        if self.width >= WIDE:
            return MOST_NAMES
        names = (cells(self.masker.shown(call.id)) for group in view.groups for call in group.sample)
        return min(MOST_NAMES, max(names, default=0))

    def _why(self, view: PlanView, call: PlannedCall) -> str:
        if call.not_before is not None and call.not_before == view.opens_at:
            return ""  # said once for the plan
        if call.not_before is not None:
            when = LocalTimes(view.zone).at(epoch(call.not_before), view.moment)
            return f"not before {when} because of {self.masker.shown(call.reason or '')}"
        return self.masker.shown(call.why)

    def _edits(self, view: PlanView) -> Iterator[str]:
        """Yield what changed in several calls, once."""
        for edit in view.edits:
            parts = [f"{edit.to_dial:,} to dial"] if edit.to_dial else []
            parts += [f"{edit.called:,} already called, and not sent again"] if edit.called else []
            line = f"~ {self._edit(edit.change)} ({', '.join(parts)})"
            yield from self._wrapped(line, "    ", tint=MARKS[Change.CHANGED][1])

    def _edit(self, change: FieldChange) -> str:
        before, after = (self._value(change.name, value) for value in (change.before, change.after))
        return f"{visible(change.name)}: {before} -> {after}"

    def _value(self, name: str, value: FieldValue) -> str:
        if value is None:
            return "not set"
        texts = (value,) if isinstance(value, str) else value
        return visible(", ".join(self.masker.parameter(name, text) for text in texts))

    def _request(self, request: PlannedRequest) -> Iterator[str]:
        yield f"    {request.method} {self.masker.shown(request.url)}\n"
        kind = "application/x-www-form-urlencoded" if request.encoding == "urlencoded" else "multipart/form-data"
        yield f"    Content-Type: {kind}\n"
        for name, plain in request.pairs:
            of, value = parameter_of(name), self.masker.field(name, plain)
            origin = request.origins.get(of) if self.origin else None
            mark = "   (unlisted)" if {of, f"{of}: {value}"} & {*request.unlisted} else ""
            yield f"      {visible(name)}={visible(value)}{mark}{f'   <- {visible(origin)}' if origin else ''}\n"
        yield "\n"

    # -- what they add up to -----------------------------------------------------------------------------

    def _people(self, view: PlanView) -> Iterator[str]:
        if not view.people:
            return
        yield "Rung by several calls:\n"
        for person in view.people:
            more = person.count - len(person.calls)
            calls = ", ".join(map(self.masker.shown, person.calls)) + (f" and {more:,} more" if more else "")
            yield from self._wrapped(f"  {visible(self.masker.number(person.number))}: {calls}", "    ")
        if view.more_repeats:
            yield f"  ... and {view.more_repeats:,} more calls to other people who are rung before\n"
        yield "\n"

    def _figures(self, view: PlanView) -> Iterator[str]:
        calls = view.totals.get("calls", 0)
        parts = [
            f"{view.totals[state.value]:,} {STATE_WORDS[state]}"
            for state in CallState
            if state is not CallState.REMOVED and view.totals.get(state.value)
        ]
        gone = view.totals.get("removed", 0)
        beside = f" {gone:,} no longer in the plan." if gone else ""
        total = f"{calls:,} call{'' if calls == 1 else 's'}: {', '.join(parts) or 'none'}.{beside}"
        yield from self._wrapped(total, "  ")
        if view.opens_at is not None:
            then, why = moment(view, epoch(view.opens_at)), self.masker.shown(view.opens_why or "")
            at = f"at {moment(view, view.moment)}" if view.at else "now"
            yield from self._wrapped(f"Nothing starts {at}: not before {then} because of {why}.", "  ")
        if view.held is not None:
            ways = " and ".join(f"`{visible(way)}`" for way in view.lifted_by)
            held = f"Nothing starts at all: {self.masker.shown(view.held)}; lifted by {ways}."
            yield from self._wrapped(held, "  ")

    def _estimate(self, view: PlanView) -> Iterator[str]:
        lines = list(estimate_lines(view))
        if lines:
            words = f"estimate{once(view)} (--assume answer=45%,talk=60s changes what it assumes)"
            yield from self._wrapped(words, "  ", bold="estimate")
            yield from self._lines(lines)
        elif view.least_seconds:
            least = f"Starting them takes at least {duration_in_words(view.least_seconds)} at the plan's pace."
            yield from self._wrapped(least, "  ")
