"""Reads a target file: where calls go, and what no plan may exceed there. Two targets are built in."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

from orchestrator.exotel.parameter import Kind
from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.model.approval import ApprovalRule
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.policy import Rate
from orchestrator.model.target import DEFAULT_PACE, LIVE_HOURS, Callbacks, Guardrails, Lookups, Rates, Target
from orchestrator.phone.numbers import read
from orchestrator.plan.findings import in_order, line_excerpt
from orchestrator.plan.paths import plan_folder
from orchestrator.plan.policy.window import read_windows
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.node_types import typed_value
from orchestrator.plan.schema.target import APPROVAL_FOR, target_schema
from orchestrator.plan.text_formats import (
    ParseError,
    read_address,
    read_duration,
    read_expect,
    read_listen_address,
    read_rate,
)
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from orchestrator.plan.yaml.text import read_text

SANDBOX_SPEED = Target("sandbox", "sandbox").speed
SANDBOX_RATES = Rates("INR", Decimal("0.60"))
"""What the simulated carrier charges, unless a target says otherwise."""


def sandbox_pace(speed: float) -> Rate:
    """Return the default cap of a sandbox: a carrier's 200 a minute, of minutes that pass `speed` times faster."""
    return Rate(DEFAULT_PACE.count, DEFAULT_PACE.seconds / speed)


SANDBOX = Target("sandbox", "sandbox", account="sandbox", pace=sandbox_pace(SANDBOX_SPEED), rates=SANDBOX_RATES)
EXOTEL = Target("exotel", "exotel", legs=20, guardrails=Guardrails(windows=(LIVE_HOURS,)))

BUILT_IN_TARGETS: dict[str, Target] = {target.name: target for target in (SANDBOX, EXOTEL)}


Value = TypeVar("Value")


def load_target(path: str, name: str) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    """Read a target file. Returns None beside every problem at once where one of them is an error.

    `name` is what the target is called in reports and journals. Nothing of the environment is read.
    """
    text, unread = read_text(path)
    return (None, unread) if text is None else load_target_text(text, path, name, str(plan_folder(path)))


def load_target_text(text: str, path: str, name: str, folder: str) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    """Do as `load_target` does with the text of the file; `folder` is the one that the names in it are relative to."""
    root, found = read_document(text, path)
    problems = list(found)
    if name in BUILT_IN_TARGETS:
        message = f"`{name}` is built in and cannot be redefined"
        problems.append(error("reserved-name", message, Span(path, 1), hint="give the file another name"))
    if root is None:
        return None, tuple(problems)
    problems.extend(
        in_order([*check(root, target_schema()), *bad_accepts(root), *bad_caller_ids(root), *idle_approval_for(root)])
    )
    if any(problem.is_error for problem in problems):
        return None, tuple(problems)
    return _target(root, name, folder), tuple(problems)


def _target(root: MappingNode, name: str, folder: str) -> Target:
    """Build the target from a document without errors; `folder` is the real one of its file."""
    values: dict[str, Any] = typed_value(root, target_schema())
    live = values["kind"] == "exotel"
    speed = float(values.get("speed", SANDBOX_SPEED))
    plain = ("encoding", "response", "spelling", "legs", "timezone", "shared", "circuit", "journal", "scenario", "seed")
    return Target(
        name=name,
        kind=values["kind"],
        account=values.get("account", None if live else SANDBOX.account),
        base_url=_read(read_address(values["base_url"])) if "base_url" in values else None,
        pace=_read(read_rate(values["pace"])) if "pace" in values else (DEFAULT_PACE if live else sandbox_pace(speed)),
        timeout=_read(read_duration(values.get("timeout", "60s"))),
        callbacks=_callbacks(values.get("callbacks")),
        lookups=_lookups(values.get("lookups", {})),
        currency=values.get("rates", {}).get("currency", "INR"),
        rates=_rates(values.get("rates"), live),
        accept=_accept(values.get("accept", {})),
        guardrails=_guardrails(root, values.get("guardrails", {}), folder, live),
        notify=tuple(values.get("notify", ())),
        speed=speed,
        **{key: values[key] for key in plain if key in values},
    )


def _callbacks(values: dict[str, str] | None) -> Callbacks | None:
    if values is None:
        return None
    where = _read(read_listen_address(values["listen"]))
    return Callbacks(where.host, where.port, _read(read_address(values["public_url"])))


def _lookups(values: dict[str, str] | str) -> Lookups | None:
    if isinstance(values, str):
        return None  # `off`
    return Lookups(**{key: _read(read_duration(text)) for key, text in values.items()})


