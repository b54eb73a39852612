"""A due call's connect request: the plan's fields, and what the receiver adds where the plan is silent."""

import hashlib
import secrets
from dataclasses import dataclass

from orchestrator.engine.conduct import Conduct
from orchestrator.exotel.call_fields import connect_request, has_own_callback, with_callback
from orchestrator.model.call import ConnectRequest
from orchestrator.model.work import DueCall

TOKEN_BYTES = 24
"""192 bits: nobody guesses an attempt's callback address."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request ready to leave. Only the token's hash is ever stored."""

    request: ConnectRequest
    token_hash: str


def prepare(call: DueCall, conduct: Conduct) -> Prepared:
    """Build the request of the call's next attempt, with a fresh token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hashed = hash_token(token)
    fields = call.fields
    if conduct.callback_base is not None and hears_of(call):
        fields = with_callback(fields, f"{conduct.callback_base}/callbacks/{token}", f"at_{hashed[:24]}")
    return Prepared(connect_request(fields, conduct.spelling), hashed)


def hash_token(token: str) -> str:
    """Return what the journal keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hears_of(call: DueCall) -> bool:
    """Whether the receiver may hear of this call: a plan that sets its own StatusCallback keeps it."""
    return not has_own_callback(call.fields)
