"""The counting carrier as tests hold it: started, told how to behave, and asked what it received."""

import base64
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance import forked

from durability.http_message import Part, Request, parts

ACCOUNT, KEY, TOKEN = "acme1", "key-of-the-judge", "token-of-the-judge"
DID_NOT_RING = ("429", "401")  # answers after which the same call may be asked for again


@dataclass(frozen=True)
class Received:
    """One line of the record. `kind`: connect, look-up, bulk, number, callback or other; `at` is in epoch seconds."""

    kind: str
    at: float
    sid: str | None
    answer: str
    connection: int
    request: Request
    fields: tuple[tuple[str, str], ...]
    ends: float

    @property
    def custom(self) -> str:
        """The request's CustomField: the key that tests give each call."""
        return dict(self.fields)["CustomField"]

    @property
    def parts(self) -> list[Part]:
        """The body's multipart parts, byte for byte."""
        return parts(self.request.header("content-type") or "", self.request.body)


def _received(line: str) -> Received:
    data: dict[str, Any] = json.loads(line)
    headers = tuple((name, value) for name, value in data.get("headers", []))
    body = base64.b64decode(data.get("body", ""))
    request = Request(data.get("method", ""), data.get("path", ""), data.get("query", ""), headers, body)
    pairs = tuple((name, value) for name, value in data.get("fields", []))
    number = data.get("connection", 0)
    return Received(
        data["kind"], data["at"], data["sid"], data["answer"], number, request, pairs, data.get("ends", 0.0)
    )


@dataclass(frozen=True)
class Carrier:
    """A running counting carrier."""

    url: str
    pid: int
    folder: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def rules(self, **rules: Any) -> None:
        """Replace the rules (carrier_rules.py) from the next request on."""
        fresh = self.folder / "rules.new"
        fresh.write_text(json.dumps(rules))
        fresh.replace(self.folder / "rules.json")

    def received(self) -> list[Received]:
        """Everything it has received or sent so far, in order."""
        record = self.folder / "requests.jsonl"
        written = record.read_text() if record.exists() else ""
        whole = written[: written.rfind("\n") + 1]  # a line may be read while it is being written
        return [_received(line) for line in whole.splitlines()]

    def connects(self) -> list[Received]:
        """The connect requests so far."""
        return [item for item in self.received() if item.kind == "connect"]

    def asked_about(self) -> list[str]:
        """The numbers that were asked about so far, in order."""
        return [dict(item.fields)["number"] for item in self.received() if item.kind == "number"]

    def rung(self) -> Counter[str]:
        """How often each call may have rung, by its CustomField: every request but those told to wait."""
        return Counter(item.custom for item in self.connects() if item.answer not in DID_NOT_RING)


@contextmanager
def counting_carrier(folder: Path, *, port: int = 0, secrets: tuple[str, str] = (KEY, TOKEN)) -> Iterator[Carrier]:
    """Start a counting carrier as a process of its own whose record lives in `folder`; end it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["--account", ACCOUNT, "--port", str(port), "--credentials", ":".join(secrets)]
    command += ["--record", str(folder / "requests.jsonl"), "--rules", str(folder / "rules.json")]
    process = forked.Command(command, Path.cwd(), os.environ, program=forked.CARRIER)
    try:
        yield Carrier(process.stdout.readline().strip(), process.pid, folder)
    finally:
        process.kill()
        sys.stderr.write(process.communicate()[1])
