"""What has one right answer is mended, and nothing else of the file changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.diagnostic import Diagnostic, Edit, Span
from orchestrator.plan.fixes import mended
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.suggestions import is_one_slip, only_word_meant
from orchestrator.plan.text_formats import FORMATS, HOURS, ZONE, format_problem, respelled
from orchestrator.plan.yaml.document import read_document


def findings(text: str) -> list[Diagnostic]:
    document, problems = read_document(text, "plan.yaml")
    assert document is not None
    schema = plan_schema() if document.get("kind") is None else target_schema()
    return [*problems, *check(document, schema)]


def fixed(text: str) -> str:
    return mended(text, "plan.yaml", (finding.fix for finding in findings(text))).text


FIXES = {
    "a number without quotes": ("defaults: {From: 08012345678}\n", 'defaults: {From: "08012345678"}\n'),
    "a number behind an anchor": ("defaults: {From: &n 08012345678}\n", 'defaults: {From: &n "08012345678"}\n'),
    "a key's case": ("defaults: {from: a, TIMEOUT: 30}\n", "defaults: {From: a, TimeOut: 30}\n"),
    "a key in another language's case": (
        "defaults: {caller_id: a, Call-Type: b}\n",
        "defaults: {CallerId: a, CallType: b}\n",
    ),
    "a key in quotes": ("defaults: {'callerid': a}\n", "defaults: {'CallerId': a}\n"),
    "a slip in a parameter": (
        "defaults:\n  StatusCalback: https://a.example/x # c\n",
        "defaults:\n  StatusCallback: https://a.example/x # c\n",
    ),
    "two letters exchanged": ("calls: [{id: a, Form: b}]\n", "calls: [{id: a, From: b}]\n"),
    "a slip in a policy key": ("policy: {concurency: 3}\n", "policy: {concurrency: 3}\n"),
    "a choice's case": (
        "defaults: {CallType: 'Trans', StartPlaybackTo: both}\n",
        "defaults: {CallType: 'trans', StartPlaybackTo: Both}\n",
    ),
    "a choice in a list": (
        "defaults: {StatusCallbackEvents: [Terminal]}\n",
        "defaults: {StatusCallbackEvents: [terminal]}\n",
    ),
    "a flag in another word": ("defaults: {Record: Yes}\n", "defaults: {Record: true}\n"),
    "a flag in quotes": ('defaults: {Record: "False"}\n', 'defaults: {Record: "false"}\n'),
    "a target's flag": ("kind: sandbox\nshared: off\n", "kind: sandbox\nshared: false\n"),
    "blanks around a number": ('calls: [{id: a, To: "  +919900000001 "}]\n', 'calls: [{id: a, To: "+919900000001"}]\n'),
    "a word of the policy": ("policy: {dnd: Skip}\n", "policy: {dnd: skip}\n"),
    "days and hours": (
        "policy: {window: [{days: Mon - Sat, hours: 9:00 - 21:00, timezone: asia/kolkata}]}\n",
        "policy: {window: [{days: mon-sat, hours: 09:00-21:00, timezone: Asia/Kolkata}]}\n",
    ),
    "rates, shares and money": (
        "policy: {pace: 150 / Minute, stages: [5 %], limits: {cost: 15000 inr}}\n",
        "policy: {pace: 150/minute, stages: [5%], limits: {cost: 15000 INR}}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIXES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_has_one_right_answer_is_mended(name: str, end: str) -> None:
    text, wanted = (each.replace("\n", end) for each in FIXES[name])
    assert fixed(text) == wanted
    assert not any(finding.fix for finding in findings(wanted))


LEFT = {
    "two keys for one": "defaults: {from: a, FROM: b}\n",
    "a key that is there already": "defaults: {From: a, from: b}\n",
    "a key that a merge brings": "x-d: &d {From: a}\ncalls: [{id: a, <<: *d, from: b}]\n",
    "a word of two letters": "calls: [{id: a, Ti: b}]\n",
    "a value that stands in several places": "x-f: &f yes\ndefaults: {Record: *f, CustomField: *f}\n",
    "a value with escapes": 'defaults: {CallType: "Tran\\x73"}\n',
    "a value over several lines": "defaults:\n  CallType: >-\n    Trans\n",
    "a name, which is an identity": "name: Bad Name\n",
    "a number that could be another": 'calls: [{id: a, To: "call 9900000001"}]\n',
    "a rate in another unit": "policy: {pace: 150/fortnight}\n",
    "an hour that no day has": "policy: {window: [{hours: 9:00-31:00}]}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_nobody_can_tell_is_left_to_its_writer(name: str) -> None:
    assert [finding for finding in findings(LEFT[name]) if finding.is_error]
    assert fixed(LEFT[name]) == LEFT[name]


def test_quotes_are_put_around_a_value_that_stands_in_several_places():
    text = "x-n: &n {To: 08012345678}\ncalls: [{id: a, <<: *n}, {id: b, <<: *n}]\n"
    assert fixed(text) == text.replace("08012345678", '"08012345678"')


def test_a_text_that_cannot_be_read_stays_as_it_is():
    text = "defaults: {from: a}\nname: a\nname: b\n"
    assert fixed(text) == text


def test_of_two_fixes_that_touch_each_other_the_first_is_made():
    span = Span("p", 1, 4, 7)
    done = mended("a: bcd\n", "p", [(Edit(span, "x"),), (Edit(Span("p", 1, 5, 6), "y"),), (Edit(span, "x"),)])
    assert (done.text, done.fixed) == ("a: x\n", 1)


def test_a_fix_of_another_file_is_not_made_in_this_one():
    assert mended("a: bcd\n", "plan.yaml", [(Edit(Span("rows.csv", 1, 4, 7), "x"),)]).text == "a: bcd\n"


def test_an_edit_of_anything_but_its_value_is_a_bug():
    with pytest.raises(AssertionError):
        mended("a: b\nc: d\n", "p", [(Edit(Span("p", 1, 4, 5), "b\nx: y"),)])


@pytest.mark.parametrize("word", ["stage", "stagess", "stagse", "atages"])
def test_one_slip_is_seen(word: str) -> None:
    assert is_one_slip(word, "stages")
    assert is_one_slip("stages", word)
    assert only_word_meant(word, ["halt", "stages"]) == "stages"


def test_a_slip_that_could_make_two_words_tells_nothing():
    assert only_word_meant("stagx", ["staga", "stagb"]) is None


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_slip_is_a_distance_of_one(word: str, other: str) -> None:
    """Compared with every word that one slip can make."""
    places = range(len(word) + 1)
    made = {word[:at] + letter + word[at + skip :] for at in places for letter in ("", *"abc") for skip in (0, 1)}
    made |= {word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :] for at in range(len(word))}
    assert is_one_slip(word, other) == (other in made and other != word)


@given(st.sampled_from(sorted(FORMATS)), st.text("0123456789:-/ %mMondHOURsinrInute", max_size=14))
def test_what_is_respelled_is_right_and_has_the_same_characters(pattern: str, text: str) -> None:
    meant = respelled(pattern, text)
    if meant is not None:
        assert format_problem(pattern, meant) is None
        bare = "".join(meant.split()).lower()
        assert bare == "".join(text.split()).lower() or pattern == HOURS


def test_a_zone_is_respelled_by_case_alone():
    assert respelled(ZONE, "asia/kolkata") == "Asia/Kolkata"
    assert respelled(ZONE, "asia/kolkatta") is None
