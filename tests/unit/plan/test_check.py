"""A document against its schema: exact places, stable ids, plain words, hints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.phone.masking import mask_text
from orchestrator.plan.schema.check import check
from orchestrator.plan.schema.node_types import typed_value
from orchestrator.plan.schema.plan import plan_schema
from orchestrator.plan.schema.target import target_schema
from orchestrator.plan.text_formats import FORMATS
from orchestrator.plan.yaml.document import read_document
from orchestrator.plan.yaml.nodes import MappingNode, ScalarNode

GOOD = """\
version: 1
name: demo
calls:
  - id: one
    From: "+918069171234"
    To: "+919900000001"
    CallerId: "08047112233"
"""


def document(text: str) -> MappingNode:
    root, found = read_document(text, "plan.yaml")
    assert not found
    assert root is not None
    return root


def judged(text: str, accept: dict[str, tuple[str, ...]] | None = None) -> list[Diagnostic]:
    return check(document(text), plan_schema(), accept or {})


def told(text: str) -> list[tuple[str, int, int]]:
    return [(each.id, each.spans[0].line, each.spans[0].column) for each in judged(text)]


def plus(line: str) -> Diagnostic:
    """Check the good plan with one more line, and return the one problem."""
    found = judged(GOOD + line + "\n")
    assert len(found) == 1, found
    assert found[0].spans[0].line == 8
    return found[0]


def test_a_good_plan_has_no_problems() -> None:
    assert judged(GOOD) == []


def test_the_plan_of_the_contract_has_the_shape_of_the_schema() -> None:
    """Every key of the language, also those that the engine does not obey yet."""
    assert (
        judged("""\
version: 1
name: cod-confirmations
edition: "2026-11-22"
description: Confirm cash-on-delivery orders before dispatch
purpose: transactional
numbers: as-typed
vars:
  hub: BLR-4
defaults:
  From: "+918069171234"
  CallerId: "08047112233"
  CallType: trans
  TimeLimit: 600
  TimeOut: 30
  Record: true
  RecordingChannels: dual
  RecordingFormat: mp3
  StatusCallbackEvents: [terminal, answered]
  StatusCallbackContentType: application/json
calls:
  - id: vip-1
    To: "+919900000001"
    CustomField: vip-1
    priority: 10
    not_before: "2026-11-22T09:30:00+05:30"
  - id: order-${row.order_id}
    rows: {file: ../data/orders.csv, columns: [order_id, phone], sample: ../data/orders.sample.csv,
           where: {payment: COD, status: [new, packed]}, carry: [hub], bad: refuse}
    To: ${row.phone}
    TimeOut: ${row.seconds}
    Record: ${row.record}
    CustomField: ${var.hub}/${row.order_id}
  - id: inline-${row.n}
    rows: [{n: a, phone: "+919900000001"}, {n: b, phone: "+919900000002"}]
    To: ${row.phone}
  - id: file-${row.n}
    rows: ../data/more.jsonl
    To: ${row.phone}
policy:
  pace: 150/minute
  concurrency: 20
  per_agent: 4
  per_person: {attempts: 3, within: 24h}
  window:
    - {days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkata}
  holidays: ../data/holidays.csv
  redial:
    busy:            {attempts: 3, after: 15m}
    no-answer:       {attempts: 2, after: 2h}
    agent-no-answer: {attempts: 5, after: 2m}
  suppress: [../data/do-not-call.csv]
  dnd: ignore
  stages: [1, 5%, 100%]
  halt:
    - {failed: 20%, of: 50}
  limits: {calls: 5000, attempts: 9000, minutes: 20000, cost: 15000 INR, from: "2026-11-22T09:30:00+05:30",
           until: "2026-11-22T20:30:00+05:30"}
  success: {completed: 60%}
  waive: [{rule: record-without-notice, owner: legal@acme.example, reason: notice is in the IVR, until: 2027-03-31}]
""")
        == []
    )


def test_all_problems_are_told_at_once_in_the_order_of_the_text() -> None:
    assert told("""\
version: 2
name: A_b
vers: 1
calls:
  - frm: "+918069171234"
    TimeLimit: 14401
    rows: {fil: x}
policy:
  pace: fast
  window: [{days: mon-sat, hours: "09:00-21:00", timezone: Asia/Kolkatta}]
