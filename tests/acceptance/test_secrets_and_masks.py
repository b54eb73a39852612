"""Canaries: secrets and full phone numbers are looked for in everything that a run leaves behind."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from durability.carrier import Carrier, counting_carrier

from acceptance.cli import Done, forms_of
from acceptance.desk import AGENT, EXOPHONE, Desk, calls, customer
from orchestrator.reports.formats import FORMATS

SECRETS = ("canarykey5d1e77", "canarytoken9b02f4")
KEYS = ("a", "b", "c", "d", "e", "f")
NUMBERS = (AGENT, EXOPHONE, *(customer(index) for index in range(len(KEYS))))


class Trail:
    """What one eventful run left behind."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk.laid_out(folder, SECRETS)
        self.desk.create_journal()
        with counting_carrier(folder / "carrier", secrets=SECRETS) as self.carrier:
            answers = ("200", "404", "503", "drop", "429", "400-with-sid")
            lost = ("503", "drop")  # and not in the carrier's list: they stay unknown
            self.carrier.rules(
                calls={
                    key: {"answers": [word, "200"], "listed": word not in lost}
                    for key, word in zip(KEYS, answers, strict=True)
                }
            )
            plan, target = self.desk.plan(calls(*KEYS)), self.desk.target(self.carrier)
            jsonl = ("-v", "--log-format", "json")
            self.runs = [self.desk.run(plan, target, *jsonl), self.desk.run(plan, target)]
            self.sent = self.carrier.connects()
        more = ("--requests", "--target", str(target), "--journal", str(self.desk.journal))
        self.runs.append(self.desk.orchestrate("plan", str(plan), *more))
        bad = self.desk.write("bad.yaml", plan.read_text().replace('"version": 1', f'"version": "{AGENT}"'))
        for each in FORMATS:
            journal = ("--journal", str(self.desk.journal))
            self.runs.append(self.desk.orchestrate("report", *journal, "--format", each.name))
            self.desk.orchestrate("report", *journal, "--out", str(self.desk.folder / f"report-again{each.suffix}"))
        self.runs.append(self.desk.orchestrate("validate", str(bad)))

    def said(self) -> str:
        """Everything printed, and the reports in every format."""
        reports = sorted(self.desk.folder.glob("report*.*"))
        assert len(reports) == 1 + len(FORMATS)
        return "".join([*(done.said for done in self.runs), *(path.read_text("utf-8") for path in reports)])


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    return Trail(tmp_path_factory.mktemp("trail"))


def files(folder: Path) -> Iterator[Path]:
    """Every file below a folder but the test carrier's own record."""
    return (path for path in folder.rglob("*") if path.is_file() and "carrier" not in path.parts)


def test_the_run_was_eventful(trail: Trail) -> None:
    """The canaries were really in play: the carrier saw them, and the calls went in every direction."""
    assert trail.runs[0].code == 6, trail.runs[0].said
    assert len(trail.sent) == len(KEYS) + 1
    placements = {a["placement"] for told in trail.desk.told().values() for a in told["attempts"]}
    assert placements == {"accepted", "rejected", "unknown", "throttled"}
    assert trail.runs[-1].code == 3


def test_no_secret_is_in_any_output_or_file(trail: Trail) -> None:
    """Key, token and what Basic auth makes of them, over stdout, stderr, report, journal and its neighbours."""
    looked_at = list(files(trail.desk.folder))
    assert trail.desk.journal in looked_at
    for form in forms_of(SECRETS):
        assert form not in trail.said()
        for path in looked_at:
            assert form.encode() not in path.read_bytes(), path


def test_no_full_phone_number_is_in_any_output(trail: Trail) -> None:
    said = trail.said()
    for number in NUMBERS:
        assert number.lstrip("+") not in said
    assert re.findall(r"(?<![0-9a-f])[0-9]{12}(?![0-9a-f])", said) == []


def test_masked_numbers_keep_their_length_and_their_ends(trail: Trail) -> None:
    """First 5 and last 2 of 12 characters or more, else first 2 and last 2."""
    told = trail.desk.told()["a"]
    assert told["from"] == "+9174******23"
    assert told["to"] == "+9181******00"
    shown = trail.runs[2].said
    assert "18******56" in shown


def test_unmask_shows_them_on_purpose(trail: Trail) -> None:
    plan = str(trail.desk.root / "judged.yaml")
    shown = trail.desk.orchestrate("plan", plan, "--requests", "--unmask")
    assert shown.code == 0, shown.said
    assert AGENT in shown.out
    assert customer(0) in shown.out


