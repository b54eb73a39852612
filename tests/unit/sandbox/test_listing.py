"""The bulk look-up: calls that are over, filtered and page by page (docs/carrier.md, reading calls)."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from unit.sandbox.kit import AGENT, CALLS, CUSTOMER, client, connect, ended, parsed, with_fields

from orchestrator.app.sandbox import simulated_carrier
from orchestrator.exotel.replies import call_list
from orchestrator.sandbox.config import SandboxConfig

LIST = f"{CALLS}.json"
INDIA = timezone(timedelta(hours=5, minutes=30))
QUICK = SandboxConfig(speed=3000, scenario="calm")
SLOW = SandboxConfig(speed=0.1, scenario="calm")
OTHER = "+919900000002"


def checked(config: SandboxConfig, check: Callable[[httpx2.AsyncClient], Awaitable[None]]) -> None:
    """Check a sandbox that keeps its calls in a file; test_memory.py holds those in memory to the same lists."""

    async def main(state: Path) -> None:
        async with simulated_carrier(replace(config, state=state)) as sandbox, client(sandbox) as carrier:
            await check(carrier)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(Path(folder) / "sandbox.db"))


async def over(carrier: httpx2.AsyncClient, **fields: str) -> str:
    """Place a call and wait for its end."""
    sid = str((await connect(carrier, with_fields(**fields))).json()["Call"]["Sid"])
    await ended(carrier, sid)
    return sid


async def listed(carrier: httpx2.AsyncClient, **query: str) -> dict[str, Any]:
    reply = await carrier.get(LIST, params=query)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def sids(carrier: httpx2.AsyncClient, **query: str) -> list[str]:
    return [call["Sid"] for call in (await listed(carrier, **query))["Calls"]]


def written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(INDIA).strftime("%Y-%m-%d %H:%M:%S")


def test_a_call_in_progress_is_left_out() -> None:
    async def check(carrier: httpx2.AsyncClient) -> None:
        await connect(carrier, with_fields())
        page = await listed(carrier)
        assert page["Calls"] == []
        assert page["Metadata"] == {
            "Total": 0,
            "PageSize": 50,
            "FirstPageUri": LIST,
            "PrevPageUri": None,
            "NextPageUri": None,
        }

    checked(SLOW, check)


def test_a_call_that_is_over_is_listed_as_a_look_up_tells_it() -> None:
    async def check(carrier: httpx2.AsyncClient) -> None:
        sid = await over(carrier)
        single = (await carrier.get(f"{CALLS}/{sid}.json")).json()["Call"]
        page = await listed(carrier)
        assert page["Calls"] == [single]
        assert (single["From"], single["To"], single["PhoneNumberSid"]) == ("08069171234", "09900000001", "08047112233")
        in_xml = parsed((await carrier.get(CALLS)).content)
        assert in_xml.findtext("Metadata/Total") == "1"
        assert in_xml.findtext("Metadata/NextPageUri") == ""
        assert [call.findtext("Sid") for call in in_xml.findall("Calls/Call")] == [sid]

    checked(QUICK, check)


def test_numbers_are_found_in_any_spelling_and_filters_narrow_each_other() -> None:
    async def check(carrier: httpx2.AsyncClient) -> None:
        first = await over(carrier, To=CUSTOMER)
        second = await over(carrier, To=OTHER, CallerId="08047112244")
        for spelling in (CUSTOMER, "09900000001", "9900000001", f"{CUSTOMER},+919911111111"):
            assert await sids(carrier, To=spelling) == [first]
        for spelling in (AGENT, "08069171234"):
            assert await sids(carrier, From=spelling) == [second, first]
        assert await sids(carrier, To=f"{CUSTOMER},{OTHER}") == [second, first]
        assert await sids(carrier, PhoneNumber="+918047112244") == [second]
        assert await sids(carrier, PhoneNumber="08047112233", To=OTHER) == []
        assert await sids(carrier, Sid=f"{first},{'0' * 32}") == [first]
        assert await sids(carrier, Direction="outbound-api", Status="completed,busy") == [second, first]
        assert await sids(carrier, Direction="inbound") == []
        assert await sids(carrier, Status="failed") == []

    checked(QUICK, check)


def test_dates_are_indian_and_both_ends_are_inside() -> None:
    async def check(carrier: httpx2.AsyncClient) -> None:
        now = time.time()
        sid = await over(carrier)
        created = (await listed(carrier))["Calls"][0]["DateCreated"]
        assert created in (written(now), written(now + 1))
        assert await sids(carrier, DateCreated=f"gte:{created};lte:{created}") == [sid]
        assert await sids(carrier, DateCreated=f"lte:{written(now + 60)};gte:{written(now - 60)}") == [sid]
        assert await sids(carrier, DateCreated=f"gte:{written(now + 60)}") == []
        assert await sids(carrier, DateCreated=f"lte:{written(now - 60)}") == []

    checked(QUICK, check)


@pytest.mark.parametrize("order", ["DateCreated:desc", "DateCreated:asc"])
@pytest.mark.parametrize("suffix", [".json", ""])
def test_pages_lead_through_the_whole_list_and_back(order: str, suffix: str) -> None:
    async def check(carrier: httpx2.AsyncClient) -> None:
        made = [await over(carrier, To=f"+9199000000{n:02d}") for n in range(5)]
        whole = made if order.endswith("asc") else made[::-1]
        query: Any = {"PageSize": "2", "SortBy": order, "From": AGENT}
        seen = []
        while query:
            page = call_list((await carrier.get(CALLS + suffix, params=query)).content)
            assert page is not None
            seen.append([call.sid for call in page.calls])
            query = page.next_query
            if len(seen) == 1:
                await over(carrier, To=OTHER, From="+918069170000")  # a call that comes between moves nothing
        assert seen == [whole[:2], whole[2:4], whole[4:]]
        last = await listed(carrier, PageSize="2", SortBy=order, From=AGENT, After=await cursor(carrier, order, 2))
        back = last["Metadata"]["PrevPageUri"]
        assert [call["Sid"] for call in last["Calls"]] == whole[4:]
        assert last["Metadata"]["Total"] == 5
        assert last["Metadata"]["NextPageUri"] is None
        before = (await carrier.get(back)).json()
        assert [call["Sid"] for call in before["Calls"]] == whole[2:4]
        first = (await carrier.get(before["Metadata"]["PrevPageUri"])).json()
        assert [call["Sid"] for call in first["Calls"]] == whole[:2]
        assert first["Metadata"]["PrevPageUri"] is None
        assert (await carrier.get(first["Metadata"]["FirstPageUri"])).json()["Calls"] == first["Calls"]

    async def cursor(carrier: httpx2.AsyncClient, order: str, pages: int) -> str:
        after: dict[str, str] = {}
        for _ in range(pages):
            page = await listed(carrier, PageSize="2", SortBy=order, From=AGENT, **after)
            after = {"After": dict(parse_qsl(urlsplit(page["Metadata"]["NextPageUri"]).query))["After"]}
        return after["After"]

    checked(QUICK, check)


@pytest.mark.parametrize(
    "query",
    [
        "CustomField=a",
        "details=true",
        "Sid=",
        "Sid=a,,b",
        "Sid=" + ",".join("a" * 101),
        "From=abc",
        "To=" + ",".join(["+919900000001"] * 6),
        "To=%2B919900000001&To=%2B919900000002",
        "DateCreated=",
        "DateCreated=2026-11-22",
        "DateCreated=gte:2026-11-22",
        "DateCreated=gte:2026-13-22 00:00:00",
        "DateCreated=gt:2026-11-22 00:00:00",
        "DateCreated=gte:2026-11-22 00:00:00;gte:2026-11-22 00:00:00",
        "DateCreated=gte:2026-11-22 00:00:00;",
        "PageSize=0",
        "PageSize=101",
        "PageSize=ten",
        "PageSize=²",
        "SortBy=DateCreated",
        "SortBy=Price:asc",
        "After=x",
        "After=bnVsbA==",
        "After=é",
        "Before=WzEsICJhIl0=&After=WzEsICJhIl0=",
    ],
)
def test_a_bad_filter_is_refused(query: str) -> None:
    async def check(carrier: httpx2.AsyncClient) -> None:
        reply = await carrier.get(f"{LIST}?{query}")
        assert (reply.status_code, reply.json()["RestException"]["Status"]) == (400, 400)
        in_xml = parsed((await carrier.get(f"{CALLS}?{query}")).content)
        assert in_xml.findtext("RestException/Status") == "400"

    checked(QUICK, check)


def test_an_outsider_sees_no_list() -> None:
    async def main() -> None:
        async with (
            simulated_carrier(QUICK) as sandbox,
            client(sandbox, token="wrong") as stranger,
            client(sandbox) as carrier,
        ):
            assert (await stranger.get(LIST)).status_code == 401
            assert (await carrier.get("/v1/Accounts/other/Calls.json")).status_code == 404

    asyncio.run(main())