""") == [
        ("not-allowed", 1, 10),
        ("wrong-form", 2, 7),
        ("unknown-key", 3, 1),
        ("missing-key", 5, 5),
        ("unknown-key", 5, 5),
        ("too-large", 6, 16),
        ("unknown-key", 7, 12),
        ("wrong-form", 9, 9),
        ("wrong-form", 10, 60),
    ]


@pytest.mark.parametrize(
    ("line", "id", "column", "hint"),
    [
        ("    from: '1'", "unknown-key", 5, "did you mean `From`?"),
        ("    callerid: '1'", "unknown-key", 5, "did you mean `CallerId`?"),
        ("    time_out: 30", "unknown-key", 5, "did you mean `TimeOut`?"),
        ("    TimeLimt: 30", "unknown-key", 5, "did you mean `TimeLimit`?"),
        ("    pace: 1/second", "unknown-key", 5, "`pace` stands under `policy`"),
        ("    StatusCallbackEvents[0]: terminal", "unknown-key", 5,
         "write `StatusCallbackEvents` as a list: the indexes are added on the wire"),
        ("TimeOut: 30", "unknown-key", 1, "`TimeOut` is a carrier parameter: it stands under `defaults` or in a call"),
        ("pace: 1/second", "unknown-key", 1, "`pace` stands under `policy`"),
        ("policy: {paec: 1/second}", "unknown-key", 10, "did you mean `pace`?"),
        ("api_key: s3cret", "secret-in-file", 1, "EXOTEL_API_KEY"),
        ("    Authorization: Basic s3cret", "secret-in-file", 5, "--secrets-dir"),
        ("policy: {zzz: 1}", "unknown-key", 10, "known here: pace, concurrency, "),
        ("    rows: {file: x, bad: maybe}", "not-allowed", 26, "write one of them"),
        ("    rows: {file: x, bad: Skip}", "not-allowed", 26, "did you mean `skip`?"),
        ("    rows: {}", "missing-key", 5, "for example `file: ../data/orders.csv`"),
        ("    rows: ''", "empty", 11, "remove the key"),
        ("    rows: [x]", "wrong-type", 12, "indented below `rows:`"),
        ("    TimeLimit: 14401", "too-large", 16, "lower it"),
        ("    TimeLimit: 0", "too-small", 16, "raise it"),
        ("    TimeLimit: 10s", "not-an-integer", 16, "for example 600"),
        ("    TimeLimit: [10]", "wrong-type", 16, "for example `TimeLimit: 600`"),
        ("    Record: yes", "not-allowed", 13, "did you mean `true`?"),
        ("    Record: True", "not-allowed", 13, "did you mean `true`?"),
        ("    StatusCallbackEvents: terminal", "wrong-type", 27, "[terminal, answered]"),
        ("    StatusCallbackEvents: []", "empty-list", 27, "[terminal, answered]"),
        ("    StatusCallbackEvents: [terminal, terminal]", "repeated-item", 38, "remove it"),
        ("    StatusCallbackEvents: [ringing]", "not-allowed", 28, "write one of: terminal, answered"),
        ("    WaitUrl: ftp://a.example/b.wav", "not-a-url", 14, "for example https://"),
        ("    Url: http://my.exotel.com/x", "flow-form", 5, "leave Url out and set To"),
        ("policy:", "wrong-type", 1, "remove the key"),
        ("policy: []", "wrong-type", 1, "keys stand indented below"),
        ("policy: {pace: 0/minute}", "wrong-form", 16, "`150/minute`"),
        ("policy: {concurrency: 0}", "too-small", 23, "concurrency: 20"),
        ("policy: {concurrency: many}", "wrong-type", 23, "concurrency: 20"),
        ("policy: {stages: [1.5]}", "wrong-form", 19, "`60%`"),
        ("policy: {success: {completed: 101%}}", "wrong-form", 31, "`60%`"),
        ("policy: {success: {}}", "empty", 10, "remove the key"),
        ("policy: {redial: {completed: {attempts: 1, after: 5m}}}", "unknown-key", 19, "known here: busy"),
        ("policy: {redial: {busy: {attempts: 3, after: 0s}}}", "wrong-form", 46, "`15m`"),
        ("policy: {limits: {cost: 100}}", "wrong-form", 25, "15000 INR"),
        ("policy: {window: [{days: mon-sat, hours: 09:00-09:00, timezone: UTC}]}", "wrong-form", 42, "00:00-24:00"),
        ("policy: {window: [{days: Mon, hours: 09:00-10:00, timezone: UTC}]}", "wrong-form", 26, "small letters"),
        ("policy: {window: [{days: mon, hours: 09:00-10:00, timezone: localtime}]}", "wrong-form", 61, "everywhere"),
        ("policy: {window: [{days: mon, hours: 09:00-10:00, timezone: Factory}]}", "wrong-form", 61, "everywhere"),
        ('edition: "a/b"', "wrong-form", 10, "2026-11-22"),
    ],
)  # fmt: skip
def test_a_problem_has_its_id_its_exact_place_and_a_hint(line: str, id: str, column: int, hint: str) -> None:  # noqa: A002
    problem = plus(line)
    assert (problem.id, problem.spans[0].column) == (id, column)
    assert problem.severity is Severity.ERROR
    assert hint in (problem.hint or "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("policy: {limits: {calls: 99999999999}}", "`policy.limits.calls` must be at most 1,000,000,000"),
        ("policy: {limits: {calls: many}}", "`policy.limits.calls` must be a whole number from 1 to 1,000,000,000"),
        ("policy: {concurrency: 10001}", "`policy.concurrency` must be at most 10,000"),
    ],
)
def test_a_bound_is_written_so_that_nobody_takes_it_for_a_phone_number(line: str, message: str) -> None:
    """Nine digits in a row are masked wherever a message is shown, since they may be somebody's number."""
    problem = plus(line)
    assert problem.message == message
    assert mask_text(f"{problem.message} {problem.hint}") == f"{problem.message} {problem.hint}"


