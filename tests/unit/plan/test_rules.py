"""The rules that judge plans: each tells what it should and no more, and those of calls do so in any number of them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from unit.plan.desk import plan

from orchestrator.model.diagnostic import Diagnostic, Severity
from orchestrator.model.target import Callbacks, Target
from orchestrator.plan.rules.registry import RULES


def told(folder: Path, text: str, rows: str = "", *, but: tuple[str, ...] = (), **options: object) -> list[Diagnostic]:
    """What the rules tell of a plan whose rows are these, `but` for some of them, and nothing else."""
    (folder / "rows.csv").write_text(rows)
    ids = {rule.id for rule in RULES} - {*but}
    return [each for each in plan(folder, text, **options).told if each.id in ids]


OF_MANY = ("time-limit-unset", "one-agent-for-many", "purpose-missing")


def ids(found: list[Diagnostic]) -> list[str]:
    return sorted(each.id for each in found)


def test_the_id_of_a_rule_is_its_own_and_none_is_an_error() -> None:
    assert [name for name, count in Counter(rule.id for rule in RULES).items() if count > 1] == []
    assert {rule.severity for rule in RULES} <= {Severity.WARNING, Severity.NOTE}


def test_each_rule_judges_in_one_way() -> None:
    for rule in RULES:
        ways = [way for way in (rule.of_parameters, rule.of_plan, rule.of_calls) if way is not None]
        assert len(ways) == 1, rule.id
        assert bool(rule.about) == (rule.of_parameters is not None), rule.id


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("StatusCallbackEvents: [answered]", ["custom-field-lost"]),
        ("StatusCallbackEvents: [answered, terminal]", []),
        ("StatusCallback: https://hooks.acme.example/", ["custom-field-lost"]),
        ("StatusCallback: https://hooks.acme.example/\n    StatusCallbackEvents: [terminal]", []),
        ("TimeOut: 30", []),
    ],
)
def test_a_custom_field_wants_the_terminal_event(tmp_path: Path, parameters: str, expected: list[str]) -> None:
    call = f'calls:\n  - id: a\n    To: "+919900000001"\n    CustomField: x\n    {parameters}\n'
    assert ids(told(tmp_path, call)) == expected


def test_what_is_told_of_parameters_is_told_once_for_the_place_that_decides_them(tmp_path: Path) -> None:
    rows = "".join(f"{n},+9199{n:08},{'mp3-hq' if n % 2 else 'mp3'}\n" for n in range(3_000))
    text = (
        "calls:\n  - id: o-${row.n}\n    rows: rows.csv\n    To: ${row.phone}\n    Record: true\n"
        "    RecordingFormat: ${row.format}\n"
    )
    found = told(tmp_path, text, f"n,phone,format\n{rows}", but=OF_MANY)
    assert [(each.id, each.spans[0].line) for each in found] == [("on-demand-feature", 11)]


ONE_PER_ROW = "calls:\n  - id: o-${row.id}\n    rows: rows.csv\n    To: ${row.phone}\n"


@pytest.mark.parametrize("agent", ["+918069171234", "08069171234"])
def test_ids_that_hold_a_number_are_counted_together_and_the_first_of_them_shown(tmp_path: Path, agent: str) -> None:
    rows = "".join(f"99{n:08},+9199{n:08}\n" for n in range(2_500)) + f"{agent[-10:]},+919876543210\nx,09876543211\n"
    (found,) = told(tmp_path, ONE_PER_ROW, f"id,phone\n{rows}", but=OF_MANY)
    assert (found.id, found.count) == ("number-in-id", 1)
    assert found.message.startswith("the ids of 2,501 calls hold a phone number")
    assert [span.line for span in found.spans] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("call_id", "number", "is_told"),
    [
        ("+91 98765 43210", "+919876543210", False),  # not the digits in one piece
        ("o-9876543210", "098765-43210", True),
        ("o-9876543210", "+919876543211", False),
        ("o-876543210", "+919876543210", True),
        ("o-76543210", "+919876543210", False),
        ("o-2265432", "2265432", False),  # so few digits are in many a number of an order
    ],
)
def test_an_id_holds_a_number_where_its_last_digits_stand_in_it(
    tmp_path: Path, call_id: str, number: str, is_told: bool
) -> None:
    found = told(tmp_path, f'calls:\n  - {{id: "{call_id}", To: "{number}"}}\n')
    assert ids(found) == ["number-in-id"] * is_told


OPEN = '[{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}]'


@pytest.mark.parametrize(
    ("window", "redial", "is_told"),
    [
        (OPEN, "{busy: {attempts: 3, after: 6h}}", False),  # twelve hours, and as long is open
        (OPEN, "{busy: {attempts: 3, after: 6h1m}}", True),
        (OPEN, "{busy: {attempts: 2, after: 1m}, failed: {attempts: 2, after: 13h}}", True),
        ('[{days: mon-sun, hours: "00:00-24:00", timezone: Asia/Kolkata}]', "{busy: {attempts: 9, after: 9d}}", False),
    ],
)
def test_a_stage_should_not_wait_longer_than_the_plan_is_open(
    tmp_path: Path, window: str, redial: str, is_told: bool
) -> None:
    text = f'calls: [{{id: a, To: "+919900000001"}}]\npolicy:\n  window: {window}\n  redial: {redial}\n'
    without = ids(told(tmp_path, text))
    assert ids(told(tmp_path, f"{text}  stages: [1, 100%]\n")) == sorted(
        [*without, *["stage-outlasts-window"] * is_told]
    )
    assert set(without) <= {"redial-another-day", "max-retries-unset"}


LIVE = Target("live", "exotel")
WITH_RECEIVER = replace(LIVE, callbacks=Callbacks("127.0.0.1", 8090, "https://hooks.acme.example"))
SANDBOX = Target("sandbox", "sandbox")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (None, []),  # where it will be dialed is not known
        (SANDBOX, []),
        (LIVE, ["events-without-callback"] * 2),
        (WITH_RECEIVER, []),
        (replace(LIVE, lookups=None), ["events-without-callback"] * 2 + ["recording-not-received"]),
        (replace(WITH_RECEIVER, lookups=None), []),
    ],
)
def test_what_nothing_hears_is_told_where_the_target_is_known(
    tmp_path: Path, target: Target | None, expected: list[str]
) -> None:
    call = 'calls:\n  - id: a\n    To: "+919900000001"\n    Record: true\n    StatusCallbackEvents: [terminal]\n'
    text = f"{call}    StatusCallbackContentType: application/json\n"
    assert ids(told(tmp_path, text, target=target)) == expected
    assert told(tmp_path, f"{text}    StatusCallback: https://hooks.acme.example/\n", target=target) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://hooks.acme.example/", []),
        ("https://hooks.acme.example./a?b=c&d=", []),
        ("HTTPS://HOOKS.ACME.EXAMPLE/", []),
        ("https://[2606:4700::1111]/", []),
        ("https://203.0.114.7/", []),
        ("http://hooks.acme.example/", ["unencrypted-callback"]),
        ("http://localhost:8090/", ["private-address"]),
        ("https://localhost./", ["private-address"]),
        ("https://127.1/", ["private-address"]),
        ("https://2130706433/", ["private-address"]),
        ("https://0x7f.0.0.1/", ["private-address"]),
        ("https://[::1]/", ["private-address"]),
        ("https://[::ffff:10.0.0.1]/", ["private-address"]),
        ("http://[::ffff:127.0.0.1]/", ["private-address"]),
        ("https://[::ffff:8.8.8.8]/", []),
        ("https://10.20.30.40/", ["private-address"]),
        ("https://169.254.169.254/", ["private-address"]),
        ("https://[fe80::1]/", ["private-address"]),
        ("https://hooks/", ["private-address"]),
        ("https://hooks.acme.internal/", ["private-address"]),
        ("http://192.168.1.20/?token=x", ["private-address", "secret-in-query", "unencrypted-callback"]),
        ("https://hooks.acme.example/?api_key=x", ["secret-in-query"]),
        ("https://hooks.acme.example/?X-Auth-Token=x", ["secret-in-query"]),
        ("https://hooks.acme.example/?a=1&password=x", ["secret-in-query"]),
        ("https://hooks.acme.example?token=x", ["secret-in-query"]),
        ("https://hooks.acme.example/?tok%65n=x", ["secret-in-query"]),
        ("https://hooks.acme.example/?a=1&token=x#part", ["secret-in-query"]),
        ("https://hooks.acme.example/#?token=x", []),
        ("https://hooks.acme.example/token=x", []),
        ("https://hooks.acme.example/?token=", []),
        ("https://hooks.acme.example/?tokens_left=1&keys=2&monkey=3", []),
    ],
)
def test_what_is_seen_of_an_address(tmp_path: Path, address: str, expected: list[str]) -> None:
    call = f'calls:\n  - id: a\n    To: "+919900000001"\n    StatusCallback: "{address}"\n'
    assert ids(told(tmp_path, call)) == expected
    by_row = (
        f'calls:\n  - id: a\n    rows: [{{a: "{address}"}}]\n    To: "+919900000001"\n    StatusCallback: ${{row.a}}\n'
    )
    assert ids(told(tmp_path, by_row)) == expected
    assert "private-address" not in ids(told(tmp_path, call, target=SANDBOX)), "only it reaches this machine"


def test_the_line_of_a_secret_is_not_shown(tmp_path: Path) -> None:
    text = 'calls:\n  - {id: a, To: "+919900000001", StatusCallback: "https://a.example/?token=canary"}\n'
    (found,) = told(tmp_path, text)
    assert found.conceals_source
    assert "canary" not in f"{found.message}{found.hint}"


def test_addresses_of_a_million_kinds_are_told_once_for_each_kind(tmp_path: Path) -> None:
    address = "://hooks.acme.example/{0}?k{0}_{1}={0}"
    rows = "".join(
        f"{n},+9199{n:08},http{'s' * (n < 3_000)}{address.format(n, 'token' if n > 3_500 else 'part')}\n"
        for n in range(4_000)
    )
    text = (
        "policy: {per_agent: 1}\ndefaults:\n  From: '+918069171234'\n  CallerId: '08047112233'\n  TimeLimit: 600\n"
        "calls:\n  - id: o-${row.n}\n    rows: rows.csv\n    To: ${row.phone}\n    StatusCallback: ${row.address}\n"
    )
    found = told(tmp_path, f"version: 1\nname: demo\n{text}", f"n,phone,address\n{rows}")
    assert ids(found) == ["purpose-missing", "secret-in-query", "unencrypted-callback"]


def many(count: int, *, agents: int = 1) -> str:
    return "n,phone,agent\n" + "".join(f"{n},+9199{n:08},+918069{n % agents:06}\n" for n in range(count))


BY_AGENT = "calls:\n  - id: o-${row.n}\n    rows: rows.csv\n    To: ${row.phone}\n    From: ${row.agent}\n"


@pytest.mark.parametrize(
    ("rows", "more", "expected"),
    [
        (many(49), "", []),
        (many(50), "", ["one-agent-for-many", "time-limit-unset"]),
        (many(50), "    TimeLimit: 60\n", ["one-agent-for-many"]),
        (many(50), "    TimeLimit: 60\npolicy: {per_agent: 9}\n", []),
        (many(50), "    TimeLimit: 60\npolicy: {concurrency: 1}\n", []),
        (many(98, agents=2), "    TimeLimit: 60\n", []),
        (many(100, agents=2), "    TimeLimit: 60\n", ["one-agent-for-many"]),
        (many(30_000, agents=20_000), "    TimeLimit: 60\n", []),
    ],
)
def test_many_calls_want_a_limit_and_an_agent_who_is_not_alone(
    tmp_path: Path, rows: str, more: str, expected: list[str]
) -> None:
    assert ids(told(tmp_path, f"{BY_AGENT}{more}", rows, but=("purpose-missing",))) == expected


@pytest.mark.parametrize(
    ("calls", "purpose", "is_told"), [(50, "", True), (50, "purpose: survey\n", False), (49, "", False)]
)
def test_many_calls_want_a_purpose(tmp_path: Path, calls: int, purpose: str, is_told: bool) -> None:
    others = ("time-limit-unset", "one-agent-for-many")
    found = told(tmp_path, f"{purpose}{BY_AGENT}", many(calls, agents=calls), but=others)
    assert ids(found) == ["purpose-missing"] * is_told


def test_an_agent_is_one_in_whatever_spelling(tmp_path: Path) -> None:
    rows = "n,phone,agent\n" + "".join(f"{n},+9199{n:08},{('+91', '0')[n % 2]}8069171234\n" for n in range(60))
    (found,) = told(tmp_path, f"{BY_AGENT}    TimeLimit: 60\n", rows, but=("purpose-missing",))
    assert found.message.startswith("60 calls ring +918069171234 first, up to 20 at a time")


@pytest.mark.parametrize(
    ("redial", "retries", "is_told"),
    [
        ("agent-no-answer: {attempts: 5, after: 2m}", "", True),
        ("failed: {attempts: 2, after: 2m}", "", True),
        ("busy: {attempts: 5, after: 2m}", "", False),
        ("agent-no-answer: {attempts: 5, after: 2m}", ", MaxRetries: 0", False),
    ],
)
def test_who_redials_the_agent_is_said(tmp_path: Path, redial: str, retries: str, is_told: bool) -> None:
    text = f'calls: [{{id: a, To: "+919900000001"{retries}}}]\npolicy: {{redial: {{{redial}}}}}\n'
    assert ids(told(tmp_path, text)) == ["max-retries-unset"] * is_told


OF_CALLEE = OPEN.replace("Asia/Kolkata", "callee")


@pytest.mark.parametrize(
    ("window", "limits", "after", "expected"),
    [
        ("", '{from: "2026-11-23T09:00:00Z", until: "2026-11-23T12:00:00Z"}', "2h", []),
        ("", '{from: "2026-11-23T09:00:00Z", until: "2026-11-23T12:00:00Z"}', "3h1m", ["redial-too-late"]),
        ("", '{until: "2026-11-23T12:00:00Z"}', "300d", []),
        # Monday 18:00 to Tuesday 10:00 in India: what is too late today has room tomorrow.
        (OPEN, '{from: "2026-11-23T12:30:00Z", until: "2026-11-24T04:30:00Z"}', "4h", []),
        (OPEN, '{from: "2026-11-23T12:30:00Z", until: "2026-11-24T02:30:00Z"}', "4h", ["redial-too-late"]),
        # A Sunday, on which no window opens: nothing is dialed at all.
        (OPEN, '{from: "2026-11-22T04:00:00Z", until: "2026-11-22T15:00:00Z"}', "15m", []),
        (OPEN, "{calls: 5}", "11h59m", []),
        (OPEN, "{calls: 5}", "12h", ["redial-another-day"]),
        (OPEN.replace("Asia/Kolkata", "callee"), "{calls: 5}", "12h", ["redial-another-day"]),
        (
            OPEN.replace("Asia/Kolkata", "callee"),
            '{from: "2026-11-23T09:00:00Z", until: "2026-11-23T09:30:00Z"}',
            "2h",
            [],
        ),
    ],
)
def test_a_redial_wants_an_open_window_within_the_limits(
    tmp_path: Path, window: str, limits: str, after: str, expected: list[str]
) -> None:
    hours = f"  window: {window}\n" if window else ""
    policy = f"policy:\n{hours}  limits: {limits}\n  redial: {{busy: {{attempts: 2, after: {after}}}}}\n"
    assert ids(told(tmp_path, f'calls: [{{id: a, To: "+919900000001"}}]\n{policy}')) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("22265432", "no-std-code"),
        ("2265432", "no-std-code"),
        ("226543", "no-std-code"),
        ("12345", "number-to-guess"),
        ("9900000001", "number-to-guess"),
        ("919900000001", "number-to-guess"),
        ("02222654321", None),
    ],
)
def test_a_landline_wants_its_std_code(tmp_path: Path, number: str, expected: str | None) -> None:
    found = [each.id for each in plan(tmp_path, f'calls: [{{id: a, To: "{number}"}}]\n').told]
    assert found == ([] if expected is None else [expected])
