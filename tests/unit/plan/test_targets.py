"""Target files: every key read, every problem told at once, no secret accepted."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.policy import Rate, Window
from orchestrator.model.target import LIVE_HOURS, SCENARIO_NAMES, Callbacks, Guardrails, Lookups, Rates, Target
from orchestrator.plan.targets import BUILT_IN_TARGETS, load_target
from orchestrator.sandbox import script


@pytest.fixture
def load(tmp_path: Path):  # type: ignore[no-untyped-def]
    def from_text(text: str, name: str = "acme") -> tuple[Target | None, tuple[Diagnostic, ...]]:
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        return load_target(str(path), name)

    return from_text


def good(load, text: str) -> Target:  # type: ignore[no-untyped-def]
    target, found = load(text)
    assert not [each for each in found if each.is_error], found
    assert isinstance(target, Target)
    return target


def told(load, text: str) -> list[tuple[str, int, int]]:  # type: ignore[no-untyped-def]
    target, found = load(text)
    assert target is None
    assert all(each.hint for each in found)
    return [(each.id, each.spans[0].line, each.spans[0].column) for each in found if each.is_error]


def test_every_key_of_the_contract_is_read(load, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert good(
        load,
        """\
kind: exotel
account: acme1
base_url: https://api.in.exotel.com/
encoding: urlencoded
response: xml
spelling: new
pace: 100/minute
legs: 100
timezone: Asia/Kolkata
timeout: 45s
callbacks: {listen: "127.0.0.1:8090", public_url: "https://hooks.acme.example/"}
lookups: {after: 10s, every: 20s, settle: 1m}
shared: false
circuit: 5
rates: {currency: USD, per_minute: "0.60", pulse: 15s}
journal: jr_7c1f
accept: {StatusCallbackEvents: [ringing], NewParam: text}
guardrails:
  caller_ids: ["08047112233"]
  window: [{days: mon-sat, hours: "10:00-19:00", timezone: Asia/Kolkata}]
  suppress: [lists/company-wide.csv, ../b.csv]
  expect: required
