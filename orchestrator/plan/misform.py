"""Why a text is not the value that its place wants."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Misform:
    """`reason` ends a sentence that begins with the key's name; `hint` says what to write; `id` is a diagnostic's."""

    reason: str
    hint: str
    id: str = "wrong-form"
