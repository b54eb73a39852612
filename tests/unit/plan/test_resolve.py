"""`defaults` and `calls` to resolved calls: what is sent, in which order, and what is told."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.plan.desk import AGENT, EXOPHONE, plan

from orchestrator.exotel.call_fields import connect_request
from orchestrator.model.diagnostic import Severity, Span

TO = 'To: "+919900000001"'


def test_defaults_come_first_then_the_calls_own_keys_each_once(tmp_path: Path) -> None:
    """A default that the call overrides keeps its place on the wire, with the call's value."""
    read = plan(
        tmp_path,
        f"  TimeLimit: 600\n  CustomField: of the defaults\n  TimeOut: 30\ncalls:\n"
        f"  - id: a\n    Record: true\n    CustomField: own\n    {TO}\n    TimeLimit: 60\n",
    )
    assert not read.told
    assert [(item.name, item.value, item.origin) for item in read.calls[0].fields] == [
        ("From", AGENT, "defaults"),
        ("CallerId", EXOPHONE, "defaults"),
        ("TimeLimit", "60", "call"),
        ("CustomField", "own", "call"),
        ("TimeOut", "30", "defaults"),
        ("Record", "true", "call"),
        ("To", "+919900000001", "call"),
    ]
    assert read.calls[0].span == Span(str(tmp_path / "plan.yaml"), 10, 9, 10)


def test_values_go_out_as_typed_and_lists_indexed(tmp_path: Path) -> None:
    read = plan(
        tmp_path,
        "  StatusCallback: https://hooks.acme.example/x?a=b\n  StatusCallbackEvents: [terminal, answered]\n"
        "calls:\n  - {id: 007, To: 02226543210, CustomField: 1.50, Record: true, TimeOut: 30}\n",
    )
    assert not read.errors
    assert connect_request(read.calls[0].fields).pairs == (
        ("From", AGENT),
        ("CallerId", EXOPHONE),
        ("StatusCallback", "https://hooks.acme.example/x?a=b"),
        ("StatusCallbackEvents[0]", "terminal"),
        ("StatusCallbackEvents[1]", "answered"),
        ("To", "02226543210"),
        ("CustomField", "1.50"),
        ("Record", "true"),
        ("TimeOut", "30"),
    )
    assert read.calls[0].id == "007"


@pytest.mark.parametrize("value", ['""', '"${var.nothing}"', "", "${row.empty}"])
def test_an_empty_value_counts_as_not_set_so_that_the_default_decides(tmp_path: Path, value: str) -> None:
    rows = "    rows: [{n: 1, empty: ''}]\n"
    text = (
        f"  CustomField: d\nvars: {{nothing: ''}}\ncalls:\n  - id: a-${{row.n}}\n{rows}    {TO}\n"
        f"    CustomField: {value}\n    TimeOut: {value}\n"
    )
    read = plan(tmp_path, text)
    assert not read.errors
    assert read.fields()["CustomField"] == "d"
    assert "TimeOut" not in read.fields()


def test_an_alias_is_sent_under_the_tables_name(tmp_path: Path) -> None:
    read = plan(
        tmp_path,
        f"  StartPlaybackToNew: Both\ncalls:\n  - id: a\n    {TO}\n    StartPlaybackTo: Callee\n"
        "    StartPlaybackValueNew: https://media.acme.example/a.wav\n",
    )
    assert not read.told
    assert list(read.fields()) == ["From", "CallerId", "StartPlaybackTo", "To", "StartPlaybackValue"]
    assert read.fields()["StartPlaybackTo"] == "Callee"


def test_two_spellings_of_a_parameter_in_one_mapping_are_refused(tmp_path: Path) -> None:
    read = plan(tmp_path, f"calls:\n  - {{id: a, {TO}, StartPlaybackTo: Both, StartPlaybackToNew: Both}}\n")
    assert "duplicate-key" in [item.id for item in read.errors]
    assert read.loaded.plan is None


