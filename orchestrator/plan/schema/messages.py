"""Turns errors of the schema validator into diagnostics: the exact place, plain words, a hint, never a value."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from orchestrator.exotel.parameters import BY_SPELLING
from orchestrator.exotel.values import FLAG_WORDS
from orchestrator.model.diagnostic import Diagnostic, Span, error
from orchestrator.model.frozen import frozen
from orchestrator.plan.findings import hints, line_excerpt, secret_in_file
from orchestrator.plan.fixes import Fix, rewritten
from orchestrator.plan.schema.node_types import scalar_types, schema_branch, schema_of_key
from orchestrator.plan.suggestions import LONGEST_WORD, bare_word, closest_word, only_word_meant
from orchestrator.plan.text_formats import format_problem, respelled
from orchestrator.plan.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

SchemaError = Any
"""A ValidationError of jsonschema. Its types say that every attribute may be unset, which only an unraised one has."""

_INDEXED = re.compile(r"([A-Za-z]+)\[[0-9]*\]\Z")
_MOST_KEYS_LISTED = 24
"""Known keys that a hint lists; of more it says what kinds there are."""
_OTHER_LETTERS = "it holds a character that is not of the Latin alphabet"
_NO_BLANK = re.compile(r"[A-Za-z_-]+:[^\s/]")
_MOST_KEYS_COMPARED = 200
"""Keys of a mapping that are compared with those that they may mean: who has more has not written them by hand."""
_SECRET = re.compile(r"api.?key|token|passw|secret|credential|auth", re.IGNORECASE)

_JSON_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


@frozen
class DocumentPlace:
    """One place of a document. `name` is dotted (`policy.window[0].hours`), empty for the document itself.

    `key` is the nearest key above it, `span` what a problem of the whole place points at: a single value,
    else the key that holds it, else the first line of the item.
    """

    name: str
    key: str
    node: Node
    schema: Any
    key_span: Span
    is_required: bool = False

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list, which has no key of its own."""
        return self.name.endswith("]")

    @property
    def how_to_fill(self) -> str:
        """What to do where nothing stands."""
        give = f"give it {expected(self.schema)}"
        if self.is_required:
            return give
        return f"remove the {'item' if self.is_item else 'key'}, or {give}"

    @property
    def span(self) -> Span:
        """The value where it is a single one, else its key."""
        if isinstance(self.node, ScalarNode) and (self.node.text or self.node.quoted):
            return self.node.span
        return self.key_span


def locate(root: MappingNode, schema: dict[str, Any], path: Sequence[str | int]) -> DocumentPlace:
    """Return the place at a path of keys and indexes, as jsonschema gives them."""
    place = DocumentPlace("", "", root, schema, root.span)
    for step in path:
        if isinstance(place.node, MappingNode):
            entry = place.node.entry(str(step))
            if entry is None:
                break
            name = f"{place.name}.{line_excerpt(str(step))}" if place.name else line_excerpt(str(step))
            branch = schema_branch(place.schema, place.node)
            inner = schema_of_key(branch, str(step))
            is_required = step in branch.get("required", ())
            place = DocumentPlace(name, str(step), entry.value, inner, entry.key.span, is_required)
        elif isinstance(place.node, SequenceNode):
            item = place.node.items[int(step)]
            inner = schema_branch(place.schema, place.node).get("items")
            place = DocumentPlace(f"{place.name}[{step}]", place.key, item, inner, item.span)
    return place


def diagnostics_of(problem: SchemaError, root: MappingNode, schema: dict[str, Any]) -> Iterator[Diagnostic]:
    """Report one error; an `anyOf` is reported by the branch that was meant, which may hold several."""
    if problem.validator == "anyOf":
        inner = _branch_meant(problem)
        if inner:
            for error_of_branch in inner:
                yield from diagnostics_of(error_of_branch, root, schema)
            return
    report = _REPORTERS.get(str(problem.validator), _wrong_type)
    yield from report(problem, locate(root, schema, tuple(problem.absolute_path)), schema)


