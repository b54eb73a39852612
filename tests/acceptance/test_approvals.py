"""A target with `expect: approved(N)` runs only what so many different people approved, recently enough."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier

from acceptance.cli import Done
from acceptance.desk import ALWAYS, Desk, calls, customer


@pytest.fixture
def strict(desk: Desk, carrier: Carrier) -> Path:
    """A live target that asks for two people's approval; its journal exists."""
    desk.create_journal()
    return desk.target(carrier, guardrails={"window": ALWAYS, "expect": "approved(2)"})


def reviewed(desk: Desk, plan: Path, target: Path, *more: str) -> dict[str, Any]:
    words = ("plan", str(plan), "--target", str(target), "--journal", str(desk.journal), "--format", "json")
    done = desk.orchestrate(*words, *more)
    assert done.code == 0, done.said
    view: dict[str, Any] = json.loads(done.out)
    return view


def approve(desk: Desk, digest: str, by: str, *more: str) -> Done:
    return desk.orchestrate("approve", digest, "--by", by, "--journal", str(desk.journal), *more)


def noted(view: dict[str, Any], id_: str) -> list[str]:
    return [item["message"] for item in view["findings"] if item["id"] == id_]


def altered(journal: Path, statement: str) -> None:
    """Do to the journal what somebody could who writes to its file, past its triggers."""
    with contextlib.closing(sqlite3.connect(journal)) as db, db:
        db.execute("DROP TRIGGER events_are_never_changed")
        db.execute("DROP TRIGGER events_are_never_deleted")
        db.execute(statement)


def test_a_plan_runs_once_two_people_approved_it(desk: Desk, carrier: Carrier, strict: Path) -> None:
    plan = desk.plan(calls("a"))
    view = reviewed(desk, plan, strict)
    (missing,) = noted(view, "run-cannot-proceed")
    assert "nobody did" in missing
    for by, said in (("Asha Rao", "nobody did"), ("ASHA  rao", "only Asha Rao")):
        refused = desk.run(plan, strict)
        assert (refused.code, said in refused.err) == (4, True), refused.said
        assert f"orchestrate approve {view['digest']} --by NAME" in refused.err
        assert approve(desk, view["digest"], by).code == 0
    refused = desk.run(plan, strict)
    assert (refused.code, "only ASHA rao (at " in refused.err) == (4, True), refused.said
    assert carrier.received() == []
    done = approve(desk, view["digest"], "ravi@acme.example")
    assert [line.split()[1] for line in done.out.splitlines() if line.startswith("by ")] == [
        "ASHA",
        "ravi@acme.example,",
    ]
    (who,) = noted(reviewed(desk, plan, strict), "approved")
    assert "ASHA rao" in who
    assert "ravi@acme.example" in who
    assert desk.run(plan, strict).code == 0
    assert carrier.rung() == {"a": 1}
    proved = desk.orchestrate("journal", "verify", "--journal", str(desk.journal))
    assert proved.code == 0, proved.said
    why = desk.orchestrate("why", "a", "--journal", str(desk.journal))
    assert "approved by ASHA rao, ravi@acme.example" in why.out
    status = desk.orchestrate("status", "--journal", str(desk.journal))
    assert "approved by ASHA rao at " in status.out
    shown = json.loads(desk.orchestrate("status", "--format", "json", "--journal", str(desk.journal)).out)
    assert [item["by"] for item in shown["approvals"]] == ["ASHA rao", "ravi@acme.example"]


