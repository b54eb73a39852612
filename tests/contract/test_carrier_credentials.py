"""Credentials that come back, in every form in which an error page may quote them, are nowhere in what is kept."""

import base64
import gzip
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from contract.carrier_client import KEY, TOKEN, against
from contract.raw_carrier import SID, Connection, answer, answering
from contract.test_carrier_tls_and_proxy import through
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.carrier.answer import Redaction
from orchestrator.exotel.placement import verdict
from orchestrator.model.outcome import Placement

HARD = ("canary/key+7f3a-x", 'canary_token/91c5e2=a"b')
PROXY = ("proxy-user-1", "pr0xy&pass word")


def header(pair: tuple[str, str]) -> str:
    return base64.b64encode(":".join(pair).encode()).decode()


def each(write: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(write(character) for character in text)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "\\u": each(lambda character: f"\\u{ord(character):04x}"),
    "\\\\U": each(lambda character: f"\\\\u{ord(character):04X}"),
    "\\x": each(lambda character: f"\\x{ord(character):02x}"),
    "octal": each(lambda character: f"\\{ord(character):03o}"),
    "XML": html.escape,
    "XML in XML": lambda text: html.escape(html.escape(text)),
    "decimal entities": each(lambda character: f"&#{ord(character)};"),
    "hexadecimal entities": each(lambda character: f"&#x{ord(character):X};"),
    "named entities": lambda text: html.escape(text).replace("/", "&sol;").replace("+", "&plus;"),
    "entities in XML": lambda text: html.escape("".join(f"&#{ord(character)};" for character in text)),
    "entities in JSON": lambda text: "".join(f"\\u0026#{ord(character)};" for character in text),
    "percent": lambda text: quote(text, safe=""),
    "every percent": each(lambda character: f"%{ord(character):02x}"),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of more": lambda text: base64.b64encode(f"x{text}yz".encode()).decode(),
    "base64 of still more": lambda text: base64.urlsafe_b64encode(f"xx{text}yz".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "bytes with colons": lambda text: text.encode().hex(":"),
    "bytes in C": lambda text: ", ".join(f"0x{byte:02X}" for byte in text.encode()),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "full width": each(lambda character: chr(ord(character) + 0xFEE0) if character != " " else character),
    "upper case": str.upper,
    "wrapped lines": lambda text: f"{text[:9]}\r\n    {text[9:]}",
    "UTF-16 read as bytes": lambda text: text.encode("utf-16-le").decode("latin-1"),
    "Python": lambda text: repr(text.encode())[2:-1],
    "CDATA": lambda text: f"{text[:5]}]]><![CDATA[{text[5:]}",
}
SECRETS = (*HARD, *PROXY, header(HARD), header(PROXY))


@pytest.mark.parametrize("form", FORMS)
def test_a_credential_is_cut_out_in_every_form(form: str) -> None:
    """Only the credential: what stands around it stays."""
    redaction = Redaction(*HARD, PROXY)
    for secret in SECRETS:
        echoed = FORMS[form](secret)
        shown = redaction.text(f"before {{{echoed}}} after")
        assert echoed not in shown, secret
        assert shown.startswith("before {")
        assert shown.endswith("} after")
        assert "***" in shown


@pytest.mark.parametrize("secret", [HARD[1], header(HARD), header(PROXY)])
@pytest.mark.parametrize("kept", [0.6, 0.9])
def test_a_credential_that_is_quoted_in_part_is_cut_out_as_far_as_it_goes(secret: str, kept: float) -> None:
    """A page cuts what it quotes, and an answer breaks off; half a header tells the key."""
    part = secret[: int(len(secret) * kept)]
    shown = Redaction(*HARD, PROXY).text(f"before {part}... after")
    assert secret[:10] not in shown
    assert shown.startswith("before ***")
    assert shown.endswith("... after")


def test_a_document_around_a_credential_stays_a_document() -> None:
    written = json.dumps({"Call": {"Sid": SID, "RecordingUrl": f"https://{HARD[1]}@x/"}}).replace("/", "\\/")
    assert json.loads(Redaction(*HARD).text(written)) == {"Call": {"Sid": SID, "RecordingUrl": "https://***@x/"}}


def test_the_sandboxes_word_is_no_secret() -> None:
    text = "sandbox calls ring nobody, c2FuZGJveDpzYW5kYm94"
    assert Redaction("sandbox", "sandbox").text(text) == "sandbox calls ring nobody, ***"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_text_without_a_credential_stays_as_it_is(text: str) -> None:
    assert Redaction(*HARD, PROXY).text(text) == text


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=10),
            st.sampled_from(
                [*SECRETS, "<", ">", "<![CDATA[", "]]>", "&", "%", "%2", "\\", "\\u", "=", "=\r\n", "amp;", "&am"]
            ),
            st.builds(lambda secret, form: FORMS[form](secret), st.sampled_from(SECRETS), st.sampled_from([*FORMS])),
        ).flatmap(lambda text: st.sampled_from([text, f"<{text}", f"{text}>", f"&{text}", f"{text}="])),
        max_size=6,
    )
)
def test_texts_that_are_asked_together_are_redacted_as_if_alone(texts: list[str]) -> None:
    """Whatever one ends with, it hides nothing that the next one shows."""
    redaction = Redaction(*HARD, PROXY)
    assert redaction.texts(texts) == [redaction.text(text) for text in texts]