def _branch_meant(problem: SchemaError) -> list[SchemaError]:
    """Return the errors of the branch whose type the value has: that is the one the writer had in mind."""
    kind = _JSON_TYPES.get(type(problem.instance))
    fitting = [index for index, part in enumerate(problem.validator_value) if part.get("type") == kind]
    return [inner for inner in problem.context or () if inner.schema_path[0] in fitting]


def _unknown_keys(problem: SchemaError, place: DocumentPlace, schema: dict[str, Any]) -> Iterator[Diagnostic]:
    assert isinstance(place.node, MappingNode)  # noqa: S101 - only mappings have keys
    known = [key for key, part in problem.schema.get("properties", {}).items() if not _is_refused(part)]
    compared = islice(place.node.entries, _MOST_KEYS_COMPARED)
    meant_by = Counter(only_word_meant(entry.key.text, known) for entry in compared)
    may_be_fixed = len(place.node.entries) <= _MOST_KEYS_COMPARED
    for entry in place.node.entries:
        key = entry.key.text
        if key in problem.schema.get("properties", {}) or key.startswith("x-"):
            continue
        if _SECRET.search(key):
            yield secret_in_file(key, entry.key.span)
            continue
        where = f" in `{place.name}`" if place.name else ""
        hint = _about_unknown_key(key, known, schema)
        meant = only_word_meant(key, known)
        is_sure = meant is not None and meant_by[meant] == 1 and may_be_fixed and hint == _did_you_mean(meant)
        fix = rewritten(entry.key, meant) if meant is not None and is_sure else ()
        message = f"`{line_excerpt(key)}` is not a key{where}"
        yield error(
            "unknown-key", message, entry.key.span, hint=hint if key.isascii() else hints(hint, _OTHER_LETTERS), fix=fix
        )


def _about_unknown_key(key: str, known: Iterable[str], schema: dict[str, Any]) -> str:
    """Return the hint for a key that does not belong where it stands; `schema` is the whole file's."""
    words = list(known)
    key = key[:LONGEST_WORD]
    indexed = _INDEXED.match(key)
    if indexed and indexed[1] in words:
        return f"write `{indexed[1]}` as a list: the indexes are added on the wire"
    near = closest_word(key, words)
    elsewhere = _elsewhere(key, schema)
    if near is not None and (elsewhere is None or bare_word(near) == bare_word(key)):
        return _did_you_mean(near)
    if elsewhere is not None:
        return elsewhere
    if len(words) <= _MOST_KEYS_LISTED:
        return f"known here: {', '.join(words)}" if words else "remove it"
    return "carrier parameters begin with a capital letter; a note of your own begins with `x-`"


def _did_you_mean(word: str | None) -> str:
    return f"did you mean `{word}`?"


def _elsewhere(key: str, schema: dict[str, Any]) -> str | None:
    if "calls" not in schema["properties"]:
        return None
    row = BY_SPELLING.get(key) or BY_SPELLING.get(closest_word(key, BY_SPELLING) or "")
    if row is not None and bare_word(row.name) == bare_word(key):
        return f"`{row.name}` is a carrier parameter: it stands under `defaults` or in a call"
    if key in schema["properties"]:
        return f"`{key}` stands at the top of the plan"
    if schema_of_key(schema["properties"]["policy"], key) is not None:
        return f"`{key}` stands under `policy`"
    return None


def _is_refused(part: Any) -> bool:
    return part is False or (isinstance(part, dict) and part.get("not") == {})


def _missing_keys(problem: SchemaError, place: DocumentPlace, schema: dict[str, Any]) -> Iterator[Diagnostic]:
    assert isinstance(place.node, MappingNode)  # noqa: S101 - only mappings have keys
    written = [entry.key.text for entry in place.node.entries]
    chosen = schema_branch(place.schema, place.node)
    unknown = [key for key in written if schema_of_key(chosen, key) is None][:_MOST_KEYS_COMPARED]
    for key in problem.validator_value:
        if key in written or any(closest_word(word, chosen.get("properties", ())) == key for word in unknown):
            continue  # a misspelled key is reported once, as unknown
        where = f" in `{place.name}`" if place.name else ""
        yield error(
            "missing-key", f"`{key}` is missing{where}", place.span, hint=example_hint(key, schema_of_key(chosen, key))
        )


