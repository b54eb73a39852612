"""What packs tell of plans: each rule on days before, in and after its effect, and of whom it is about and whom not."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from unit.plan.desk import read
from unit.reference.examples import whole

from orchestrator.app.options import PlanOptions
from orchestrator.app.plan import plan_now
from orchestrator.model.diagnostic import Diagnostic
from orchestrator.model.page import Example
from orchestrator.model.target import Guardrails, Target
from orchestrator.plan.compliance.pack import PURPOSES, Effect, PackRule
from orchestrator.plan.rules.registry import PACKS, SWITCHED

PACK_RULES = tuple(rule for pack in PACKS for rule in pack.RULES)

TODAY = date(2026, 11, 30)
AMERICA, INDIA = "+12125550123", "+919900000001"


def told(folder: Path, text: str, day: date = TODAY, **files: str) -> list[Diagnostic]:
    """What the packs tell of a plan on a day, at noon in India."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content)
    path = folder / "plan.yaml"
    path.write_text(whole(Example(text)))
    at = datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC).timestamp()
    ids = {rule.id for rule in PACK_RULES}
    return [each for each in read(path, at=at).told if each.id in ids]


def ids(found: list[Diagnostic]) -> list[str]:
    return sorted(each.id for each in found)


def ids_of(rule: PackRule, text: str, day: date, folder: Path) -> list[str]:
    return ids(told(folder, text, day, **{name.removesuffix(".csv"): each for name, each in rule.files.items()}))


@pytest.mark.parametrize("rule", PACK_RULES, ids=lambda rule: rule.id)
def test_a_rule_tells_of_its_bad_example_while_it_is_in_force_and_of_its_good_one_never(
    rule: PackRule, tmp_path: Path
) -> None:
    days = {TODAY: True}
    if rule.effect.since is not None:
        days |= {rule.effect.since: True, rule.effect.since - timedelta(days=1): False}
    if rule.effect.until is not None:
        days |= {rule.effect.until: True, rule.effect.until + timedelta(days=1): False}
    for day, is_in_force in days.items():
        assert (rule.id in ids_of(rule, rule.bad, day, tmp_path)) == is_in_force, day
        assert rule.id not in ids_of(rule, rule.good, day, tmp_path), day


def test_a_rule_holds_on_its_first_and_its_last_day() -> None:
    effect = Effect(date(2026, 1, 1), date(2026, 6, 30))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [effect.holds(day) for day in days] == [False, True, True, False]
    assert Effect().holds(date.min)


@pytest.mark.parametrize("rule", PACK_RULES, ids=lambda rule: rule.id)
def test_a_rule_is_about_plans_of_its_purposes_only(rule: PackRule, tmp_path: Path) -> None:
    assert set(rule.purposes) <= set(PURPOSES)
    (line,) = [line for line in rule.bad.splitlines() if line.startswith("purpose: ")]
    for purpose in PURPOSES:
        text = rule.bad.replace(line, f"purpose: {purpose}")
        found = ids_of(rule, text, TODAY, tmp_path)
        assert (rule.id in found) == (purpose in rule.purposes), purpose
    assert ids_of(rule, rule.bad.replace(f"{line}\n", ""), TODAY, tmp_path) == []


def test_every_rule_says_whom_it_is_about_where_it_stands_and_since_when() -> None:
    for pack in PACKS:
        for rule in pack.RULES:
            facts = dict(rule.rule(pack.CHECKED).page().facts)
            assert facts["Countries"] in ("IN", "US")
            assert "check with counsel" in facts["Confidence"]
            assert str(pack.CHECKED) in facts["Confidence"]
            assert len(facts["Source"]) > 10
            assert facts["In force"]
            assert rule.id in SWITCHED


def promotion(to: str, window: str = "", more: str = "") -> str:
    shown = 'defaults: {From: "+918069171234", CallerId: "1401234567"}\n'
    hours = f"  window: [{window}]\n" if window else ""
    return f'purpose: promotional\n{shown}calls: [{{id: a, To: "{to}"{more}}}]\npolicy:\n  dnd: skip\n{hours}'


