"""The address of callbacks: names, networks, certificates, and who answers behind it."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from contract.raw_carrier import serving
from contract.self_signed import self_signed
from unit.doctor.servers import EXOTEL, carrier, found, reply

from orchestrator.app.doctor.callbacks import check_callbacks
from orchestrator.model.check import Check, Health
from orchestrator.model.target import Callbacks, Target


def called_back(
    public_url: str, is_outside: Callable[[str], bool] = lambda _: True, target: str = "live"
) -> list[Check]:
    to = Target(target, "exotel" if target == "live" else "sandbox", callbacks=Callbacks("127.0.0.1", 1, public_url))
    return asyncio.run(check_callbacks(to, is_outside))


def test_without_callbacks_look_ups_will_do() -> None:
    assert found(asyncio.run(check_callbacks(EXOTEL))) == {"public-url": Health.OK}
    silent = Target("live", "exotel", lookups=None)
    assert found(asyncio.run(check_callbacks(silent))) == {"public-url": Health.WARNING}


def test_an_address_of_this_machine_is_for_the_sandbox_only() -> None:
    url = "http://127.0.0.1:8090"
    assert found(called_back(url)) == {f"public-url {url}": Health.PROBLEM}
    assert found(called_back(url, target="sandbox")) == {f"public-url {url}": Health.OK}
    served = Target("sb", "exotel", base_url="http://127.0.0.1:9", callbacks=Callbacks("127.0.0.1", 1, url))
    assert found(asyncio.run(check_callbacks(served))) == {f"public-url {url}": Health.OK}


def test_a_host_without_an_address_is_a_problem() -> None:
    assert called_back("https://hooks.nowhere.invalid")[0].health is Health.PROBLEM


def test_a_private_address_is_told() -> None:
    (check,) = called_back("https://0x7f.1:8443", lambda _: False)
    assert check.health is Health.WARNING
    assert "private network" in check.what


def behind_tls(tls: ssl.SSLContext, answers: dict[str, bytes], host: str = "0x7f.1") -> list[Check]:
    """Check an address of this machine, spelled as no loopback address is, behind which a server answers so."""

    async def main() -> list[Check]:
        async with serving(carrier(answers), tls) as server:
            live = Target("live", "exotel", callbacks=Callbacks("127.0.0.1", 1, f"https://{host}:{server.port}/x"))
            return await check_callbacks(live, lambda _: True)

    return asyncio.run(main())


def test_a_certificate_that_is_not_trusted_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, tls = self_signed(tmp_path)
    untrusted = behind_tls(tls, {})[1]
    assert (untrusted.id, untrusted.health) == ("callback-certificate", Health.PROBLEM)
    assert "not trusted" in untrusted.what
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    other_name = behind_tls(tls, {}, "0x7f.0.1")[1]
    assert other_name.health is Health.PROBLEM
    assert "mismatch" in other_name.what


IDENTITY = b'{"journal": "jr_1234", "heard_by": "serve"}'


@pytest.mark.parametrize(
    ("answers", "health", "says"),
    [
        ({"/x/healthz": reply(IDENTITY)}, Health.OK, "the receiver of the journal jr_1234"),
        ({"/healthz": reply(IDENTITY)}, Health.NOT_JUDGED, "answers 404"),
        ({"/": reply(b"", "502 Bad Gateway")}, Health.NOT_JUDGED, "answers 502"),
        ({"/": reply(b"<html>")}, Health.NOT_JUDGED, "something else"),
        ({"/": reply(b"[" * 4000)}, Health.NOT_JUDGED, "something else"),
        ({"/": reply(b"x" * 1_000_000)}, Health.NOT_JUDGED, "something else"),
    ],
)
def test_who_answers_behind_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, bytes], health: Health, says: str
) -> None:
    certificate, tls = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _, trusted, receiver = behind_tls(tls, answers)
    assert (trusted.id, trusted.health) == ("callback-certificate", Health.OK)
    assert (receiver.id, receiver.health) == ("callback-receiver", health)
    assert says in receiver.what


def test_where_nobody_answers_nothing_is_judged() -> None:
    check = called_back("https://0x7f.1:1")[1]
    assert check.health is Health.NOT_JUDGED