@pytest.mark.parametrize("name", ["From", "To", "CallerId"])
def test_a_missing_parameter_names_the_call(tmp_path: Path, name: str) -> None:
    numbers = {"From": AGENT, "To": "+919900000001", "CallerId": EXOPHONE}
    lines = "".join(f'    {key}: "{value}"\n' for key, value in numbers.items() if key != name)
    read = plan(tmp_path, f"version: 1\nname: demo\ncalls:\n  - id: vip-1\n{lines}")
    (found,) = read.errors
    assert (found.id, found.message) == ("missing-parameter", f"call `vip-1` has no {name}")
    assert found.spans[0].line == 4
    assert not read.calls


@pytest.mark.parametrize(
    ("defaults", "call", "ids"),
    [
        ("from", "To", ["unknown-key"]),
        ("Form", "To", ["unknown-key"]),
        ("From", "TO", ["unknown-key"]),
        ("from", "TO", ["unknown-key"] * 2),
        ("Agent", "To", ["unknown-key", "missing-parameter"]),  # nobody can tell that it means From
        ("x-from", "To", ["missing-parameter"]),
        ("x-Form", "To", ["missing-parameter"]),
    ],
)
@pytest.mark.parametrize("rows", ["", "rows: [{n: '1'}], "])
def test_a_parameter_is_not_missed_where_a_key_is_its_misspelled_name(
    defaults: str, call: str, ids: list[str], rows: str, tmp_path: Path
) -> None:
    """The misspelled key is the one thing to mend; the calls are none as long as it is."""
    text = f'version: 1\nname: demo\ndefaults: {{{defaults}: "{AGENT}", CallerId: "{EXOPHONE}"}}\n'
    read = plan(tmp_path, f'{text}calls:\n  - {{id: a, {rows}{call}: "+919900000001"}}\n')
    assert [item.id for item in read.errors] == ids
    assert read.calls == []


