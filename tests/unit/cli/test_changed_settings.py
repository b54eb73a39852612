"""What a change of a plan's policy, identity or target means, in words; and that none goes unsaid."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest
from unit.model.test_policy_json import FULL

from orchestrator.cli.render.changed_settings import changed_settings, differs
from orchestrator.cli.render.rung_again import SettingChange, changed_identity, consequences
from orchestrator.model.approval import ApprovalRule
from orchestrator.model.plan_diff import CallCounts, ListedNumbers, PlanDiff, PlanSide
from orchestrator.model.policy import CALLEE, Policy, Rate, Redial, Stage, Window
from orchestrator.model.target import Callbacks, Guardrails, Rates, Target
from orchestrator.plan.targets import EXOTEL, SANDBOX

DIGEST = f"sha256:{'0' * 64}"
SIDE = PlanSide("p.yaml", SANDBOX, name="p", edition="1", account="sandbox", digest=DIGEST, calls=3)
DAY = Window(frozenset(range(6)), 9 * 60, 21 * 60, "Asia/Kolkata")
LATE = replace(DAY, end=23 * 60)


def diff(before: PlanSide, after: PlanSide, **counts: int) -> PlanDiff:
    return PlanDiff(before, after, (), (), CallCounts(**counts), ())


def of_policy(before: Policy, after: Policy, target: Target = SANDBOX) -> list[SettingChange]:
    sides = (replace(SIDE, policy=policy, target=target) for policy in (before, after))
    return list(changed_settings(diff(*sides)))


def said(changes: list[SettingChange]) -> list[str]:
    return [text for change in changes for text in change.meaning]


@pytest.mark.parametrize("name", [item.name for item in fields(Policy) if item.name not in ("suppress", "limits")])
def test_no_key_of_a_policy_changes_without_a_word(name: str) -> None:
    for before, after in ((Policy(), FULL), (FULL, Policy())):
        found = of_policy(before, replace(before, **{name: getattr(after, name)}))
        assert found
        assert all(change.meaning and all(change.meaning) for change in found)
        assert all(change.before != change.after for change in found)


@pytest.mark.parametrize("name", [item.name for item in fields(FULL.limits) if item.name != "currency"])
def test_no_limit_changes_without_a_word(name: str) -> None:
    one = replace(Policy().limits, **{name: getattr(FULL.limits, name)}, currency="INR")
    [found] = of_policy(Policy(), Policy(limits=one))
    assert found.before is None
    assert found.after
    [back] = of_policy(Policy(limits=one), Policy())
    assert back.after is None
    assert back.meaning == ("it no longer stops the edition",)


def test_a_window_says_which_hours_open_and_close_and_what_the_guardrail_does() -> None:
    guarded = Target("live", "exotel", guardrails=Guardrails(windows=(replace(DAY, days=frozenset(range(7))),)))
    assert said(of_policy(Policy(windows=(DAY,)), Policy(windows=(LATE,)), guarded)) == [
        "people may be rung mon-sat 21:00-23:00 too",
        "outside the target's guardrail mon-sat 21:00-23:00: nobody is rung then",
    ]
    assert said(of_policy(Policy(windows=(LATE,)), Policy(windows=(DAY,)), guarded)) == [
        "nobody is rung mon-sat 21:00-23:00 any more"
    ]
    assert said(of_policy(Policy(windows=(DAY,)), Policy(), guarded))[-1] == (
        "outside the target's guardrail every day 00:00-09:00 and 21:00-24:00: nobody is rung then"
    )


def test_hours_by_the_callees_clock_are_compared_with_their_like_only() -> None:
    ours, longer = replace(DAY, timezone=CALLEE), replace(LATE, timezone=CALLEE)
    guarded = Target("live", "exotel", guardrails=Guardrails(windows=(DAY,)))
    other_clock = said(of_policy(Policy(windows=(DAY,)), Policy(windows=(ours,)), guarded))
    assert other_clock == ["hours are meant by the clock of who is rung"]
    assert said(of_policy(Policy(windows=(ours,)), Policy(windows=(DAY,)), guarded)) == [
        "hours are meant by a zone of the plan"
    ]
    assert said(of_policy(Policy(windows=(ours,)), Policy(), guarded)) == said(
        of_policy(Policy(windows=(DAY,)), Policy())
    )
    same_clock = said(of_policy(Policy(windows=(ours,)), Policy(windows=(longer,)), guarded))
    assert same_clock == said(of_policy(Policy(windows=(DAY,)), Policy(windows=(LATE,))))


def test_the_same_hours_written_otherwise_open_and_close_nothing() -> None:
    twice = (replace(DAY, end=12 * 60), replace(DAY, start=12 * 60))
    assert said(of_policy(Policy(windows=(DAY,)), Policy(windows=twice))) == []
    assert (
        said(of_policy(Policy(windows=(DAY,)), Policy(windows=(replace(DAY, start=210, end=930, timezone="UTC"),))))
        == []
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (Policy(pace=Rate(150, 60)), Policy(pace=Rate(300, 60)), "calls start up to 2 times as fast"),
        (Policy(pace=Rate(300, 60)), Policy(pace=Rate(150, 60)), "calls start at most 0.5 times as fast"),
        (Policy(pace=Rate(300, 60)), Policy(), "only the target's own pace holds calls back"),
        (Policy(), Policy(redial=(("busy", Redial(3, 900)),)), "a call that ends busy is dialed up to 3 times in all"),
        (Policy(redial=(("busy", Redial(3, 900)),)), Policy(), "a call that ends busy is not dialed again"),
        (Policy(), Policy(stages=(Stage(calls=1), Stage(share=1.0))), "the first stage dials 1 of the calls"),
        (Policy(), Policy(holidays=frozenset({date(2026, 12, 25)})), "nobody is rung on 2026-12-25"),
        (Policy(holidays=frozenset({date(2026, 12, 25)})), Policy(), "2026-12-25 is no holiday any more"),
    ],
)
def test_each_change_is_said_in_words(before: Policy, after: Policy, words: str) -> None:
    assert said(of_policy(before, after)) == [words]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((), (ListedNumbers("a.csv", 2, 1),), "its numbers are not rung"),
        ((ListedNumbers("a.csv", 2, 1),), (), "its numbers may be rung, unless another list has them"),
        ((ListedNumbers("a.csv", 2, 1),), (ListedNumbers("a.csv", 3, 2),), "3 numbers not rung, and before 2"),
        ((ListedNumbers("a.csv", 2, 1),), (ListedNumbers("a.csv", 2, 2),), "it has other numbers, as many as before"),
    ],
)
def test_a_list_that_holds_others_is_a_change_also_under_its_old_name(before, after, words) -> None:
    changes = list(changed_settings(diff(replace(SIDE, lists=before), replace(SIDE, lists=after))))
    assert [(change.name, change.meaning) for change in changes] == [("suppress a.csv", (words,))]


def test_the_same_lists_in_another_order_are_another_digest_and_no_other_numbers() -> None:
    lists = ListedNumbers("a.csv", 2, 1), ListedNumbers("b.csv", 1, 2)
    sides = [
        replace(SIDE, policy=Policy(suppress=tuple(each.name for each in order)), lists=order)
        for order in (lists, lists[::-1])
    ]
    [found] = changed_settings(diff(*sides))
    assert (found.name, found.before, found.after) == ("suppress", "a.csv, b.csv", "b.csv, a.csv")
    assert found.meaning == ("the same lists, of which the first that holds a number is named",)


def test_another_identity_says_who_is_rung_again() -> None:
    for more, name in (({"name": "q"}, "name"), ({"edition": "2"}, "edition"), ({"account": "acme"}, "account")):
        [found] = changed_identity(diff(SIDE, replace(SIDE, **more)))
        assert found.name == name
        assert "3 calls" in found.meaning[0]
        assert not list(consequences(diff(SIDE, replace(SIDE, **more), other_numbers=2, same_pairs=2, removed=1)))


def test_within_one_edition_other_numbers_and_ids_have_consequences() -> None:
    told = list(consequences(diff(SIDE, SIDE, other_numbers=1, same_pairs=2, removed=1)))
    assert [text.split(":")[0] for text in told] == [
        "1 call rings other numbers under the same id",
        "2 added calls ring the numbers of a removed one",
        "a removed call is not dialed any more; one that rang before keeps its place in the journal",
    ]


OTHER_TARGET = {
    "kind": "sandbox",
    "base_url": "https://api.exotel.example",
    "encoding": "urlencoded",
    "response": "xml",
    "spelling": "new",
    "pace": Rate(10, 1),
    "legs": 5,
    "timezone": "UTC",
    "timeout": 90.0,
    "callbacks": Callbacks("127.0.0.1", 8090, "https://hooks.acme.example"),
    "lookups": None,
    "shared": True,
    "circuit": 1_000,
    "currency": "USD",
    "rates": Rates("INR", Decimal("0.60")),
    "journal": "jr_7c1f",
    "accept": (("StatusCallbackEvents", ("ringing",)), ("NewParam", ())),
    "guardrails": Guardrails(("08047112233",), (LATE,), ("x.csv",), expect_required=True),
    "notify": ("https://hooks.acme.example/runs",),
}
SAID_ELSEWHERE = {"name", "account"}
"""A target's name is its file's, and its account is part of the plan's identity."""
OF_THE_SANDBOX = {"scenario": "calm", "seed": 7, "speed": 1.0}


