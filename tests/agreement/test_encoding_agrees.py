"""For every row of the table: what the encoder writes, two foreign parsers and our decoder read back unchanged."""

from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

import pytest

from orchestrator.exotel.call_fields import Encoding, NotDecodable, connect_request, decode, encode
from orchestrator.exotel.parameter import Kind, Parameter
from orchestrator.exotel.parameters import TABLE
from orchestrator.model.call import Field

SENT = [row for row in TABLE if not row.refused]
HARD = ["+91 & = % ; \u0939\u0932\u094b \"quoted\" '--' \\", "a\nb", "007", "~", "1.50", "+"]


def foreign(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Parse a body with the standard library only."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    pairs = []
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        pairs.append((str(part.get_param("name", header="content-disposition")), payload.decode()))
    return pairs


def samples(row: Parameter) -> list[str | tuple[str, ...]]:
    if row.kind.is_integer:
        return [str(bound) for bound in (row.minimum, row.maximum, row.unconfirmed_maximum) if bound is not None]
    if row.kind is Kind.FLAG:
        return ["true", "false"]
    if row.is_list:
        return [row.values, tuple(reversed(row.values)), row.values[:1]]
    return list(row.values) or [row.example, *(HARD if row.kind is Kind.TEXT else [])]


CASES = [(row, value) for row in SENT for value in samples(row)]


@pytest.mark.parametrize("encoding", ["multipart", "urlencoded"])
@pytest.mark.parametrize(("row", "value"), CASES, ids=[f"{row.name}-{n}" for n, (row, _) in enumerate(CASES)])
def test_a_value_comes_back_as_it_was_written(row: Parameter, value: str | tuple[str, ...], encoding: Encoding) -> None:
    request = connect_request([Field(row.name, value, "call")])
    pairs = foreign(*encode(request, encoding))
    assert tuple(pairs) == request.pairs
    assert decode(pairs) == {row.name: value}


@pytest.mark.parametrize("row", [row for row in SENT if row.new_name], ids=lambda row: row.name)
def test_both_spellings_are_written_on_order_and_read_alike(row: Parameter) -> None:
    field = Field(row.name, row.example, "call")
    ((plain, _),) = connect_request([field]).pairs
    ((new, _),) = connect_request([field], "new").pairs
    assert (plain, new) == (row.name, f"{row.name}New")
    assert decode([(plain, row.example)]) == decode([(new, row.example)]) == {row.name: row.example}


def test_an_absent_parameter_leaves_nothing_on_the_wire() -> None:
    assert connect_request([]).pairs == ()
    assert decode([]) == {}


@pytest.mark.parametrize(
    "pairs",
    [
        [("From", "1"), ("From", "2")],
        [("StartPlaybackTo", "Both"), ("StartPlaybackToNew", "Both")],
        [("StatusCallbackEvents", "terminal")],
        [("StatusCallbackEvents[1]", "terminal")],
        [("StatusCallbackEvents[0]", "terminal"), ("StatusCallbackEvents[0]", "answered")],
        [("StatusCallbackEvents[0]", "terminal"), ("StatusCallbackEvents[2]", "answered")],
    ],
)
def test_what_cannot_be_one_request_is_not_decoded(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(NotDecodable):
        decode(pairs)
