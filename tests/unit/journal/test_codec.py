"""How the columns of the journal are written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.exotel.call_fields import parties
from orchestrator.journal.codec import calls_from_rows, dump, dump_flat, fields_from_text, fields_to_text, legs_to_text
from orchestrator.journal.database import DamagedRow
from orchestrator.model.call import Field
from orchestrator.model.outcome import Leg, Placement

TEXTS = st.text()


@given(st.lists(st.builds(Field, TEXTS, TEXTS | st.lists(TEXTS).map(tuple), TEXTS)).map(tuple))
def test_fields_are_compact_json_and_are_read_again(fields: tuple[Field, ...]) -> None:
    text = fields_to_text(fields)
    assert text == dump([[item.name, item.value, item.origin] for item in fields])
    assert fields_from_text(text) == fields


NAMES = st.sampled_from(["From", "To", "CallerId", "CustomField", "StatusCallbackEvents"])
HOSTILE = TEXTS | st.sampled_from(['],["To","1"', '["From","2","', "\\", '"'])


@given(st.dictionaries(NAMES, HOSTILE | st.lists(NAMES | HOSTILE).map(tuple)), TEXTS)
def test_a_report_reads_the_numbers_that_the_fields_have(values: dict[str, str | tuple[str, ...]], origin: str) -> None:
    fields = tuple(Field(name, value, origin) for name, value in values.items())
    row = (1, "id", "run", "waiting", None, fields_to_text(fields), "{}", *(None,) * 15)
    numbers, found = parties(fields), calls_from_rows([row])[1]
    assert (found.from_number, found.to_number) == (numbers.agent or "", numbers.person)


@pytest.mark.parametrize("fields", ["", "[", '[["From","1"', "null", '[["From","1","x"],["To","2"', "7"])
def test_fields_that_were_never_written_are_damage(fields: str) -> None:
    with pytest.raises(DamagedRow):
        calls_from_rows([(1, "id", "run", "waiting", None, fields, "{}", *(None,) * 15)])


def legs_of(text: str) -> tuple[Leg, ...]:
    """The legs that a report reads in the column of a call's first attempt."""
    attempt = (1, "at", None, None, None, None, None, text, *(None,) * 7)
    (read,) = calls_from_rows([(1, "id", "run", "waiting", None, '[["From","1","x"],["To","2","x"]]', "{}", *attempt)])[
        1
    ].attempts
    return read.legs


@given(st.lists(st.builds(Leg, st.none() | TEXTS, st.none() | st.integers(), st.none() | TEXTS)))
def test_legs_are_read_as_they_were_written(legs: list[Leg]) -> None:
    assert legs_of(legs_to_text(legs)) == tuple(replace(leg, answered_by=leg.answered_by or None) for leg in legs)


def test_legs_that_only_the_standard_library_reads_are_read_and_what_is_no_list_of_them_is_damage() -> None:
    assert legs_of('[["\\ud800",99999999999999999999999]]') == (Leg("\ud800", 99999999999999999999999),)
    for text in ("", "[", "7", "[7]", '[["a",1,null,4]]', '[["a",1]]x'):
        with pytest.raises(DamagedRow):
            legs_of(text)


@pytest.mark.parametrize("carry", ["", "[1]", "7", '"x"', '{"a":5}', '{"a":null}', '{"a":["x"]}'])
def test_a_carried_row_that_was_never_written_is_damage(carry: str) -> None:
    with pytest.raises(DamagedRow):
        calls_from_rows([(1, "id", "run", "waiting", None, "[]", carry, *(None,) * 15)])


@pytest.mark.parametrize(
    "legs",
    [
        "",
        "[",
        "null",
        "7",
        "[1]",
        '[["completed",1.5]]',
        '[["completed","9"]]',
        "[[1,9]]",
        '[["x",9,1]]',
        "[[1,2,3,4]]",
    ],
)
def test_legs_that_were_never_written_are_damage(legs: str) -> None:
    def read(text: str) -> None:
        attempt = (1, "t0", "accepted", "reply", "sid", 200, "completed", text, *(None,) * 7)
        calls_from_rows([(1, "id", "run", "waiting", None, "[]", "{}", *attempt)])

    read('[["completed",9,"Human"],[null,null]]')
    with pytest.raises(DamagedRow):
        read(legs)


FLAT = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.sampled_from(Placement)


@given(st.dictionaries(TEXTS, FLAT))
def test_the_data_of_an_event_are_written_as_any_value(data: dict[str, str | int | float | None]) -> None:
    assert dump_flat(data) == dump(data)