def _not_for_this_kind(problem: SchemaError, place: DocumentPlace, _: dict[str, Any]) -> Iterator[Diagnostic]:
    why = problem.schema.get("description", "Not here.") if isinstance(problem.schema, dict) else "Not here."
    yield error("not-here", f"`{place.name}` does not belong here: {why}", place.key_span, hint="remove it")


def _wrong_type(_: SchemaError, place: DocumentPlace, __: dict[str, Any]) -> Iterator[Diagnostic]:
    fix: Fix = ()
    flag = FLAG_WORDS.get(place.node.text.strip().lower()) if isinstance(place.node, ScalarNode) else None
    if isinstance(place.node, ScalarNode) and not place.node.text and not place.node.quoted:
        message, hint = f"`{place.name}` has no value", place.how_to_fill
    elif flag is not None and isinstance(place.node, ScalarNode) and scalar_types(place.schema) == {"boolean"}:
        message, hint = f"`{place.name}` must be {expected(place.schema)}", _did_you_mean(flag)
        fix = rewritten(place.node, flag)
    else:
        message, hint = (
            f"`{place.name}` must be {expected(place.schema)}",
            type_hint(place.schema, place.node, place.key, item=place.is_item),
        )
    yield error("wrong-type", message, place.span, hint=hint, fix=fix)


def _not_allowed(problem: SchemaError, place: DocumentPlace, schema: dict[str, Any]) -> Iterator[Diagnostic]:
    words = [str(word) for word in problem.validator_value]
    if not isinstance(place.node, ScalarNode) or (not place.node.text and not place.node.quoted):
        yield from _wrong_type(problem, place, schema)
        return
    near = closest_word(place.node.text, words)
    hint = _did_you_mean(near) if near else f"write {'`' + words[0] + '`' if len(words) == 1 else 'one of them'}"
    meant = only_word_meant(place.node.text, words)
    fix = rewritten(place.node, meant) if meant is not None and meant == near else ()
    yield error("not-allowed", f"`{place.name}` must be {expected(problem.schema)}", place.span, hint=hint, fix=fix)


def _wrong_form(problem: SchemaError, place: DocumentPlace, _: dict[str, Any]) -> Iterator[Diagnostic]:
    found = format_problem(problem.validator_value, problem.instance)
    if found is None:
        raise AssertionError("the validator judges by the form")
    if not problem.instance and isinstance(place.node, ScalarNode) and not place.node.quoted:
        yield error("wrong-form", f"`{place.name}` has no value", place.span, hint=found.hint)
    else:
        meant = respelled(problem.validator_value, problem.instance)
        fix = rewritten(place.node, meant) if meant is not None and isinstance(place.node, ScalarNode) else ()
        yield error(found.id, f"`{place.name}` {found.reason}", place.span, hint=found.hint, fix=fix)


def _bound(id: str, words: str) -> "_Reporter":  # noqa: A002 - a diagnostic's own name for it
    def report(problem: SchemaError, place: DocumentPlace, _: dict[str, Any]) -> Iterator[Diagnostic]:
        message = f"`{place.name}` must be {words.format(with_commas(problem.validator_value))}"
        yield error(id, message, place.span, hint=example_hint(place.key, place.schema, item=place.is_item))

    return report


def _empty(problem: SchemaError, place: DocumentPlace, _: dict[str, Any]) -> Iterator[Diagnostic]:
    least = problem.validator_value
    what = f"at least {least} keys" if least > 1 else "something in it"
    yield error(
        "empty",
        f"`{place.name}` must have {what}",
        place.span,
        hint=place.how_to_fill,
    )