@pytest.mark.parametrize(
    ("to", "window", "expected"),
    [
        (INDIA, "", []),  # that of every live target
        (INDIA, '{days: mon-sun, hours: "09:00-21:00", timezone: Asia/Kolkata}', []),
        (INDIA, '{days: mon-sun, hours: "09:00-21:01", timezone: Asia/Kolkata}', ["in-hours"]),
        (INDIA, '{days: mon-sun, hours: "03:30-15:30", timezone: UTC}', []),
        (INDIA, '{days: mon-sun, hours: "03:00-15:30", timezone: UTC}', ["in-hours"]),
        (INDIA, '{days: mon-sun, hours: "09:00-21:00", timezone: callee}', []),
        (INDIA, '{days: sat, hours: "20:00-22:00", timezone: callee}', ["in-hours"]),
        (AMERICA, "", ["us-hours"]),
        (AMERICA, '{days: mon-sun, hours: "08:00-21:00", timezone: callee}', []),
        (AMERICA, '{days: mon-sun, hours: "08:00-21:00", timezone: America/New_York}', []),
        (AMERICA, '{days: mon-sun, hours: "07:59-21:00", timezone: callee}', ["us-hours"]),
        (AMERICA, '{days: mon-sun, hours: "13:00-02:00", timezone: UTC}', ["us-hours"]),  # 22:00 in summer
        (AMERICA, '{days: mon-sun, hours: "13:00-01:00", timezone: UTC}', []),
        ("+12135550123", '{days: mon-sun, hours: "08:00-21:00", timezone: America/New_York}', ["us-hours"]),
        ("+442079460123", '{days: mon-sun, hours: "00:00-24:00", timezone: UTC}', []),  # no pack
        ("+14165550123", '{days: mon-sun, hours: "00:00-24:00", timezone: UTC}', []),  # Canada
    ],
)
def test_hours_are_those_of_the_country_of_the_number_by_the_clock_that_it_names(
    to: str, window: str, expected: list[str], tmp_path: Path
) -> None:
    assert ids(told(tmp_path, promotion(to, window))) == expected


def test_a_toll_free_number_of_america_must_be_rung_inside_the_hours_of_all_of_it(tmp_path: Path) -> None:
    eastern = '{days: mon-sun, hours: "09:00-20:00", timezone: America/New_York}'
    (found,) = told(tmp_path, promotion("+18005550123", eastern))
    assert found.id == "us-hours"
    assert told(tmp_path, promotion("+18005550123", eastern.replace("America/New_York", "callee"))) == []


def test_hours_of_a_window_that_is_too_long_are_told_in_words(tmp_path: Path) -> None:
    (found,) = told(tmp_path, promotion(INDIA, '{days: mon-fri, hours: "08:00-22:00", timezone: Asia/Kolkata}'))
    expected = "people in India may be rung mon-fri 08:00-09:00 and at other times by the clocks of Asia/Kolkata"
    assert found.message == expected
    assert found.hint == "let `policy.window` lie inside 09:00-21:00 Asia/Kolkata"


def test_hours_that_stand_nowhere_are_told_with_what_is_judged_in_their_place(tmp_path: Path) -> None:
    (found,) = told(tmp_path, promotion(AMERICA, ""))
    expected = "without a window live calls keep to 09:00-21:00 Asia/Kolkata: people in the United States may be rung "
    assert found.message.startswith(expected)


SECTORS = [
    (date(2026, 1, 1), ["commercial banks"]),
    (date(2026, 2, 14), ["commercial banks", "large NBFCs"]),
    (date(2026, 3, 15), ["commercial banks", "large NBFCs", "mutual funds", "other NBFCs", "stockbrokers"]),
]


def service(*shown: str, purpose: str = "service") -> str:
    calls = (f'  - {{id: c{n}, To: "+91990000000{n}", CallerId: "{each}"}}\n' for n, each in enumerate(shown))
    return f"purpose: {purpose}\ncalls:\n{''.join(calls)}"


