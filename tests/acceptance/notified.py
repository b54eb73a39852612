"""Who is told how a run ended: a server that takes each message, and reads it as docs/how-to/notify.md shows."""

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from orchestrator.app.reference import schema_text

ROOT = Path(__file__).parents[2]
SECRET = "whsec_C2FtcGxlIHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVz"
SCHEMA = Draft7Validator(json.loads(schema_text("notification")))


class Receiver(ThreadingHTTPServer):
    """Takes every message, and keeps it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.taken: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/runs"

    def told(self) -> dict[str, Any]:
        """The one message that came, verified as the guide shows."""
        ((_, headers, body),) = self.taken
        found: dict[str, Any] = verified(headers, body, SECRET)
        SCHEMA.validate(found)
        return found


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def as_the_guide_shows() -> Callable[[dict[str, str], bytes, str], dict[str, Any]]:
    snippet = re.search(r"```python\n(.*?)```", (ROOT / "docs/how-to/notify.md").read_text(), re.DOTALL)
    assert snippet is not None
    names: dict[str, Any] = {}
    exec(snippet[1], names)  # noqa: S102 - our own document
    found: Callable[[dict[str, str], bytes, str], dict[str, Any]] = names["received"]
    return found


verified = as_the_guide_shows()


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen while a run goes on."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
