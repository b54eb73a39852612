"""Which columns `init` takes for ids and phone numbers, and where it says that it cannot know."""

import pytest

from orchestrator.plan.rows.columns import guess_id, guess_phone

NUMBERS = ("9876543210", "+91 98765 43211", "09876543212")


def table(**columns: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize(
    ("columns", "phone", "id_"),
    [
        ({"order_id": ("1", "2", "3"), "phone": NUMBERS}, "phone", "order_id"),
        (
            {"Mobile No": NUMBERS, "Bestellung": ("A-1", "A-2", "A-3"), "Name": ("a", "b", "c")},
            "Mobile No",
            "Bestellung",
        ),
        ({"name": ("Asha 1", "Asha 2", "Asha 3"), "orderRef": ("x", "y", "z"), "x": NUMBERS}, "x", "orderRef"),
        ({"Order No": ("9876543210", "9876543211", "9876543212"), "Tel": NUMBERS}, "Tel", None),
        ({"id": ("1", "2", "3"), "phone": ("9.19E+11", "9,2E+11", "9.3e11")}, "phone", "id"),
        ({"id": ("1", "2", "3"), "phone": NUMBERS, "landline": NUMBERS}, "phone", "id"),
        ({"id": ("1", "2", "3"), "phone": NUMBERS, "mobile": NUMBERS}, None, "id"),
        ({"id": ("1", "2", "3"), "Mobile No.": NUMBERS, "Alt Phone": NUMBERS}, None, "id"),  # `No` is no reason
        ({"id": ("1", "2", "3"), "Phone Number": NUMBERS, "landline": NUMBERS}, "Phone Number", "id"),
        ({"id": ("1", "2", "3"), "a": NUMBERS, "b": NUMBERS}, None, "id"),
        ({"id": ("1", "2", "3"), "phone": ("", "", "n/a")}, "phone", "id"),
        ({"id": ("1", "2", "3"), "city": ("x", "y", "z")}, None, "id"),
        ({"id": ("1", "1", "3"), "ticket": ("7", "8", ""), "phone": NUMBERS}, "phone", None),
        ({"who": ("a", "b", "c"), "phone": NUMBERS}, "phone", None),
        ({"order_id": ("404-1234567-1234567", "5678901234567", "20261130001"), "phone": NUMBERS}, "phone", "order_id"),
        ({"key": ("20261130001", "20261130002", "20261130003"), "no": ("7", "8", "9"), "tel": NUMBERS}, "tel", "no"),
        ({"id": ("1E+11", "2E+11", "3E+11"), "phone": NUMBERS}, "phone", None),
        ({"मोबाइल": NUMBERS, "क्रमांक": ("१", "२", "३")}, "मोबाइल", "क्रमांक"),
    ],
)
def test_columns_are_guessed_by_what_is_in_them_and_by_their_names(columns, phone, id_):
    names, rows = table(**columns)
    found = guess_phone(names, rows)
    assert found.column == phone
    assert guess_id(names, rows, phone or "").column == id_


@pytest.mark.parametrize("name", ["Sr No", "S.No", "SL. NO.", "Serial number", "#", "Row", "SrNo"])
def test_a_column_that_counts_the_rows_identifies_none(name):
    counted = {name: ("1", "2", "3"), "phone": NUMBERS}
    found = guess_id(*table(**counted), "phone")
    assert found.column is None
    assert found.why == f"`{name}` counts the rows, and the next export may count them otherwise"
    assert guess_id(*table(**counted, order=("7", "9", "8")), "phone").column == "order"
    own = {name: ("4711", "4712", "4720"), "phone": NUMBERS}
    assert guess_id(*table(**own), "phone").column == name


def test_a_guess_says_why():
    names, rows = table(id=("1", "2", "3"), phone=(*NUMBERS[:2], "n/a"))
    is_home = "2 of the 3 cells looked at are phone numbers; without a country code they are read as Indian"
    assert guess_phone(names, rows).why == is_home
    names, rows = table(id=("1", "2"), phone=("+447700900200", "00447700900201"))
    assert guess_phone(names, rows).why == "2 of the 2 cells looked at are phone numbers"
    assert "its name says so" in guess_id(names, rows, "phone").why
