"""The carrier's answers, good and hostile, and what they say of the account; nothing is ever dialed."""

import asyncio
import time
from email.utils import formatdate

import pytest
from contract.raw_carrier import Behaviour, serving
from unit.doctor.servers import EXOTEL, KEY, SID, TOKEN, carrier, found, reply

from orchestrator.app.doctor.account import check_account
from orchestrator.app.targets import Access
from orchestrator.model.check import Check, Health
from orchestrator.model.target import Guardrails, Target

LINES = b'{"incoming_phone_numbers": [{"phone_number": "+918047112233"}]}'
CALLS = b'{"Metadata": {"Total": 0}, "Calls": []}'
NEW, OLDER, LIST = (
    f"/v2_beta/Accounts/{SID}/",
    f"/v1/Accounts/{SID}/IncomingPhoneNumbers.json",
    f"/v1/Accounts/{SID}/Calls",
)
PAGES = f"{NEW}IncomingPhoneNumbers"


def asked(
    behave: Behaviour, caller_ids: tuple[str, ...] = (), target: Target = EXOTEL
) -> tuple[list[Check], list[bytes]]:
    async def main() -> tuple[list[Check], list[bytes]]:
        async with serving(behave) as server:
            access = Access(SID, KEY, TOKEN, server.url)
            return await check_account(access, target, caller_ids), server.requests

    checks, requests = asyncio.run(main())
    assert all(request.startswith(b"GET ") for request in requests), "something was dialed"
    return checks, requests


def test_an_account_that_answers_has_its_caller_ids_judged() -> None:
    target = Target("live", "exotel", guardrails=Guardrails(caller_ids=("08047112233", "07410410123")))
    checks, requests = asked(carrier({NEW: reply(LINES)}), ("+918047112233", "1800123456"), target)
    assert found(checks[1:]) == {
        "caller-id 08047112233": Health.OK,
        "caller-id 07410410123": Health.WARNING,
        "caller-id +918047112233": Health.OK,
        "caller-id 1800123456": Health.PROBLEM,
    }
    assert (checks[0].id, checks[0].health) == ("account", Health.OK)
    assert "1 ExoPhone" in checks[0].what
    assert len(requests) == 3  # the first page, and two that bring nothing new


@pytest.mark.parametrize("first", [0, 1])
def test_further_pages_are_read_wherever_the_carrier_begins_to_count(first: int) -> None:
    listed = [reply(LINES.replace(b"33", b"3%d" % page)) for page in range(3)]
    pages = {f"{PAGES}?page={first + page}": each for page, each in enumerate(listed)}
    nothing = {f"{PAGES}?page=": reply(b'{"incoming_phone_numbers": []}')}
    checks, _ = asked(carrier({**pages, **nothing, PAGES: listed[0]}), ("08047112230", "08047112232"))
    assert {check.health for check in checks} == {Health.OK}
    assert "3 ExoPhones" in checks[0].what


@pytest.mark.parametrize(
    "body", [LINES, b'{"IncomingPhoneNumbers": [{"IncomingPhoneNumber": {"PhoneNumber": "08047112233"}}]}']
)
def test_the_older_list_will_do(body: bytes) -> None:
    checks, _ = asked(carrier({OLDER: reply(body)}), ("08047112233",))
    assert {check.health for check in checks} == {Health.OK}


def test_a_list_that_breaks_off_condemns_nobody() -> None:
    pages = {f"{PAGES}?page=": reply(b"", "503 Unavailable"), PAGES: reply(LINES)}
    checks, _ = asked(carrier(pages), ("08047112233", "1800123456"))
    assert found(checks)["caller-id 08047112233"] is Health.OK
    assert found(checks)["caller-id 1800123456"] is Health.NOT_JUDGED


def test_an_account_without_a_list_is_proved_by_its_calls() -> None:
    checks, _ = asked(carrier({LIST: reply(CALLS)}), ("08047112233",))
    assert found(checks)["caller-id"] is Health.NOT_JUDGED
    assert checks[0].health is Health.OK


@pytest.mark.parametrize(
    ("answer", "health", "says"),
    [
        (reply(b"", "401 Unauthorized"), Health.PROBLEM, "API key or the API token is wrong"),
        (reply(b"", "402 Payment Required"), Health.PROBLEM, "balance"),
        (reply(b"", "403 Forbidden"), Health.PROBLEM, "allow-list"),
        (reply(b"", "404 Not Found"), Health.PROBLEM, "wrong account SID, or the carrier's other region"),
        (reply(b"", "302 Found", "Location: https://login.example/x"), Health.PROBLEM, "login.example"),
        (reply(b"", "429 Too Many"), Health.NOT_JUDGED, "more requests than its rate allows"),
        (reply(b"", "503 Unavailable"), Health.PROBLEM, "the carrier is down"),
        (reply(b"<html>Welcome to the WiFi</html>"), Health.PROBLEM, "what answers is not the carrier"),
        (
            reply(f'{{"RestException": {{"Message": "{TOKEN} is bad"}}}}'.encode(), "403 No"),
            Health.PROBLEM,
            "*** is bad",
        ),
        (b"SSH-2.0-x\r\n", Health.PROBLEM, "cannot be reached"),
        (b"", Health.PROBLEM, "cannot be reached"),
    ],
)
def test_whatever_else_answers_is_told_with_its_cause(answer: bytes, health: Health, says: str) -> None:
    checks, _ = asked(carrier({}, answer), ("08047112233",))
    assert (checks[0].id, checks[0].health) == ("account", health)
    assert says in checks[0].what
    assert KEY not in repr(checks)
    assert TOKEN not in repr(checks)
    assert not [check for check in checks if check.id == "caller-id"]


def test_where_nobody_listens_it_cannot_be_reached() -> None:
    (check,) = asyncio.run(check_account(Access(SID, KEY, TOKEN, "http://127.0.0.1:1"), EXOTEL, ()))
    assert check.health is Health.PROBLEM
    assert "cannot be reached" in check.what


@pytest.mark.parametrize(
    ("seconds", "health"), [(0, Health.OK), (-60, Health.WARNING), (60, Health.WARNING), (3600, Health.PROBLEM)]
)
def test_the_carrier_s_clock_is_compared_with_ours(seconds: int, health: Health) -> None:
    date = f"Date: {formatdate(time.time() + seconds, usegmt=True)}"
    checks, _ = asked(carrier({NEW: reply(LINES, "200 OK", date)}))
    assert found(checks)["carrier-clock"] is health


def test_a_date_that_is_none_says_nothing() -> None:
    checks, _ = asked(carrier({NEW: reply(LINES, "200 OK", "Date: Sun, 99 Foo 0000 00:00:00 GMT")}))
    assert "carrier-clock" not in found(checks)