@pytest.mark.parametrize("name", [item.name for item in fields(Target) if item.name not in SAID_ELSEWHERE])
def test_no_key_of_a_target_changes_without_a_word(name: str) -> None:
    """Another encoding, circuit or receiver changes no call of a plan, and was passed over in silence."""
    first, other = (SANDBOX, OF_THE_SANDBOX) if name in OF_THE_SANDBOX else (EXOTEL, OTHER_TARGET)
    second = replace(first, **{name: other[name]})
    for before, after in ((first, second), (second, first)):
        found = list(changed_settings(diff(replace(SIDE, target=before), replace(SIDE, target=after))))
        assert found
        assert all(change.name.startswith("target.") for change in found)
        assert all(change.meaning and all(change.meaning) for change in found)
        assert all(change.before != change.after for change in found)


def test_a_target_that_was_another_is_told_too() -> None:
    other = replace(
        EXOTEL,
        pace=Rate(10, 1),
        legs=5,
        guardrails=Guardrails(("08047112233",), (LATE,), ("x.csv",), approval=ApprovalRule(2, 3600.0)),
    )
    told = [each.name for each in changed_settings(diff(replace(SIDE, target=EXOTEL), replace(SIDE, target=other)))]
    assert told == [f"target.{name}" for name in ("pace", "legs", "window", "caller_ids", "suppress", "expect")]


def test_plans_differ_where_their_digests_do_and_where_one_is_missing() -> None:
    assert not differs(diff(SIDE, SIDE))
    assert differs(diff(SIDE, replace(SIDE, digest=DIGEST.replace("0", "1"))))
    assert differs(diff(replace(SIDE, exists=False), SIDE))
    assert differs(diff(SIDE, replace(SIDE, lists=(ListedNumbers("a.csv", 1, 1),))))
    assert differs(diff(SIDE, SIDE, changed=1))
