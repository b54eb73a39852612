"""A service that keeps the comments of a pull or merge request, as GitHub and GitLab keep them, and who wrote them."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BOT = {"id": 41898282, "login": "github-actions[bot]", "type": "Bot"}
PERSON = {"id": 7, "login": "mallory", "type": "User"}
PAGE = 2
"""Comments a page, so that a handful needs several."""


@dataclass
class Forge:
    """The service: what it holds, and what it was asked."""

    address: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refuses: int | None = None
    """The status with which it refuses to write."""

    def add(self, body: str, author: dict[str, Any]) -> None:
        self.comments.append({"id": 100 + len(self.comments), "body": body, "user": author, "author": author})

    @property
    def bodies(self) -> list[str]:
        return [each["body"] for each in self.comments]

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        """Do what the request asks; return the status, the answer and its headers."""
        name, _, query = path.partition("?")
        if name == "/user":
            return 200, BOT, {}
        assert re.fullmatch(
            r"/repos/acme/calls/issues/(5/)?comments(/\d+)?|/projects/9/merge_requests/5/notes(/\d+)?", name
        )
        if method == "GET":
            page = int(dict(part.split("=") for part in query.split("&")).get("page", 1))
            following = f'<{self.address}{name}?page={page + 1}>; rel="next"'
            more = {"Link": following} if page * PAGE < len(self.comments) else {}
            return 200, self.comments[(page - 1) * PAGE : page * PAGE], more
        if self.refuses is not None:
            return self.refuses, {"message": "Resource not accessible by integration"}, {}
        if method == "POST":
            self.add(body["body"], BOT)
            return 201, self.comments[-1], {}
        found = next(each for each in self.comments if each["id"] == int(name.rsplit("/", 1)[1]))
        found["body"] = body["body"]
        return 200, found, {}


@contextmanager
def forge() -> Iterator[Forge]:
    """Serve one on a port of its own."""
    service = Forge()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.asked.append(f"{self.command} {self.path}")
            service.tokens.add(self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or "")
            status, answer, headers = service.answer(self.command, self.path, json.loads(body or "{}"))
            text = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = handle_any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