@pytest.mark.parametrize(("day", "names"), SECTORS)
def test_the_sectors_whose_day_has_come_are_named(day: date, names: list[str], tmp_path: Path) -> None:
    (found,) = told(tmp_path, service("08047112233", "1600123456"), day)
    assert (found.id, [name for name in SECTORS[-1][1] if name in found.message]) == ("in-service-series", names)


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        (["08047112233", "08047112234"], 0),  # nobody knows whether the sender is bound
        (["1600123456", "+911600123456", "01600-123456"], 0),
        (["1600123456", "08047112233", "08047112233", "+911600123457"], 2),
        (["08047112233", "1401234567"], 1),  # a number for promotion
    ],
)
def test_who_has_a_number_of_the_service_series_shows_one_in_any_spelling(
    shown: list[str], count: int, tmp_path: Path
) -> None:
    found = told(tmp_path, service(*shown, purpose="transactional"))
    assert [each.id for each in found] == ["in-service-series"] * (count > 0)
    assert all(each.message.startswith("1 call shows" if count == 1 else f"{count} calls show") for each in found)


def test_the_numbers_that_a_target_allows_tell_too_who_has_one(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(whole(Example(service("08047112233"))))
    rails = Guardrails(caller_ids=("08047112233", "1600123456"))
    found = read(tmp_path / "plan.yaml", target=Target("live", "exotel", guardrails=rails)).told
    assert "in-service-series" in ids(found)


def test_of_many_rows_those_that_are_wrong_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    rows = "".join(f"{n},+9199{n:08},{'true' if n % 2 else 'false'}\n" for n in range(3_000))
    text = (
        "purpose: survey\ncalls:\n  - id: o-${row.n}\n    rows: rows.csv\n    To: ${row.phone}\n"
        "    Record: ${row.record}\n"
    )
    found, abroad = told(tmp_path, text, rows=f"n,phone,record\n{rows}3000,+12125550123,true\n")
    assert (found.id, found.count) == ("record-without-notice", 1)
    assert [span.line for span in found.spans] == [3, 5, 7, 9, 11]
    assert found.message == "1,500 calls are recorded, and no announcement is played"
    assert (abroad.id, [span.line for span in abroad.spans]) == ("us-record-without-notice", [3_002])
    assert abroad.message == "1 call is recorded in the United States, and not all who speak hear it said"


def test_one_call_abroad_is_judged_by_its_own_country(tmp_path: Path) -> None:
    calls = f'calls:\n  - {{id: a, To: "{INDIA}", TimeOut: 10}}\n  - {{id: b, To: "{AMERICA}", TimeOut: 10}}\n'
    window = 'policy: {dnd: skip, window: [{days: mon-sun, hours: "09:00-20:00", timezone: callee}]}\n'
    shown = 'defaults: {From: "+918069171234", CallerId: "1401234567"}\n'
    (found,) = told(tmp_path, f"purpose: promotional\n{shown}{calls}{window}")
    assert (found.id, found.count, [span.line for span in found.spans]) == ("us-ring-time", 1, [7])


LISTED = (
    'purpose: promotional\ndefaults: {From: "+918069171234", CallerId: "1401234567"}\n'
    "policy: {suppress: [dnc.csv, more.csv]}\n"
)
FRESH = "# scrubbed: 2026-11-29 ncpr\nphone\n+919900000009\n"


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (FRESH, []),
        ("# scrubbed: 2026-11-23 ncpr\nphone\n+919900000009\n", []),  # seven days
        ("# scrubbed: 2026-11-22 ncpr\nphone\n+919900000009\n", ["in-list-old"]),
        ("# SCRUBBED:2026-11-22\n+919900000009\n", ["in-list-old"]),
        ("\ufeff# our list\r\n# scrubbed: 2026-11-22 ncpr\r\n\r\nphone;note\r\n+919900000009;x\r\n", ["in-list-old"]),
        ("# scrubbed: 2026-11-29 a\n# scrubbed: 2026-10-01 b\nphone\n+919900000009\n", ["in-list-old"]),
        ("# scrubbed: 2026-12-01 ncpr\nphone\n+919900000009\n", []),  # it is that day already further east
        ("# scrubbed: 2099-01-01 ncpr\nphone\n+919900000009\n", ["in-list-old"]),
        ("phone\n+919900000009\n", []),  # the other list has a mark
    ],
)
def test_a_list_is_as_old_as_its_oldest_mark(first: str, expected: list[str], tmp_path: Path) -> None:
    found = told(tmp_path, LISTED, dnc=first, more=FRESH)
    assert ids(found) == expected


