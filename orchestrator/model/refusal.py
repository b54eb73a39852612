"""Callbacks that a receiver refused, and why."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from orchestrator.model.frozen import frozen


class Refusal(StrEnum):
    """Why a callback was refused. The words are an interface: `status --format json` counts by them."""

    WRONG_PATH = "wrong_path"
    UNREADABLE_BODY = "unreadable_body"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - no secret


@frozen
class RefusedCallbacks:
    """How many were refused, by why; `last_at` is when the last ones were counted, RFC 3339 in UTC."""

    counts: Mapping[Refusal, int] = field(default_factory=dict)
    last_at: str | None = None
