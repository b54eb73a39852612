"""The StatusCallback endpoint: hears what the carrier says of a call, has it committed, then answers."""

from orchestrator.receiver.app import Receiver

__all__ = ["Receiver"]
