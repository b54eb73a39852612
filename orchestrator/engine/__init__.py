"""Dials what is due: short steps, each safe to run twice, under one scheduler."""

from orchestrator.engine.config import RunConfig
from orchestrator.engine.scheduler import Engine

__all__ = ["Engine", "RunConfig"]
