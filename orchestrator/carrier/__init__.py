"""HTTP to the carrier. This room reports facts, never verdicts."""

from orchestrator.carrier.client import Carrier

__all__ = ["Carrier"]
