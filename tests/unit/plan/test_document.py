"""YAML text to nodes: places, characters, anchors, and the hostile."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.diagnostic import Diagnostic, Span
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from orchestrator.plan.yaml.text import read_text

PARSERS = pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "pure"])


def nodes(text: str, pure: bool = False) -> MappingNode:
    root, found = read_document(text, "plan.yaml", pure=pure)
    assert not found
    assert root is not None
    return root


def problems(text: str, pure: bool = False) -> tuple[Diagnostic, ...]:
    return read_document(text, "plan.yaml", pure=pure)[1]


def only(text: str, pure: bool = False) -> Diagnostic:
    found = problems(text, pure)
    assert len(found) == 1, found
    assert found[0].is_error
    assert found[0].hint
    return found[0]


def value(text: str) -> str:
    node = nodes(text).get("a")
    assert isinstance(node, ScalarNode)
    return node.text


@PARSERS
def test_every_key_and_value_has_its_place(pure: bool) -> None:
    root = nodes("version: 1\ncalls:\n  - To: '0801'\n    list: [a, \"b c\"]\n", pure)
    assert root.entries[0] == Entry(
        ScalarNode("version", False, Span("plan.yaml", 1, 1, 8)), ScalarNode("1", False, Span("plan.yaml", 1, 10, 11))
    )
    calls = root.get("calls")
    assert isinstance(calls, SequenceNode)
    assert calls.span == Span("plan.yaml", 3, 3)
    call = calls.items[0]
    assert isinstance(call, MappingNode)
    assert call.get("To") == ScalarNode("0801", True, Span("plan.yaml", 3, 9, 15))
    listed = call.get("list")
    assert isinstance(listed, SequenceNode)
    assert listed.items == (
        ScalarNode("a", False, Span("plan.yaml", 4, 12, 13)),
        ScalarNode("b c", True, Span("plan.yaml", 4, 15, 20)),
    )


@PARSERS
def test_an_anchored_value_has_its_own_place_and_not_the_anchors(pure: bool) -> None:
    root = nodes("a: &one   foo\nb: *one\n", pure)
    assert root.get("a") == ScalarNode("foo", False, Span("plan.yaml", 1, 11, 14))
    assert root.get("b") == root.get("a")


@PARSERS
def test_columns_count_characters_and_lines_count_all_line_ends(pure: bool) -> None:
    root = nodes("é: ü\r\n日本: x\rz: y\n", pure)
    assert [entry.value.span for entry in root] == [
        Span("plan.yaml", 1, 4, 5),
        Span("plan.yaml", 2, 5, 6),
        Span("plan.yaml", 3, 4, 5),
    ]


@pytest.mark.parametrize(
    "typed",
    ["08012345678", "02226543210", "+919876543210", "0401234567", "1.50", "007", "~", "no", "on", "2026-11-22",
     "1:30", "0o17", "0x1F", "1e3", "1_000", "=", "<<", ".inf", "null", "+91 98765 43210", "080-1234-5678"],
)  # fmt: skip
def test_a_plain_value_stays_the_characters_that_were_typed(typed: str) -> None:
    assert value(f"a: {typed}\n") == typed
    assert value(f"a: '{typed}'\n") == typed


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40))
def test_any_characters_survive_in_single_quotes(text: str) -> None:
    """But for what is refused aloud: a byte order mark inside the text, and U+FFFE and U+FFFF, which are none."""
    document = f"a: '{text.replace(chr(39), chr(39) * 2)}'\n"
    root, found = read_document(document, "plan.yaml")
    if any(character in text for character in "\ufeff\ufffe\uffff"):
        assert {problem.id for problem in found} == {"control-character"}
    else:
        assert root is not None
        assert root.get("a") == ScalarNode(text, True, root.entries[0].value.span)


@given(st.text("0123456789+-.:_eExoXO~ynYNTFtruefalsenullonoff ", min_size=1, max_size=20))
def test_what_looks_like_a_number_flag_or_nothing_survives_unquoted(text: str) -> None:
    typed = f"x{text}".strip()[1:].strip() or "0"
    root, found = read_document(f"a: {typed}\n", "plan.yaml")
    if not found:  # `- `, `: ` and the like are YAML's own
        assert root is not None
        node = root.get("a")
        assert not isinstance(node, ScalarNode) or node.text == typed
    else:
        assert ": " in typed or typed.endswith(":") or typed.startswith(("- ", "-")) or typed == "-"


@PARSERS
def test_on_is_a_key_like_any_other(pure: bool) -> None:
    assert nodes("on: 1\nno: 2\n2026-11-22: 3\n", pure).get("on") is not None


@PARSERS
def test_a_repeated_key_is_told_with_both_places(pure: bool) -> None:
    problem = only("a: 1\nb: 2\na: 3\n", pure)
    assert (problem.id, problem.spans) == (
        "duplicate-key",
        (Span("plan.yaml", 3, 1, 2), Span("plan.yaml", 1, 1, 2)),
    )


def test_keys_that_differ_only_in_quotes_are_one_key() -> None:
    assert only("a: 1\n'a': 2\n").id == "duplicate-key"


@PARSERS
def test_merge_keys_bring_what_the_mapping_does_not_write_itself(pure: bool) -> None:
    root = nodes(
        "x-base: &base {From: '1', To: '2'}\nx-more: &more {To: '3', Record: 'true'}\n"
        "one: {<<: *base, To: '4'}\nboth: {<<: [*more, *base], TimeOut: '5'}\n",
        pure,
    )
    one, both = root.get("one"), root.get("both")
    assert isinstance(one, MappingNode)
    assert isinstance(both, MappingNode)
    assert [(entry.key.text, _text(entry)) for entry in one] == [("From", "1"), ("To", "4")]
    assert [(entry.key.text, _text(entry)) for entry in both] == [
        ("To", "3"), ("Record", "true"), ("From", "1"), ("TimeOut", "5"),
    ]  # fmt: skip


def _text(entry: Entry) -> str:
    assert isinstance(entry.value, ScalarNode)
    return entry.value.text


@pytest.mark.parametrize("merged", ["foo", "[a]", "[[]]", "''"])
def test_a_merge_of_anything_but_mappings_is_refused(merged: str) -> None:
    assert only(f"a: {{<<: {merged}}}\n").id == "bad-merge"


def test_two_merge_keys_are_a_repeated_key_with_the_list_form_as_hint() -> None:
    problem = only("x-a: &a {p: 1}\nb:\n  <<: *a\n  <<: *a\n")
    assert problem.id == "duplicate-key"
    assert problem.hint == "merge several mappings with one list: `<<: [*a, *b]`"


def test_a_quoted_merge_key_is_a_plain_key() -> None:
    node = nodes("a: {'<<': b}\n").get("a")
    assert isinstance(node, MappingNode)
    assert node.get("<<") is not None


def test_keys_beginning_with_x_are_gone_at_every_level_and_their_anchors_stay() -> None:
    root = nodes("x-note: &n hello\na:\n  x-deep: {x: 1}\n  b: *n\nl: [{x-1: 2, c: 3}]\n")
    assert [entry.key.text for entry in root] == ["a", "l"]
    node, listed = root.get("a"), root.get("l")
    assert isinstance(node, MappingNode)
    assert [entry.key.text for entry in node] == ["b"]
    assert isinstance(listed, SequenceNode)
    assert isinstance(listed.items[0], MappingNode)
    assert [entry.key.text for entry in listed.items[0]] == ["c"]


@PARSERS
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty-document"),
        ("# only a comment\n", "empty-document"),
        ("---\n", "empty-document"),
        ("- 1\n", "not-a-mapping"),
        ("just words\n", "not-a-mapping"),
        ("a: 1\n---\nb: 2\n", "several-documents"),
        ("a: !!python/object/apply:os.system [x]\n", "yaml-tag"),
        ("a: !!str 080\n", "yaml-tag"),
        ("a: ! x\n", "yaml-tag"),
        ("a: {{ row.phone }}\n", "key-not-text"),
        ("[1, 2]: a\n", "key-not-text"),
        ("'': a\n", "key-not-text"),
        ("a: &x [*x]\n", "cyclic-alias"),
        ("a: &x {b: {<<: *x}}\n", "cyclic-alias"),
        ("a: *nowhere\n", "unknown-alias"),
        ("a:\n\tb: 1\n", "yaml-syntax"),
        ("a: 'open\nb: 1\n", "yaml-syntax"),
        ("a: [1, 2\n", "yaml-syntax"),
        ("a: b: c\n", "yaml-syntax"),
        ("a: @b\n", "yaml-syntax"),
        ("a: {b: ${row.c}}\n", "yaml-syntax"),
        ("a: %b\n", "yaml-syntax"),
        ("a: 'b' c\n", "yaml-syntax"),
        ("a:\n  - 1\n - 2\n", "yaml-syntax"),
        ("a: 1\n b: 2\n", "yaml-syntax"),
        ("%FOO\n", "yaml-syntax"),
        ('a: "\\q"\n', "yaml-syntax"),
        ("a: \x00\n", "control-character"),
        ("a: \x1b[31m\n", "control-character"),
        ("a: \x85\n", "control-character"),
        ("a: \u2028\n", "control-character"),
        ("a: b\ufeffc\n", "control-character"),
        ('a: "\\0"\n', "control-character"),
        ('a: "\\e[31m"\n', "control-character"),
    ],
)  # fmt: skip
def test_each_unreadable_text_is_told_with_a_place_and_a_hint(text: str, problem: str, pure: bool) -> None:
    found = problems(text, pure)
    assert problem in {each.id for each in found}
    for each in found:
        assert each.spans
        assert each.spans[0].line >= 1
        assert each.hint, each


@PARSERS
def test_half_a_surrogate_pair_is_refused(pure: bool) -> None:
    """libyaml refuses the escape itself, the pure parser leaves it to us."""
    assert only('a: "\\ud800"\n', pure).id == ("control-character" if pure else "yaml-syntax")


@pytest.mark.parametrize(
    ("text", "line", "column", "hint"),
    [
        ("a:\n\tb: 1\n", 2, 1, "indent with spaces"),
        ("ok: 1\na: 'open\nb: 1\n", 2, 4, "close the quote"),
        ("a: {b: ${row.c}}\n", 1, 9, "must be quoted"),
        ("a: {\n  b: ${row.c},\n  d: 1}\n", 2, 7, "must be quoted"),
        ("a: {b: $$, c: ${row.c}}\n", 1, 16, "must be quoted"),
        ("a: [\n  x-${row.c}]\n", 2, 6, "must be quoted"),
        ("a: @b\n", 1, 4, "quote the value"),
    ],
)
def test_a_syntax_error_points_where_the_reader_looks_first(text: str, line: int, column: int, hint: str) -> None:
    problem = only(text)
    assert (problem.spans[0].line, problem.spans[0].column) == (line, column)
    assert hint in (problem.hint or "")


def test_several_problems_are_told_at_once_and_the_rest_is_still_read() -> None:
    root, found = read_document("a: 1\na: 2\nb: !!int 3\nc: *nope\nd: 4\n", "plan.yaml")
    assert [problem.id for problem in found] == ["duplicate-key", "yaml-tag", "unknown-alias"]
    assert root is not None
    assert [entry.key.text for entry in root] == ["a", "b", "c", "d"]


def _doubling() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join(lines)


def _merging() -> str:
    keys = ", ".join(f"k{n}: 1" for n in range(3000))
    return f"b: &b {{{keys}}}\n" + "".join(f"m{n}: {{<<: *b}}\n" for n in range(3000))


def _chained() -> str:
    """Each list holds the one before: shallow as written, deep as meant."""
    return "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5000))


@PARSERS
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (_doubling(), "too-many-aliases"),
        (_merging(), "too-many-aliases"),
        (_chained(), "too-deep"),
        ("a: " + "[" * 20_000, "too-deep"),
        ("a: " + "{b: " * 20_000, "too-deep"),
        ("- " * 20_000 + "x", "too-deep"),
        ("? " * 20_000 + "x", "too-deep"),
        ("".join(" " * n + "a:\n" for n in range(3000)), "too-deep"),
    ],
    ids=["doubling", "merging", "chained", "brackets", "braces", "dashes", "question marks", "indentation"],
)
def test_bombs_end_in_one_diagnostic_within_two_seconds(text: str, problem: str, pure: bool) -> None:
    """Two, not one: the pure parser scans its 1,024 characters of look-ahead in half a second, on a busy machine."""
    started = time.process_time()
    assert only(text, pure).id == problem
    assert time.process_time() - started < 2


def test_ten_thousand_calls_that_merge_a_dozen_defaults_are_no_bomb() -> None:
    base = ", ".join(f"K{n}: v" for n in range(12))
    text = f"x-b: &b {{{base}}}\ncalls:\n" + "".join(f"  - {{<<: *b, id: c{n}}}\n" for n in range(10_000))
    calls = nodes(text).get("calls")
    assert isinstance(calls, SequenceNode)
    assert len(calls.items) == 10_000


def test_a_million_characters_in_one_value_are_read() -> None:
    assert len(value("a: " + "x" * 1_000_000 + "\n")) == 1_000_000


@PARSERS
def test_sixty_four_levels_are_read_and_sixty_five_are_not(pure: bool) -> None:
    assert nodes("a: " + "[" * 63 + "x" + "]" * 63, pure)  # the mapping is a level too
    assert only("a: " + "[" * 64 + "x" + "]" * 64, pure).id == "too-deep"


def test_levels_behind_an_alias_count_too() -> None:
    deep = "a: &a " + "[" * 40 + "x" + "]" * 40 + "\nb: "
    assert nodes(deep + "[" * 23 + "*a" + "]" * 23)
    assert only(deep + "[" * 24 + "*a" + "]" * 24).id == "too-deep"


def test_a_byte_order_mark_is_tolerated_and_moves_no_column() -> None:
    assert nodes("\ufeffa: 1\n").entries[0].key.span == Span("plan.yaml", 1, 1, 2)


def test_read_text_tells_where_a_file_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes("name: é\nto: ".encode() + b"\xff\n")
    text, found = read_text(str(path))
    assert text is None
    assert found[0].id == "not-utf-8"
    assert found[0].spans == (Span(str(path), 2, 5),)
    assert "byte 13 " in found[0].message


def test_read_text_names_utf16(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("a: 1\n", "utf-16")
    assert "UTF-16" in (read_text(str(path))[1][0].hint or "")


def test_read_text_takes_a_byte_order_mark_away(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("a: 1\n", "utf-8-sig")
    assert read_text(str(path)) == ("a: 1\n", ())


def test_read_text_tells_missing_files_folders_and_impossible_names(tmp_path: Path) -> None:
    ids = [read_text(name)[1][0].id for name in (str(tmp_path / "none"), str(tmp_path), "a\0b")]
    assert ids == ["no-such-file", "unreadable-file", "unreadable-file"]


def test_an_endless_device_is_not_read() -> None:
    assert read_text("/dev/zero")[1][0].id == "unreadable-file"


@PARSERS
def test_both_parsers_give_the_same_nodes(pure: bool) -> None:
    """libyaml may be missing from a machine's PyYAML: a plan means the same there."""
    text = (
        "a: &x {b: [1, 'two', \"thr\\u00e9\"], c: }\n? d\n: |\n  lines\n\n  more\ne: >-\n  folded\n  text\n"
        "f:\n- g: plain words\n  h: *x\n-\ni: {<<: *x, j: 5}  # note\nk: 'over\n  lines'\n"
    )
    fast, slow = read_document(text, "plan.yaml"), read_document(text, "plan.yaml", pure=pure)
    assert not fast[1]
    assert _without_empty(fast[0]) == _without_empty(slow[0])