def _repeated(problem: SchemaError, place: DocumentPlace, _: dict[str, Any]) -> Iterator[Diagnostic]:
    yield error("repeated-item", f"`{place.name}` names one item twice", place.span, hint="remove the second")


_Reporter = Callable[[SchemaError, DocumentPlace, dict[str, Any]], Iterator[Diagnostic]]
_REPORTERS: dict[str, _Reporter] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_keys,
    "not": _not_for_this_kind,
    "enum": _not_allowed,
    "pattern": _wrong_form,
    "minimum": _bound("too-small", "at least {}"),
    "maximum": _bound("too-large", "at most {}"),
    "maxLength": _bound("too-long", "at most {} characters long"),
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "uniqueItems": _repeated,
}


_WORDS = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "boolean": "`true` or `false`",
    "number": "a number",
    "string": "one text",
}


def expected(schema: Any) -> str:
    """Say what a place takes: `a whole number from 1 to 10`, `one of: json, xml`."""
    if not isinstance(schema, dict):
        return "left out"
    if "anyOf" in schema:
        return " or ".join(expected(part) for part in schema["anyOf"])
    if "enum" in schema:
        words = [str(word) for word in schema["enum"]]
        return f"`{words[0]}`" if len(words) == 1 else f"one of: {', '.join(words)}"
    if schema.get("type") == "integer":
        return f"a whole number from {with_commas(schema['minimum'])} to {with_commas(schema['maximum'])}"
    return _WORDS.get(str(schema.get("type")), "left out")


def with_commas(bound: float) -> str:
    """Write a bound by thousands: `1,000,000,000`. Nine digits in a row would be masked as a phone number."""
    return f"{bound:,}"


def example_hint(key: str, schema: Any, *, item: bool = False) -> str:
    """Show how the place may be written; `item`: as one of a list, with a dash where else its key stands."""
    written = list(examples(schema))
    if item:
        shown = " or ".join(f"`- {example}`" for example in written)
        return f"for example {shown}" if written else f"write {expected(schema)} behind each dash"
    return f"for example `{key}: {written[0]}`" if written else f"write `{key}:` with {expected(schema)}"


def type_hint(schema: Any, node: Node, key: str, *, item: bool = False) -> str:
    """Say how to turn what stands at a place into what belongs there."""
    wants = expected(schema)
    if isinstance(node, ScalarNode) and _NO_BLANK.match(node.text) and wants.startswith("a mapping"):
        return "write a blank behind the colon of each key"
    if item and isinstance(node, ScalarNode) and wants.startswith("a mapping"):
        return f"write its keys behind a dash, `- key: value`, indented below `{key}:`"
    if isinstance(node, MappingNode) and wants.startswith("a list") and not _takes_mappings(schema):
        items = schema.get("items")
        return f"for example `{key}: [{', '.join(examples(items))}]`" if _example(items) else f"write {wants}"
    if isinstance(node, SequenceNode) and wants.startswith("a mapping"):
        return "remove the dash or bracket: keys stand indented below"
    if isinstance(node, MappingNode) and wants.startswith("a list"):
        return "begin each item with `- `"
    if isinstance(node, ScalarNode) and wants.startswith(("a mapping", "a list")):
        return f"write its {'items, each with `- `,' if wants.startswith('a list') else 'keys'} indented below `{key}:`"
    return example_hint(key, schema, item=item)


def _takes_mappings(schema: Any) -> bool:
    """Whether a list's items may be mappings."""
    return "a mapping" in expected(schema.get("items")) if isinstance(schema, dict) else False


def _example(schema: Any) -> str | None:
    return next(examples(schema), None)


def examples(schema: Any) -> Iterator[str]:
    """Yield an example of each kind of value that a place takes."""
    if not isinstance(schema, dict):
        return
    if "examples" in schema:
        yield str(schema["examples"][0])
    elif "enum" in schema:
        yield str(schema["enum"][0])
    for part in schema.get("anyOf", ()):
        yield from examples(part)