def test_a_misspelled_key_is_not_told_again_as_missing() -> None:
    assert told(GOOD.replace("name:", "Name:")) == [("unknown-key", 2, 1)]


def test_a_missing_key_points_at_what_lacks_it() -> None:
    assert told("version: 1\nname: x\ncalls:\n  - To: '1'\n") == [("missing-key", 4, 5), ("not-a-number", 4, 9)]
    assert told("name: x\ncalls: [{id: a}]\n") == [("missing-key", 1, 1)]


def test_a_weakly_sourced_bound_is_a_warning() -> None:
    problem = plus("    TimeOut: 90")
    assert (problem.id, problem.severity) == ("beyond-unconfirmed-limit", Severity.WARNING)


@pytest.mark.parametrize("name", ["WaitUrl", "StartPlaybackValue", "StartPlaybackValueNew"])
@pytest.mark.parametrize("end", ["mp3", "wav.mp3", "", "wav/", "mp3?x=a.wav", "mp3#.wav"])
def test_audio_that_is_no_wav_by_its_name_is_a_warning(name: str, end: str) -> None:
    problem = plus(f'    {name}: "https://a.example/b.{end}"')
    assert (problem.id, problem.severity) == ("other-suffix", Severity.WARNING)
    assert problem.hint


@pytest.mark.parametrize("end", ["wav", "WAV", "wav?signature=1#x"])
def test_audio_is_wav_by_the_end_of_its_path(end: str) -> None:
    assert judged(f'{GOOD}    WaitUrl: "https://a.example/b.{end}"\n') == []


@pytest.mark.parametrize("value", ["${row.x}", "a ${var.b} c", "''", ""])
def test_templates_and_empty_values_are_left_to_whoever_fills_them_in(value: str) -> None:
    """An empty value counts as not set."""
    for name in ("TimeLimit", "Record", "CallType", "WaitUrl", "CustomField"):
        assert judged(f"{GOOD}    {name}: {value}\n") == []


def test_two_spellings_of_one_parameter_are_told() -> None:
    problem = judged(GOOD + "    StartPlaybackTo: Both\n    StartPlaybackToNew: Both\n")[0]
    assert (problem.id, [span.line for span in problem.spans]) == ("duplicate-key", [9, 8])


def test_what_a_target_accepts_is_no_problem() -> None:
    text = GOOD + "    StatusCallbackEvents: [ringing]\n    NewParam: x\n    Mode: fast\n"
    accept = {"StatusCallbackEvents": ("ringing",), "NewParam": (), "Mode": ("slow", "fast")}
    assert judged(text, accept) == []
    assert [each.id for each in judged(text)] == ["not-allowed", "unknown-key", "unknown-key"]
    assert [each.id for each in judged(text, {**accept, "Mode": ("slow",)})] == ["not-allowed"]


def test_one_mistake_behind_an_anchor_is_told_once_where_it_is_written() -> None:
    text = "x-b: &b\n  TimeLimit: 99999\n" + GOOD + "    <<: *b\n  - {<<: *b, id: two}\n  - {<<: *b, id: three}\n"
    assert told(text) == [("too-large", 2, 14)]


@pytest.mark.parametrize(
    "typed",
    ["08012345678", "02226543210", "+919876543210", "0401234567", "1.50", "007", "~", "no", "On", "2026-11-22",
     "1:30", "0o17", "0x1F", "1e3", "1_000", "null", "true", ".5", "2026-11-22T09:30:00Z"],
)  # fmt: skip
def test_text_that_other_readers_misread_earns_a_note_unless_quoted(typed: str) -> None:
    remark = plus(f"    CustomField: {typed}")
    assert (remark.id, remark.severity) == ("quote-the-number", Severity.NOTE)
    assert judged(f"{GOOD}    CustomField: '{typed}'\n") == []


