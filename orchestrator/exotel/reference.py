"""The parameter table for people: the page of one row, and schemas/PARAMETERS.md of all."""

import re
from collections.abc import Iterator

from orchestrator.exotel.parameter import Kind, Need, Parameter, Source
from orchestrator.exotel.parameters import BY_NAME, TABLE, TABLE_VERSION
from orchestrator.model.outcome import Exchange
from orchestrator.model.page import Example, Page, Subject

SOURCES: dict[Source, str] = {
    Source.S0: "the project's first document (HTTP statuses, example, parameters)",
    Source.S2: "the project's second document (the API console's older list)",
    Source.LEGACY: "the carrier's legacy developer portal",
    Source.HELP: "the carrier's help centre",
    Source.PORTAL: "the carrier's new portal, reference pages",
    Source.GUIDE: "the carrier's new portal, guides (low trust: pages contradict each other)",
    Source.CLIENTS: "seen in public client code only",
}

TYPES: dict[Kind, str] = {
    Kind.PHONE: "phone number",
    Kind.SECONDS: "whole number of seconds",
    Kind.COUNT: "whole number",
    Kind.CHOICE: "one of the values",
    Kind.FLAG: "true or false",
    Kind.URL: "URL",
    Kind.TEXT: "text",
    Kind.CHOICES: "list of the values; sent as one indexed field an item",
}

_TAG = re.compile(r"(?<![\w-])(?:N-guide|S0|S2|L|H|N|C)(?![\w-])")

_HEAD = """\
# Parameters

Every parameter of `POST /v1/Accounts/<account sid>/Calls/connect` that a call plan may set. Generated from
`orchestrator/exotel/parameters.py` (table version {version}) by `make generate`; `orchestrate explain NAME` prints one.

What a plan does not set is not sent; a default below is the carrier's own. Names are case-sensitive.

Who says so:

{sources}

**Documented** rows stand in S0 or S2. The others are documented elsewhere only, and so is every statement marked
*unconfirmed*: one weak source, or sources that disagree. A fact names in brackets who says it where not all of its row
do: S2, for one, stars every name, so that what is mandatory and what is optional is said by S0 alone.
"""


STATUSES: dict[str, str] = {
    "200": "OK: everything went as planned.",
    "202": "Accepted: the request was accepted.",
    "400": "Bad Request: something in the header or the body of the request was malformed.",
    "401": "Unauthorised: the credentials were missing or invalid.",
    "402": "Payment Required: not available on your plan, or its usage limits are exceeded.",
    "403": "The credentials are valid, and have no access to what was requested.",
    "404": "Not Found: the object that is requested does not exist.",
    "409": "Conflict: perhaps the same resource is updated at the same time.",
    "429": "Too Many Requests: the APIs are called more frequently than is allowed.",
    "5xx": "Server Errors: something went wrong on the carrier's side; please try again.",
}
"""The HTTP statuses that S0 lists, and what it says of each."""

_STATUSES_HEAD = """
# HTTP statuses

What S0 says of each, and what the program takes an answer to a connect request for (`docs/guarantees.md`); of 200 and
202 only one that holds a call's Sid. "Please try again" is not followed: a request sent again may be a second call.

| status | S0 | placement |
| --- | --- | --- |"""


def parameter_page(row: Parameter) -> Page:
    """Return what is known of one parameter."""
    lists = (("Notes", row.notes),) if row.notes else ()
    return Page(
        Subject.PARAMETER,
        row.name,
        f"{'mandatory' if row.required else 'optional'}{_by(row, 'standing')}, {where_documented(row)}",
        row.summary,
        facts=tuple((label, text) for label, text in _facts(row) if label != "Example"),
        lists=(*lists, ("Sources", tuple(f"{source.value}: {SOURCES[source]}" for source in _named(row)))),
        good=None if row.refused else Example(_call(row, _example(row))),
        bad=Example(_call(row, row.example), "flow-form") if row.refused else _bad(row),
        spellings=row.aliases,
    )


_BAD: dict[Kind, tuple[str, str]] = {
    Kind.PHONE: ("call me", "not-a-number"),
    Kind.SECONDS: ("0", "too-small"),
    Kind.COUNT: ("often", "not-an-integer"),
    Kind.CHOICE: ("other", "not-allowed"),
    Kind.FLAG: ("sometimes", "not-allowed"),
    Kind.URL: ("acme.example", "not-a-url"),
    Kind.TEXT: ("[a, b]", "wrong-type"),
    Kind.CHOICES: ("[other]", "not-allowed"),
}
"""A value that no parameter of a kind takes, and the finding that says so."""


def _bad(row: Parameter) -> Example:
    value, finding = _BAD[row.kind]
    return Example(_call(row, value), finding)


def _call(row: Parameter, value: str) -> str:
    """Return a call with a parameter at this value, and with what it needs beside it."""
    others = [Need("To"), *row.needs, *map(Need, row.advises)]
    written = {need.name: need.value or _example(BY_NAME[need.name]) for need in others} | {row.name: value}
    return "\n    ".join(["calls:\n  - id: a", *(f"{name}: {text}" for name, text in written.items())]) + "\n"


