"""Whom a review suppresses stays suppressed under `--expect`, whatever happens to the lists after it."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier
from durability.ordinary_user import ORDINARY_USER

from acceptance.desk import ALWAYS, Desk, calls, customer

LIST = "lists/no.csv"
WHY = "on a list when it was reviewed"
FORGOTTEN, KEPT = "review-not-remembered", "suppressed-when-reviewed"
SUPPRESS = {"suppress": [LIST]}


def listed(desk: Desk, *indices: int) -> None:
    """Write the plan's list anew: these customers, and one whom nobody calls."""
    desk.write(LIST, "number\n" + "".join(f"{customer(index)}\n" for index in (*indices, 77)))


def reviewed(desk: Desk, plan: Path, *more: str) -> dict[str, Any]:
    """What `plan` tells a program; it never fails."""
    done = desk.orchestrate("plan", str(plan), "--format", "json", *more)
    assert done.code == 0, done.said
    told: dict[str, Any] = json.loads(done.out)
    return told


def on(desk: Desk, live: Path) -> tuple[str, ...]:
    """The options of a review against the live target and its journal."""
    return "--target", str(live), "--journal", str(desk.journal)


def noted(view: dict[str, Any], id_: str) -> list[dict[str, Any]]:
    """The findings of a review that have this id."""
    found = [item for item in view["findings"] if item["id"] == id_]
    assert all(item["severity"] == "note" for item in found)
    return found


def reviews(journal: Path) -> list[dict[str, Any]]:
    """What the journal's events tell of reviews."""
    with contextlib.closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT data FROM events WHERE type = 'plan.reviewed' ORDER BY seq").fetchall()
    return [json.loads(data) for (data,) in rows]


def dispositions(desk: Desk) -> dict[str, tuple[str, str | None]]:
    """Disposition and reason of every call of the last report."""
    return {key: (item["disposition"], item.get("reason")) for key, item in desk.told().items()}


def whole(desk: Desk, journal: Path) -> None:
    """The journal is what its events tell."""
    done = desk.orchestrate("journal", "verify", "--journal", str(journal))
    assert done.code == 0, done.said


@pytest.fixture
def plan(desk: Desk) -> Path:
    """A plan of three calls; its list holds the second."""
    listed(desk, 1)
    return desk.plan(calls("a", "b", "c"), policy=SUPPRESS)


