"""The simulated carrier: a real HTTP server that judges connect requests, plays calls and sends callbacks."""

from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.server import Sandbox

__all__ = ["Sandbox", "SandboxConfig"]
