"""One value as the carrier writes it: text or number, missing, empty, or the word null. Nothing raises."""

import re

LONGEST = 2048
"""Characters kept of one value: an address fits; a body that is all one value does not fill the journal."""

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_WHOLE = re.compile(r"([0-9]{1,9})(?:\.[0-9]{1,9})?\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?\Z")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_UNSET_DAYS = ("1970-01-01", "0000-00-00")


def text(value: object) -> str | None:
    """Return the value as trimmed text; None for missing, null, empty and the literal word `null`.

    Control characters and lone surrogates, which no journal can hold, become U+FFFD.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    cleaned = _UNSTORABLE.sub("\ufffd", str(value)[:LONGEST]).strip()
    return None if cleaned.lower() in ("", "null") else cleaned


def answered_by(value: object) -> str | None:
    """Return the word for who answered a leg, as written; None for `NA`, which stands where it was not judged."""
    word = text(value)
    return None if word is None or word.upper() == "NA" else word


def sid(value: object) -> str | None:
    """Return a call Sid: 1 to 64 letters, digits, `_` and `-` (samples have 32). None for anything else."""
    token = text(value)
    return token if token and _SID.match(token) else None


def seconds(value: object) -> int | None:
    """Return whole seconds, written as text or as a number; None for anything else, negatives included."""
    match = _WHOLE.match(text(value) or "")
    return int(match[1]) if match else None


def price(value: object) -> str | None:
    """Return a decimal amount as the carrier wrote it, such as `1.500`; None for anything else."""
    written = text(value)
    return written if written and _DECIMAL.match(written) else None


def moment(value: object) -> str | None:
    """Return a zoneless time as written; None for the epoch: "not yet" (docs/carrier.md, times)."""
    written = text(value)
    return None if written is None or written.startswith(_UNSET_DAYS) else written