def _without_empty(node: Node | None) -> object:
    """The two place a missing value differently, by a blank; nothing is shown there."""
    if isinstance(node, MappingNode):
        return node.span, [(_without_empty(entry.key), _without_empty(entry.value)) for entry in node]
    if isinstance(node, SequenceNode):
        return node.span, [_without_empty(item) for item in node.items]
    return node if isinstance(node, ScalarNode) and (node.text or node.quoted) else ""


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "version: 1\nname: " + "[]," * n,
        lambda n: "version: 1\nname: x\nx-a: 'y' " + "{" * n,
        lambda n: "version: 1\nname: " + "{}${" * n,
        lambda n: "x-a:\n" + "".join(f"- &b{i} x\n- *a{i}\n" for i in range(n)),
    ],
    ids=["brackets", "braces", "templates", "aliases"],
)
def test_what_is_refused_is_refused_in_linear_time(text: Callable[[int], str]) -> None:
    """Four times the text takes four times the work, measured in processor time: 16 times were quadratic."""

    def took(n: int) -> float:
        written, began = text(n), time.process_time()
        _, problems = read_document(written, "plan.yaml")
        assert problems
        return time.process_time() - began

    took(100)
    small, large = (min(took(n) for _ in range(3)) for n in (4000, 16000))
    assert large < 9 * small + 0.05
