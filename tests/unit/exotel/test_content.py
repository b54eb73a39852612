"""Bodies in every dress: what is undone, what is a problem, and what is bounded."""

import gzip
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestrator.exotel.content import LARGEST_READ, content

TEXT = '{"Call": {"Sid": "abc"}}'
CALL = TEXT.encode()


def gzipped(data: bytes) -> bytes:
    """Compress the same bytes to the same bytes at any time."""
    return gzip.compress(data, mtime=0)


BARE_DEFLATE = zlib.compress(CALL)[2:-4]


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (CALL, ""),
        (CALL, "identity"),
        (CALL, "UTF-8"),
        (gzipped(CALL), "gzip"),
        (gzipped(CALL), "X-GZip"),
        (gzipped(CALL), ""),
        (gzipped(CALL), "identity"),
        (gzipped(CALL[:5]) + gzipped(CALL[5:]) + bytes(20), "gzip"),
        (zlib.compress(CALL), "deflate"),
        (zlib.compress(CALL), ""),
        (BARE_DEFLATE, "deflate"),
        (gzipped(gzipped(CALL)), "gzip"),
        (gzipped(gzipped(CALL)), "gzip, gzip"),
        (gzipped(zlib.compress(CALL)), "deflate, gzip"),
        (zlib.compress(gzipped(CALL)), "gzip , Deflate"),
    ],
)
def test_a_compressed_body_is_read_whether_its_header_says_so_or_not(body: bytes, coding: str) -> None:
    read = content(body, {"content-encoding": coding})
    assert (read.text, read.problem) == (TEXT, None)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_unicode_is_read_without_being_told(charset: str) -> None:
    read = content(TEXT.encode(charset))
    assert (read.text, read.problem) == (TEXT, None)


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252", "cp037", "utf-16", "utf-7", '"utf-8"', "Shift_JIS"])
def test_the_character_set_of_the_header_is_obeyed(charset: str) -> None:
    read = content("é{+A}".encode(charset.strip('"'), "replace"), {"content-type": f"text/plain; Charset={charset}"})
    assert read.problem is None
    assert read.text[1:] == "{+A}"


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "cp037", "x-unheard-of", "unicode_escape", "rot13", "idna"])
def test_plain_ascii_is_read_whatever_character_set_it_claims(charset: str) -> None:
    read = content(CALL, {"content-type": f"application/json; charset={charset}"})
    assert (read.text, read.problem) == (TEXT, None)


def test_an_xml_declaration_is_obeyed_unless_it_cannot_be_true() -> None:
    assert content('<?xml version="1.0" encoding="latin-1"?><a>é</a>'.encode("latin-1")).text.endswith("<a>é</a>")
    assert content('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode()).text.endswith("<a>é</a>")


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (CALL, {"content-encoding": "br"}, "'br'"),
        (CALL, {"content-encoding": "zstd"}, "'zstd'"),
        (CALL, {"content-encoding": "gzip, x-own"}, "'x-own'"),
        (CALL, {"content-encoding": "gzip"}, "not in that format"),
        (gzipped(CALL), {"content-encoding": ",".join(["gzip"] * 5)}, "more than 4"),
        (gzipped(CALL)[:-9], {"content-encoding": "gzip"}, "breaks off"),
        (gzipped(CALL)[:-9], {}, "breaks off"),
        (gzipped(CALL)[:5], {"content-encoding": "gzip"}, "not in that format"),
        (gzipped(CALL)[:-8] + bytes(8), {"content-encoding": "gzip"}, "not in that format"),
        (zlib.compress(CALL)[:-1] + b"\0", {}, "not text"),
        (zlib.compress(CALL) + b"more", {}, "damaged"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), {}, "zstd"),
        (b"\x0b\x02\x80abc\x03", {}, "not text"),
        (b"\xe9\xe8\xe9\xe8 a", {}, "not text"),
        ("é".encode("latin-1"), {"content-type": "text/plain; charset=x-unheard-of"}, "'x-unheard-of'"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_reason(body: bytes, headers: dict[str, str], words: str) -> None:
    assert words in (content(body, headers).problem or "")


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_is_read_up_to_its_bound(layers: int) -> None:
    """Ten megabytes in a few hundred bytes: what is kept is bounded at every layer."""
    bomb = b"a" * 10_000_000
    for _ in range(layers):
        bomb = gzipped(bomb)
    read = content(bomb, {"content-encoding": "gzip"}, largest=1000)
    assert len(read.text) <= 1000
    assert read.problem is not None


def test_a_body_that_is_longer_than_what_is_read_is_a_problem() -> None:
    assert content(b"a" * LARGEST_READ).problem is None
    assert content(b"a" * (LARGEST_READ + 1)).problem == "it is longer than 256 kB"


@settings(deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["", "gzip", "deflate", "br", "gzip, deflate"]),
    st.sampled_from(["", "utf-16", "utf-7", "utf-8", "hz", "punycode", "undefined", "cp037", "\u0130", "a" * 50]),
    st.sampled_from([b"", b"\x1f\x8b\x08", b"\x78\x9c", b"\xff\xfe", b"<?xml version='1.0' encoding='x'?>"]),
)
def test_no_body_raises(noise: bytes, coding: str, charset: str, beginning: bytes) -> None:
    content(beginning + noise, {"content-encoding": coding, "content-type": f"a/b; charset={charset}"})


HEADERS = (
    {}, {"content-type": "application/json"}, {"content-type": "application/json; charset=utf-8"},
    {"content-type": "text/html; charset=utf-7"}, {"content-type": "x; charset=utf-16"}, {"content-type": "charset=hz"},
    {"content-type": "charset=nonsense"}, {"content-encoding": "gzip"}, {"content-type": "charset=utf-7"},
)  # fmt: skip


@given(
    st.text(alphabet='{"+ADw-~{<?xml encoding="utf-16"?>\t\n', max_size=40),
    st.sampled_from(HEADERS),
    st.sampled_from([10, 1000]),
)
@example("~{<:Ky2;~}", {"content-type": "charset=hz"}, 1000)
@example("+ADw-", {"content-type": "text/html; charset=utf-7"}, 1000)
@example("more than so many", {}, 10)
def test_plain_json_reads_as_it_does_where_a_coding_is_named(rest: str, headers: dict[str, str], largest: int) -> None:
    """The short way for nearly every body is no other way: where a coding is named, even that of none, it is not taken.

    The body stays the same for both, since what counts as text depends on the share of it that does not decode.
    """
    body = f"{{{rest}".encode()
    assert content(body, headers, largest) == content(body, {"content-encoding": "identity", **headers}, largest)
