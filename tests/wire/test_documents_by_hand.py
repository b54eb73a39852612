"""What the two documents say of each parameter, copied by hand: the table's own words may be wrong in harmony.

S0 has the parameters as a table with its mandatory and optional; S2, which is older, stars every name.
"""

from dataclasses import dataclass

import pytest

from orchestrator.exotel.parameter import Parameter, Source
from orchestrator.exotel.parameters import BY_NAME, TABLE

S0, S2 = Source.S0, Source.S2


@dataclass(frozen=True)
class Said:
    """What stands in the documents. `values` and `default` stand in S0 only, wherever they do."""

    type: str | None
    mandatory: bool = False
    older: bool = True
    values: tuple[str, ...] = ()
    default: str | None = None
    maximum: int | None = None


DOCUMENTS = {
    "From": Said("String", mandatory=True),
    "To": Said("String", mandatory=True),
    "CallerId": Said("String", mandatory=True),
    "CallType": Said("String", values=("trans",)),
    "TimeLimit": Said("Integer", maximum=14400),
    "TimeOut": Said("Integer"),
    "WaitUrl": Said("String"),
    "Record": Said("Boolean", default="false"),
    "RecordingChannels": Said("String", values=("single", "dual"), default="single"),
    "RecordingFormat": Said("String", older=False, values=("mp3", "mp3-hq"), default="mp3"),
    "CustomField": Said(None),
    "StartPlaybackTo": Said("String", older=False, values=("Callee", "Both"), default="Callee"),
    "StartPlaybackValue": Said("String", older=False),
    "StatusCallback": Said("String"),
    "StatusCallbackEvents": Said("Array", values=("terminal", "answered")),
    "StatusCallbackContentType": Said(
        "String", values=("multipart/form-data", "application/json"), default="multipart/form-data"
    ),
}
NEWER_ALONE = ("standing", "default", "maximum", "advises")
"""What S2 says of no parameter. Of values it has `trans` and `terminal`."""


def test_the_documents_name_these_parameters_and_no_others() -> None:
    assert [row.name for row in TABLE if row.documented] == list(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_row_says_what_the_documents_say(name: str) -> None:
    row, said = BY_NAME[name], DOCUMENTS[name]
    assert (row.sources, row.documented_type) == ((S0, S2) if said.older else (S0,), said.type)
    assert (row.required, row.values, row.default, row.maximum) == (
        *(said.mandatory, said.values, said.default, said.maximum),
    )


@pytest.mark.parametrize("row", [row for row in TABLE if row.sources == (S0, S2)], ids=lambda row: row.name)
def test_what_the_newer_document_says_alone_is_told_as_its_own(row: Parameter) -> None:
    told = {"standing": True, "default": row.default, "maximum": row.maximum, "advises": row.advises}
    assert {fact for fact in NEWER_ALONE if told[fact]} <= row.said_by.keys()
    assert set(row.said_by.values()) == {(S0,)}
