"""Whether one value fits its row of the table: the check that plans, rows and the sandbox share."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from orchestrator.exotel.parameter import Kind, Parameter
from orchestrator.exotel.parameters import BY_NAME
from orchestrator.model.call import Field
from orchestrator.model.frozen import frozen
from orchestrator.phone.masking import excerpt
from orchestrator.phone.numbers import read

PHONE = re.compile(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){2,14}\Z")
INTEGER = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")
FLAGS = ("true", "false")
FLAG_WORDS = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
"""What readers of YAML 1.1 take for a flag, in small letters."""
AS_DECIMAL = "number-as-decimal"
"""The finding of a phone number that is written as an amount: `9876543210.0`."""
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]"
LINE_CONTROL = r"[\x00-\x1f\x7f\ud800-\udfff]"


@frozen
class ValueProblem:
    """Why a value does not fit. `id` and `hint` become a diagnostic's.

    `serious` is False for a weakly sourced bound, which is worth a warning only. `instead` is what to write where there
    is one right answer.
    """

    id: str
    message: str
    hint: str
    serious: bool = True
    instead: str | None = None


def value_problem(row: Parameter, text: str, accepted: Iterable[str] = ()) -> ValueProblem | None:
    """Judge `text`, a value as typed; for a list parameter, one item of it.

    `accepted` are words that the target's `accept` admits beside the table's. None where the value fits.
    """
    if row.refused:
        return ValueProblem("flow-form", f"{row.name} is not for call plans", row.refused)
    if row.kind is Kind.PHONE:
        return _phone(row, text)
    if row.kind.is_integer:
        return _integer(row, text)
    if row.kind is Kind.FLAG:
        return None if text in FLAGS else _not_one_of(row, text, FLAGS, FLAG_WORDS)
    if row.kind is Kind.URL:
        return _url(row, text)
    if row.kind in (Kind.CHOICE, Kind.CHOICES):
        allowed = (*row.values, *accepted)
        return None if text in allowed else _not_one_of(row, text, allowed)
    return _text(row, text)


LONGEST_FITTING = 1_000
"""Characters of a text that `texts_fit` takes without asking: no plan may make a value of ten times as many."""


def texts_fit(row: Parameter, texts: Collection[str]) -> bool:
    """Whether all of these fit a parameter that takes any text, which is seen at one look; False proves nothing."""
    if row.kind is not Kind.TEXT or row.refused:
        return False
    longest = min(row.unconfirmed_maximum or LONGEST_FITTING, LONGEST_FITTING)
    return max(map(len, texts)) <= longest and not _holds("".join(texts), CONTROL)


def unlisted(fields: Iterable[Field]) -> Iterator[str]:
    """Yield what only a target's `accept` admits: `name` of a new parameter, `name: word` of a new word."""
    for field in fields:
        row = BY_NAME.get(field.name)
        if row is None:
            yield field.name
        elif row.values:
            words = (field.value,) if isinstance(field.value, str) else field.value
            yield from (f"{field.name}: {word}" for word in words if word not in row.values)


def _not_one_of(
    row: Parameter, text: str, allowed: Iterable[str], other_words: Mapping[str, str] | None = None
) -> ValueProblem:
    words = tuple(allowed)
    bare = text.strip().lower()
    same = [word for word in words if word.lower() == (other_words or {}).get(bare, bare)]
    hint = f"did you mean `{same[0]}`?" if same else f"write one of: {', '.join(words)}"
    message = f"{row.name} cannot be `{_shown(text)}`; it is one of: {', '.join(words)}"
    return ValueProblem("not-allowed", message, hint, instead=same[0] if len(same) == 1 else None)


def _phone(row: Parameter, text: str) -> ValueProblem | None:
    if PHONE.match(text):
        return _decimal(row, text) if "." in text else None
    if re.search(r"[0-9.][eE]\+?[0-9]+\Z", text):
        return ValueProblem(
            "number-destroyed",
            f"{row.name} is `{_shown(text)}`, a number that a spreadsheet has rounded: its digits are lost",
            "export the column again as text",
        )
    bare = text.strip(_AROUND)
    instead = bare if PHONE.match(bare) else None
    hint = _how_to_write(text, instead)
    message = f"{row.name} is `{_shown(text)}`, which is not a phone number of 3 to 15 digits"
    return ValueProblem("not-a-number", message, hint, instead=instead)


_UNSEEN = "\u00a0\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_AROUND = " \t'\"\u2018\u2019\u201c\u201d" + _UNSEEN
"""Blanks, the quotes of a word processor, the apostrophe of a spreadsheet, and characters that nobody sees."""