def test_who_takes_an_approval_back_keeps_the_plan_from_being_dialed(
    desk: Desk, carrier: Carrier, strict: Path
) -> None:
    plan = desk.plan(calls("a"))
    digest = reviewed(desk, plan, strict)["digest"]
    nothing = approve(desk, digest, "Asha Rao", "--revoke")
    assert (nothing.code, "Asha Rao has not approved" in nothing.err) == (2, True), nothing.said
    for by in ("Asha Rao", "ravi@acme.example"):
        assert approve(desk, digest, by).code == 0
    revoked = approve(desk, digest, "asha RAO", "--revoke")
    assert revoked.code == 0, revoked.said
    assert revoked.out.startswith(f"asha RAO approves {digest} no longer\n")
    assert "Asha" not in revoked.out
    assert "ravi@acme.example, at " in revoked.out
    refused = desk.run(plan, strict)
    assert (refused.code, "only ravi@acme.example (at " in refused.err) == (4, True), refused.said
    assert carrier.received() == []
    assert approve(desk, digest, "asha RAO", "--revoke").code == 2, "it is revoked already"
    assert desk.orchestrate("journal", "verify", "--journal", str(desk.journal)).code == 0
    assert approve(desk, digest, "Asha Rao").code == 0
    assert desk.run(plan, strict).code == 0


def test_nobody_is_asked_to_confirm_what_is_not_approved(desk: Desk, strict: Path) -> None:
    words = [word for word in desk.run_arguments(desk.plan(calls("a")), strict) if word != "--yes"]
    refused = desk.orchestrate(*words)
    assert (refused.code, "not approved" in refused.err, "--yes" in refused.err) == (4, True, False), refused.said


def test_an_approval_is_of_one_digest_and_expect_is_obeyed_beside_it(
    desk: Desk, carrier: Carrier, strict: Path
) -> None:
    plan = desk.plan(calls("a"))
    digest = reviewed(desk, plan, strict)["digest"]
    for by in ("asha", "ravi"):
        approve(desk, digest, by)
    changed = desk.plan(calls("a", TimeLimit=900))
    assert desk.run(changed, strict).code == 4
    other = reviewed(desk, changed, strict)["digest"]
    refused = desk.run(changed, strict, "--expect", digest)
    assert (refused.code, "its calls differ" in refused.err) == (4, True), refused.said
    assert desk.run(changed, strict, "--expect", other).code == 4, "expected, and approved by nobody"
    plan = desk.plan(calls("a"))
    assert desk.run(plan, strict, "--expect", digest).code == 0
    assert carrier.rung() == {"a": 1}


def test_an_approval_ends_and_can_be_given_again(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    rails = {"window": ALWAYS, "expect": "approved(1)", "approval_for": "1ms"}
    brief = desk.target(carrier, guardrails=rails)
    plan = desk.plan(calls("a"))
    digest = reviewed(desk, plan, brief)["digest"]
    approve(desk, digest, "asha")
    refused = desk.run(plan, brief)
    assert (refused.code, "too long ago" in refused.err) == (4, True), refused.said
    assert carrier.received() == []
    again = approve(desk, digest, "asha")
    assert "counts once" in again.err
    assert desk.run(plan, desk.target(carrier, guardrails=rails | {"approval_for": "1h"})).code == 0


def test_whom_the_approved_review_suppressed_nobody_rings(desk: Desk, carrier: Carrier, strict: Path) -> None:
    """As under --expect: what people approved held these numbers back."""
    desk.write("no.csv", f"number\n{customer(1)}\n")
    plan = desk.plan(calls("a", "b"), policy={"suppress": ["no.csv"]})
    digest = reviewed(desk, plan, strict)["digest"]
    for by in ("asha", "ravi"):
        assert "plan    judged, seen last at " in approve(desk, digest, by).out
    desk.write("no.csv", f"number\n{customer(77)}\n")
    for _ in range(2):
        assert desk.run(plan, strict).code == 0
        assert carrier.rung() == {"a": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = replace(data, 'asha', 'ravi') WHERE type = 'plan.approved'",
        "UPDATE events SET at = '2099-01-01T00:00:00.000Z' WHERE type = 'plan.approved'",
        "DELETE FROM events WHERE seq = 1",
        "INSERT INTO events SELECT 3, type, at, run, call, attempt, data, salt, seal, hash FROM events WHERE seq = 1",
    ],
)
def test_whoever_alters_an_approval_is_found(desk: Desk, strict: Path, statement: str) -> None:
    digest = reviewed(desk, desk.plan(calls("a")), strict)["digest"]
    approve(desk, digest, "asha")
    approve(desk, f"sha256:{'0' * 64}", "last")
    assert desk.orchestrate("journal", "verify", "--journal", str(desk.journal)).code == 0
    altered(desk.journal, statement)
    found = desk.orchestrate("journal", "verify", "--journal", str(desk.journal))
    assert (found.code, "chain" in found.out) == (1, True), found.said


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u2060\n", "x" * 201])
def test_a_name_that_names_nobody_is_wrong_usage(desk: Desk, strict: Path, name: str) -> None:
    before = desk.journal.read_bytes()
    done = approve(desk, f"sha256:{'a' * 64}", name)
    assert done.code == 2, done.said
    assert desk.journal.read_bytes() == before


