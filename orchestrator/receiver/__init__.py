"""The StatusCallback endpoint: takes what the carrier says of a call, has it committed, then answers."""

from orchestrator.receiver.app import Hear, Receiver, Refused
from orchestrator.receiver.identity import ReceiverIdentity, ask_identity

__all__ = ["Hear", "Receiver", "ReceiverIdentity", "Refused", "ask_identity"]