def test_a_bracket_in_one_field_hides_no_credential_in_the_next() -> None:
    assert Redaction(*HARD).texts(["a <", f"{HARD[0]} > b"]) == ["a <", "*** > b"]


@pytest.mark.parametrize("unit", ["canary", "&amp;", "%25", "\\u0063", "<", HARD[1][:-1] + " ", FORMS["\\u"](HARD[1])])
def test_no_hostile_text_takes_long(unit: str) -> None:
    began = time.monotonic()
    Redaction(*HARD, PROXY).text((unit * (64 * 1024 // len(unit) + 1))[: 64 * 1024])
    assert time.monotonic() - began < 10


ECHOED = (KEY, TOKEN, header((KEY, TOKEN)))


@pytest.mark.parametrize("dress", ["JSON", "XML", "HTML", "text", "UTF-16", "gzip", "code page"])
@pytest.mark.parametrize("form", FORMS)
def test_an_answer_that_echoes_the_request_leaves_no_credential(form: str, dress: str) -> None:
    """Whatever the answer is dressed in: nothing that is kept of it can be read back to the secret."""
    echoed = [FORMS[form](secret) for secret in ECHOED]
    said = f"bad request: Authorization: Basic {echoed[2]} {echoed[1]} {echoed[0]}"
    body, kind, coding = _dressed(said, dress)
    exchange = against(answering(answer(400, body, f"Content-Type: {kind}", f"Content-Encoding: {coding}")))
    judgement = verdict(exchange)
    shown = f"{exchange!r} {exchange.body.decode(errors='replace')} {judgement!r}"
    for secret, written in zip(ECHOED, echoed, strict=True):
        assert secret not in shown
        assert written not in shown
    assert "bad request" in (judgement.message or "")


def _dressed(said: str, dress: str) -> tuple[bytes, str, str]:
    as_json = '{"RestException": {"Message": "' + said.replace("\r\n", "").replace("\0", "") + '"}}'
    match dress:
        case "JSON":
            return as_json.encode(), "application/json", "identity"
        case "XML":
            message = (
                f"<TwilioResponse><RestException><Message><![CDATA[{said}]]></Message></RestException></TwilioResponse>"
            )
            return message.replace("\0", "").encode(), "application/xml", "identity"
        case "HTML":
            return f"<html><body>{said}</body></html>".replace("\0", "").encode(), "text/html", "identity"
        case "UTF-16":
            return as_json.encode("utf-16"), "application/json", "identity"
        case "gzip":
            return gzip.compress(as_json.encode()), "application/json", "gzip"
        case "code page":
            return as_json.encode("cp037", "xmlcharrefreplace"), "application/json; charset=cp037", "identity"
        case _:
            return said.replace("\0", "").encode(), "text/plain", "identity"


@pytest.mark.parametrize("status", [200, 302, 500])
def test_headers_and_facts_leave_no_credential_either(status: int) -> None:
    call = json.dumps({"Call": {"Sid": SID, "Status": TOKEN, "RecordingUrl": f"https://{KEY}:{TOKEN}@x/a.mp3"}})
    echoes = (f"Location: https://{KEY}.example/{TOKEN}", f"X-Echo: Basic {ECHOED[2]}")
    exchange = against(answering(answer(status, call.encode(), *echoes)))
    judgement = verdict(exchange)
    assert judgement.facts.sid == SID
    assert all(secret not in f"{exchange!r} {judgement!r}" for secret in ECHOED)


@pytest.mark.parametrize("form", ["as it is", "percent", "base64", "\\x", "decimal entities"])
def test_a_status_line_that_cannot_be_read_leaves_no_credential(form: str) -> None:
    echoed = FORMS[form](TOKEN)

    async def garbage(connection: Connection) -> None:
        await connection.request()
        await connection.send(f"HTTP/1.1 4OO {echoed} {ECHOED[2]}\r\n\r\n".encode())

    exchange = against(garbage)
    assert verdict(exchange).placement is Placement.UNKNOWN
    shown = f"{exchange!r} {verdict(exchange)!r}"
    assert all(secret not in shown for secret in (*ECHOED, echoed))


@pytest.mark.parametrize("form", ["as it is", "percent", "base64", "decimal entities"])
def test_a_proxy_that_echoes_its_own_credentials_leaves_none(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its refusal's reason is told, without what `through` gives it: proxy-user and proxy-secret."""
    pair = ("proxy-user", "proxy-secret")
    echoed = [FORMS[form](secret) for secret in (*pair, header(pair))]
    refusal = answer(407, b"", reason=f"refused {' '.join(echoed)}")
    exchange = through(answering(refusal), monkeypatch)
    assert "407 refused" in (exchange.error or "")
    assert verdict(exchange).placement is Placement.UNREACHED
    shown = f"{exchange!r} {verdict(exchange)!r}"
    assert all(secret not in shown for secret in (*pair, header(pair), *echoed))
