"""The canonical form: what changes, what never does, and that it is its own canonical form."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.plan.canonical import canonical, laid_out
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.meaning import mean_the_same

ROOT = Path(__file__).parents[3]
PLANS = sorted([*(ROOT / "tests/plans").glob("*/*.yaml"), *(ROOT / "configs").rglob("*.yaml")])

LAYOUTS = {
    "a list in the column of its key": ("l:\n- a\n-   b\nm: 1\n", "l:\n  - a\n  - b\nm: 1\n"),
    "levels of four columns": ("a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"),
    "blanks around colons and commas": (
        "a :   [ 1,2 ,3 ]\nb: { c : d,e:   f }\n",
        "a: [1, 2, 3]\nb: {c: d, e: f}\n",
    ),
    "a tab behind a colon": ("a:\tb\n", "a: b\n"),
    "blanks at line ends": ("a: 1  \n  \nb: 2\t\n", "a: 1\n\nb: 2\n"),
    "empty lines": ("\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
    "no line end at the end": ("a: 1\nb: 2", "a: 1\nb: 2\n"),
    "comments stay with their block": (
        "# top\na:\n    # inner\n    b: 1\n    # after\n# outer\nc: 1\n   # end\n",
        "# top\na:\n  # inner\n  b: 1\n  # after\n# outer\nc: 1\n# end\n",
    ),
    "comments in a column stay in it": (
        "a:    1     # one\nbcd: {e :  2} # two\n",
        "a: 1        # one\nbcd: {e: 2}   # two\n",
    ),
    "a comment behind a dash": ("l:\n-   # about it\n    a: 1\n", "l:\n  -   # about it\n    a: 1\n"),
    "mappings and lists in lists": (
        "l:\n-   a: 1\n    b:\n    -   - c\n        - d\n-\n    e: 1\n",
        "l:\n  - a: 1\n    b:\n      - - c\n        - d\n  -\n    e: 1\n",
    ),
    "values below their keys": (
        "a:\n      b\nl:\n -\n    'c\n     d'\n - &x\n      {e: 1,\n       f: 2}\n",
        "a:\n  b\nl:\n  -\n    'c\n     d'\n  - &x\n    {e: 1,\n     f: 2}\n",
    ),
    "brackets over several lines": (
        "a:\n    b: {\n      c:   1,   # one\n        d: [\n           2 ]\n    }\n",
        "a:\n  b: {\n    c: 1,     # one\n      d: [\n         2]\n  }\n",
    ),
    "a block of text": (
        "a:\n    b: |   \n        x\n          y\n         \n\n\n    c: >-\n     z\n",
        "a:\n  b: |\n      x\n        y\n       \n\n  c: >-\n   z\n",
    ),
    "a block of text that keeps its end": (
        "a:\n    b: |+\n      x\n\n\n    c: 1\n",
        "a:\n  b: |+\n    x\n\n\n  c: 1\n",
    ),
    "a block of text with its indentation told": (
        "l:\n- |2\n    x\n-   y: |1-\n      z\n",
        "l:\n  - |2\n      x\n  - y: |1-\n      z\n",
    ),
    "a block of text without line end": ("a: |\n   x", "a: |\n   x"),
    "a comment that is none": ("a: |\n  # text\n# comment\nb: 1\n", "a: |\n  # text\n# comment\nb: 1\n"),
    "texts over several lines": (
        "l:\n-   'a\n\n     b'\n-   c\n     d\n-   \"e\\\n    f\"\n",
        "l:\n  - 'a\n\n       b'\n  - c\n       d\n  - \"e\\\n      f\"\n",
    ),
    "anchors, aliases and merges": (
        "x-a:   &a {b: 1}\nc: { <<:   *a , d: *a }\nl:\n- &k   e: *a\n",
        "x-a: &a {b: 1}\nc: {<<: *a, d: *a}\nl:\n  - &k e: *a\n",
    ),
    "an alias as a key": ("a: &a b\n*a  : 1\n", "a: &a b\n*a : 1\n"),
    "markers and directives": (
        "%YAML 1.1\n---   # begin\na:   1\n...\n# behind\n",
        "%YAML 1.1\n---   # begin\na: 1\n...\n# behind\n",
    ),
    "questions": ("? a\n:   b\n?   c\n", "? a\n: b\n? c\n"),
    "nothing behind a colon": ("a:\nb: {c: , d: }\n", "a:\nb: {c: , d: }\n"),
    "a text that begins like a marker": ("a:\n    - \"x\n  --- y\"\n", "a:\n  - \"x\n --- y\"\n"),
    "wide characters": ("é😀:   [ 😀 ]  # é\n", "é😀: [😀]      # é\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_laid_out(name: str, end: str) -> None:
    text, wanted = (each.replace("\n", end) for each in LAYOUTS[name])
    assert laid_out(text) == wanted
    assert laid_out(wanted) == wanted
    assert mean_the_same(text, wanted)


TEXT = "a: &x b # one\nc: [1, 'd']\ne: |\n  f\n# two\ng: *x\n"
OTHERS = {
    "a value": TEXT.replace("1,", "2,"),
    "a key": TEXT.replace("c:", "cc:"),
    "the order of keys": "c: [1, 'd']\na: &x b # one\ne: |\n  f\n# two\ng: *x\n",
    "an item less": TEXT.replace("1, ", ""),
    "a key more": TEXT + "h: i\n",
    "an anchor": TEXT.replace("x", "y"),
    "an alias written out": TEXT.replace("*x", "b"),
    "a tag": TEXT.replace("'d'", "!!str 'd'"),
    "a comment less": TEXT.replace(" # one", ""),
    "a comment's words": TEXT.replace("two", "three"),
    "comments exchanged": TEXT.replace("one", "1").replace("two", "one").replace("1\n", "two\n"),
    "quotes taken away": TEXT.replace("'d'", "d"),
    "a block in quotes": TEXT.replace("|\n  f\n", '"f\\n"\n'),
    "a line end of a block": TEXT.replace("|", "|-"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_means_something_else_is_seen(name: str) -> None:
    assert OTHERS[name] != TEXT
    assert not mean_the_same(TEXT, OTHERS[name])
    assert not mean_the_same(OTHERS[name], TEXT) or name == "quotes taken away"


def test_quotes_around_a_plain_value_mean_the_same():
    assert mean_the_same(TEXT, TEXT.replace("1,", '"1",'))
    assert mean_the_same(TEXT, TEXT.replace("1,", "2,"), [(1, 4)])


def test_lines_end_as_the_first_does():
    assert laid_out("a: 1\r\nb: 2\nc: 3\r") == "a: 1\r\nb: 2\r\nc: 3\r\n"


def formed(text: str) -> str:
    made = canonical(text, "plan.yaml")
    assert isinstance(made, str), made
    return made


def test_what_other_tools_misread_gets_quotes():
    text = """\
