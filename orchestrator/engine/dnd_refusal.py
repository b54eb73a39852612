"""What `policy.dnd: refuse` tells people: each call to a do-not-disturb number, at its place."""

from collections.abc import Sequence

from orchestrator.model.diagnostic import Diagnostic, Span, error


def refusal(count: int, shown: Sequence[tuple[str, str | None]]) -> tuple[Diagnostic, ...]:
    """Return a diagnostic a call, at its place in the plan or its data, and one for those that are not shown."""
    hint = "leave it out of the plan, or let `policy.dnd: skip` leave out all such calls"
    told = "the carrier marks the number of call `{}` as do-not-disturb, and `policy.dnd` is `refuse`"
    found = [error("dnd-registered", told.format(id_), *_spans(place), hint=hint) for id_, place in shown]
    if count > len(shown):
        found.append(error("dnd-registered", f"and so are {count - len(shown):,} more"))
    return tuple(found)


def _spans(place: str | None) -> tuple[Span, ...]:
    file, _, line = (place or "").rpartition(":")
    return (Span(file, int(line)),) if file and line.isdecimal() else ()
