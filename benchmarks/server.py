"""The carrier of the benchmarks: answers each connect request at once, and counts requests and calls.

    python server.py [--tls CERTIFICATE KEY]      prints its address as its first line

uvloop and httptools, so that it is never what is measured; it shares no code with the product, and rings nobody.
`GET /_count` tells what came since the last `POST /_reset`. A call is over as soon as somebody asks for it.
"""

import argparse
import asyncio
import functools
import json
import re
import ssl
import time

import httptools
import uvloop

FIELD = re.compile(rb'name="(From|To|CustomField)"\r\n\r\n([^\r]*)')
SID = re.compile(rb"[0-9a-f]{32}")
HEAD = b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
CALL = (
    b'{"Sid":"%032x","ParentCallSid":null,"DateCreated":"%s","DateUpdated":"%s","AccountSid":"acme1","To":"%s",'
    b'"From":"%s","PhoneNumberSid":"1800123456","Status":"%s","StartTime":"%s","EndTime":%s,"Duration":%s,"Price":%s,'
    b'"Direction":"outbound-api","AnsweredBy":null,"ForwardedFrom":null,"CallerName":null,"RecordingUrl":null}'
)
ONGOING, OVER = (b"in-progress", b"null", b"null", b"null"), (b"completed", b'"%s"', b'"41"', b'"1.200"')
IST = 19_800
"""Seconds that its zone is ahead of UTC."""


class Carrier:
    """What it has received, and its answers."""

    def __init__(self) -> None:
        self.calls: list[tuple[bytes, bytes, bytes]] = []
        self.reset()

    def reset(self) -> None:
        """Count anew; Sids go on, so that none is given twice."""
        self.requests, self.first, self.came = 0, 0.0, set[bytes]()

    def answer(self, method: bytes, url: bytes, body: bytes) -> bytes:
        """The answer to one request."""
        path = url.partition(b"?")[0]
        if method == b"POST" and path.endswith(b"/Calls/connect.json"):
            return self.connect(body)
        if path.endswith(b"/Calls.json"):
            return reply(b'{"Metadata":{"NextPageUri":null},"Calls":[' + self.listed(url) + b"]}")
        if b"/Calls/" in path:
            return reply(b'{"Call":' + self.listed(path) + b"}")
        if path == b"/_reset":
            self.reset()
        elif path != b"/_count":
            return reply(b'{"RestException":{"Status":404,"Message":"Not found"}}', 404)
        told = {"requests": self.requests, "calls": len(self.came), "first": self.first}
        return reply(json.dumps(told).encode())

    def connect(self, body: bytes) -> bytes:
        """One call more."""
        at = time.time()
        self.first = self.first or at
        self.requests += 1
        fields = dict(FIELD.findall(body))
        self.came.add(fields.get(b"CustomField", b""))
        self.calls.append((fields.get(b"To", b""), fields.get(b"From", b""), written(int(at))))
        return reply(b'{"Call":' + self.shown(len(self.calls) - 1, ONGOING) + b"}")

    def listed(self, text: bytes) -> bytes:
        """The calls whose Sids a text names, as they stand in a list."""
        indexes = [int(sid, 16) for sid in SID.findall(text)]
        return b",".join(self.shown(index, OVER) for index in indexes if index < len(self.calls))

    def shown(self, index: int, state: tuple[bytes, bytes, bytes, bytes]) -> bytes:
        """One call."""
        to, source, at = self.calls[index]
        status, end, duration, price = state
        end = end % at if b"%s" in end else end
        return CALL % (index, at, at, to, source, status, at, end, duration, price)


def reply(body: bytes, status: int = 200) -> bytes:
    """A whole answer."""
    return HEAD % (status, b"OK" if status == 200 else b"Not Found", len(body), body)


@functools.lru_cache(maxsize=1)
def written(second: int) -> bytes:
    """A time as the carrier writes it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second + IST)).encode()


class Connection(asyncio.Protocol):
    """One connection, kept open until the client closes it."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.url, self.body = b"", b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.transport.write(self.carrier.answer(self.parser.get_method(), self.url, self.body))


async def serve(tls: list[str] | None) -> None:
    """Serve until killed."""
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    carrier = Carrier()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(carrier), "127.0.0.1", 0, ssl=context, backlog=1024)
    print(f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    uvloop.run(serve(parser.parse_args().tls))
