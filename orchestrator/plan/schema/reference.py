"""The documentation of the keys of plans and target files: what their schemas say, and what is noted beside them."""

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.model.page import Example, Page, Subject
from orchestrator.plan.schema.documented import PLAN_KEYS, TARGET_KEYS, KeyNotes
from orchestrator.plan.schema.messages import examples, expected

_STANDING = {
    Subject.PLAN_KEY: "a key of a plan",
    Subject.POLICY_KEY: "a key of a plan's policy",
    Subject.TARGET_KEY: "a key of a target file",
}


def plan_key_pages(schema: Mapping[str, Any]) -> Iterator[Page]:
    """Yield a page for each key of a plan but those of its policy, and but the carrier's parameters."""
    yield from _pages(Subject.PLAN_KEY, schema, PLAN_KEYS, leave_out=("policy",))


def target_key_pages(schema: Mapping[str, Any]) -> Iterator[Page]:
    """Yield a page for each key of a target file."""
    yield from _pages(Subject.TARGET_KEY, schema, TARGET_KEYS)


def _pages(
    subject: Subject, schema: Mapping[str, Any], documented: Mapping[str, KeyNotes], leave_out: tuple[str, ...] = ()
) -> Iterator[Page]:
    is_target = subject is Subject.TARGET_KEY
    for path, part in keys_inside(schema, leave_out):
        own = path
        while own and own not in documented:  # it is documented with the key that it stands in
            own = own.rpartition(".")[0]
        notes = documented[own]
        good = Example(notes.good, files=notes.files, is_target=is_target)
        bad = Example(notes.bad, notes.finding, notes.files, is_target)
        why, inside = (notes.why, None) if own == path else ("", own)
        yield key_page(subject, path, part, good, bad, why=why, inside=inside)


def key_page(
    subject: Subject,
    path: str,
    schema: Any,
    good: Example | None,
    bad: Example | None,
    *,
    why: str = "",
    inside: str | None = None,
) -> Page:
    """Return the page of one key, with what its schema says: what it takes, its default, and the keys inside it."""
    facts = [] if inside is None else [("Stands in", inside)]
    facts.append(("Takes", takes(schema)))
    if "default" in schema:
        facts.append(("Default", _written(schema["default"])))
    rows = tuple(f"{names}: {what} Takes {takes(part)}." for names, part, what in rows_inside(schema))
    return Page(
        *(subject, path, _STANDING[subject], schema.get("description", ""), why),
        facts=tuple(facts),
        lists=(("Inside", rows),) if rows else (),
        good=good,
        bad=bad,
        inside=inside,
    )


def keys_inside(schema: Any, leave_out: tuple[str, ...] = (), before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, schema) of each lower-case key inside a mapping, a list's items, or any of several shapes.

    Of keys that stand there in one of several shapes each comes once. What is inside of those in `leave_out` is not.
    """
    seen = set()
    for shape in (schema, *schema.get("anyOf", ())):
        for name, part in shape.get("items", shape).get("properties", {}).items():
            path = f"{before}{name}"
            if name[0].isupper() or path in seen:
                continue
            seen.add(path)
            yield path, part
            if path not in leave_out:
                yield from keys_inside(part, leave_out, f"{path}.")


def takes(schema: Any) -> str:
    """Say what a place takes: of a list what its items are, of a text how it may be written."""
    if schema.get("type") == "array":
        return f"a list, each item {takes(schema['items'])}"
    if "anyOf" in schema:
        return " or ".join(takes(part) for part in schema["anyOf"])
    shown = " or ".join(f"`{text}`" for text in examples(schema)) if schema.get("type") == "string" else ""
    return f"a text such as {shown}" if shown and "enum" not in schema else expected(schema)


def rows_inside(schema: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield (names, schema, description) of the keys inside a mapping, or inside the mappings of a list.

    Keys that are described alike, but for their own names, share a row, and what is inside them stands once.
    """
    alike: dict[str, tuple[list[str], Any]] = {}
    for name, part in schema.get("items", schema).get("properties", {}).items():
        if not name[0].isupper():
            alike.setdefault(part["description"].replace(name, "so"), ([], part))[0].append(f"`{name}`")
    for what, (names, part) in alike.items():
        yield ", ".join(names), part, what if len(names) > 1 else part["description"]
        yield from ((f"in each: {inner}", below, text) for inner, below, text in rows_inside(part))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