def test_an_old_list_is_told_with_its_age_its_source_and_its_place(tmp_path: Path) -> None:
    (found,) = told(tmp_path, LISTED, dnc="# scrubbed: 2026-11-01 ncpr\n+919900000009\n", more=FRESH)
    assert found.message == "the list `dnc.csv` was scrubbed against ncpr 29 days ago, and 7 days are the most"
    assert [(Path(span.file).name, span.line) for span in found.spans] == [("dnc.csv", 1)]


def test_that_no_list_has_a_mark_is_a_note_where_a_pack_asks_for_one(tmp_path: Path) -> None:
    bare = "phone\n+919900000009\n"
    (found,) = told(tmp_path, LISTED, dnc=bare, more=bare)
    assert (found.id, found.severity.value) == ("in-list-age-unknown", "note")
    assert told(tmp_path, LISTED.replace("promotional", "survey"), dnc=bare, more=bare) == []


@pytest.mark.parametrize(
    "date_text",
    [
        "",
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "20/11/2026",
        "2026-11-20T09:00",
        "\u0662\u0660\u0662\u0666-11-20",
        "9" * 5_000,
        "\x1b[31m",
    ],
)
def test_a_date_that_is_none_is_a_finding_and_the_list_is_read_all_the_same(date_text: str, tmp_path: Path) -> None:
    (tmp_path / "dnc.csv").write_text(f"# scrubbed: {date_text}\nphone\n+919900000009\n", "utf-8")
    path = tmp_path / "plan.yaml"
    path.write_text(whole(Example("policy: {suppress: [dnc.csv]}\n")))
    found = read(path)
    assert [each.id for each in found.told] == ["scrub-date"]
    assert len(found.told[0].message) < 300
    assert found.loaded.lists.list_with("+919900000009") == "dnc.csv"


def test_a_list_whose_date_cannot_be_read_is_told_of_once(tmp_path: Path) -> None:
    lists = "purpose: promotional\npolicy: {suppress: [dnc.csv]}\n"
    age_unknown = "in-list-age-unknown"
    assert age_unknown in ids(told(tmp_path, lists, dnc="phone\n+919900000009\n"))
    assert age_unknown not in ids(told(tmp_path, lists, dnc="# scrubbed: 20/11/2026\nphone\n+919900000009\n"))


def test_a_number_that_is_commented_out_is_no_comment(tmp_path: Path) -> None:
    """Whoever it stands for would be rung: it is told as before."""
    (tmp_path / "dnc.csv").write_text("# +919900000008\nphone\n+919900000009\n")
    path = tmp_path / "plan.yaml"
    path.write_text(whole(Example("policy: {suppress: [dnc.csv]}\n")))
    assert any(each.is_error for each in read(path).told)


def test_customers_first_is_seen_by_how_many_people_stand_on_either_end(tmp_path: Path) -> None:
    rows = "".join(f"{n},+9199{n:08},+9180691712{n % 3:02}\n" for n in range(300))
    text = (
        "purpose: survey\ncalls:\n  - id: o-${row.n}\n    rows: rows.csv\n    %s: ${row.phone}\n    %s: ${row.agent}\n"
    )
    data = f"n,phone,agent\n{rows}"
    assert ids(told(tmp_path, text % ("From", "To"), rows=data)) == ["in-abandoned"]
    assert told(tmp_path, text % ("To", "From"), rows=data) == []


def test_the_lists_of_a_target_are_judged_beside_those_of_the_plan(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "wide.csv").write_text("# scrubbed: 2026-11-01 ncpr\nphone\n+919900000009\n")
    (tmp_path / "live.yaml").write_text("kind: sandbox\nguardrails: {suppress: [wide.csv]}\n")
    (tmp_path / "plan.yaml").write_text(whole(Example(promotion(INDIA))))
    at = datetime(2026, 11, 30, 6, 30, tzinfo=UTC).timestamp()
    plan, target = str(tmp_path / "plan.yaml"), str(tmp_path / "live.yaml")
    view = plan_now(PlanOptions(plan, target=target, journal=str(tmp_path / "none.db"), at=at))
    assert [each.message for each in view.findings if each.id == "in-list-old"] == [
        "the list `wide.csv` was scrubbed against ncpr 29 days ago, and 7 days are the most"
    ]
