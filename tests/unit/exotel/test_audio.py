"""What a wav file is found to be, byte for byte."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.exotel.wav_files import wav

from orchestrator.exotel.audio import LARGEST, NotWav, unlike_documents


def test_a_file_as_the_documents_say_has_nothing_to_be_said_of() -> None:
    assert list(unlike_documents(wav())) == []


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (wav(rate=44_100), "its rate is 44,100 Hz, not 8,000"),
        (wav(bits=8), "its samples have 8 bits, not 16"),
        (wav(channels=2), "it has 2 channels, not one"),
        (wav(frames=LARGEST), "bytes, more than 2,097,152"),
        (wav()[:-100], "it ends after 750 of its 800 samples"),
    ],
)
def test_each_difference_is_told(data: bytes, says: str) -> None:
    (said,) = unlike_documents(data)
    assert says in said


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b"ID3\x03mp3", "it does not begin as a wav file does"),
        (b"<html>404</html>", "it does not begin as a wav file does"),
        (b"RIFF\x00\x00\x00\x00WAVE", "it cannot be read"),
        (wav(frames=0), "it holds no sound"),
        (wav()[:20] + b"\x07" + wav()[21:], "it cannot be read: unknown format: 7"),
    ],
)
def test_what_is_no_wav_is_told_apart(data: bytes, why: str) -> None:
    with pytest.raises(NotWav, match=why):
        list(unlike_documents(data))


@given(st.binary(max_size=200), st.integers(0, 43), st.binary(max_size=8))
def test_any_bytes_are_judged(data: bytes, at: int, patch: bytes) -> None:
    good = wav(frames=4)
    for tried in (data, b"RIFF" + data, good[:at] + patch + good[at + len(patch) :]):
        with contextlib.suppress(NotWav):
            assert all(map(str, unlike_documents(tried)))