name: 007
edition: 2026-11-22   # today
vars: {on: yes, n: &n 1.50, none: ~}
defaults: {From: +918069171234, TimeOut: 30, Record: true, CustomField: *n}
calls: [{id: 1, To: 08012345678}]
x-note: 08012345678
"""
    assert (
        formed(text)
        == """\
name: "007"
edition: "2026-11-22" # today
vars: {on: "yes", n: &n "1.50", none: "~"}
defaults: {From: "+918069171234", TimeOut: 30, Record: true, CustomField: *n}
calls: [{id: "1", To: "08012345678"}]
x-note: 08012345678
""".replace('" # today', '"  # today')
    )


def test_a_target_file_is_quoted_by_its_own_schema():
    assert formed("kind: sandbox\naccount:   12\nlegs: 4\n") == 'kind: sandbox\naccount: "12"\nlegs: 4\n'


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "- a\n", "a: [\n", "a: 1\na: 2\n", "a: *b\n", "a: !t b\n", "a: 1\n---\nb: 1\n", "a: \x07\n"],
)
def test_what_cannot_be_read_has_no_canonical_form(text: str) -> None:
    made = canonical(text, "plan.yaml")
    assert isinstance(made, tuple)
    assert any(each.is_error for each in made)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.name)
def test_a_plan_that_is_indented_twice_as_far_comes_back(path: Path) -> None:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return
    made = canonical(text, str(path))
    if isinstance(made, str):
        assert formed(re.sub("(?m)^( *)(- )?", lambda found: 2 * found[1] + ("-   " if found[2] else ""), text)) == made
        assert mean_the_same(text, made)
        if not re.search(": [0-9+]", text):
            assert made == text, "the plans of this repository are in canonical form"


WORDS = st.sampled_from(
    ["a", "To", "x y", "'it''s'", '"q: #"', "08012345678", "~", "no", "${row.n}", "é", "*x", "http://a/b#c", ""]
)
COMMENTS = st.sampled_from(["", "", "", " # c", "   #c ", "  # ${x}: [", " # - y"])


@st.composite
def nodes(draw: st.DrawFn, depth: int = 3) -> object:
    kind = draw(st.sampled_from(["word", "word", "flow", "block", "long", "map", "map", "list"] if depth else ["word"]))
    if kind in ("map", "list"):
        return (kind, draw(st.lists(nodes(depth - 1), min_size=1, max_size=3)))
    return (kind, draw(WORDS))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A document of many styles: any indentation, empty lines, comments, blocks of text, brackets, bare lists."""
    lines: list[str] = ["x: &x 1"]
    step = draw(st.integers(1, 5))

    def between(indent: int) -> None:
        own = st.sampled_from(["", "  ", " " * indent + "# own", "# margin", " " * (indent + 1) + "#off"])
        lines.extend(draw(st.lists(own, max_size=2)))

    def value(node: object, indent: int, head: str) -> None:
        """Write a value behind its key or dash, which `head` is."""
        kind, inside = node  # type: ignore[misc]
        comment = draw(COMMENTS)
        if kind == "word":
            lines.append(f"{head}{' ' * draw(st.integers(1, 3))}{inside}{comment if inside != '*x' or comment else ''}")
        elif kind == "flow":
            shape = draw(
                st.sampled_from(["[ 1,%s ]", "{a: b ,  c: 'd'}", "[\n%s]", "{\n%s a: 1,\n\n%s   b: [ 2 ]   }"])
            )
            pad = " " * (indent + draw(st.integers(1, 4)))
            lines.extend((head + " " + shape.replace("%s", pad if "\n" in shape else "x") + comment).split("\n"))
        elif kind == "block":
            mark = draw(st.sampled_from(["|", ">", "|-", "|+", ">+"]))
            pad = " " * (indent + draw(st.integers(1, 4)))
            lines.append(f"{head} {mark}{comment}")
            lines.extend([pad + "text", "", pad + "  more # no comment", pad + "- x"])
            lines.extend(draw(st.sampled_from([[], [""], ["", ""], [pad + " "]])))
        elif kind == "long":
            pad = " " * (indent + draw(st.integers(1, 4)))
            lines.extend(
                [f"{head} {draw(st.sampled_from(['plain', chr(39) + 'single', chr(34) + 'double']))}", "", pad + "more"]
            )
            lines[-1] += {"p": "", "'": "'", '"': '"'}[lines[-3][len(head) + 1]] + comment
        else:
            lines.append(head + comment)
            bare = kind == "list" and head.rstrip().endswith(":") and draw(st.booleans())
            block(node, indent if bare else indent + step)

    def block(node: object, indent: int) -> None:
        kind, inside = node  # type: ignore[misc]
        for number, each in enumerate(inside):
            between(indent)
            value(
                each, indent, " " * indent + (f"k{number}{draw(st.sampled_from(['', ' ']))}:" if kind == "map" else "-")
            )

    block(("map", draw(st.lists(nodes(), min_size=1, max_size=4))), 0)
    between(0)
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


@given(texts())
@settings(max_examples=150, deadline=None)
def test_any_text_that_can_be_read_keeps_its_meaning(text: str) -> None:
    """`canonical` itself proves it, and raises where it does not hold."""
    if read_document(text, "p")[1]:
        return
    made = formed(text)
    assert formed(made) == made
    assert mean_the_same(text, made)