_OTHER_TEMPLATE = re.compile(r"\s*(?:\{+\s*[A-Za-z_]|%\(|<[A-Za-z_ ]+>\s*\Z)")


def _how_to_write(text: str, bare: str | None) -> str:
    """Say how to write a number; `bare` is the one that stands in the text, if one does."""
    if bare is not None:
        return "remove the blanks around it" if text.strip() == bare else "remove the quotes or marks around it"
    if _OTHER_TEMPLATE.match(text):
        return "a template is written `${row.column}` or `${var.name}`"
    if any(character in _UNSEEN for character in text):
        return "it holds a character that nobody sees: type it anew"
    if any(character.isdigit() and not character.isascii() for character in text):
        return "write its digits as 0 to 9: it has some of another script"
    return "write it in E.164 - `+`, the country code, the number -, or a landline with its STD code"


def _decimal(row: Parameter, text: str) -> ValueProblem | None:
    """Refuse a spreadsheet's `9876543210.0`: the carrier could take its last digit for one of the number."""
    found = read(text)
    if found is not None and not found.is_decimal:
        return None
    message = f"{row.name} is `{_shown(text)}`, which is written as a decimal number"
    return ValueProblem(AS_DECIMAL, message, "format the column as text and export it again; in JSON quote it")


def _integer(row: Parameter, text: str) -> ValueProblem | None:
    unit = " in seconds" if row.kind is Kind.SECONDS else ""
    if not INTEGER.match(text):
        return ValueProblem(
            "not-an-integer", f"{row.name} is `{_shown(text)}`, not a whole number{unit}", f"for example {row.example}"
        )
    value = int(text)
    if row.minimum is not None and value < row.minimum:
        return ValueProblem("too-small", f"{row.name} is {value}, below its minimum of {row.minimum}{unit}", "raise it")
    if row.maximum is not None and value > row.maximum:
        return ValueProblem("too-large", f"{row.name} is {value}, above its maximum of {row.maximum}{unit}", "lower it")
    if row.unconfirmed_maximum is not None and value > row.unconfirmed_maximum:
        return _beyond(row, f"is {value}{unit}")
    return None


def _url(row: Parameter, text: str) -> ValueProblem | None:
    kinds = " or ".join(f"{scheme}://" for scheme in row.schemes)
    try:
        parts = urlsplit(text)
        bad = parts.scheme not in row.schemes or not parts.hostname or re.search(r"\s", text) is not None
        _ = parts.port
    except ValueError:
        bad = True
    if bad or _holds(text, LINE_CONTROL):
        message = f"{row.name} is not an address that begins with {kinds}"
        return ValueProblem("not-a-url", message, f"for example {row.example}")
    if parts.username is not None or parts.password is not None:
        return ValueProblem(
            "secret-in-url", f"{row.name} holds a user name or password", "secrets do not belong in plans"
        )
    if row.unconfirmed_maximum is not None and len(text) > row.unconfirmed_maximum:
        return _beyond(row, f"has {len(text)} characters")
    if row.suffix is not None and not parts.path.lower().endswith(row.suffix):
        return _not_this_file(row, row.suffix)
    return None


def _not_this_file(row: Parameter, suffix: str) -> ValueProblem:
    """Tell an address that may lead to a file of another kind: its name is only a sign of that."""
    kind = suffix.removeprefix(".")
    message = f"{row.name} does not end with `{suffix}`, and the carrier plays {kind} only"
    return ValueProblem("other-suffix", message, f"name a {kind} file so that its kind is seen", serious=False)


def _text(row: Parameter, text: str) -> ValueProblem | None:
    if _holds(text, CONTROL):
        return ValueProblem("control-character", f"{row.name} holds a control character", "remove it")
    if row.unconfirmed_maximum is not None and len(text) > row.unconfirmed_maximum:
        return _beyond(row, f"has {len(text)} characters")
    return None


def _holds(text: str, control: str) -> bool:
    """Whether a text holds a control character. Few do: what is printable is not looked through for them."""
    return not text.isprintable() and re.search(control, text) is not None


def _beyond(row: Parameter, what: str) -> ValueProblem:
    return ValueProblem(
        "beyond-unconfirmed-limit",
        f"{row.name} {what}; one document caps it at {row.unconfirmed_maximum} (unconfirmed)",
        "the carrier may refuse or cut it",
        serious=False,
    )


def _shown(text: str) -> str:
    """Return the value, short enough for a message and on one line."""
    line = text if text.isprintable() else re.sub(LINE_CONTROL, "?", text)
    return excerpt(line)