@pytest.mark.parametrize("typed", ["vip-1", "080-1234-5678", "+91 98765 43210", "BLR-4", "a1", "1a", "09:00-21:00"])
def test_text_that_every_reader_takes_as_text_earns_none(typed: str) -> None:
    assert judged(f"{GOOD}    CustomField: {typed}\n") == []


def test_a_wrong_value_earns_its_error_and_not_the_note_too() -> None:
    assert [each.id for each in judged(GOOD.replace('"+919900000001"', "12"))] == ["not-a-number"]


@given(st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True))
def test_any_number_typed_plainly_reaches_the_schema_as_typed(number: str) -> None:
    root = document(f"calls:\n  - To: {number}\n    TimeOut: {number}\n")
    value = typed_value(root, plan_schema())
    assert value["calls"][0]["To"] == number
    assert str(value["calls"][0]["TimeOut"]) == number


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")), min_size=1))
def test_any_text_typed_plainly_in_a_text_place_survives_exactly(text: str) -> None:
    """Where YAML takes the characters for its own the file is refused; it is never read as something else."""
    root, found = read_document(f"CustomField: {text}\n", "plan.yaml")
    if found or root is None:
        return
    node = root.get("CustomField")
    written = text.split(" #", 1)[0].strip(" ")
    if not isinstance(node, ScalarNode) or node.quoted or written[:1] in ("#", "&", "*", "!"):
        return
    assert node.text == written
    assert typed_value(node, plan_schema()["properties"]["defaults"]["properties"]["CustomField"]) == written


@pytest.mark.parametrize("value", ["1", "'1'"])
def test_a_number_place_takes_exact_digits_quoted_or_not(value: str) -> None:
    assert typed_value(document(f"a: {value}\n"), {"type": "object", "properties": {"a": {"type": "integer"}}}) == {
        "a": 1
    }


@pytest.mark.parametrize("value", ["01", "+1", "1.0", "1_0", "0x1", "9" * 30])
def test_a_number_place_leaves_other_characters_as_text(value: str) -> None:
    assert typed_value(document(f"a: {value}\n"), {"type": "object", "properties": {"a": {"type": "integer"}}}) == {
        "a": value
    }


def test_a_final_line_break_does_not_slip_past_a_pattern() -> None:
    """Python's `$` matches before it."""
    assert [each.id for each in judged(GOOD.replace("name: demo", 'name: "demo\\n"'))] == ["wrong-form"]


def test_messages_hold_no_value_of_the_document() -> None:
    """A value may be a secret in the wrong place; the source line beside it is masked by the renderer."""
    found = judged(
        "version: s3cret\nname: S3CRET\nedition: s3cret/\npurpose: s3cret\nvars: s3cret\ncalls: s3cret\n"
        "policy: {pace: s3cret, concurrency: s3cret, window: [s3cret], success: {busy: s3cret}, stages: [s3cret]}\n"
    )
    assert len(found) >= 11
    assert not [each for each in found if "s3cret" in (each.message + (each.hint or "")).lower()]


def test_every_pattern_of_both_schemas_has_a_form_that_knows_the_reason() -> None:
    """Parameters apart: the table judges those."""
    plan = {**plan_schema(), "properties": {**plan_schema()["properties"], "defaults": {}, "calls": {}}}
    for pattern in [*_patterns(plan), *_patterns(target_schema())]:
        assert pattern in FORMATS


def _patterns(part: object) -> list[str]:
    if isinstance(part, list):
        return [pattern for item in part for pattern in _patterns(item)]
    if not isinstance(part, dict):
        return []
    own = [part["pattern"]] if isinstance(part.get("pattern"), str) else []
    return own + [pattern for item in part.values() for pattern in _patterns(item)]


@pytest.mark.parametrize("schema", [plan_schema(), target_schema()], ids=["plan", "target"])
def test_every_property_has_a_description_for_editors(schema: dict[str, object]) -> None:
    assert [path for path, part in _properties(schema) if not part.get("description")] == []


def _properties(part: object, path: str = "") -> list[tuple[str, dict[str, object]]]:
    if isinstance(part, list):
        return [found for item in part for found in _properties(item, path)]
    if not isinstance(part, dict):
        return []
    named = [(f"{path}.{key}", value) for key, value in part.get("properties", {}).items()]
    conditions = ("if", "then", "else")  # these repeat properties that are described already
    inner = [
        found for key, value in part.items() if key not in conditions for found in _properties(value, f"{path}.{key}")
    ]
    return [*named, *inner]


def test_places_are_spans_of_the_file_that_was_named() -> None:
    assert plus("    TimeOut: 0").spans == (Span("plan.yaml", 8, 14, 15),)
