"""The least that others need to post the same requests: no journal, no pace, no report, every answer read.

python peers.py aiohttp ADDRESS people.csv [CERTIFICATE]
python peers.py httpx ADDRESS people.csv [CERTIFICATE]
"""

import asyncio
import base64
import csv
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator

from inputs import BOUNDARY, CONNECT, IN_FLIGHT, KEY, TOKEN, request_body

Post = Callable[[bytes], Awaitable[bytes]]
HEADERS = {
    "Authorization": "Basic " + base64.b64encode(f"{KEY}:{TOKEN}".encode()).decode(),
    "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
}


def bodies(path: str) -> Iterator[bytes]:
    """The encoded requests of a data file."""
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123 - pathlib is slower to import
        rows = csv.reader(file)
        next(rows)
        for order, phone, *_ in rows:
            yield request_body(order, phone)


async def post_all(requests: Iterator[bytes], post: Post) -> None:
    """Keep so many requests in flight until all are answered."""

    async def worker() -> None:
        for body in requests:
            if b'"Sid"' not in await post(body):
                sys.exit("an answer names no call")

    async with asyncio.TaskGroup() as group:
        for _ in range(IN_FLIGHT):
            group.create_task(worker())


async def with_aiohttp(address: str, path: str, trust: ssl.SSLContext | None) -> None:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=IN_FLIGHT, ssl=trust or True)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:

        async def post(body: bytes) -> bytes:
            async with session.post(address + CONNECT, data=body) as response:
                return await response.read()

        await post_all(bodies(path), post)


async def with_httpx(address: str, path: str, trust: ssl.SSLContext | None) -> None:
    import httpx

    limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with httpx.AsyncClient(verify=trust or True, limits=limits, headers=HEADERS, timeout=60) as client:

        async def post(body: bytes) -> bytes:
            return (await client.post(address + CONNECT, content=body)).content

        await post_all(bodies(path), post)


if __name__ == "__main__":
    name, address, path, *certificate = sys.argv[1:]
    trust = ssl.create_default_context(cafile=certificate[0]) if certificate else None
    loop = {"aiohttp": with_aiohttp, "httpx": with_httpx}[name]
    asyncio.run(loop(address, path, trust))
