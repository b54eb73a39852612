"""Answers that a proxy compressed, re-encoded or quoted, through a real socket: read, or known to be unread."""

import asyncio
import gzip
import html
import json
import zlib

import pytest
from contract.carrier_client import against, at_once, carrier
from contract.raw_carrier import CALL, SID, Connection, answer, answering, serving
from contract.test_carrier_statuses import EXCEPTION, XML_CALL, judged

from orchestrator.exotel.content import body_text
from orchestrator.exotel.facts import call_facts
from orchestrator.exotel.placement import verdict
from orchestrator.exotel.replies import call_list
from orchestrator.model.outcome import Exchange, Placement

OTHER_XML = f"<x:response xmlns:x='u'><x:call><x:callsid>{SID}</x:callsid></x:call></x:response>"
DRESSES = {
    "gzip": (gzip.compress(CALL), "Content-Encoding: gzip"),
    "x-gzip": (gzip.compress(CALL), "Content-Encoding: x-gzip"),
    "deflate": (zlib.compress(CALL), "Content-Encoding: deflate"),
    "bare deflate": (zlib.compress(CALL)[2:-4], "Content-Encoding: deflate"),
    "gzip that no header names": (gzip.compress(CALL), "Content-Type: application/json"),
    "gzip in gzip": (gzip.compress(gzip.compress(CALL)), "Content-Encoding: gzip, gzip"),
    "XML in gzip": (gzip.compress(XML_CALL), "Content-Encoding: gzip"),
    "UTF-16": (CALL.decode().encode("utf-16"), "Content-Type: application/json"),
    "a code page": (CALL.decode().encode("cp037"), "Content-Type: application/json; charset=cp037"),
}
REFUSALS = {
    "two lines of Content-Encoding": (
        gzip.compress(zlib.compress(CALL)),
        "Content-Encoding: deflate\r\nContent-Encoding: gzip",
    ),
    "half of a gzip stream": (gzip.compress(CALL)[: len(CALL) // 2], "Content-Encoding: gzip"),
    "br": (b"\x0b\x02\x80hello\x03", "Content-Encoding: br"),
    "br by its header only": (EXCEPTION, "Content-Encoding: br"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x00abc", "Content-Encoding: zstd"),
    "an unheard-of coding": (EXCEPTION, "Content-Encoding: x-own"),
    "gzip by its header only": (EXCEPTION, "Content-Encoding: gzip"),
    "a bomb": (gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip"),
    "more than is read": (b" " * 70_000 + CALL, "Content-Type: text/plain"),
    "no text": (bytes(range(256)), "Content-Type: application/octet-stream"),
    "call_sid": (json.dumps({"call_sid": SID}).encode(), "Content-Type: application/json"),
    "lower case": (json.dumps({"error": {"call": {"sid": "abc"}}}).encode(), "Content-Type: application/json"),
    "JSON in JSON": (json.dumps({"m": json.dumps({"m": CALL.decode()})}).encode(), "Content-Type: application/json"),
    "XML of another spelling": (OTHER_XML.encode(), "Content-Type: text/xml"),
    "XML in HTML": (f"<html><pre>{html.escape(XML_CALL.decode())}</pre></html>".encode(), "Content-Type: text/html"),
    "a sentence": (f"call {SID} was not connected".encode(), "Content-Type: text/plain"),
    "a header": (EXCEPTION, f"X-Exotel-Call-Sid: {SID}"),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_a_dressed_2xx_is_accepted(dress: str) -> None:
    body, header = DRESSES[dress]
    _, judgement = judged(answer(200, body, header))
    assert (judgement.placement, judgement.facts.sid) == (Placement.ACCEPTED, SID)


@pytest.mark.parametrize("status", [400, 403, 429])
@pytest.mark.parametrize("dress", [*DRESSES, *REFUSALS])
def test_a_refusal_that_names_a_call_or_cannot_be_read_is_unknown(dress: str, status: int) -> None:
    body, header = (DRESSES | REFUSALS)[dress]
    _, judgement = judged(answer(status, body, header))
    assert (judgement.placement, judgement.account_problem) == (Placement.UNKNOWN, False)
    assert "\ufffd" not in (judgement.message or "")
    assert "the status alone says" in (judgement.message or "")


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-8", "windows-1252"])
def test_a_document_that_names_its_character_set_is_read_by_it_and_again_from_what_is_kept(charset: str) -> None:
    message = "<RestException><Message>caf\u00e9</Message></RestException>"
    document = f"<?xml version='1.0' encoding='{charset}'?><TwilioResponse>{message}</TwilioResponse>"
    exchange, judgement = judged(answer(400, document.encode(charset)))
    assert body_text(exchange.body) == document
    assert "caf\u00e9" in (judgement.message or "")


@pytest.mark.parametrize("status", [303, 307])
def test_a_redirect_that_names_a_call_is_unknown_and_stops_the_run(status: int) -> None:
    for header, body in ((f"Location: /v1/Accounts/acme1/Calls/{SID}.json", b""), ("Location: /", CALL)):
        _, judgement = judged(answer(status, body, header))
        assert (judgement.placement, judgement.account_problem) == (Placement.UNKNOWN, True)


@pytest.mark.parametrize("coding", ["gzip", "deflate", ""])
@pytest.mark.parametrize("status", [400, 404])
def test_a_compressed_refusal_is_one_and_its_words_are_shown(status: int, coding: str) -> None:
    body = zlib.compress(EXCEPTION) if coding == "deflate" else gzip.compress(EXCEPTION)
    _, judgement = judged(answer(status, body, *([f"Content-Encoding: {coding}"] if coding else [])))
    assert judgement.placement is Placement.REJECTED
    assert "the carrier's own words" in (judgement.message or "")


def test_a_compressed_answer_that_breaks_off_is_unknown() -> None:
    async def cut(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer(400, gzip.compress(EXCEPTION), "Content-Encoding: gzip")[:-12])

    assert verdict(against(cut)).placement is Placement.UNKNOWN


def test_look_ups_behind_a_proxy_that_compresses_are_read() -> None:
    page = json.dumps({"Metadata": {}, "Calls": [json.loads(CALL)["Call"]] * 100}).encode()

    async def main() -> tuple[Exchange, Exchange]:
        data = [answer(200, gzip.compress(body), "Content-Encoding: gzip") for body in (CALL, page)]
        async with serving(answering(data[0])) as one, carrier(one.url) as client:
            details = await client.details(SID, at_once)
        async with serving(answering(data[1])) as many, carrier(many.url) as client:
            return details, await client.listing({}, at_once)

    details, listing = asyncio.run(main())
    assert details.complete
    assert listing.complete
    facts, listed = call_facts(details.body), call_list(listing.body)
    assert facts is not None
    assert facts.sid == SID
    assert listed is not None
    assert len(listed.calls) == 100
