"""`${row.column}`, `${var.name}` and `$$`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.diagnostic import Span
from orchestrator.plan.rows.templates import LONGEST_VARIABLE, compile_template, read_variables
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode

VARIABLES = {"hub": "BLR-4", "price": "$5", "trap": "${row.phone}"}
ROW = {"phone": "+919900000001", "order id": "17", "a.b": "dotted", "trap": "${var.hub} $$"}


def scalar(text: str) -> ScalarNode:
    return ScalarNode(text, True, Span("p.yaml", 3, 7))


def expanded(text: str) -> str:
    template, problems = compile_template(scalar(text), VARIABLES)
    assert not problems
    return template.expand(ROW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${row.phone}", "+919900000001"),
        ("o-${row.order id}!", "o-17!"),
        ("${ row. order id }", "17"),
        ("${row.a.b}", "dotted"),
        ("${var.hub}/${row.order id}/${row.order id}", "BLR-4/17/17"),
        ("$$", "$"),
        ("$${row.phone}", "${row.phone}"),
        ("$$${var.hub}", "$BLR-4"),
        ("${var.price} and $$5", "$5 and $5"),
        ("{braces} and }", "{braces} and }"),
    ],
)
def test_names_are_replaced(text: str, value: str) -> None:
    assert expanded(text) == value


def test_what_is_filled_in_is_never_looked_at_again() -> None:
    assert expanded("${row.trap}") == "${var.hub} $$"
    assert expanded("${var.trap}") == "${row.phone}"


@given(st.text(), st.text(), st.text())
def test_data_arrives_as_it_is_whatever_it_holds(before: str, cell: str, variable: str) -> None:
    text = before.replace("$", "$$") + "${row.x}-${var.v}"
    template, problems = compile_template(scalar(text), {"v": variable})
    assert not problems
    assert template.expand({"x": cell}) == f"{before}{cell}-{variable}"


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("costs 5 $", "bad-template", "$$"),
        ("$5", "bad-template", "$$"),
        ("$row.phone", "bad-template", "${row.column}"),
        ("${row.phone", "bad-template", "${row.column}"),
        ("${row.{x}}", "bad-template", "${row.column}"),
        ("${}", "unknown-name", "row."),
        ("${row.}", "unknown-name", "row."),
        ("${row}", "unknown-name", "${var.row}"),
        ("${hub}", "unknown-name", "write `${var.hub}`"),
        ("${phone}", "unknown-name", "write `${row.phone}`"),
        ("${env.HOME}", "unknown-name", "environment"),
        ("${var.hubb}", "unknown-variable", "did you mean `hub`?"),
        ("${var.elephant}", "unknown-variable", "hub, price, trap"),
    ],
)
def test_what_names_nothing_is_told_with_a_hint(text: str, problem: str, hint: str) -> None:
    _, problems = compile_template(scalar(text), VARIABLES)
    assert [item.id for item in problems] == [problem]
    assert hint in (problems[0].hint or "")


def test_a_row_cannot_stand_where_there_is_none() -> None:
    _, problems = compile_template(scalar("${row.phone}"), VARIABLES, rows="this call has no `rows`")
    assert [item.id for item in problems] == ["row-without-rows"]
    assert "this call has no `rows`" in problems[0].message


def test_every_problem_of_a_value_is_told() -> None:
    _, problems = compile_template(scalar("$ ${x} ${var.y}"), {})
    assert [item.id for item in problems] == ["bad-template", "unknown-name", "unknown-variable"]
    assert problems[2].hint == "the plan has no `vars`"


@pytest.mark.parametrize(
    ("text", "column", "end"), [("v: a ${b} c", 6, 10), ('v: "a ${b} c"', 7, 11), (r'v: "\t ${b}"', 4, 13)]
)
def test_the_place_is_the_templates_own_where_that_is_certain(text: str, column: int, end: int) -> None:
    """With an escape in the value, its place in the source is not its place in the text: the value is pointed at."""
    root, _ = read_document(text, "p.yaml")
    assert root is not None
    value = root.get("v")
    assert isinstance(value, ScalarNode)
    _, problems = compile_template(value, {})
    assert problems[0].spans == (Span("p.yaml", 1, column, end),)


def variables(text: str) -> tuple[dict[str, str], list[str]]:
    root, problems = read_document(text, "p.yaml")
    assert not problems
    assert isinstance(root, MappingNode)
    values, found = read_variables(root.get("vars"))
    return values, [item.id for item in found]


def test_a_variable_may_use_those_above_it_and_a_dollar() -> None:
    assert variables('vars: {city: BLR, hub: "${var.city}-4", price: $$5}') == (
        {"city": "BLR", "hub": "BLR-4", "price": "$5"},
        [],
    )


def test_a_variable_may_not_use_one_below_nor_a_row() -> None:
    assert variables('vars: {a: "${var.b}", b: "${row.x}", c: "$"}')[1] == [
        "unknown-variable",
        "row-without-rows",
        "bad-template",
    ]


def test_variables_cannot_double_themselves_into_a_bomb() -> None:
    lines = ["  v0: aaaaaaaaaa", *(f'  v{n}: "${{var.v{n - 1}}}${{var.v{n - 1}}}"' for n in range(1, 60))]
    values, problems = variables("vars:\n" + "\n".join(lines))
    assert set(problems) == {"value-too-long"}
    assert max(map(len, values.values())) <= LONGEST_VARIABLE


@pytest.mark.parametrize("name", ["EXOTEL_API_TOKEN", "api-key", "Password", "client_secret", "exotel_token"])
def test_a_variable_that_is_named_like_a_secret_is_refused(name: str) -> None:
    document, _ = read_document(f"vars: {{{name}: x, hub: BLR, token: '17', author: me}}\n", "plan.yaml")
    assert document is not None
    _, (problem,) = read_variables(document.get("vars"))
    assert (problem.id, problem.spans[0].column) == ("secret-in-file", 8)
