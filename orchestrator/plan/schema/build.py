"""Builds the parts that the schemas of plans and of target files share.

Only keywords that mean the same in draft-07 and 2020-12, since editors differ in what they know.
"""

from typing import Any

from orchestrator.plan import text_formats

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
IGNORED: Schema = {"^x-": True}
"""Keys beginning with `x-` are a place for anchors and notes, at any level."""
LARGEST_COUNT = 1_000_000_000
"""The bound of a number of calls or minutes where only nonsense is to be kept out."""


def closed(description: str, properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """Return the schema of a mapping with these keys and no others, `x-` keys apart."""
    schema: Schema = {"description": description, "type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    return {**schema, **more, "patternProperties": IGNORED, "additionalProperties": False}


def text(description: str, *examples: str, pattern: str | None = None, **more: Any) -> Schema:
    """Return the schema of a text."""
    schema: Schema = {"description": description, "type": "string", **more}
    if pattern is not None:
        schema["pattern"] = pattern
    if examples:
        schema["examples"] = list(examples)
    return schema


def whole(description: str, minimum: int, maximum: int, example: int, **more: Any) -> Schema:
    """Return the schema of a whole number within bounds."""
    bounds = {"minimum": minimum, "maximum": maximum}
    return {"description": description, "type": "integer", **bounds, "examples": [example], **more}


def choice(description: str, *words: str, **more: Any) -> Schema:
    """Return the schema of one of these words."""
    return {"description": description, "type": "string", "enum": list(words), **more}


def listing(description: str, items: Schema, **more: Any) -> Schema:
    """Return the schema of a list of at least one item."""
    return {"description": description, "type": "array", "items": items, "minItems": 1, **more}


def duration(description: str, example: str, **more: Any) -> Schema:
    """Return the schema of a duration such as `15m`."""
    return text(description, example, pattern=text_formats.DURATION, **more)


def rate(description: str, example: str, **more: Any) -> Schema:
    """Return the schema of a rate such as `150/minute`."""
    return text(description, example, pattern=text_formats.RATE, **more)


def share(description: str, example: str) -> Schema:
    """Return the schema of a percentage."""
    return text(description, example, pattern=text_formats.SHARE)


def moment(description: str) -> Schema:
    """Return the schema of a date and time with its offset."""
    return text(description, "2026-11-22T09:30:00+05:30", pattern=text_formats.MOMENT)