def test_a_number_that_leaves_a_list_after_the_review_is_not_rung_under_expect(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    listed(desk)
    done = desk.run(plan, live, "--expect", digest)
    assert done.code == 0, done.said
    assert carrier.rung() == {"a": 1, "c": 1}
    assert dispositions(desk)["b"] == ("suppressed", WHY)
    assert desk.report()["totals"]["suppressed"] == 1
    whole(desk, desk.journal)


def test_without_expect_the_lists_decide_as_they_are(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    reviewed(desk, plan, *on(desk, live))
    listed(desk)
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1, "b": 1, "c": 1}


def test_a_list_that_grows_after_the_review_is_obeyed_as_well(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    listed(desk, 2)
    assert desk.run(plan, live, "--expect", digest).code == 0
    assert carrier.rung() == {"a": 1}
    assert dispositions(desk)["b"] == ("suppressed", WHY)
    assert dispositions(desk)["c"] == ("suppressed", f"on {LIST}")


def test_what_two_reviews_suppressed_is_taken_together(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    listed(desk, 2)
    view = reviewed(desk, plan, *on(desk, live))
    assert view["digest"] == digest
    (note,) = noted(view, KEPT)
    assert "1 call" in note["message"]
    assert "--expect" in note["hint"]
    assert view["totals"]["suppressed"] == 1, "a run without --expect goes by the lists"
    listed(desk)
    (note,) = noted(reviewed(desk, plan, *on(desk, live)), KEPT)
    assert "2 calls" in note["message"]
    assert desk.run(plan, live, "--expect", digest).code == 0
    assert carrier.rung() == {"a": 1}
    assert [(item["calls"], item["digest"]) for item in reviews(desk.journal)] == [(1, digest), (1, digest)]
    whole(desk, desk.journal)


def test_another_digest_is_another_review(desk: Desk, carrier: Carrier, live: Path, plan: Path) -> None:
    reviewed(desk, plan, *on(desk, live))
    listed(desk)
    again = reviewed(desk, plan, *on(desk, live), "--edition", "2")
    assert noted(again, KEPT) == []
    assert desk.run(plan, live, "--expect", again["digest"], "--edition", "2").code == 0
    assert carrier.rung() == {"a": 1, "b": 1, "c": 1}


def test_the_targets_lists_are_remembered_and_what_is_said_to_the_journal_stands_by_itself(
    desk: Desk, carrier: Carrier
) -> None:
    desk.create_journal()
    listed(desk, 0)
    target = desk.target(carrier, guardrails={"window": ALWAYS, "suppress": [LIST]})
    said = desk.orchestrate("suppress", customer(2), "--because", "asked us", "--journal", str(desk.journal))
    assert said.code == 0
    plan = desk.plan(calls("a", "b", "c"))
    digest = reviewed(desk, plan, *on(desk, target))["digest"]
    assert [item["calls"] for item in reviews(desk.journal)] == [1]
    listed(desk)
    assert desk.run(plan, target, "--expect", digest).code == 0
    assert carrier.rung() == {"b": 1}
    told = dispositions(desk)
    assert told["a"] == ("suppressed", WHY)
    assert "asked us" in (told["c"][1] or "")


def test_a_redial_is_kept_back_too(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(default={"ending": "busy"})
    listed(desk)
    plan = desk.plan(calls("a"), policy={**SUPPRESS, "redial": {"busy": {"attempts": 3, "after": "6s"}}})
    assert desk.run(plan, live, "--wait", "0").code == 5
    listed(desk, 0)
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    listed(desk)
    assert desk.run(plan, live, "--wait", "20s", "--expect", digest).code == 1
    assert carrier.rung() == {"a": 1}
    assert dispositions(desk)["a"] == ("busy", WHY)
    whole(desk, desk.journal)


def test_only_a_run_without_expect_takes_it_back_also_where_nothing_else_changed(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    """The third run reads no rows, the fourth must: it is the first one that the lists alone decide for."""
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    listed(desk)
    for _ in range(2):
        assert desk.run(plan, live, "--expect", digest).code == 0
        assert carrier.rung() == {"a": 1, "c": 1}
    assert "unchanged" in desk.run(plan, live, "--expect", digest).said
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1, "b": 1, "c": 1}
    whole(desk, desk.journal)


def test_a_review_between_two_runs_over_the_same_rows_is_heard(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    listed(desk)
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    assert desk.run(plan, live, "--expect", digest, "--limit", "1").code == 0
    listed(desk, 1)
    reviewed(desk, plan, *on(desk, live))
    listed(desk)
    assert "rows are not checked again" in desk.run(plan, live, "--expect", digest).said
    assert carrier.rung() == {"a": 1, "c": 1}
    assert dispositions(desk)["b"] == ("suppressed", WHY)


def test_the_same_review_again_writes_nothing_and_one_that_suppresses_nobody_neither(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    blank = desk.journal.read_bytes()
    listed(desk)
    reviewed(desk, plan, *on(desk, live))
    assert desk.journal.read_bytes() == blank
    listed(desk, 1)
    reviewed(desk, plan, *on(desk, live))
    assert len(reviews(desk.journal)) == 1
    before = desk.journal.read_bytes()
    reviewed(desk, plan, *on(desk, live))
    assert desk.journal.read_bytes() == before


def test_a_journal_that_knows_reviews_and_no_run_is_fine(desk: Desk, live: Path, plan: Path) -> None:
    reviewed(desk, plan, *on(desk, live))
    whole(desk, desk.journal)
    runs = desk.orchestrate("runs", "--journal", str(desk.journal))
    assert runs.code == 0, runs.said
    for words in (("status",), ("why", "b")):
        assert desk.orchestrate(*words, "--journal", str(desk.journal)).code == 2
    digest = reviewed(desk, plan, *on(desk, live))["digest"]
    assert desk.run(plan, live, "--expect", digest).code == 0
    for words in (("status",), ("why", "b"), ("runs",)):
        done = desk.orchestrate(*words, "--journal", str(desk.journal))
        assert done.code == 0, done.said


def test_a_review_without_credentials_or_account_is_remembered_too(
    desk: Desk, carrier: Carrier, live: Path, plan: Path
) -> None:
    nobody = {"EXOTEL_ACCOUNT_SID": "", "EXOTEL_API_KEY": "", "EXOTEL_API_TOKEN": ""}
    words = ("plan", str(plan), "--target", "exotel", "--format", "json")
    done = desk.orchestrate(*words, ORCHESTRATE_JOURNAL=str(desk.journal), **nobody)
    assert done.code == 0, done.said
    assert noted(json.loads(done.out), FORGOTTEN) == []
    listed(desk)
    assert desk.run(plan, live, "--expect", json.loads(done.out)["digest"]).code == 0
    assert carrier.rung() == {"a": 1, "c": 1}


def test_a_live_review_without_a_journal_says_that_nobody_remembers_it(desk: Desk, carrier: Carrier) -> None:
    listed(desk, 1)
    plan, target = desk.plan(calls("a", "b"), policy=SUPPRESS), desk.target(carrier)
    (note,) = noted(reviewed(desk, plan, "--target", str(target)), FORGOTTEN)
    assert "1 call" in note["message"]
    assert "no journal is named" in note["message"]
    assert "--journal" in note["hint"]
    assert "--expect" in note["hint"]
    assert not list((desk.folder / "home").rglob("*.db")), "a live target's journal is never made by a review"
    listed(desk)
    assert noted(reviewed(desk, plan, "--target", str(target)), FORGOTTEN) == []


def test_the_sandboxs_journal_is_made_for_a_review_that_suppresses_somebody(desk: Desk, plan: Path) -> None:
    listed(desk)
    assert reviewed(desk, plan)["journal"] is None
    assert not list((desk.folder / "home").rglob("*.db"))
    listed(desk, 1)
    view = reviewed(desk, plan)
    assert noted(view, FORGOTTEN) == []
    journal = Path(view["journal"])
    assert [item["digest"] for item in reviews(journal)] == [view["digest"]]
    assert {**reviewed(desk, plan), "estimate": None} == {**view, "estimate": None}, "but for the time that has passed"
    listed(desk)
    report = desk.folder / "report.json"
    done = desk.orchestrate("run", str(plan), "--expect", view["digest"], "--report", str(report))
    assert done.code in (0, 1), done.said
    assert dispositions(desk)["b"] == ("suppressed", WHY)
    whole(desk, journal)


def test_a_named_journal_is_made_for_the_sandbox_too(desk: Desk, plan: Path) -> None:
    journal = desk.folder / "new" / "journal.db"
    assert reviewed(desk, plan, "--journal", str(journal))["journal"] == str(journal)
    assert len(reviews(journal)) == 1


def test_a_review_of_a_sample_is_not_remembered(desk: Desk) -> None:
    listed(desk, 1)
    desk.write("sample.csv", f"id,phone\n1,{customer(1)}\n")
    rows = {"file": "gone.csv", "columns": ["id", "phone"], "sample": "sample.csv"}
    one = {**calls("o-${row.id}")[0], "To": "${row.phone}", "rows": rows}
    view = reviewed(desk, desk.plan([one], policy={**SUPPRESS, "limits": {"calls": 5}}))
    assert (view["totals"]["suppressed"], view["journal"]) == (1, None)
    assert noted(view, FORGOTTEN) == []


def test_a_journal_that_is_locked_for_long_does_not_keep_a_review(desk: Desk, live: Path, plan: Path) -> None:
    with contextlib.closing(sqlite3.connect(desk.journal, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        done = desk.orchestrate("plan", str(plan), *on(desk, live), "--format", "json")
    assert done.code == 0, done.said
    (note,) = noted(json.loads(done.out), FORGOTTEN)
    assert "locked" in note["message"]
    assert done.seconds < 10
    assert reviews(desk.journal) == []


@pytest.fixture
def sealed(desk: Desk, live: Path) -> Iterator[Path]:
    """A folder that cannot be written, with a journal that cannot be written either."""
    folder = desk.folder / "sealed"
    folder.mkdir()
    shutil.copy(desk.journal, folder / "journal.sqlite").chmod(0o444)
    folder.chmod(0o555)
    yield folder / "journal.sqlite"
    folder.chmod(0o755)


def test_a_journal_that_cannot_be_written_does_not_fail_a_review(
    desk: Desk, live: Path, sealed: Path, plan: Path
) -> None:
    words = ["plan", str(plan), "--target", str(live), "--journal", str(sealed), "--format", "json"]
    done = desk.orchestrate(*words, **ORDINARY_USER)
    assert done.code == 0, done.said
    (note,) = noted(json.loads(done.out), FORGOTTEN)
    assert str(sealed) in note["message"]
    assert customer(1) not in done.said
