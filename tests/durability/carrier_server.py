"""A carrier on loopback that counts: the outside judge of what was dialed, and how often.

    python -m durability.carrier_server --record requests.jsonl --rules rules.json

It prints its base URL as its first line. Every connect request is on disk, synced, before a byte of its
answer is sent, so that nothing a client ever did can be missing from the record, whatever is killed.
Standard library only, raw asyncio; how it misbehaves on order stands in carrier_rules.py.
"""

import argparse
import asyncio
import base64
import contextlib
import gzip
import json
import os
import re
import secrets
import socket
import struct
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from durability import carrier_calls
from durability.carrier_calls import Call
from durability.carrier_list import bulk
from durability.carrier_rules import Behaviour, Rules
from durability.http_message import Malformed, Request, fields, read_request, urlencoded
from durability.sliding_window import SlidingWindow

CONNECT = re.compile(r"/v1/Accounts/(?P<account>[^/]+)/Calls/connect(?P<json>\.json)?\Z")
LOOK_UP = re.compile(r"/v1/Accounts/(?P<account>[^/]+)/Calls/(?P<sid>[0-9a-z]{32})(?P<json>\.json)?\Z")
LIST = re.compile(r"/v1/Accounts/(?P<account>[^/]+)/Calls(?P<json>\.json)?\Z")
NUMBER = re.compile(r"/v1/Accounts/(?P<account>[^/]+)/Numbers/(?P<number>[^/]+?)(?P<json>\.json)?\Z")
NEVER = 3600.0  # seconds; longer than any client waits and any test lasts


class Hangup(Exception):  # noqa: N818 - what happens, not what went wrong
    """Close the connection without (the rest of) an answer."""


