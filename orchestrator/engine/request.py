"""A due call's connect request: the plan's fields, and what the receiver adds where the plan is silent."""

import hashlib
import secrets
from dataclasses import dataclass

from orchestrator.engine.conduct import Conduct
from orchestrator.exotel.encoding import connect_request
from orchestrator.exotel.parameters import BY_NAME
from orchestrator.model.call import ConnectRequest, Field
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
        fields = (*fields, *_receiver_fields(call, f"{conduct.callback_base}/callbacks/{token}", hashed))
    return Prepared(connect_request(fields, conduct.spelling), hashed)


def hash_token(token: str) -> str:
    """Return what the journal keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def hears_of(call: DueCall) -> bool:
    """Whether the receiver may hear of this call: a plan that sets its own StatusCallback keeps it."""
    return call.text("StatusCallback") is None


def _receiver_fields(call: DueCall, address: str, hashed: str) -> tuple[Field, ...]:
    named = {item.name for item in call.fields}
    added = [Field("StatusCallback", address, "receiver")]
    if "StatusCallbackEvents" not in named:
        added.append(Field("StatusCallbackEvents", BY_NAME["StatusCallbackEvents"].values, "receiver"))
    if "CustomField" not in named:
        added.append(Field("CustomField", f"at_{hashed[:24]}", "receiver"))
    return tuple(added)
