"""Finds whether a refusal names a call: where it does, "it did not ring" is no longer proven.

Read generously, in any spelling and as deep as texts quote one another: who takes a Sid for a request's id leaves a
call `unknown`, for a person to judge; who overlooks one rings somebody twice.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from orchestrator.exotel.content import base64_texts, body_text, unescaped_layers

_NOTHING = (
    r"(?!(?:null|nil|none|undefined|true|false|n/a|na|is|was|not|no|required|missing|mandatory|invalid|empty|must|cannot"
    r"|should)\b)"
)
"""Words that stand where a Sid would, and say that there is none."""
_VALUE = rf"{_NOTHING}[A-Za-z0-9_-]"
_INNER = r"(?:<(?!/|!\[)[^<>]*>\s{0,99}|<!\[CDATA\[\s{0,99}){0,4}"
_CALL_SID = r"call[\s_.-]{0,3}(?:sid|id|uuid)"
_SID = rf"(?:[\w.-]{{0,30}}{_CALL_SID}|sid)"

_FIELD = re.compile(
    # a quoted name: JSON, Python, a form's HTML; the value may stand in a list, an object, or quotes
    rf"""["'](?:[\w.-]{{1,40}}:)?{_SID}["']\s*(?:[:=,]|=>|\s*value\s*=)[\s\["'({{]{{0,40}}{_VALUE}"""
    # an element in any name space, or an attribute
    rf"""|<(?:[\w.-]{{1,40}}:)?{_SID}(?![\w.-])[^<>]*(?<!/)>\s{{0,99}}{_INNER}(?:{_VALUE}|&\w)"""
    rf"""|<[^<>]*?[\s:]{_SID}\s*=\s*["']?\s*{_VALUE}"""
    # a name in brackets: a form's body, PHP
    rf"""|\[{_SID}\]\s{{0,99}}=>?\s{{0,99}}["']?{_VALUE}"""
    # a bare name: a form's body, YAML, a sentence
    rf"""|(?<![\w.-])(?<!account\s)(?<!number\s){_SID}\s*(?:=>|[:=])\s*["']?{_VALUE}"""
    rf"""|(?<![\w.-]){_CALL_SID}\W{{1,20}}(?:is\s)?(?=[A-Za-z_-]{{0,63}}[0-9])[A-Za-z0-9_-]{{6}}""",
    re.IGNORECASE,
)

_LOOKS_LIKE_SID = re.compile(
    r"(?<![A-Za-z0-9])(?=[0-9]*[A-Za-z])(?=[A-Za-z]*[0-9])(?:[0-9a-z]{32}|[0-9A-Z]{32}|CA[0-9a-f]{32})"
    r"(?![A-Za-z0-9])(?!\.(?:css|gif|ico|jpe?g|js|png|svg|webp|woff2?)\b)"
)
"""32 letters and digits, as in every sample (docs/carrier.md, replies), also behind `CA`, as the API that the carrier's
was modelled on writes them. Not the name of a page's picture or script."""

_OF_SOMETHING_ELSE = re.compile(
    r"(?:accounts?(?:[\s_-]*sid)?|number[\s_-]*sid|(?:request|trace|span|correlation|error|incident|event|ray|support)[\s_-]*id"
    r"|traceparent|etag|custom[\s_-]*field)"
    r"(?:[\"'>\s:=/]|</?[a-z]{1,10}>){0,10}(?:00-)?\Z",
    re.IGNORECASE,
)
"""What stands before the id of an account, a number or a request - the carrier's newer errors have one, and so
has tracing (`00-` is its version) - or before the plan's own CustomField."""

_BEFORE = 60
"""Characters that are looked at before an id."""

_TAG = re.compile(r"<[^<>]{0,200}>")

_PATH = re.compile(r"/Calls(?:\.json|\.xml)?/(?!connect\b)[A-Za-z0-9_-]", re.IGNORECASE)
"""The address of one call."""

_HEADER = re.compile(r"(?:.*[_-])?call[_-]?(?:sid|id|uuid)|(?:x-)?(?:exotel-)?sid")
_COOKIES = ("set-cookie", "set-cookie2")


def names_a_call(body: bytes) -> bool:
    """Whether a call's Sid stands anywhere in the body, also in one cut short or of a shape we do not know."""
    return text_names_a_call(body_text(body))


def text_names_a_call(text: str) -> bool:
    """Whether a call's Sid stands anywhere in the text."""
    return any(_names(_plain(layer)) for layer in _all_layers(text))


def headers_name_a_call(headers: Mapping[str, str]) -> bool:
    """Whether a header (lower-case names) gives a Sid, or the address of a call."""
    return any(
        (name not in _COOKIES and _PATH.search(value)) or (_HEADER.fullmatch(name) and re.match(_VALUE, value.strip()))
        for name, value in headers.items()
    )


def _all_layers(text: str) -> Iterator[str]:
    """Yield the text with its escapes undone layer by layer, and what stands in it in base64."""
    plainest = text
    for plainest in unescaped_layers(text):
        yield plainest
    for held in base64_texts(plainest):
        yield from unescaped_layers(held)


def _plain(text: str) -> str:
    """Return the text without characters that nobody sees, and with plain letters for full-width ones and the like."""
    if text.isascii():
        return text
    return "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")


def _names(text: str) -> bool:
    if _FIELD.search(text) or _PATH.search(text) or ("<" in text and _FIELD.search(_TAG.sub(" ", text))):
        return True
    return any(
        not _OF_SOMETHING_ELSE.search(text, max(0, found.start() - _BEFORE), found.start())
        for found in _LOOKS_LIKE_SID.finditer(text)
    )