def test_files_with_numbers_are_for_their_owner_only(trail: Trail) -> None:
    kept = [path for path in files(trail.desk.folder) if path.name.startswith(("journal.sqlite", "report"))]
    assert len(kept) >= 2
    for path in kept:
        assert (path.stat().st_mode & 0o777) == 0o600, path


def test_the_journal_is_a_whole_database(trail: Trail) -> None:
    with sqlite3.connect(f"file:{trail.desk.journal}?mode=ro", uri=True) as journal:
        assert journal.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    journal.close()


def test_a_bug_hunters_flag_still_hides_secrets(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Not even a debug switch of ours or of a library prints the Authorization header."""
    carrier.rules(default={"answers": ["drop"], "listed": False})
    arguments = desk.run_arguments(desk.plan(calls("a")), live, "-v")
    loud = {"ORCHESTRATE_DEBUG": "1", "HTTPX_LOG_LEVEL": "trace", "HTTPCORE_LOG_LEVEL": "debug"}
    done: Done = desk.orchestrate(*arguments, **loud)
    assert done.code == 6, done.said
    assert "authorization" not in done.said.lower()


def test_a_carrier_that_echoes_the_header_does_not_bring_it_into_the_journal(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """A proxy's error page may quote the request; what we keep of a reply must not hold the secret."""
    carrier.rules(default={"answers": ["400-echo"]})
    assert desk.run(desk.plan(calls("a")), live).code == 1
    for form in forms_of(desk.secrets):
        for path in files(desk.folder):
            assert form.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("coding", ["gzip", None])
@pytest.mark.parametrize("response", ["json", "xml"])
def test_an_escaped_or_compressed_echo_does_not_either(
    desk: Desk, carrier: Carrier, response: str, coding: str | None
) -> None:
    """Neither where it is stored nor where it is shown; `why` and the report are asked as well."""
    desk.create_journal()
    carrier.rules(coding=coding, calls={"a": {"answers": ["400-echo-escaped"]}, "b": {"answers": ["400-echo"]}})
    done = desk.run(desk.plan(calls("a", "b")), desk.target(carrier, response=response), "-v")
    assert done.code == 1, done.said
    journal = ("--journal", str(desk.journal))
    said = done.said + desk.orchestrate("why", "a", *journal).said + desk.orchestrate("why", "b", *journal).said
    assert said.count("***") >= 2
    for form in forms_of(desk.secrets):
        assert form not in said
        for path in files(desk.folder):
            assert form.encode() not in path.read_bytes(), path


def test_a_plan_an_edition_and_a_target_that_are_named_by_numbers_are_masked_by_every_command(desk: Desk) -> None:
    """What is printed is looked at as of every command of the tests (canary.py); a person who asks sees it whole."""
    plan, newer, target = (customer(70 + place)[1:] for place in range(3))
    desk.write(f"configs/live-{target}.yaml", "kind: sandbox\nscenario: calm\n")
    file = str(desk.plan(calls("a"), name=f"to-{plan}", edition=customer(79)[1:]))
    at = ("--journal", str(desk.journal))
    to = ("--target", f"live-{target}", *at)
    commands = [
        *(("plan", file, *to, "--format", kind) for kind in ("text", "json")),
        *(("diff", file, file, "--format", kind) for kind in ("text", "json")),
        *(("run", file, *to, *more) for more in ((), ("--edition", newer, "--log-format", "json"))),
        *(("why", "a", *at, "--format", kind) for kind in ("text", "json")),
        *(("status", file, *at, "--format", kind) for kind in ("text", "json")),
        *((word, *more, *at) for word in ("pause", "resume", "cancel") for more in ((), (file,))),
        *(("journal", word, *at) for word in ("verify", "accept-loss")),
    ]
    said = "".join(desk.orchestrate(*words).said for words in commands)
    hidden, shown = (desk.orchestrate("runs", *at, *more).out for more in ((), ("--unmask",)))
    assert (
        f"to-{plan[:5]}*****{plan[-2:]}, edition {newer[:5]}*****{newer[-2:]}, target live-{target[:5]}*****" in hidden
    )
    assert [digits for digits in (plan, newer, target) if digits in said + hidden] == []
    assert [digits for digits in (plan, newer, target) if digits not in shown] == []