@pytest.mark.parametrize("digest", ["", "sha256:12", "a" * 64, f"sha256:{'A' * 64}", f"sha256:{'a' * 65}"])
def test_what_is_no_digest_is_wrong_usage(desk: Desk, strict: Path, digest: str) -> None:
    assert approve(desk, digest, "asha").code == 2


def test_a_hostile_name_is_shown_disarmed_and_a_number_masked(desk: Desk, strict: Path) -> None:
    digest = reviewed(desk, desk.plan(calls("a")), strict)["digest"]
    for name in ("##vso[task.setvariable variable=x]y", "::error::boo", "\x1b[2Jred\r\nby root", customer(5)):
        said = [approve(desk, digest, name), desk.run(desk.plan(calls("a")), strict)]
        said.append(desk.orchestrate("plan", "judged.yaml", "--target", str(strict), "--journal", str(desk.journal)))
        for done in said:
            assert "##vso" not in done.said
            assert "\x1b[2J" not in done.said
            assert customer(5) not in done.said
            assert not any(line.lstrip().startswith(("::error", "by root")) for line in done.said.splitlines())


def test_the_journal_must_exist_and_a_digest_nobody_heard_of_may_be_approved(desk: Desk) -> None:
    digest = f"sha256:{'b' * 64}"
    missing = approve(desk, digest, "asha")
    assert (missing.code, desk.journal.exists()) == (4, False), missing.said
    desk.create_journal()
    done = approve(desk, digest, "asha")
    assert (done.code, "new to this journal" in done.out) == (0, True), done.said


@pytest.mark.parametrize(
    ("rails", "id_"),
    [
        ({"expect": "approved(0)"}, "not-allowed"),
        ({"expect": "approved(21)"}, "not-allowed"),
        ({"expect": "approved"}, "not-allowed"),
        ({"expect": "Approved(2)"}, "not-allowed"),
        ({"expect": "approved(2)\n"}, "not-allowed"),
        ({"expect": "requierd"}, "not-allowed"),
        ({"expect": "approved(2)", "approval_for": "0s"}, "wrong-form"),
        ({"expect": "required", "approval_for": "1h"}, "not-here"),
        ({"approval_for": "1h"}, "not-here"),
    ],
)
def test_a_guardrail_that_would_not_be_obeyed_is_refused(
    desk: Desk, carrier: Carrier, rails: dict[str, str], id_: str
) -> None:
    target = desk.target(carrier, guardrails=rails)
    done = desk.orchestrate("validate", str(target), "--format", "json")
    assert (done.code, [item["id"] for item in json.loads(done.out)["findings"]]) == (3, [id_]), done.said


def test_a_sandbox_can_ask_for_approvals_too(desk: Desk) -> None:
    target = desk.write("configs/shown.yaml", "{kind: sandbox, speed: 1000, guardrails: {expect: approved(1)}}")
    plan, journal = desk.plan(calls("a")), str(desk.folder / "sandbox.db")
    words = (str(plan), "--target", "shown", "--journal", journal)
    view = json.loads(desk.orchestrate("plan", *words, "--format", "json").out)
    assert "nobody did" in noted(view, "run-cannot-proceed")[0]
    assert desk.orchestrate("run", *words).code == 4
    approve_here = ("approve", view["digest"], "--by", "asha", "--journal", journal)
    assert desk.orchestrate(*approve_here).code == 0
    assert desk.orchestrate("run", *words).code in (0, 1)
    assert target.exists()
