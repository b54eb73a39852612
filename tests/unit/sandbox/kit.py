"""What the sandbox's tests share: valid fields, clients, a callback receiver of the standard library."""

import asyncio
import email.policy
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx2

from orchestrator.model.simulated import Script
from orchestrator.phone.numbers import identity
from orchestrator.sandbox.config import SandboxConfig
from orchestrator.sandbox.script import SCENARIOS, compose

Pairs = Sequence[tuple[str, str]]
AGENT = "+918069171234"
CUSTOMER = "+919900000001"
VALID: Pairs = (("From", AGENT), ("To", CUSTOMER), ("CallerId", "08047112233"))
CALLS = "/v1/Accounts/sandbox/Calls"
CONNECT = "/v1/Accounts/sandbox/Calls/connect.json"


def client(sandbox: str, key: str = "sandbox", token: str = "sandbox") -> httpx2.AsyncClient:  # noqa: S107 - the sandbox's own
    return httpx2.AsyncClient(base_url=sandbox, auth=(key, token), trust_env=False, timeout=30, verify=False)


def with_fields(**changes: str | None) -> Pairs:
    """The valid fields with some replaced, added, or (None) left out."""
    merged = {**dict(VALID), **changes}
    return [(name, value) for name, value in merged.items() if value is not None]


async def connect(
    carrier: httpx2.AsyncClient, pairs: Pairs, urlencoded: bool = False, path: str = CONNECT
) -> httpx2.Response:
    if urlencoded:
        body = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await carrier.post(path, content=body.encode(), headers=headers)
    return await carrier.post(path, files=[(name, (None, value)) for name, value in pairs])


def parsed(body: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(body)  # noqa: S314 - the sandbox's own reply


async def received(carrier: httpx2.AsyncClient) -> list[dict[str, Any]]:
    return list((await carrier.get("/_sandbox/requests")).json())


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for a fact; fail where it does not come true within a deadline far above any real duration."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def details(carrier: httpx2.AsyncClient, sid: str) -> dict[str, Any]:
    return dict((await carrier.get(f"{CALLS}/{sid}.json", params={"details": "true"})).json()["Call"])


async def ended(carrier: httpx2.AsyncClient, sid: str) -> dict[str, Any]:
    """The call with its details, once it is over."""
    async with asyncio.timeout(60):
        while (call := await details(carrier, sid))["Status"] == "in-progress":
            await asyncio.sleep(0.01)
    return call


async def callbacks(carrier: httpx2.AsyncClient) -> list[dict[str, Any]]:
    return list((await carrier.get("/_sandbox/callbacks")).json())


async def first_callback(carrier: httpx2.AsyncClient, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first callback's row, once it fulfils the condition."""
    async with asyncio.timeout(30):
        while not condition(row := (await callbacks(carrier))[0]):
            await asyncio.sleep(0.01)
    return row


def customer_with(status: str, seed: int = 0, scenario: str = "everyday", agent_answers: bool = True) -> str:
    """A number whose first call from AGENT, with no limits set, ends so."""
    for last in range(1000):
        number = f"+9199000{last:05d}"
        script = first_script(number, seed, scenario)
        if script.status == status and (script.agent.status == "completed") is agent_answers:
            return number
    raise AssertionError(f"no call ends as {status}")


def first_script(number: str, seed: int = 0, scenario: str = "everyday") -> Script:
    return compose(SCENARIOS[scenario], seed, (identity(AGENT), identity(number)), 0, None, None)


@dataclass
class Heard:
    """One callback: its path, Content-Type without parameters, and its fields as they came."""

    path: str
    content_type: str
    body: bytes
    header: str

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def form(self) -> list[tuple[str, str]]:
        """The multipart fields in order, read by the standard library's mail parser."""
        raw = f"Content-Type: {self.header}\r\n\r\n".encode() + self.body
        message = BytesParser(policy=email.policy.HTTP).parsebytes(raw)
        parts = list(message.iter_parts())  # type: ignore[attr-defined]
        names = [part.get_param("name", header="content-disposition") for part in parts]
        values = [part.get_payload(decode=True).decode() for part in parts]
        return list(zip(names, values, strict=True))

    def field(self, name: str) -> Any:
        return self.json().get(name) if self.content_type == "application/json" else dict(self.form()).get(name)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256  # the standard 5 drops connections of a burst, and a busy machine waits for them


class Listener:
    """A callback receiver that answers with the given statuses in turn, the last one for ever."""

    def __init__(self, port: int, statuses: Sequence[int], location: str | None) -> None:
        self.heard: list[Heard] = []
        answers = list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805 - `self` is the listener's
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                header = handler.headers["Content-Type"]
                self.heard.append(Heard(handler.path, header.partition(";")[0], body, header))
                handler.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
                if location:
                    handler.send_header("Location", location)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def log_message(handler, *args: object) -> None:  # noqa: N805 - as above
                pass

        self.server = _Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/callbacks/t0ken"

    def events(self, sid: str | None = None) -> list[Any]:
        """The EventType of every callback heard (of one call), None for the default payload."""
        return [one.field("EventType") for one in self.heard if sid is None or one.field("CallSid") == sid]


@contextmanager
def listening(port: int = 0, statuses: Sequence[int] = (200,), location: str | None = None) -> Iterator[Listener]:
    listener = Listener(port, statuses, location)
    thread = threading.Thread(target=listener.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listener
    finally:
        listener.server.shutdown()
        thread.join()
        listener.server.server_close()


FAST = SandboxConfig(speed=600, scenario="calm")
"""Every call is answered and over within a tenth of a second."""