class CountingCarrier:
    """The carrier's side of every connection, and its record."""

    def __init__(self, account: str, credentials: str, record: Path, rules: Path | None) -> None:
        self.account = account
        self.authorization = "Basic " + base64.b64encode(credentials.encode()).decode()
        self.record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.rules_file = rules
        self.calls: dict[str, Call] = {}
        self.arrivals: Counter[str] = Counter()
        self.connections = 0
        self.requests = 0
        self.base = ""
        self.window = SlidingWindow()
        self.posting: set[asyncio.Task[None]] = set()

    async def serve(self, port: int) -> None:
        """Serve until killed."""
        server = await asyncio.start_server(self.connection, "127.0.0.1", port, limit=1 << 20, backlog=1024)
        self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        print(self.base, flush=True)  # noqa: T201 - the address is this program's result
        async with server:
            await server.serve_forever()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive until the client closes it or a rule ends it."""
        self.connections += 1
        number = self.connections
        try:
            reset = Rules.read(self.rules_file).reset(number)
            if reset is not None:
                if reset == "reset":
                    await reader.read(1)
                linger = struct.pack("ii", 1, 0)  # on, 0 s: close() sends RST
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
                return
            while request := await read_request(reader):
                await self.answer(request, number, writer)
        except (Hangup, Malformed, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def answer(self, request: Request, connection: int, writer: asyncio.StreamWriter) -> None:
        """Record one request, then answer it."""
        arrived = time.time()
        place, look = CONNECT.match(request.path), LOOK_UP.match(request.path)
        kind = "connect" if place and request.method == "POST" else "look-up" if look else "other"
        if request.method == "GET" and LIST.match(request.path):
            kind = "bulk"
        number = NUMBER.match(request.path) if request.method == "GET" else None
        kind = "number" if number else kind
        line: dict[str, Any] = {"kind": kind, "connection": connection, "at": arrived, "sid": None}
        line |= {"method": request.method, "path": request.path, "query": request.query}
        line |= {"headers": request.headers, "body": base64.b64encode(request.body).decode()}
        as_json = request.path.endswith(".json")
        window = Rules.read(self.rules_file).window
        if request.header("authorization") != self.authorization:
            self.write(line | {"answer": "401"})
            await self.send(writer, 401, *carrier_calls.refusal(401, "Authentication failed", as_json=as_json))
        elif kind != "other" and window and await self.window.refuses(window):
            self.write(line | {"answer": "429", "fields": fields(request) if place else []})
            await self.send(writer, 429, *carrier_calls.refusal(429, "Too many requests", as_json=as_json))
        elif kind == "connect":
            await self.connect(request, line, writer, as_json=as_json)
        elif look:
            await self.look_up(look["sid"], line, writer, as_json=as_json)
        elif kind == "bulk":
            await self.listing(request, line, writer, as_json=as_json)
        elif number:
            await self.number(unquote(number["number"]), line, writer, as_json=as_json)
        else:
            self.write(line | {"answer": "404"})
            await self.send(writer, 404, *carrier_calls.refusal(404, "Not found", as_json=as_json))

    async def connect(
        self, request: Request, line: dict[str, Any], writer: asyncio.StreamWriter, *, as_json: bool
    ) -> None:
        """One connect request: on disk first, then whatever the rules say."""
        try:
            sent = fields(request)
        except Malformed as problem:
            self.write(line | {"answer": "malformed", "fields": [], "problem": str(problem)})
            await self.send(writer, 400, *carrier_calls.refusal(400, str(problem), as_json=as_json))
            return
        rules = Rules.read(self.rules_file)
        key = dict(sent).get("CustomField", "")
        how = rules.behaviour(key, self.arrivals[key])
        self.arrivals[key] += 1
        sid, at = secrets.token_hex(16), line["at"]
        call = Call(sid, self.account, dict(sent), at, at + rules.talk, how.ending, how.listed)
        self.calls[sid] = call
        self.write(line | {"answer": how.answer, "sid": sid, "fields": sent, "ends": call.ends})
        if how.callback == "before":
            await self.call_back(call)
        elif how.callback != "none":
            task = asyncio.create_task(self.call_back_later(call, 2 if how.callback == "twice" else 1))
            self.posting.add(task)
            task.add_done_callback(self.posting.discard)
        await self.respond(how, call, rules, writer, as_json=as_json)

    async def respond(
        self, how: Behaviour, call: Call, rules: Rules, writer: asyncio.StreamWriter, *, as_json: bool
    ) -> None:
        """Answer as the rule says."""
        word, _, rest = how.answer.partition(":" if ":" in how.answer else "-")
        if word == "hang":
            await asyncio.sleep(NEVER)
        if word in ("hang", "drop"):
            raise Hangup
        if word == "slow":
            await asyncio.sleep(float(rest))
        status = int(word) if word.isdigit() else 200
        content_type, body = carrier_calls.reply(call, time.time(), as_json=as_json)
        if rest == "no-sid":
            body = body.replace(call.sid.encode(), b"")
        elif status >= 300 and rest != "with-sid":
            said = self.authorization if rest == "echo" else f"Answer {status} was ordered"
            content_type, body = carrier_calls.refusal(status, said, as_json=as_json)
        if rest == "echo-escaped":
            written = "\\u{:04x}" if as_json else "&#{};"
            echoed = "".join(written.format(ord(character)) for character in self.authorization)
            body = body.replace(b"was ordered", echoed.encode())
        elif rest == "sentence":
            content_type, body = "text/plain", f"call {call.sid} could not be described".encode()
        extra = {}
        if status == 429 and rules.retry_after is not None:
            extra["Retry-After"] = rules.retry_after
        if 300 <= status < 400:
            extra["Location"] = f"{self.base}/v1/Accounts/{self.account}/Calls/connect.json"
        await self.send(writer, status, content_type, body, extra, half=word == "half")

    async def look_up(self, sid: str, line: dict[str, Any], writer: asyncio.StreamWriter, *, as_json: bool) -> None:
        """One call look-up by Sid."""
        ordered = int(Rules.read(self.rules_file).lookups)
        status = ordered if ordered != 200 or sid in self.calls else 404
        self.write(line | {"answer": str(status), "sid": sid})
        if status != 200:
            await self.send(writer, status, *carrier_calls.refusal(status, "No such call", as_json=as_json))
            return
        details = "details=true" in line["query"]
        found = carrier_calls.reply(self.calls[sid], time.time(), as_json=as_json, details=details)
        await self.send(writer, 200, *found)

    async def number(self, asked: str, line: dict[str, Any], writer: asyncio.StreamWriter, *, as_json: bool) -> None:
        """What is known of a phone number."""
        word = Rules.read(self.rules_file).dnd(asked, self.arrivals[f"number {asked}"])
        self.arrivals[f"number {asked}"] += 1
        self.write(line | {"answer": word, "fields": [("number", asked)]})
        if word.isdigit():
            refused = carrier_calls.refusal(int(word), f"Answer {word} was ordered", as_json=as_json)
            await self.send(writer, int(word), *refused)
            return
        await self.send(writer, 200, *carrier_calls.number(asked, word, as_json=as_json))

    async def listing(
        self, request: Request, line: dict[str, Any], writer: asyncio.StreamWriter, *, as_json: bool
    ) -> None:
        """One page of the list of calls."""
        status = int(Rules.read(self.rules_file).bulk)
        answer = carrier_calls.refusal(status, f"Answer {status} was ordered", as_json=as_json)
        if status == 200:
            try:
                pairs = urlencoded(request.query.encode()) if request.query else []
                answer = bulk(self.calls.values(), pairs, request.path, time.time(), as_json=as_json)
            except ValueError as problem:  # a filter, or an escape in the query
                status, answer = 400, carrier_calls.refusal(400, str(problem), as_json=as_json)
        self.write(line | {"answer": str(status)})
        await self.send(writer, status, *answer)

    def write(self, line: dict[str, Any]) -> None:
        """Append one line to the record; connect requests are synced before anybody hears of them."""
        self.requests += 1
        os.write(self.record, (json.dumps({"n": self.requests, **line}) + "\n").encode())
        if line["kind"] == "connect":
            os.fsync(self.record)

    async def send(
        self,
        writer: asyncio.StreamWriter,
        status: int,
        content_type: str,
        body: bytes,
        extra: dict[str, str] | None = None,
        *,
        half: bool = False,
    ) -> None:
        """Write one answer; `half` breaks off in the middle of its body."""
        coding = Rules.read(self.rules_file).coding
        if coding in ("gzip", "deflate"):
            body = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
        named = {"Content-Encoding": coding} if coding else {}
        headers = {"Content-Type": content_type, "Content-Length": str(len(body)), **named, **(extra or {})}
        head = f"HTTP/1.1 {status} Ordered\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        writer.write(head.encode() + b"\r\n" + (body[: len(body) // 2] if half else body))
        await writer.drain()
        if half:
            raise Hangup

    async def call_back_later(self, call: Call, times: int) -> None:
        """Send the call's callbacks once it has ended."""
        await asyncio.sleep(max(0.0, call.ends - time.time()))
        for _ in range(times):
            await self.call_back(call)

    async def call_back(self, call: Call) -> None:
        """Send each event that the call subscribed to its StatusCallback, on loopback only."""
        address = urlsplit(call.fields.get("StatusCallback", ""))
        if address.hostname != "127.0.0.1" or address.port is None:
            return
        events = [value for name, value in call.fields.items() if name.startswith("StatusCallbackEvents[")]
        as_json = call.fields.get("StatusCallbackContentType") == "application/json"
        for event in sorted(events) or ["default"]:
            content_type, body = carrier_calls.callback(call, event, as_json=as_json)
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
                path = address.path + (f"?{address.query}" if address.query else "")
                head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                answer = await reader.readline()
                line = {"kind": "callback", "at": time.time(), "sid": call.sid, "event": event}
                self.write(line | {"answer": answer.decode("latin-1").strip()})
                writer.close()


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", default="acme1")
    parser.add_argument("--credentials", default="key:token")
    options = parser.parse_args()
    carrier = CountingCarrier(options.account, options.credentials, options.record, options.rules)
    asyncio.run(carrier.serve(options.port))


if __name__ == "__main__":
    main()
