"""Whether enough different people have approved a digest, recently enough."""

import pytest

from orchestrator.model.approval import Approval, ApprovalRule
from orchestrator.model.events import rfc3339
from orchestrator.policy.approval import CLOCKS_DIFFER, approver, counted, shortfall

NOW = 1_795_000_000.0
TWO = ApprovalRule(2, 86_400.0)


def approved(by: str, ago: float = 60.0) -> Approval:
    return Approval(by, rfc3339(NOW - ago))


@pytest.mark.parametrize(
    "spelling",
    [
        "asha rao",
        "ASHA RAO",
        " Asha\tRao\n",
        "AshaRao",
        "Asha\u00a0Rao",
        "Asha\u3000Rao",
        "\uff21\uff53\uff48\uff41 \uff32\uff41\uff4f",
        "\U0001d400\U0001d42c\U0001d421\U0001d41a Rao",
        "A\u200bsha\u200d Rao\ufeff",
        "Asha\u202e Rao",
        "Asha\ufe0f Rao\u034f",
        "Asha\u3164 Rao\u115f",
        "Asha\x00 Rao\x1b",
    ],
    ids=ascii,
)
def test_every_spelling_of_a_name_is_one_person(spelling: str) -> None:
    assert approver(spelling) == approver("Asha Rao")
    assert shortfall([approved("Asha Rao"), approved(spelling)], TWO, NOW) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("Straße", "STRASSE"), ("ﬁona", "Fiona"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("é", "e\u0301")]
)
def test_letters_of_other_scripts_fold_too(one: str, other: str) -> None:
    assert approver(one) == approver(other)


def test_different_names_stay_different_also_where_accents_or_alphabets_part_them() -> None:
    names = ["asha", "asha2", "áshá", "\u0430sha", "आशा", "राव", "ashok"]  # the fourth begins with a Cyrillic letter
    assert len({approver(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "nobody", ["", " ", "\u200b", "\t\n", "\u2060\ufeff", "\u3164", "\ufe0f", "\u2800", "\x00"], ids=ascii
)
def test_what_shows_nothing_names_nobody(nobody: str) -> None:
    assert approver(nobody) == ""
    assert counted([approved(nobody), approved(nobody)], ApprovalRule(1, 60.0), NOW) == ()


def test_two_people_are_enough_and_one_of_them_twice_is_not() -> None:
    assert shortfall([approved("asha"), approved("ravi")], TWO, NOW) is None
    said = shortfall([approved("asha"), approved("Asha")], TWO, NOW)
    assert said is not None
    assert said.startswith("2 people must have approved it within 1 day, and only Asha (at ")
    assert shortfall([], TWO, NOW) == "2 people must have approved it within 1 day, and nobody did"


def test_the_newest_approval_of_a_person_counts_whatever_the_order() -> None:
    old, new = approved("asha", 90_000), approved("asha", 10)
    for given in ([old, new], [new, old]):
        assert counted(given, ApprovalRule(1, 86_400.0), NOW) == (new,)


@pytest.mark.parametrize(("ago", "counts"), [(0.0, True), (86_400.0, True), (86_401.0, False)])
def test_an_approval_counts_as_long_as_the_target_says(ago: float, counts: bool) -> None:
    missing = shortfall([approved("asha", ago)], ApprovalRule(1, 86_400.0), NOW)
    assert (missing is None) == counts
    assert counts or "too long ago" in (missing or "")


@pytest.mark.parametrize(("ahead", "counts"), [(1.0, True), (CLOCKS_DIFFER, True), (CLOCKS_DIFFER + 1, False)])
def test_one_dated_ahead_counts_only_as_far_as_clocks_differ(ahead: float, counts: bool) -> None:
    """Else a clock that is a year ahead would approve for a year."""
    missing = shortfall([approved("asha", -ahead)], ApprovalRule(1, 86_400.0), NOW)
    assert (missing is None) == counts
    assert counts or "a clock is wrong" in (missing or "")


def test_a_time_that_is_none_does_not_count() -> None:
    assert counted([Approval("asha", "yesterday")], ApprovalRule(1, 60.0), NOW) == ()
    assert shortfall([Approval("asha", "yesterday")], ApprovalRule(1, 60.0), NOW) is not None
