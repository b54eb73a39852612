"""Who is told of a run's end: what travels in the open is warned of, and of an address its host is shown at most."""

import pytest

from orchestrator.app.notify import Recipients, recipients
from orchestrator.app.options import shown_address
from orchestrator.plan.targets import SANDBOX

KEY = b"k" * 24


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("https://ops.acme.example/", []),
        ("http://127.0.0.1:8080/", []),
        ("http://localhost/", []),
        ("http://10.0.0.7/", ["notify-unencrypted"]),
        ("http://ops.internal/", ["notify-unencrypted"]),
    ],
)
def test_what_travels_in_the_open_through_a_network_is_warned_of(url: str, ids: list[str]) -> None:
    assert recipients((url, url), SANDBOX, None).webhooks == (url,)
    assert [each.id for each in Recipients((url,), (), KEY).findings()] == ids
    assert [each.id for each in Recipients((url,)).findings()] == ["notify-unsigned", *ids]


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://ops.acme.example", "https://ops.acme.example"),
        ("https://ops.acme.example:8443/a?b", "https://ops.acme.example:8443/***"),
        ("https://me:word@ops.acme.example/", "https://ops.acme.example/***"),
        ("slack://a/b/c", "slack://***"),
        ("https://[::1", "https://***"),
        ("word", "that was given"),
    ],
)
def test_of_an_address_its_host_is_shown_at_most(url: str, seen: str) -> None:
    assert shown_address(url) == seen


def test_no_recipients_show_their_key() -> None:
    assert "kkk" not in repr(Recipients(("https://a.example",), (), KEY))
