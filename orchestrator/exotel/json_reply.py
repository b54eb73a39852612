"""A JSON body to a plain object, leniently: whatever the bytes are, the answer is an object or None."""

import json
from collections.abc import Mapping

from orchestrator.exotel.content import LARGEST, body_text

MOST_TEXTS = 3
"""Times that a document may stand as text in another one: a gateway that encodes what is encoded already."""


def json_object(body: bytes) -> Mapping[str, object] | None:
    """Return the object that the body holds, None where it holds none.

    Numbers come back as the characters written, so that `1.500` stays `1.500` and no length of digits is an
    error. NaN and infinities are None. Of a key written twice the last counts.
    """
    if len(body) > LARGEST:
        return None
    value = json_value(body_text(body))
    return value if isinstance(value, dict) else None


def json_value(text: str) -> object:
    """Return what a JSON text holds, read as in `json_object`, also where it holds JSON text; None for any other."""
    value: object = text
    for _ in range(MOST_TEXTS):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value.lstrip("\ufeff"), parse_int=str, parse_float=str, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            return None
    return value
