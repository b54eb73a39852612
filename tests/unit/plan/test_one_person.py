"""One person is one person: plans, lists, `suppress`, `per_person`, guardrails read a spelling alike, or refuse it."""

import contextlib
import dataclasses
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from unit.plan.desk import Read, plan

from orchestrator.app.control import suppress
from orchestrator.app.review import review
from orchestrator.journal.spool import pair_of
from orchestrator.journal.sqlite.file import create
from orchestrator.model.call import text_of
from orchestrator.model.errors import Refused, WrongUsage
from orchestrator.model.target import Guardrails
from orchestrator.phone.numbers import BLANKS, DASHES, INVISIBLE
from orchestrator.plan.lists.suppression import NO_LISTS, read_lists
from orchestrator.plan.paths import PlanFiles
from orchestrator.plan.targets import SANDBOX

COUNTRIES = ("IN", "US", "GB", "DE", "FR", "IT", "SG", "AE", "AU", "BR")
KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
AGENT = "+917410410123"
SCRIPTS = (*["DIGIT"] * 5, "DEVANAGARI DIGIT", "BENGALI DIGIT", "ARABIC-INDIC DIGIT", "FULLWIDTH DIGIT")


@dataclass(frozen=True, slots=True)
class Person:
    """A valid number, by its country code and its digits within the country."""

    code: int
    national: str

    @property
    def number(self) -> str:
        return f"+{self.code}{self.national}"


@cache
def known(country: str, kind: int) -> phonenumbers.PhoneNumber:
    return phonenumbers.example_number_for_type(country, kind)


def is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


@st.composite
def people(draw: st.DrawFn) -> Person:
    seed = known(draw(st.sampled_from(COUNTRIES)), draw(st.sampled_from(KINDS)))
    national = phonenumbers.national_significant_number(seed)
    last = draw(st.text("0123456789", min_size=5, max_size=5))
    person = Person(seed.country_code, national[:-5] + last)
    assume(is_valid(person.number))
    return person


PREFIXES = ("+{c}", "00{c}", "{c}", "0{c}", "+{c}0", "+{c}(0)", "00{c}0", "+{c}{c}", "+0{c}")
AT_HOME = (*PREFIXES, "", "0", "00", "000", "0{c}0")
ITALY = 39


@st.composite
def dressed(draw: st.DrawFn) -> tuple[Person, str]:
    """Someone's number as people and spreadsheets write it."""
    person = draw(people())
    prefix = draw(st.sampled_from(AT_HOME if person.code == 91 else PREFIXES))
    assume(person.code != ITALY or not re.search(r"c}\(?0", prefix))  # there the 0 is part of the number
    text = prefix.format(c=person.code) + person.national
    assume(prefix != "+{c}{c}" or not is_valid(text))  # German numbers are long: another one may look so
    if prefix in ("{c}", "0{c}") and person.code != 91 and len(text.removeprefix("0")) == 10:
        person = Person(91, text.removeprefix("0"))  # ten digits without a country code are an Indian number
    between = st.sampled_from([" ", "-", "."]) | st.text(BLANKS + DASHES + INVISIBLE, max_size=2)
    gaps = draw(st.lists(st.tuples(st.integers(1, len(text) - 1), between), max_size=3))
    for position, separator in sorted(gaps, reverse=True):
        text = text[:position] + separator + text[position:]
    assume(not re.search(r"[.\uff0e]\W*0+\W*\Z", text))  # who writes so has written another number, and a `.0`
    text += draw(st.sampled_from(["", "", "", ".0", ".00"]))
    zero = ord(unicodedata.lookup(f"{draw(st.sampled_from(SCRIPTS))} ZERO"))
    return person, text.translate({ord("0") + digit: zero + digit for digit in range(10)})


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    create(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


def neighbour(person: Person) -> str:
    return person.number[:-1] + str((int(person.number[-1]) + 1) % 10)


def planned(folder: Path, text: str, numbers: str) -> Read:
    """A plan that rings a cell, and shows it as its CallerId."""
    (folder / "d.jsonl").write_text(json.dumps({"n": "a", "phone": text}) + "\n")
    return plan(
        folder,
        f"version: 1\nname: demo\nnumbers: {numbers}\ndefaults: {{From: '{AGENT}', CallerId: '${{row.phone}}'}}\n"
        "calls:\n  - {id: '${row.n}', rows: d.jsonl, To: '${row.phone}'}\n",
    )


def agrees_in_a_plan(folder: Path, person: Person, text: str, numbers: str) -> None:
    read = planned(folder, text, numbers)
    if read.errors:
        return
    (call,) = read.calls
    to = text_of(call.fields, "To") or ""
    assert to == (text if numbers == "as-typed" else person.number)
    assert pair_of("acme", call) == f"acme:{AGENT}>{person.number}", "per_person counts by it"
    hashed = "sha256:" + hashlib.sha256(person.number.encode()).hexdigest()
    for entry, holds in ((person.number, True), (hashed, True), (neighbour(person), False)):
        (folder / "list.csv").write_text(f"{entry}\n")
        assert (
            read_lists(PlanFiles(folder, folder, "", use_sample=False), ["list.csv"])[0].list_with(to) is not None
        ) is holds
    assert refused(read, person.number) == []
    assert refused(read, neighbour(person)) == ["caller-id-not-allowed"]


def refused(read: Read, caller_id: str) -> list[str]:
    """What a target that allows one CallerId finds wrong with the plan."""
    target = dataclasses.replace(SANDBOX, guardrails=Guardrails(caller_ids=(caller_id,)))
    try:
        review(read.loaded, target, None, (NO_LISTS, ()))
    except Refused as problem:
        return [each.id for each in problem.diagnostics if each.is_error]
    return []


def agrees_as_a_list(folder: Path, person: Person, text: str) -> None:
    (folder / "list.csv").write_text('number\n"' + text.replace('"', '""') + '"\n', "utf-8")
    lists, found = read_lists(PlanFiles(folder, folder, "", use_sample=False), ["list.csv"])
    if not any(each.is_error for each in found):
        assert lists.list_with(person.number) == "list.csv"
        assert lists.list_with(neighbour(person)) is None


def agrees_when_suppressed(journal: Path, person: Person, text: str) -> None:
    with contextlib.suppress(WrongUsage):
        assert suppress(str(journal), text, "asked us to").number == person.number


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(dressed())
@example((Person(91, "9876543210"), "9876543210.0"))
@example((Person(91, "9876543210"), "0919876543210"))
@example((Person(91, "9876543210"), "091-98765-43210"))
@example((Person(91, "9876543210"), "00 98765 43210"))
@example((Person(91, "8123400000"), "0 08123400000.0"))
@example((Person(1, "4155552671"), "14155552671"))
@example((Person(1, "4155552671"), "+1 (0) 415 555 2671"))
@example((Person(65, "91234567"), "+65 0 9123 4567"))
def test_every_spelling_of_a_number_is_one_person_everywhere_or_is_refused(
    folder: Path, journal: Path, dress: tuple[Person, str]
) -> None:
    person, text = dress
    agrees_in_a_plan(folder, person, text, "as-typed")
    agrees_in_a_plan(folder, person, text, "e164")
    agrees_as_a_list(folder, person, text)
    agrees_when_suppressed(journal, person, text)
