"""A connect request's fields as people may see them."""

from collections.abc import Iterator

from orchestrator.exotel.masking import Masker
from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.review import PlannedRequest


def masked_pairs(request: PlannedRequest, masker: Masker) -> Iterator[tuple[str, str]]:
    """Yield the wire's name and the value to show. The table says which values are numbers, however short."""
    for name, value in request.pairs:
        row = BY_SPELLING.get(parameter(name))
        yield name, masker.number(value) if row and row.kind is Kind.PHONE else masker.text(value)


def parameter(wire_name: str) -> str:
    """Return the parameter that a form field belongs to, as the table spells it: without index and `New`."""
    name = wire_name.partition("[")[0]
    row = BY_SPELLING.get(name)
    return name if row is None else row.name
