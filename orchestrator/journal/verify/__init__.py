"""Proves that nothing in a journal was altered: the chain of its events, its tables' seals, and what events report."""

from orchestrator.journal.verify.finding import IntegrityFinding
from orchestrator.journal.verify.whole import Verified, verify

__all__ = ["IntegrityFinding", "Verified", "verify"]
