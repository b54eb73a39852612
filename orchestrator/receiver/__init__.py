"""The StatusCallback endpoint: takes what the carrier says of a call, has it committed, then answers."""

from orchestrator.receiver.app import CommitCallback, Receiver, TellRefusal
from orchestrator.receiver.identity import ReceiverIdentity, ask_identity

__all__ = ["CommitCallback", "Receiver", "ReceiverIdentity", "TellRefusal", "ask_identity"]