def test_a_parameter_that_a_row_leaves_empty_names_call_and_row(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("n,phone\n1,+919900000001\n2,\n")
    read = plan(tmp_path, "calls:\n  - id: o-${row.n}\n    rows: d.csv\n    To: ${row.phone}\n")
    (found,) = read.errors
    assert found.message == "call `o-2` has no To: the cell `phone` of this row is empty"
    assert [(Path(span.file).name, span.line) for span in found.spans] == [("d.csv", 3), ("plan.yaml", 9)]


@pytest.mark.parametrize("to", ["+918069171234", "08069171234", "918069171234", "+91 80 6917 1234"])
def test_one_number_on_both_ends_is_an_error_in_every_spelling(tmp_path: Path, to: str) -> None:
    literal = plan(tmp_path, f'calls:\n  - {{id: a, To: "{to}"}}\n')
    assert [item.id for item in literal.errors] == ["same-number"]
    row = plan(tmp_path, f'calls:\n  - id: a-${{row.n}}\n    rows: [{{n: "1", to: "{to}"}}]\n    To: ${{row.to}}\n')
    assert [item.id for item in row.errors] == ["same-number"]


def test_a_number_whose_end_is_alike_is_another_number(tmp_path: Path) -> None:
    read = plan(tmp_path, 'calls:\n  - {id: a, To: "+919900001234"}\n')
    assert not read.told


def test_duplicate_ids_name_both_places(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("n\n1\n2\n1\n")
    read = plan(
        tmp_path,
        f"calls:\n  - {{id: a, {TO}}}\n  - {{id: a, {TO}}}\n  - {{id: o-1, {TO}}}\n"
        f"  - id: o-${{row.n}}\n    rows: d.csv\n    {TO}\n",
    )
    assert [item.id for item in read.errors] == ["duplicate-id"] * 3
    places = [[(Path(span.file).name, span.line) for span in item.spans] for item in read.errors]
    assert places == [
        [("plan.yaml", 8), ("plan.yaml", 7)],
        [("d.csv", 2), ("plan.yaml", 9)],
        [("d.csv", 4), ("plan.yaml", 9)],
    ]
    assert [call.id for call in read.calls] == ["a", "o-1", "o-2"]


def test_an_id_without_a_column_is_told_once_for_all_rows(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("n\n" + "1\n" * 500)
    read = plan(tmp_path, f"calls:\n  - id: same\n    rows: d.csv\n    {TO}\n")
    (found,) = read.errors
    assert found.id == "duplicate-id"
    assert "${row." in (found.hint or "")


@pytest.mark.parametrize("cell", ["", " ", "a\tb", "x" * 201, "\u200b"])
def test_a_bad_id_is_told_at_its_row(tmp_path: Path, cell: str) -> None:
    (tmp_path / "d.csv").write_text(f"n,m\nok,1\n{cell},2\n", "utf-8")
    read = plan(tmp_path, f"calls:\n  - id: ${{row.n}}\n    rows: d.csv\n    {TO}\n")
    (found,) = read.errors
    assert (found.id, found.spans[0].line) == ("bad-id", 3)


def test_numbers_as_typed_warn_where_the_carrier_must_guess(tmp_path: Path) -> None:
    text = (
        'calls:\n  - id: ${row.n}\n    From: "8069171234"\n    To: ${row.to}\n'
        '    rows: [{n: "1", to: "9900000001"}, {n: "2", to: "09900000002"}]\n'
    )
    read = plan(tmp_path, text)
    assert [(item.id, item.severity, item.spans[0].line) for item in read.told] == [
        ("number-to-guess", Severity.WARNING, 8),
        ("number-to-guess", Severity.WARNING, 10),
    ]
    assert read.values("To") == ["9900000001", "09900000002"]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("9900000001", "its country"),
        ("00919900000001", "its country"),
        ("+91 99000 00001", "how it is meant"),
        ("+91-9900000001", "how it is meant"),
        ("080-47112233", "how it is meant"),
        ("(080) 47112233", None),
        ("+919900000001", ""),
        ("09900000001", ""),
        ("02226543210", ""),
    ],
)
def test_a_number_is_plain_with_its_plus_or_one_zero_and_digits_only(
    tmp_path: Path, number: str, why: str | None
) -> None:
    read = plan(tmp_path, f'calls:\n  - id: a\n    To: "{number}"\n')
    if why is None:
        assert read.ids == ["not-a-number"]
    else:
        assert read.ids == (["number-to-guess"] if why else [])
        assert all(why in item.message for item in read.told)
        assert not plan(tmp_path, f'numbers: e164\ncalls:\n  - id: a\n    To: "{number}"\n').told


def test_numbers_e164_rewrites_from_and_to_only(tmp_path: Path) -> None:
    text = (
        'numbers: e164\ncalls:\n  - id: ${row.n}\n    From: "8069171234"\n    To: ${row.to}\n'
        '    rows: [{n: "1", to: "9900000001"}, {n: "2", to: "099000 00002"}]\n'
    )
    read = plan(tmp_path, text)
    assert not read.told
    assert read.values("From") == [AGENT, AGENT]
    assert read.values("To") == ["+919900000001", "+919900000002"]
    assert read.values("CallerId") == [EXOPHONE, EXOPHONE]


def test_a_number_without_an_e164_form_is_an_error_there(tmp_path: Path) -> None:
    read = plan(tmp_path, 'numbers: e164\ncalls:\n  - {id: a, To: "112"}\n')
    assert [item.id for item in read.errors] == ["not-e164"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("TimeLimit: ${row.v}", "not-an-integer"),
        ("Record: ${row.v}", "not-allowed"),
        ("RecordingFormat: ${var.v}", "not-allowed"),
        ("WaitUrl: ${row.v}", "not-a-url"),
        ('StatusCallbackEvents: ["${row.v}"]', "not-allowed"),
        ("To: ${row.v}", "not-a-number"),
    ],
)
def test_what_comes_out_of_a_template_is_judged_by_the_table(tmp_path: Path, value: str, problem: str) -> None:
    to = "" if value.startswith("To") else f"    {TO}\n"
    read = plan(
        tmp_path, f"vars: {{v: junk}}\ncalls:\n  - id: ${{row.n}}\n    rows: [{{n: a, v: junk}}]\n{to}    {value}\n"
    )
    assert [item.id for item in read.errors] == [problem]


