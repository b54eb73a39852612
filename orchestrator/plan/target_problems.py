"""What is wrong with a target file beside its shape: parameters that it may not open, CallerIds that nobody has."""

import re
from collections.abc import Iterator

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.diagnostic import Diagnostic, error
from orchestrator.phone.numbers import read
from orchestrator.plan.nodes import Mapping, Scalar, Sequence
from orchestrator.plan.rows import brief

_NEW_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}\Z")
_OPEN_KINDS = (Kind.CHOICE, Kind.CHOICES)


def bad_accepts(root: Mapping) -> Iterator[Diagnostic]:
    """Check that `accept` opens only what may be opened: the choices of the table, and new parameters."""
    accept = root.get("accept")
    for entry in accept.entries if isinstance(accept, Mapping) else ():
        row = BY_SPELLING.get(entry.key.text)
        if row is None:
            if not _NEW_NAME.match(entry.key.text):
                message = "a parameter's name is letters and digits and begins with a capital letter"
                yield error("not-a-parameter", message, entry.key.span, hint="spell it as the carrier does")
        elif row.kind not in _OPEN_KINDS:
            message = f"`{row.name}` has no list of words that could be longer"
            yield error("not-acceptable", message, entry.key.span, hint="remove it")
        elif isinstance(entry.value, Scalar):
            message = f"`{row.name}` takes certain words, and not any text"
            yield error("not-acceptable", message, entry.value.span, hint=f"for example `{row.name}: [new-word]`")


def bad_caller_ids(root: Mapping) -> Iterator[Diagnostic]:
    """Check that each of `guardrails.caller_ids` is a number: one that is none would silently allow nothing."""
    rails = root.get("guardrails")
    listed = rails.get("caller_ids") if isinstance(rails, Mapping) else None
    for item in listed.items if isinstance(listed, Sequence) else ():
        if isinstance(item, Scalar) and read(item.text) is None:
            message = f"`{brief(item.text)}` is not a phone number of 3 to 15 digits: no plan could use it"
            yield error("not-a-number", message, item.span, hint="write the CallerId as the carrier shows it")
