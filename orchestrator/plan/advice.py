"""What the table says of parameters together: one that has no effect alone, one that is better with another."""

from collections.abc import Iterable, Iterator

from orchestrator.exotel.parameter import Parameter
from orchestrator.exotel.parameters import BY_NAME, TABLE
from orchestrator.model.call import Field
from orchestrator.model.diagnostic import Diagnostic, warning

ADDED_BY_RECEIVER = frozenset({"StatusCallback"})
"""A target with a callback receiver adds these to a call, and which target it will be is not known here: a need
of them is no finding."""

_CONDITIONS = frozenset(need.name for row in TABLE for need in row.needs if need.value is not None)

Presence = tuple[str | tuple[str, str], ...]


def may_be_advised(name: str) -> bool:
    """Whether the table says anything of this parameter together with others."""
    row = BY_NAME.get(name)
    return row is not None and bool(row.needs or row.advises)


def presence(fields: Iterable[Field]) -> Presence:
    """Return what the advice depends on: which parameters are set, and the values that are conditions."""
    return tuple(
        [
            (item.name, item.value) if item.name in _CONDITIONS and isinstance(item.value, str) else item.name
            for item in fields
        ]
    )


def advice(fields: Iterable[Field]) -> Iterator[tuple[str, Diagnostic]]:
    """Yield (parameter, warning without a place) for a call's parameters."""
    values = {item.name: item.value for item in fields}
    for name in values:
        row = BY_NAME.get(name)
        if row is not None:
            yield from ((name, found) for found in _about(row, values))


def _about(row: Parameter, values: dict[str, str | tuple[str, ...]]) -> Iterator[Diagnostic]:
    for need in row.needs:
        met = need.name in values and need.value in (None, values[need.name])
        if not met and need.name not in ADDED_BY_RECEIVER:
            wanted = need.name if need.value is None else f"{need.name}: {need.value}"
            message = f"{row.name} has no effect without `{wanted}`"
            yield warning("no-effect", message, hint=f"set `{wanted}`, or remove {row.name}")
    for name in row.advises:
        if name not in values:
            message = f"with {row.name} the carrier recommends setting {name} as well"
            yield warning("advised", message, hint=f"for example `{name}: {BY_NAME[name].example}`")