def test_a_wrong_default_is_told_once_and_not_for_each_call(tmp_path: Path) -> None:
    calls = "".join(f"  - {{id: a{n}, {TO}}}\n" for n in range(50))
    read = plan(tmp_path, f'  TimeLimit: "${{var.limit}}"\nvars: {{limit: 99999}}\ncalls:\n{calls}')
    assert [(item.id, item.spans[0].line) for item in read.errors] == [("too-large", 6)]


def test_list_items_that_come_out_empty_are_left_out(tmp_path: Path) -> None:
    text = (
        f"calls:\n  - id: ${{row.n}}\n    {TO}\n    rows: [{{n: a, e: answered}}, {{n: b, e: ''}}]\n"
        '    StatusCallbackEvents: [terminal, "${row.e}"]\n  - id: c-${row.n}\n    rows: [{n: a, e: ""}]\n'
        f'    {TO}\n    StatusCallbackEvents: ["${{row.e}}"]\n'
    )
    read = plan(tmp_path, text)
    assert not read.errors
    named = [[item.name for item in call.fields] for call in read.calls]
    assert ["StatusCallbackEvents" in names for names in named] == [True, True, False]
    assert read.fields(0)["StatusCallbackEvents"] == ("terminal", "answered")
    assert read.fields(1)["StatusCallbackEvents"] == ("terminal",)


def test_a_template_without_rows_is_told(tmp_path: Path) -> None:
    read = plan(tmp_path, f"calls:\n  - id: a-${{row.n}}\n    {TO}\n")
    assert [item.id for item in read.errors] == ["row-without-rows"]


def test_a_default_that_needs_a_row_serves_calls_with_rows_and_may_be_overridden(tmp_path: Path) -> None:
    text = (
        f'  CustomField: "${{row.n}}"\ncalls:\n  - id: a-${{row.n}}\n    rows: [{{n: x}}]\n    {TO}\n'
        f"  - {{id: b, {TO}, CustomField: own}}\n  - {{id: c, {TO}}}\n"
    )
    read = plan(tmp_path, text)
    assert read.values("CustomField") == ["x", "own"]
    (found,) = read.errors
    assert (found.id, [span.line for span in found.spans]) == ("row-without-rows", [12, 6])


def test_parameters_without_effect_are_told_once_at_their_place(tmp_path: Path) -> None:
    calls = "".join(f'  - {{id: a{n}, To: "+91990000000{n}"}}\n' for n in range(5))
    read = plan(tmp_path, f"  RecordingChannels: dual\n  Record: false\ncalls:\n{calls}")
    assert [(item.id, item.severity, item.spans[0].line) for item in read.told] == [("no-effect", Severity.WARNING, 6)]
    assert "`Record: true`" in read.told[0].message


@pytest.mark.parametrize(("record", "ids"), [("true", []), ("false", ["no-effect"]), ("yes", ["not-allowed"])])
def test_what_depends_on_a_value_is_not_judged_where_that_value_is_an_error(
    record: str, ids: list[str], tmp_path: Path
) -> None:
    read = plan(tmp_path, f"  Record: {record}\ncalls:\n  - {{id: a, {TO}, RecordingChannels: dual}}\n")
    assert [item.id for item in read.told] == ids


def test_advice_of_the_documents_is_a_warning(tmp_path: Path) -> None:
    read = plan(tmp_path, f"calls:\n  - {{id: a, {TO}, WaitUrl: 'https://media.acme.example/a.wav'}}\n")
    assert [(item.id, item.severity) for item in read.told] == [("advised", Severity.WARNING)]


def test_callback_parameters_without_an_address_are_no_finding(tmp_path: Path) -> None:
    """A target with a callback receiver adds the address, and a plan does not know its target."""
    read = plan(tmp_path, f"calls:\n  - {{id: a, {TO}, StatusCallbackEvents: [terminal]}}\n")
    assert not read.told


