"""What may follow `placed=`: a slip of the hand must not become a call's name."""

import pytest

from orchestrator.exotel.content import looks_like_sid


@pytest.mark.parametrize("text", ["c5797dcb123456789678c5062a4a3ed2", "1" * 31 + "a", "AB-cd_" * 4])
def test_a_sid_is_a_sid(text: str) -> None:
    assert looks_like_sid(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "SID", "c0ffee", "+919812345678", "919812345678", "9" * 32),
        *("c5797dcb123456789678c5062a4a3ed2\n", "c5797dcb 123456789678c5062a4a3ed2"),
        *("https://api.exotel.com/c5797dcb123456789678c5", "a" * 65, "\u0905" * 32),
    ],
)
def test_numbers_addresses_and_halves_are_none(text: str) -> None:
    assert not looks_like_sid(text)
