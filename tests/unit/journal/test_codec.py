"""How the columns of the journal are written."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.journal.codec import dump, dump_flat, fields_from_text, fields_to_text
from orchestrator.model.call import Field
from orchestrator.model.outcome import Placement

TEXTS = st.text()


@given(st.lists(st.builds(Field, TEXTS, TEXTS | st.lists(TEXTS).map(tuple), TEXTS)).map(tuple))
def test_fields_are_compact_json_and_are_read_again(fields: tuple[Field, ...]) -> None:
    text = fields_to_text(fields)
    assert text == dump([[item.name, item.value, item.origin] for item in fields])
    assert fields_from_text(text) == fields


FLAT = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.sampled_from(Placement)


@given(st.dictionaries(TEXTS, FLAT))
def test_the_data_of_an_event_are_written_as_any_value(data: dict[str, str | int | float | None]) -> None:
    assert dump_flat(data) == dump(data)
