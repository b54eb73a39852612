"""A JSON body to a plain object, leniently: whatever the bytes are, the answer is an object or None."""

import json
from collections.abc import Mapping

LARGEST = 256 * 1024
"""Bytes of a body that is looked into. A call with its details is under 2 kB."""


def body_text(body: bytes) -> str:
    """Decode by the byte order mark or the zero bytes, else as UTF-8; what does not decode becomes U+FFFD."""
    return body[:LARGEST].decode(json.detect_encoding(body[:4]), "replace")


def json_object(body: bytes) -> Mapping[str, object] | None:
    """Return the object that the body holds, None where it holds none.

    Numbers come back as the characters written, so that `1.500` stays `1.500` and no length of digits is an
    error. NaN and infinities are None. Of a key written twice the last counts.
    """
    if len(body) > LARGEST:
        return None
    try:
        value = json.loads(body_text(body), parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
