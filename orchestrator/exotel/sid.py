"""What a call Sid looks like where a person types it."""

import re

_TYPED = re.compile(r"(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,64}\Z")
"""Samples have 32 lower-case letters and digits (docs/carrier.md, replies). Neither a phone number nor half a Sid."""


def looks_like_sid(text: str) -> bool:
    """Whether a text that a person typed may be a call Sid: 16 to 64 letters, digits, `_`, `-`, one a letter."""
    return _TYPED.match(text) is not None
