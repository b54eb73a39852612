"""The StatusCallback endpoint: hears what the carrier says of a call, has it committed, then answers."""

from orchestrator.receiver.app import Hear, Receiver, Refused
from orchestrator.receiver.who import Hearer, who_hears

__all__ = ["Hear", "Hearer", "Receiver", "Refused", "who_hears"]