x-note: ours
""",
    ) == Target(
        "acme",
        "exotel",
        account="acme1",
        base_url="https://api.in.exotel.com",
        encoding="urlencoded",
        response="xml",
        spelling="new",
        pace=Rate(100, 60),
        legs=100,
        timezone="Asia/Kolkata",
        timeout=45,
        callbacks=Callbacks("127.0.0.1", 8090, "https://hooks.acme.example"),
        lookups=Lookups(10, 20, 60),
        circuit=5,
        currency="USD",
        rates=Rates("USD", Decimal("0.60"), 15.0),
        journal="jr_7c1f",
        accept=(("StatusCallbackEvents", ("ringing",)), ("NewParam", ())),
        guardrails=Guardrails(
            caller_ids=("08047112233",),
            windows=(Window(frozenset(range(6)), 600, 1140, "Asia/Kolkata"),),
            suppress=("lists/company-wide.csv", "../b.csv"),
            folder=os.path.realpath(tmp_path),
            expect_required=True,
        ),
    )


@pytest.mark.parametrize(
    ("written", "rates", "currency"),
    [
        ("kind: exotel", None, "INR"),
        ("kind: exotel\nrates: {per_minute: 0.60}", Rates("INR", Decimal("0.60"), 60.0), "INR"),
        ("kind: exotel\nrates: {currency: USD, pulse: 1s}", None, "USD"),
        ("kind: sandbox", Rates("INR", Decimal("0.60"), 60.0), "INR"),
        ("kind: sandbox\nrates: {currency: USD}", None, "USD"),
        ("kind: sandbox\nrates: {currency: USD, per_minute: 1, pulse: 30s}", Rates("USD", Decimal(1), 30.0), "USD"),
    ],
)
def test_what_calls_cost_is_known_where_their_price_is(load, written: str, rates: Rates, currency: str) -> None:  # type: ignore[no-untyped-def]
    target = good(load, written + "\n")
    assert (target.rates, target.currency) == (rates, currency)


def test_the_built_in_sandbox_has_a_price_and_the_built_in_account_has_none() -> None:
    assert BUILT_IN_TARGETS["sandbox"].rates == Rates("INR", Decimal("0.60"), 60.0)
    assert BUILT_IN_TARGETS["exotel"].rates is None
    assert {target.guardrails.folder for target in BUILT_IN_TARGETS.values()} == {""}


def test_a_live_target_has_the_default_window_unless_it_writes_another(load) -> None:  # type: ignore[no-untyped-def]
    assert good(load, "kind: exotel\n").guardrails.windows == (LIVE_HOURS,)
    assert good(load, "kind: exotel\nguardrails: {expect: required}\n").guardrails.windows == (LIVE_HOURS,)
    always = good(load, 'kind: exotel\nguardrails: {window: [{days: mon-sun, hours: "00:00-24:00", timezone: UTC}]}\n')
    assert always.guardrails.windows == (Window(frozenset(range(7)), 0, 1440, "UTC"),)


def test_a_live_target_has_the_carriers_pace_and_no_cap_on_legs(load) -> None:  # type: ignore[no-untyped-def]
    target = good(load, "kind: exotel\n")
    assert (target.pace, target.legs, target.account, target.base_url) == (Rate(200, 60), None, None, None)


def test_a_sandbox_has_no_window_and_the_carriers_pace_by_its_own_clock(load) -> None:  # type: ignore[no-untyped-def]
    target = good(load, "kind: sandbox\nscenario: calm\nseed: 7\nspeed: 600\n")
    assert (target.scenario, target.seed, target.speed, target.account) == ("calm", 7, 600.0, "sandbox")
    assert target.guardrails.windows == ()
    assert target.pace == Rate(200, 0.1)
    assert good(load, "kind: sandbox\nspeed: 0.5\npace: 5/second\n").pace == Rate(5, 1)


def test_the_built_in_targets() -> None:
    assert set(BUILT_IN_TARGETS) == {"sandbox", "exotel"}
    sandbox, exotel = BUILT_IN_TARGETS["sandbox"], BUILT_IN_TARGETS["exotel"]
    assert (sandbox.kind, sandbox.account, sandbox.speed, sandbox.legs) == ("sandbox", "sandbox", 60.0, None)
    assert sandbox.pace == Rate(200, 1.0)
    assert (exotel.kind, exotel.account, exotel.legs, exotel.guardrails.windows) == ("exotel", None, 20, (LIVE_HOURS,))


@pytest.mark.parametrize("name", ["sandbox", "exotel"])
def test_their_names_cannot_be_redefined(load, name: str) -> None:  # type: ignore[no-untyped-def]
    target, found = load("kind: sandbox\n", name)
    assert target is None
    assert [each.id for each in found] == ["reserved-name"]


def test_lookups_can_be_off(load) -> None:  # type: ignore[no-untyped-def]
    target, found = load("kind: exotel\nlookups: off\n")
    assert target is not None
    assert target.lookups is None
    assert not found


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:9", "http://127.1.2.3", "https://10.0.0.1:8443/v"],
)
def test_plain_http_is_for_loopback_only(load, address: str) -> None:  # type: ignore[no-untyped-def]
    assert good(load, f"kind: exotel\nbase_url: '{address}'\n").base_url == address


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://api.exotel.com", "insecure-url"),
        ("http://127.0.0.1.evil.example", "insecure-url"),
        ("http://10.0.0.1", "insecure-url"),
        ("https://key:s3cret@api.exotel.com", "secret-in-url"),
        ("https://s3cret@api.exotel.com", "secret-in-url"),
        ("ftp://api.exotel.com", "wrong-form"),
        ("api.exotel.com", "wrong-form"),
        ("https://", "wrong-form"),
        ("https://a b", "wrong-form"),
        ("https://a.example:99999", "wrong-form"),
        ("https://a.example/?token=s3cret", "wrong-form"),
        ("https://a.example/#x", "wrong-form"),
        ("https://[::1", "wrong-form"),
        ("https://exämple.com", "wrong-form"),
    ],
)
def test_an_address_that_could_leak_is_refused(load, address: str, problem: str) -> None:  # type: ignore[no-untyped-def]
    assert told(load, f"kind: exotel\nbase_url: '{address}'\n") == [(problem, 2, 11)]
    target, found = load(
        f"kind: exotel\nbase_url: https://a.example\ncallbacks: {{listen: '127.0.0.1:1', public_url: '{address}'}}\n"
    )
    assert target is None
    assert [each.id for each in found] == [problem]
    assert not [each for each in found if "s3cret" in each.message + (each.hint or "")]


@pytest.mark.parametrize(
    "key", ["api_key", "apiKey", "api_token", "token", "password", "secret", "Authorization", "EXOTEL_API_KEY", "auth"]
)
def test_no_secret_is_accepted_at_any_level(load, key: str) -> None:  # type: ignore[no-untyped-def]
    target, found = load(f"kind: exotel\n{key}: s3cret\nguardrails:\n  {key}: s3cret\n")
    assert target is None
    assert [(each.id, each.spans[0].line) for each in found] == [("secret-in-file", 2), ("secret-in-file", 4)]
    assert "EXOTEL_API_KEY" in (found[0].hint or "")
    assert "--secrets-dir" in (found[0].hint or "")
    assert "s3cret" not in str(found)


def test_every_problem_is_told_at_once_with_its_place(load) -> None:  # type: ignore[no-untyped-def]
    assert told(
        load,
        """\