def _named(row: Parameter) -> tuple[Source, ...]:
    """Return the sources of the row and those that its notes name by their tag, in the order of their rank."""
    tags = {tag for note in row.notes for tag in _TAG.findall(note)}
    return tuple(source for source in Source if source in row.sources or source.value in tags)


def where_documented(row: Parameter) -> str:
    """Say where a row is documented at all."""
    if row.refused:
        return "known, and refused in call plans"
    return "documented" if row.documented else "documented elsewhere only, unconfirmed"


def parameters_markdown() -> str:
    """Return schemas/PARAMETERS.md."""
    sources = "\n".join(f"- {source.value}: {text}" for source, text in SOURCES.items())
    parts = [
        _HEAD.format(version=TABLE_VERSION, sources=sources),
        "| Parameter | | Type | Said by |\n| --- | --- | --- | --- |",
    ]
    parts += [
        f"| [`{row.name}`](#{row.name.lower()}) | {'mandatory' if row.required else 'optional'} "
        f"| {_escaped(TYPES[row.kind])} | {_tags(row)} |"
        for row in TABLE
    ]
    return "\n".join(parts) + "\n" + "".join(_section(row) for row in TABLE) + _statuses()


def _statuses() -> str:
    lines = [f"| {status} | {words} | {_proves(status)} |" for status, words in STATUSES.items()]
    return "\n".join([_STATUSES_HEAD, *lines]) + "\n"


def _proves(status: str) -> str:
    """Return what an answer of this status says of the call, as the one judgement of answers has it."""
    from orchestrator.exotel.placement import verdict

    code, body = int(status.replace("xx", "00")), b'{"Call": {"Sid": "%s"}}' % (b"a" * 32)
    answer = Exchange(bytes_sent=True, status=code, headers={}, body=body if code < 300 else b"", complete=True)
    return verdict(answer).placement


def _section(row: Parameter) -> str:
    lines = ["", f"## {row.name}", "", _escaped(row.summary), ""]
    lines += [f"- {'Mandatory' if row.required else 'Optional'}{_by(row, 'standing')}; {where_documented(row)}"]
    lines += [f"- {label}: {_code(label, text)}" for label, text in _facts(row)]
    lines += [f"- Said by: {_tags(row)}"]
    if row.notes:
        lines += ["", "Notes:", "", *(f"- {_escaped(note)}" for note in row.notes)]
    return "\n".join(lines) + "\n"


def _facts(row: Parameter) -> Iterator[tuple[str, str]]:
    """Yield what the columns say, in words; what a row does not have is left out."""
    yield "Type", TYPES[row.kind] + (f"; {row.documented_type} in {_tags(row)}" if row.documented_type else "")
    if row.values:
        yield "Values", ", ".join(row.values) + _by(row, "values")
    if row.schemes:
        yield "Begins with", " or ".join(f"{scheme}://" for scheme in row.schemes)
    limits = _limits(row)
    if limits:
        yield "Limits", limits
    if not row.required and not row.refused:
        yield "Default", "none documented" if row.default is None else row.default + _by(row, "default")
    if row.needs:
        yield "Has an effect with", " and ".join(_need(need) for need in row.needs)
    if row.advises:
        yield "Advised with it", ", ".join(row.advises) + _by(row, "advises")
    if row.echoed:
        yield "Comes back in", row.echoed
    if row.aliases:
        yield "Also accepted as", ", ".join(row.aliases)
    if row.new_name:
        yield "Sent as", f"{row.name}, or {row.new_name} where a target says `spelling: new`"
    if row.sensitive:
        yield "Privacy", "holds a number or an address; numbers are masked wherever it is shown"
    if row.refused:
        yield "Refused", row.refused
        return
    yield "Example", f"{row.name}: {_example(row)}"


def _limits(row: Parameter) -> str:
    unit = " seconds" if row.kind is Kind.SECONDS else ""
    limits = []
    if row.minimum is not None:
        limits.append(f"at least {row.minimum}{unit.removesuffix('s') if row.minimum == 1 else unit}")
    if row.maximum is not None:
        limits.append(f"at most {row.maximum}{unit}{_by(row, 'maximum')}")
    if row.unconfirmed_maximum is not None:
        of = unit if row.kind.is_integer else " characters"
        limits.append(f"at most {row.unconfirmed_maximum}{of} (unconfirmed: more is a warning)")
    return ", ".join(limits)


def _by(row: Parameter, fact: str) -> str:
    """Return who says a fact, in brackets, where not all sources of the row do."""
    return f" ({', '.join(row.said_by[fact])})" if fact in row.said_by else ""


def _need(need: Need) -> str:
    return need.name if need.value is None else f"{need.name}: {need.value}"


def _example(row: Parameter) -> str:
    """Return the example as a plan would write it: phones quoted, lists in brackets."""
    if row.kind is Kind.PHONE:
        return f'"{row.example}"'
    return f"[{row.example}]" if row.is_list else row.example


def _tags(row: Parameter) -> str:
    return ", ".join(source.value for source in row.sources)


def _code(label: str, text: str) -> str:
    if label in ("Example", "Begins with", "Has an effect with", "Also accepted as"):
        return f"`{text}`"
    return _escaped(text)


def _escaped(text: str) -> str:
    """Keep a text from being read as Markdown's HTML, emphasis or table."""
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")