def test_a_target_admits_more_words_and_more_parameters(tmp_path: Path) -> None:
    text = (
        f'calls:\n  - id: a-${{row.n}}\n    {TO}\n    StatusCallbackEvents: [ringing, "${{row.e}}"]\n'
        "    NewParam: any ${row.e}\n    rows: [{n: x, e: ringing2}]\n"
    )
    accept = {"StatusCallbackEvents": ("ringing", "ringing2"), "NewParam": ()}
    read = plan(tmp_path, text, accept=accept)
    assert not read.errors
    assert read.fields()["NewParam"] == "any ringing2"
    assert read.fields()["StatusCallbackEvents"] == ("ringing", "ringing2")
    refused = plan(tmp_path, text)
    assert {"unknown-key", "not-allowed"} <= {item.id for item in refused.errors}


def test_problems_of_the_text_do_not_hide_those_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("n,phone\n1\n2,junk\n")
    read = plan(
        tmp_path, "Callz: 1\ncalls:\n  - id: o-${row.n}\n    rows: d.csv\n    To: ${row.phone}\n    TimeOut: ${var.x}\n"
    )
    assert {"unknown-key", "unknown-variable", "short-row"} <= {item.id for item in read.errors}
    assert read.loaded.plan is None
    assert not read.calls


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\0"), max_size=40))
def test_a_cell_reaches_the_wire_as_typed(tmp_path: Path, note: str) -> None:
    quoted = '"' + note.replace('"', '""') + '"'
    (tmp_path / "d.csv").write_bytes(f"n,note\n1,{quoted}\n".encode())
    read = plan(tmp_path, f"calls:\n  - id: o-${{row.n}}\n    rows: d.csv\n    {TO}\n    CustomField: ${{row.note}}\n")
    assert not read.errors
    assert read.fields().get("CustomField", "") == note


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0401234567", "no number of its country's numbering plan"),
        ("98765432101", "no number of its country's numbering plan"),
        ("+15550001111", "no number of its country's numbering plan"),
        ("14155552671", "only if it is read as +14155552671"),
        ("+91 91 98765 43210", "only if it is read as +919876543210"),
    ],
)
def test_a_number_that_nobody_may_have_is_a_warning_as_typed_and_an_error_in_e164(
    tmp_path: Path, number: str, words: str
) -> None:
    calls = f'calls:\n  - {{id: a, To: "{number}"}}\n'
    for before, severity in (("", Severity.WARNING), ("numbers: e164\n", Severity.ERROR)):
        (told,) = plan(tmp_path, before + calls).told
        assert (told.id, told.severity) == ("number-not-valid", severity)
        assert words in told.message
    assert plan(tmp_path, calls).values("To") == [number]


@pytest.mark.parametrize("number", ["+999123456789", "+09876543210", "0000000000", "+112", "1" * 15])
def test_a_number_that_no_country_has_is_an_error(tmp_path: Path, number: str) -> None:
    for before in ("", "numbers: e164\n"):
        read = plan(tmp_path, f'{before}calls:\n  - {{id: a, To: "{number}"}}\n')
        assert [item.id for item in read.errors] == ["number-not-valid"]


@pytest.mark.parametrize("name", ["From", "To", "CallerId"])
@pytest.mark.parametrize("number", ["9876543210.0", "0919876543210.00", "98765 43210.0", "9876543210.5", "1800.0"])
def test_a_spreadsheets_decimal_is_refused_wherever_it_would_go_out(tmp_path: Path, name: str, number: str) -> None:
    own = {"From": AGENT, "To": "+919900000001", "CallerId": EXOPHONE} | {name: number}
    literal = ", ".join(f'{key}: "{value}"' for key, value in own.items())
    assert plan(tmp_path, f"calls:\n  - {{id: a, {literal}}}\n").ids == ["number-as-decimal"]
    (tmp_path / "d.csv").write_text(f"n,v\n1,{number}\n")
    own[name] = "${row.v}"
    filled = ", ".join(f'{key}: "{value}"' for key, value in own.items())
    read = plan(tmp_path, f'calls:\n  - {{id: "${{row.n}}", rows: d.csv, {filled}}}\n')
    assert [(item.id, item.spans[0].line) for item in read.told] == [("number-as-decimal", 2)]


