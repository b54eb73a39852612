"""The simulated carrier: a real HTTP server that judges connect requests, plays calls and sends callbacks."""

from orchestrator.sandbox.app import Sandbox
from orchestrator.sandbox.config import SandboxConfig

__all__ = ["Sandbox", "SandboxConfig"]