def _accept(values: dict[str, list[str] | str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the words by the table's name of each parameter; none stands for any text."""
    return tuple(
        (row.name if (row := BY_SPELLING.get(name)) else name, () if isinstance(words, str) else tuple(words))
        for name, words in values.items()
    )


def _rates(values: dict[str, str] | None, live: bool) -> Rates | None:
    """Return what calls cost; None where the price is not known."""
    if values is None:
        return None if live else SANDBOX_RATES
    if "per_minute" not in values:
        return None
    pulse = _read(read_duration(values.get("pulse", "60s")))
    return Rates(values.get("currency", "INR"), Decimal(values["per_minute"]), pulse)


def _guardrails(root: MappingNode, values: dict[str, Any], folder: str, live: bool) -> Guardrails:
    node = root.get("guardrails")
    windows = read_windows(node.get("window")) if isinstance(node, MappingNode) else ()
    if windows is None:
        raise AssertionError("check passed a window that cannot be read")
    return Guardrails(
        caller_ids=tuple(values.get("caller_ids", ())),
        windows=windows or ((LIVE_HOURS,) if live else ()),
        suppress=tuple(values.get("suppress", ())),
        folder=folder,
        expect_required=values.get("expect") == "required",
        approval=_approval(values),
    )


def _approval(rails: dict[str, Any]) -> ApprovalRule | None:
    people = _read(read_expect(rails.get("expect", "optional")))
    within = _read(read_duration(rails.get("approval_for", APPROVAL_FOR)))
    return ApprovalRule(people, within) if isinstance(people, int) else None


def _read(value: Value | ParseError) -> Value:
    """Return a value that `check` has passed by the same form."""
    if not isinstance(value, ParseError):
        return value
    raise AssertionError(f"check passed a value that {value.reason}")


_NEW_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,63}\Z")
_OPEN_KINDS = (Kind.CHOICE, Kind.CHOICES)
_OPENED_BEFORE = frozenset({"StreamName"})
"""Parameters of any text that targets opened before the table knew them: that says nothing new, and stays allowed."""


def bad_accepts(root: MappingNode) -> Iterator[Diagnostic]:
    """Check that `accept` opens only what may be opened: the choices of the table, and new parameters."""
    accept = root.get("accept")
    for entry in accept.entries if isinstance(accept, MappingNode) else ():
        row = BY_SPELLING.get(entry.key.text)
        if row is None:
            if not _NEW_NAME.match(entry.key.text):
                message = "a parameter's name is letters and digits and begins with a capital letter"
                yield error("not-a-parameter", message, entry.key.span, hint="spell it as the carrier does")
        elif row.name in _OPENED_BEFORE and isinstance(entry.value, ScalarNode) and entry.value.text == "text":
            continue
        elif row.kind not in _OPEN_KINDS:
            message = f"`{row.name}` has no list of words that could be longer"
            yield error("not-acceptable", message, entry.key.span, hint="remove it")
        elif isinstance(entry.value, ScalarNode):
            message = f"`{row.name}` takes certain words, and not any text"
            yield error("not-acceptable", message, entry.value.span, hint=f"for example `{row.name}: [new-word]`")


def idle_approval_for(root: MappingNode) -> Iterator[Diagnostic]:
    """Refuse `guardrails.approval_for` where no approval is asked for: it would be ignored, and is a guard."""
    rails = root.get("guardrails")
    entry = rails.entry("approval_for") if isinstance(rails, MappingNode) else None
    expect = rails.get("expect") if isinstance(rails, MappingNode) else None
    if entry is not None and not (isinstance(expect, ScalarNode) and expect.text.startswith("approved")):
        message = "`guardrails.approval_for` does nothing here: only `expect: approved(N)` asks for approvals"
        yield error("not-here", message, entry.key.span, hint="remove it, or write for example `expect: approved(2)`")


def bad_caller_ids(root: MappingNode) -> Iterator[Diagnostic]:
    """Check that each of `guardrails.caller_ids` is a number: one that is none would silently allow nothing."""
    rails = root.get("guardrails")
    listed = rails.get("caller_ids") if isinstance(rails, MappingNode) else None
    for item in listed.items if isinstance(listed, SequenceNode) else ():
        if isinstance(item, ScalarNode) and read(item.text) is None:
            message = f"`{line_excerpt(item.text)}` is not a phone number of 3 to 15 digits: no plan could use it"
            yield error("not-a-number", message, item.span, hint="write the CallerId as the carrier shows it")
