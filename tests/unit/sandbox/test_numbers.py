"""What the sandbox tells of a number, by rule (docs/carrier.md, numbers)."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from unit.sandbox.kit import client, parsed

from orchestrator.app.sandbox import simulated_carrier
from orchestrator.exotel.replies import NumberFacts, number_facts
from orchestrator.model.number import DndMark
from orchestrator.sandbox.bodies import number_body
from orchestrator.sandbox.config import SandboxConfig

NUMBERS = "/v1/Accounts/sandbox/Numbers"


def asked(path: str, token: str = "sandbox", scenario: str = "everyday") -> tuple[int, bytes, str]:  # noqa: S107 - the sandbox's own
    async def main() -> tuple[int, bytes, str]:
        async with (
            simulated_carrier(SandboxConfig(scenario=scenario)) as sandbox,
            client(sandbox, token=token) as carrier,
        ):
            reply = await carrier.get(path)
            return reply.status_code, reply.content, reply.headers["content-type"]

    return asyncio.run(main())


def test_a_number_has_the_carriers_fields() -> None:
    status, body, kind = asked(f"{NUMBERS}/{quote('+919900000001', safe='')}.json")
    assert (status, kind) == (200, "application/json")
    assert number_facts(body) == NumberFacts("09900000001", DndMark.NO)
    told: dict[str, Any] | None = number_body("+919900000001", "everyday")
    assert told is not None
    assert list(told) == ["PhoneNumber", "Circle", "CircleName", "Type", "Operator", "OperatorName", "DND"]


def test_xml_without_json_in_the_path() -> None:
    status, body, kind = asked(f"{NUMBERS}/09900000003")
    assert (status, kind) == (200, "application/xml")
    assert parsed(body).findtext("Numbers/DND") == "Yes"
    assert number_facts(body) == NumberFacts("09900000003", DndMark.YES)


@pytest.mark.parametrize(("digit", "word"), [(digit, "Yes" if digit in (3, 7) else "No") for digit in range(10)])
def test_the_last_digit_of_a_mobile_number_decides(digit: int, word: str) -> None:
    for spelling in (f"+91990000000{digit}", f"0990000000{digit}"):
        told = number_body(spelling, "everyday")
        assert told is not None
        assert (told["DND"], told["Type"]) == (word, "Mobile")


def test_in_a_calm_world_nobody_is_registered() -> None:
    told = number_body("+919900000003", "calm")
    assert told is not None
    assert told["DND"] == "No"


def test_a_landlines_registration_is_unavailable() -> None:
    told = number_body("+917410410123", "everyday"), number_body("+912266543213", "everyday")
    assert [item and (item["Type"], item["DND"]) for item in told] == [("Mobile", "Yes"), ("Landline", "Unavailable")]


@pytest.mark.parametrize("number", ["+447700900100", "112", "nobody"])
def test_other_numbers_are_not_known(number: str) -> None:
    status, body, _ = asked(f"{NUMBERS}/{quote(number, safe='')}.json")
    assert status == 404
    assert b"RestException" in body


def test_nobody_is_told_without_credentials() -> None:
    assert asked(f"{NUMBERS}/09900000003.json", token="wrong")[0] == 401