kind: exotel
account: a/b
seed: 1
pace: 200
timeout: 0s
legs: 1
callbacks: {listen: "127.0.0.1:99999"}
lookups: of
accept: {From: [x], CallType: text, StreamName: text, bad name: text}
shared: true
colour: red
guardrails: {suppress: [a.csv], expect: yes, window: [{days: mon, hours: "9-5", timezone: Mars}], caller_ids: [0x, 1]}
""",
    ) == [
        ("wrong-form", 2, 10),
        ("not-here", 3, 1),
        ("wrong-form", 4, 7),
        ("wrong-form", 5, 10),
        ("too-small", 6, 7),
        ("missing-key", 7, 1),
        ("wrong-form", 7, 21),
        ("wrong-type", 8, 10),
        ("not-acceptable", 9, 10),
        ("not-acceptable", 9, 31),
        ("not-a-parameter", 9, 55),
        ("unknown-key", 11, 1),
        ("not-allowed", 12, 41),
        ("wrong-form", 12, 74),
        ("wrong-form", 12, 91),
        ("not-a-number", 12, 112),
        ("not-a-number", 12, 116),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty-document"),
        ("account: acme1\n", "missing-key"),
        ("kind: live\n", "not-allowed"),
        ("kind: sandbox\nbase_url: https://a.example\n", "not-here"),
        ("kind: exotel\nscenario: calm\n", "not-here"),
        ("kind: exotel\nspeed: 2\n", "not-here"),
        ("kind: sandbox\nspeed: 0\n", "too-small"),
        ("kind: sandbox\nseed: -1\n", "too-small"),
        ("kind: exotel\ntimezone: Asia/Kolkatta\n", "wrong-form"),
        ("kind: exotel\ntimezone: localtime\n", "wrong-form"),
        (
            'kind: exotel\nguardrails: {window: [{days: mon, hours: "09:00-10:00", timezone: localtime}]}\n',
            "wrong-form",
        ),
        ("kind: [\n", "yaml-syntax"),
    ],
)
def test_a_target_that_cannot_be_used_is_refused(load, text: str, problem: str) -> None:  # type: ignore[no-untyped-def]
    assert [id_ for id_, _, _ in told(load, text)] == [problem]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    target, found = load_target(str(tmp_path / "none.yaml"), "none")
    assert target is None
    assert [each.id for each in found] == ["no-such-file"]


def test_the_scenarios_of_a_target_are_those_of_the_sandbox() -> None:
    assert set(SCENARIO_NAMES) == set(script.SCENARIOS)
    assert len(SCENARIO_NAMES) == len(set(SCENARIO_NAMES))
    assert SCENARIO_NAMES[0] == Target("x", "sandbox").scenario


@pytest.mark.parametrize(("word", "hint"), [("nope", "write one of them"), ("Calm", "did you mean `calm`?")])
def test_a_scenario_that_does_not_exist_is_refused_at_its_place(load, word: str, hint: str) -> None:  # type: ignore[no-untyped-def]
    text = f"kind: sandbox\nscenario: {word}\n"
    assert told(load, text) == [("not-allowed", 2, 11)]
    assert [item.hint for item in load(text)[1]] == [hint]


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_every_scenario_may_be_chosen(load, name: str) -> None:  # type: ignore[no-untyped-def]
    assert good(load, f"kind: sandbox\nscenario: {name}\n").scenario == name
