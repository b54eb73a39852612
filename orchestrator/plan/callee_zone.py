"""Where a call's To is, and what is said where a window asks for that and nobody knows."""

from orchestrator.exotel.call_fields import parties
from orchestrator.model.call import ResolvedCall
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.phone.numbers import identity
from orchestrator.plan.findings import line_excerpt
from orchestrator.policy.callee_zones import zones_of_call


def zones_of_resolved(call: ResolvedCall) -> tuple[str, ...]:
    """Return every zone that a call's To may be in; none where nobody knows."""
    return zones_of_call(call.schedule.timezone, identity(parties(call.fields).person))


def zone_unknown(call: ResolvedCall, window: str, *places: Span) -> Diagnostic:
    """Refuse a call whose To has no known zone, under a window in the callee's zone."""
    message = f"{window} is in the callee's zone, and the number of call `{line_excerpt(call.id)}` does not tell one"
    hint = "give the call its `timezone`, such as `America/New_York` or `${row.timezone}`"
    return error("zone-unknown", message, *(places or (call.span,)), hint=hint)