@pytest.mark.parametrize("value", ["9876543210.0", "98765.43210", "9876543210.00", "0.9876543210"])
def test_a_json_number_with_a_fraction_is_no_phone_number(tmp_path: Path, value: str) -> None:
    (tmp_path / "d.jsonl").write_text(f'{{"n": "1", "phone": {value}, "price": 1.50}}\n')
    call = 'calls:\n  - {id: "${row.n}", rows: d.jsonl, To: "${row.phone}", CustomField: "${row.price}"}\n'
    read = plan(tmp_path, call)
    assert [(item.id, item.spans[0].line) for item in read.errors] == [("number-as-decimal", 1)]
    (tmp_path / "d.jsonl").write_text('{"n": "1", "phone": 9876543210, "price": 1.50}\n')
    assert plan(tmp_path, call).fields()["CustomField"] == "1.50"


def test_calls_to_one_person_are_told_with_their_places_in_whatever_spelling(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("n,to\n1,+919900000001\n2,+919900000002\n3,09900000001\n4,091-99000-00001\n")
    calls = (
        "calls:\n  - {id: first, To: 919900000002}\n"
        "  - {id: 'o-${row.n}', rows: d.csv, To: '${row.to}'}\n  - {id: last, To: '112'}\n"
    )
    read = plan(tmp_path, calls)
    found = [item for item in read.told if item.id == "same-person"]
    assert [item.severity for item in found] == [Severity.WARNING] * 2
    where = [[(Path(span.file).name, span.line) for span in item.spans] for item in found]
    assert where == [[("d.csv", 3), ("plan.yaml", 7)], [("d.csv", 4), ("d.csv", 2), ("d.csv", 5)]]
    assert found[0].message == "call `o-2` rings the same person as the call in line 7 of plan.yaml"
    assert found[1].message == "call `o-3` and 1 more ring the same person as the call in line 2"
    assert len(read.calls) == 6


def test_a_plan_that_says_how_often_a_person_is_rung_is_not_told_of_several_calls(tmp_path: Path) -> None:
    calls = f"calls:\n  - {{id: a, {TO}, TimeLimit: 60}}\n  - {{id: b, {TO}, TimeLimit: 60}}\n"
    assert [item.id for item in plan(tmp_path, calls).told] == ["same-person"]
    assert plan(tmp_path, f"{calls}policy: {{per_person: {{attempts: 3, within: 24h}}}}\n").told == []
    other = plan(tmp_path, f"{calls}policy: {{per_agent: 3}}\n")
    assert [item.id for item in other.told] == ["same-person"]


def test_however_many_calls_ring_somebody_again_some_are_told_and_all_are_counted(tmp_path: Path) -> None:
    """The agent, who is rung in every call, is nobody who is rung again."""
    rows = [f"{n},+9199000{n % 1000:05d}" for n in range(5000)]
    (tmp_path / "d.csv").write_text("n,to\n" + "\n".join(rows) + "\n")
    limits = "policy: {per_agent: 9}\n"
    read = plan(
        tmp_path, f"calls:\n  - {{id: 'o-${{row.n}}', rows: d.csv, To: '${{row.to}}', TimeLimit: 60}}\n{limits}"
    )
    again = [item for item in read.told if item.id != "purpose-missing"]
    assert {item.id for item in again} == {"same-person"}
    assert len(again) == 21
    assert all(len(item.spans) == 5 for item in again[:-1])
    assert "and 3 more ring" in again[0].message
    assert again[-1].message == "... and 3,920 more calls to other people who are rung before"
    assert len(read.calls) == 5000


def test_a_number_that_cannot_be_read_is_nobody_who_is_rung_again(tmp_path: Path) -> None:
    assert set(plan(tmp_path, "calls:\n  - {id: a, To: nope}\n  - {id: b, To: nope}\n").ids) == {"not-a-number"}
