"""How the columns of the journal are written."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.journal.codec import dump, fields_from_text, fields_to_text
from orchestrator.model.call import Field

TEXTS = st.text()


@given(st.lists(st.builds(Field, TEXTS, TEXTS | st.lists(TEXTS).map(tuple), TEXTS)).map(tuple))
def test_fields_are_compact_json_and_are_read_again(fields: tuple[Field, ...]) -> None:
    text = fields_to_text(fields)
    assert text == dump([[item.name, item.value, item.origin] for item in fields])
    assert fields_from_text(text) == fields
