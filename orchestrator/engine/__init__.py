"""Dials what is due: short steps, each safe to run twice, under one scheduler."""

from orchestrator.engine.conduct import Conduct
from orchestrator.engine.loop import Engine

__all__ = ["Conduct", "Engine"]
