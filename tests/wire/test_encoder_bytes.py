"""The encoder's bytes are the hand-written bytes of the source's curl example."""

import pytest
from durability.http_message import parts, urlencoded

from orchestrator.exotel.call_fields import connect_request, encode
from orchestrator.model.call import ConnectRequest, Field
from wire import source_curl


def test_every_part_is_the_sources_part_byte_for_byte() -> None:
    content_type, body = encode(ConnectRequest(source_curl.FIELDS), "multipart")
    assert [part.raw for part in parts(content_type, body)] == list(source_curl.PARTS)


def test_a_whole_body_is_framed_as_curl_frames_it() -> None:
    request = ConnectRequest((source_curl.FIELDS[0], source_curl.FIELDS[5]))
    content_type, body = encode(request, "multipart", boundary=source_curl.BOUNDARY)
    assert content_type == f"multipart/form-data; boundary={source_curl.BOUNDARY}"
    assert body == source_curl.WHOLE


def test_the_urlencoded_body_is_the_hand_written_one_and_keeps_its_plus() -> None:
    content_type, body = encode(ConnectRequest(source_curl.FIELDS), "urlencoded")
    assert content_type == "application/x-www-form-urlencoded"
    assert body == source_curl.URLENCODED
    assert urlencoded(body) == list(source_curl.FIELDS)


def test_list_items_are_indexed_and_adjacent_where_the_list_stands() -> None:
    fields = (
        Field("From", "+917410410123", "call"),
        Field("StatusCallbackEvents", ("terminal", "answered"), "call"),
        Field("Record", "true", "defaults"),
    )
    assert connect_request(fields).pairs == (
        ("From", "+917410410123"),
        ("StatusCallbackEvents[0]", "terminal"),
        ("StatusCallbackEvents[1]", "answered"),
        ("Record", "true"),
    )


@pytest.mark.parametrize("encoding", ["multipart", "urlencoded"])
@pytest.mark.parametrize(
    "value",
    ["", " a ", "a+b", "a&b=c;d%41", "100% ₹ नमस्ते", 'say "hi"', "two\nlines", "--", "[0]", "~"],
)
def test_any_text_arrives_as_it_was(encoding: str, value: str) -> None:
    content_type, body = encode(ConnectRequest((("CustomField", value),)), encoding)  # type: ignore[arg-type]
    if encoding == "urlencoded":
        assert urlencoded(body) == [("CustomField", value)]
    else:
        (part,) = parts(content_type, body)
        assert part.raw == b'Content-Disposition: form-data; name="CustomField"\r\n\r\n' + value.encode()


def test_a_value_cannot_end_its_part() -> None:
    """A boundary is not guessable, so a value that looks like the end of a body stays a value."""
    value = '\r\n--orchestrate\r\nContent-Disposition: form-data; name="To"\r\n\r\n+911'
    bodies = [encode(ConnectRequest((("CustomField", value),)), "multipart") for _ in range(2)]
    assert bodies[0][0] != bodies[1][0]
    for content_type, body in bodies:
        (part,) = parts(content_type, body)
        assert part.value == value.encode()
