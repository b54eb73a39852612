"""JUnit XML: what Jenkins' and Ant's schemas accept, and every reader of XML can read, whatever others wrote."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped
from unit.reports.junit_schemas import held_to_the_schemas
from unit.reports.told import AGENT, CALLS, DANGEROUS, HOSTILE, PERSON, RUN, SID, call, report

from orchestrator.exotel.masking import Masker
from orchestrator.model.outcome import Disposition
from orchestrator.model.record import Part
from orchestrator.reports.report import Report
from orchestrator.reports.report_junit import junit_report


def written(told: Report, *, unmask: bool = False) -> str:
    return "".join(junit_report(told, Masker(unmask)))


@pytest.mark.parametrize("calls", [(), CALLS, DANGEROUS, (*CALLS, *DANGEROUS)], ids=len)
def test_the_schemas_of_ci_servers_accept_it(calls: tuple[object, ...]) -> None:
    held_to_the_schemas(written(report(calls)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ours", "others"),
    [
        ("<testsuites>", '<testsuites disabled="0">'),
        ("<testsuites>", "<testsuites>calls"),
        ("</testsuites>", "<testcase/></testsuites>"),
        (' hostname="localhost"', ""),
        (' tests="7"', ' tests="8"'),
        (' errors="1"', ' errors="one"'),
        (' time="60.500"', ' time="PT60S"'),
        ("T09:00:00", "T09:00:00Z"),
        ("<properties>", "<properties/><properties>"),
        ('<property name="run"', "<property"),
        ("</properties>", "<case/></properties>"),
        ('name="vip-1" time="41"', 'name="vip-1" time="41" status="run"'),
        ("</failure>", "<b/></failure>"),
        ("</failure>", "</failure><failure type='busy'/>"),
        ("</failure>", "</failure>text"),
        ("<system-out/>", ""),
    ],
)
def test_another_document_is_no_such_report(ours: str, others: str) -> None:
    text = written(report())
    assert ours in text
    with pytest.raises(AssertionError):
        held_to_the_schemas(text.replace(ours, others, 1))


def test_a_run_that_goes_on_has_its_document_too() -> None:
    going = replace(RUN, ended_at=None, exit_code=None, head=None, edition="")
    suite = held_to_the_schemas(written(report(run=going)))
    assert (suite.attrib["name"], suite.attrib["time"]) == ("cod", "0.000")


def test_a_call_passes_fails_or_is_skipped_by_its_disposition() -> None:
    every = [call(word.value, word, reason="because") for word in Disposition]
    suite = held_to_the_schemas(written(report(every)))
    found = {case.attrib["name"]: [child.tag for child in case] for case in suite.iter("testcase")}
    assert found == {
        "completed": [],
        **{
            word: ["failure"]
            for word in ("busy", "no-answer", "failed", "canceled", "agent-no-answer", "unseen", "rejected")
        },
        "unknown": ["error"],
        **{word: ["skipped"] for word in ("suppressed", "not-dialed", "waiting")},
    }


def test_junitparser_reads_what_it_needs_back() -> None:
    (suite,) = JUnitXml.fromstring(written(report()).encode())
    assert (suite.name, suite.tests, suite.failures, suite.errors, suite.skipped, suite.time) == (
        "cod.2026-11-22", 7, 2, 1, 3, 60.5,
    )  # fmt: skip
    assert {each.name: each.value for each in suite.properties()} == {
        "run": RUN.id, "edition": RUN.edition, "digest": RUN.digest, "target": "sandbox", "journal": RUN.journal,
        "head": RUN.head, "attempts": "5", "exit_code": "1", "unmet": RUN.unmet,
    }  # fmt: skip
    cases = {case.name: case for case in suite}
    assert (cases["vip-1"].classname, cases["vip-1"].time, cases["vip-1"].result) == ("cod.2026-11-22", 41.0, [])
    (failure,) = cases["rejected-91990*****02"].result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("rejected", "rejected: RestException 400: To +9199******01 is no number")
    assert failure.text == f"{failure.message} (to +9199******01; 1 attempt; run {RUN.id})"
    assert isinstance(cases["lost"].result[0], Error)
    assert isinstance(cases["skipped"].result[0], Skipped)
    assert cases["skipped"].result[0].message == "not-dialed: limit"
    assert "Sid sid-1" in cases["busy-1"].result[0].text


@given(st.text())
def test_any_text_can_be_read_back_by_any_reader_of_xml(text: str) -> None:
    told = report((call(text, Disposition.REJECTED, reason=text),), part=Part(text))
    written_out = written(told, unmask=True)
    case = held_to_the_schemas(written_out).find("testcase")
    assert case is not None
    if text.isprintable() and text.isascii():
        assert case.attrib["name"] == text
    assert written_out.count("\n") == written(report((call("a", Disposition.REJECTED),), part=Part("a"))).count("\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_others_ends_an_element_or_commands_a_pipeline(text: str) -> None:
    written_out = written(report((call(text, Disposition.REJECTED, reason=text),)), unmask=True)
    assert "##" not in written_out
    assert all(line.startswith("<") for line in written_out.splitlines())
    assert "script" not in re.findall(r"<(\w+)", written_out)


def test_numbers_are_masked_unless_they_are_asked_for() -> None:
    for number in (AGENT, PERSON, "919900000002"):
        assert number.lstrip("+") not in written(report()).replace(SID, "")
    assert PERSON in written(report(), unmask=True)
