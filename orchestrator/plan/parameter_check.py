"""Every literal carrier parameter of a plan, judged by its row of the table."""

from collections.abc import Iterator
from collections.abc import Mapping as Words

from orchestrator.exotel.parameter import Parameter
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.exotel.values import Misfit, misfit
from orchestrator.model.diagnostic import Diagnostic, Span, error, warning
from orchestrator.plan.nodes import Entry, Mapping, Scalar, Sequence

Accept = Words[str, tuple[str, ...]]
"""What a target admits beside the table: more words for a parameter; none for a new one that takes any text."""


def parameter_problems(mapping: Mapping, accept: Accept) -> Iterator[Diagnostic]:
    """Judge the parameters of `defaults` or of one call.

    Templates (`${...}`) are left to whoever completes them, and an empty value counts as not set.
    """
    seen: dict[str, Entry] = {}
    for entry in mapping.entries:
        row = BY_SPELLING.get(entry.key.text)
        if row is None:
            if entry.key.text in accept:
                yield from _unlisted(entry, accept[entry.key.text])
            continue
        if row.name in seen:
            yield _twice(row, entry, seen[row.name])
        seen[row.name] = entry
        yield from _judge(row, entry, accept.get(row.name))


def _judge(row: Parameter, entry: Entry, accepted: tuple[str, ...] | None) -> Iterator[Diagnostic]:
    if row.refused:
        found = misfit(row, "")
        if found is not None:
            yield _told(found, entry.key.span)
    elif row.is_list:
        yield from _list(row, entry, accepted)
    elif isinstance(entry.value, Scalar):
        yield from _scalar(row, entry.value, accepted)
    else:
        yield _wrong_type(entry, "one value", f"for example `{row.name}: {row.example}`")


def _list(row: Parameter, entry: Entry, accepted: tuple[str, ...] | None) -> Iterator[Diagnostic]:
    example = f"for example `{row.name}: [{row.example}]`"
    if not isinstance(entry.value, Sequence):
        yield _wrong_type(entry, "a list", example)
        return
    if not entry.value.items:
        yield error("empty-list", f"`{row.name}` must have at least one item", entry.value.span, hint=example)
    seen: dict[str, Span] = {}
    for item in entry.value.items:
        if not isinstance(item, Scalar):
            yield _wrong_type(Entry(entry.key, item), "a list of single values", example)
            continue
        if item.text in seen:
            yield error("repeated-item", f"`{row.name}` names this twice", item.span, seen[item.text], hint="remove it")
        seen.setdefault(item.text, item.span)
        yield from _scalar(row, item, accepted, may_be_empty=False)


def _scalar(
    row: Parameter, value: Scalar, accepted: tuple[str, ...] | None, *, may_be_empty: bool = True
) -> Iterator[Diagnostic]:
    if "${" in value.text or (may_be_empty and not value.text):
        return
    found = misfit(row, value.text, accepted or ())
    if found is not None:
        yield _told(found, value.span)


def _unlisted(entry: Entry, words: tuple[str, ...]) -> Iterator[Diagnostic]:
    name = entry.key.text
    if not isinstance(entry.value, Scalar):
        yield _wrong_type(entry, "one value", "write one value")
    elif words and "${" not in entry.value.text and entry.value.text not in words:
        listed = ", ".join(words)
        yield error(
            "not-allowed", f"the target accepts `{name}` with: {listed}", entry.value.span, hint="write one of them"
        )


def _twice(row: Parameter, entry: Entry, first: Entry) -> Diagnostic:
    message = f"`{entry.key.text}` and `{first.key.text}` are two spellings of one parameter"
    return error("duplicate-key", message, entry.key.span, first.key.span, hint=f"keep `{row.name}`")


def _wrong_type(entry: Entry, wanted: str, hint: str) -> Diagnostic:
    return error("wrong-type", f"`{entry.key.text}` must be {wanted}", entry.value.span, hint=hint)


def _told(found: Misfit, span: Span) -> Diagnostic:
    tell = error if found.serious else warning
    return tell(found.id, found.message, span, hint=found.hint)
