"""Tells a service that people read, such as Slack, by the library apprise, which knows a hundred of them."""

import contextlib
import logging
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

INSTALL = "pip install 'orchestrate-calls[notify]'"
"""What brings the library."""


def has_services() -> bool:
    """Whether the library is installed."""
    return find_spec("apprise") is not None


def is_service(url: str) -> bool:
    """Whether the library knows the service that an address is of, and the address has all that the service needs."""
    return _opened(url) is not None


def tell_service(url: str, title: str, body: str) -> str | None:
    """Send a text. Return why it was not taken; None where it was. It waits for the service."""
    service = _opened(url)
    with _silent():
        taken = service is not None and service.notify(title=title, body=body)
    return None if taken else "the service did not take it"


def _opened(url: str) -> Any:
    service = import_module("apprise").Apprise()  # an extra: no type checker can rely on it
    with _silent():
        return service if service.add(url) else None


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """Drop what the library logs meanwhile: its lines may hold the address, which is a secret."""
    logger = logging.getLogger("apprise")
    logger.addFilter(_nothing)
    try:
        yield
    finally:
        logger.removeFilter(_nothing)


def _nothing(_record: logging.LogRecord) -> bool:
    return False
