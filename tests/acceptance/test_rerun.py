"""`run` is idempotent: start, resume and re-run are one command; dialing again is a new edition."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.cli import until
from acceptance.desk import ALWAYS, Desk, call, calls, customer


def test_a_re_run_dials_nothing_and_still_tells_every_call(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a", "b"))
    assert desk.run(plan, live).code == 0
    first = desk.told()
    before = len(carrier.received())
    again = desk.run(plan, live)
    assert again.code == 0, again.said
    assert "calls   2, 2 attempts (0 now, 2 before) in" in again.out
    assert len(carrier.received()) == before
    second = desk.told()
    assert second == first, "a call that an earlier run finished carries that run's id and its attempts"
    assert desk.report()["run"]["id"] != first["a"]["run"]


def test_a_call_removed_from_the_plan_is_never_dialed(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"answers": ["401"]}})
    desk.run(desk.plan(calls("a", "b", "c"), policy={"concurrency": 1}), live)
    carrier.rules()
    desk.run(desk.plan(calls("a")), live)
    assert carrier.rung()["c"] == 0


def test_a_new_edition_dials_the_same_ids_again_on_purpose(desk: Desk, carrier: Carrier, live: Path) -> None:
    """The plan names an edition, `--edition` another one, and the same one again dials nothing."""
    plan = desk.plan(calls("a"), edition="2026-11-22")
    for options, edition in (((), "2026-11-22"), (("--edition", "b"), "b"), (("--edition", "b"), "b")):
        assert desk.run(plan, live, *options).code == 0
        assert desk.report()["run"]["edition"] == edition
    assert carrier.rung() == {"a": 2}


def test_changed_numbers_are_refused_only_where_a_phone_may_have_rung(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"answers": ["404", "200"]}})
    assert desk.run(desk.plan([call("a", 1), call("b", 2)]), live).code == 1
    changed = desk.run(desk.plan([call("a", 3), call("b", 2)]), live)
    assert changed.code == 3, changed.said
    assert carrier.rung() == {"a": 1, "b": 1}
    assert desk.run(desk.plan([call("a", 1), call("b", 4)]), live).code == 0
    assert [dict(item.fields)["To"] for item in carrier.connects()] == [customer(1), customer(2), customer(4)]


def test_a_rejected_call_is_sent_again_only_if_its_request_changed(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"a": {"answers": ["400", "200"]}})
    assert desk.run(desk.plan(calls("a")), live).code == 1
    assert desk.run(desk.plan(calls("a")), live).code == 1
    assert len(carrier.connects()) == 1
    assert desk.run(desk.plan(calls("a", TimeOut=20)), live).code == 0
    assert len(carrier.connects()) == 2
    (story,) = json.loads(desk.orchestrate("why", "a", "--journal", str(desk.journal), "--format", "json").out)["calls"]
    sent = [{item["name"]: item["value"] for item in attempt["request"]} for attempt in story["attempts"]]
    assert ["TimeOut" in request for request in sent] == [False, True], "each attempt shows the request that it made"


def test_the_same_plan_and_id_on_the_sandbox_is_another_account(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a"))
    report = desk.folder / "sandbox.json"
    shared = ("--journal", str(desk.journal), "--report", str(report))
    first = desk.orchestrate("run", str(plan), *shared)
    assert first.code in (0, 1), first.said
    assert json.loads(report.read_text())["run"]["target"] == "sandbox"
    assert carrier.received() == []
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1}


def test_only_and_limit_choose_and_later_runs_dial_the_rest(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("vip-1", "vip-2", "row-1", "row-2"))
    desk.run(plan, live, "--only", "vip-*")
    assert carrier.rung() == {"vip-1": 1, "vip-2": 1}
    limited = desk.run(plan, live, "--limit", "1")
    assert limited.code == 0, limited.said
    assert sum(carrier.rung().values()) == 3
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"vip-1": 1, "vip-2": 1, "row-1": 1, "row-2": 1}


def test_only_does_not_hide_what_became_of_the_others(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Codes judge the plan's calls: an unknown one is left whatever --only chose, and a rejected one at the end."""
    carrier.rules(calls={"a": {"answers": ["500"], "listed": False}, "b": {"answers": ["404"]}})
    plan = desk.plan(calls("a", "b", "c"))
    assert desk.run(plan, live, "--only", "a").code == 6
    assert desk.run(plan, live, "--only", "c").code == 6
    other = desk.plan([call("b", 11), call("c", 12)], name="other")
    assert desk.run(other, live, "--only", "b").code == 1
    assert desk.run(other, live, "--only", "c").code == 1


def test_success_is_what_the_plan_calls_success(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"ending": "busy"}})
    keys = ("a", "b", "c")
    assert desk.run(desk.plan(calls(*keys), policy={"success": {"completed": "60%"}}), live).code == 0
    assert desk.run(desk.plan(calls(*keys), policy={"success": {"completed": "70%"}}), live).code == 1
    assert carrier.rung() == dict.fromkeys(keys, 1)


def test_a_copy_of_the_journals_file_alone_knows_who_was_rung(desk: Desk, carrier: Carrier, live: Path) -> None:
    """A pipeline keeps one file between its runs; nothing may stand only in the log beside it."""
    plan = desk.plan(calls("a", "b"))
    assert desk.run(plan, live).code == 0
    kept = shutil.copy(desk.journal, desk.folder / "kept.sqlite")
    for left in desk.folder.glob("journal.sqlite*"):
        left.unlink()
    Path(kept).rename(desk.journal)
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1, "b": 1}


def test_a_number_is_not_rung_again_because_its_call_got_another_id(desk: Desk, carrier: Carrier, live: Path) -> None:
    assert desk.run(desk.plan([call("a", 1), call("b", 2)]), live).code == 0
    drifted = desk.plan([call("c", 1), call("b", 2), call("d", 3)])
    again = desk.run(drifted, live)
    assert (again.code, carrier.rung()) == (1, {"a": 1, "b": 1, "d": 1}), again.said
    assert "--new-ids" in again.err
    told = desk.told()
    assert (told["c"]["disposition"], told["c"]["reason"]) == ("not-dialed", "id changed")
    assert told["a"]["disposition"] == "completed", "what was dialed stays accounted for"
    assert desk.run(drifted, live, "--new-ids").code == 0
    assert carrier.rung()["c"] == 1


def test_the_verdict_is_on_the_calls_that_the_plan_holds(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"b": {"answers": ["404"]}})
    assert desk.run(desk.plan(calls("a", "b")), live).code == 1
    assert desk.run(desk.plan(calls("a")), live).code == 0, "what failed is no longer asked for"


def test_a_skipped_row_stands_in_the_report(desk: Desk, carrier: Carrier, live: Path) -> None:
    desk.write("d.csv", f"n,phone\n1,{customer(1)}\n2,junk\n3\n")
    rows = [call("o-${row.n}", To="${row.phone}", CustomField="${row.n}", rows={"file": "d.csv", "bad": "skip"})]
    done = desk.run(desk.plan(rows), live)
    assert (done.code, carrier.rung()) == (0, {"1": 1}), done.said
    told = {id_: (item["disposition"], item["reason"]) for id_, item in desk.told().items()}
    assert told == {"o-1": ("completed", None), "o-2": ("not-dialed", "bad row"), "d.csv:4": ("not-dialed", "bad row")}
    assert desk.report()["totals"]["calls"] == 3


def test_a_newer_edition_closes_what_the_older_one_has_not_dialed(desk: Desk, carrier: Carrier, live: Path) -> None:
    keys = ("a", "b", "c")
    desk.run(desk.plan(calls(*keys), edition="1"), live, "--limit", "1")
    assert desk.run(desk.plan(calls(*keys), edition="2"), live).code == 0
    assert carrier.rung() == {"a": 2, "b": 1, "c": 1}
    words = "SELECT edition, id, disposition, reason FROM calls WHERE edition = '1' ORDER BY position"
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as journal:
        assert journal.execute(words).fetchall() == [
            ("1", "a", "completed", None),
            ("1", "b", "not-dialed", "superseded"),
            ("1", "c", "not-dialed", "superseded"),
        ]
    retried = desk.run(desk.plan(calls(*keys), edition="1"), live)
    assert (retried.code, sum(carrier.rung().values())) == (1, 4), retried.said
    assert "edition 1 was superseded by edition 2" in retried.err


def test_an_edition_bumped_while_the_older_one_is_in_flight_waits_for_its_pairs(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """The killed run of edition 1 left a live call: edition 2 follows it to its end before it dials that pair again."""
    carrier.rules(talk=1.5)
    process = desk.start(*desk.run_arguments(desk.plan(calls("a"), edition="1"), live))
    until(lambda: any(item.kind == "look-up" for item in carrier.received()), process)
    process.kill()
    process.communicate()
    assert desk.run(desk.plan(calls("a"), edition="2"), live).code == 0
    first, second = carrier.connects()
    assert second.at - first.at >= 1.5
    with contextlib.closing(sqlite3.connect(f"file:{desk.journal}?mode=ro", uri=True)) as journal:
        words = journal.execute("SELECT edition, disposition FROM calls ORDER BY edition").fetchall()
    assert words == [("1", "completed"), ("2", "completed")]


def test_a_name_that_the_journal_knows_from_another_file_is_refused(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a"))
    assert desk.run(plan, live).code == 0
    twin = desk.write("twin.yaml", desk.plan(calls("a", "b")).read_bytes())
    shown = desk.orchestrate("plan", str(twin), "--target", str(live), "--journal", str(desk.journal))
    assert "name-taken" in shown.said, shown.said
    refused = desk.run(twin, live)
    assert (refused.code, carrier.rung()) == (3, {"a": 1}), refused.said
    assert "judged.yaml" in refused.err
    assert "--moved" in refused.err
    assert desk.run(twin, live, "--moved").code == 0
    assert carrier.rung() == {"a": 1, "b": 1}
    assert desk.run(twin, live).code == 0, "from now on the name belongs to this file"
    assert desk.run(plan, live).code == 3


def test_the_same_plan_in_another_checkout_is_the_same_plan(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a"))
    assert desk.run(plan, live).code == 0
    checkout = desk.folder / "elsewhere"
    shutil.copytree(desk.root, checkout)
    assert desk.run(checkout / plan.name, live).code == 0
    assert carrier.rung() == {"a": 1}


def test_what_was_rejected_is_sent_again_on_request(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"a": {"answers": ["400", "200"]}})
    plan = desk.plan(calls("a", "b"))
    assert desk.run(plan, live).code == 1
    assert desk.run(plan, live, "--retry-rejected").code == 0
    assert [item.custom for item in carrier.connects()] == ["a", "b", "a"]


def test_a_re_run_does_not_read_unchanged_rows_again_and_sees_every_change(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    rows = desk.write("d.csv", f"n,phone\n1,{customer(1)}\n2,{customer(2)}\n")
    plan = desk.plan([call("o-${row.n}", To="${row.phone}", CustomField="${row.n}", rows="d.csv")])
    assert desk.run(plan, live, "--limit", "1").code == 0
    again = desk.run(plan, live)
    assert (again.code, carrier.rung()) == (0, {"1": 1, "2": 1}), again.said
    assert "its rows are not checked again" in again.err
    digest = desk.report()["run"]["digest"]
    assert desk.run(plan, live, "--expect", digest).code == 0
    assert desk.run(plan, live, "--expect", "sha256:" + "0" * 64).code == 4
    with rows.open("a") as file:
        file.write(f"3,{customer(3)}\n")
    changed = desk.run(plan, live)
    assert (changed.code, carrier.rung()["3"]) == (0, 1), changed.said
    assert "not checked again" not in changed.err
    narrow = desk.target(carrier, name="narrow", guardrails={"caller_ids": ["08047112233"], "window": ALWAYS})
    assert desk.run(plan, narrow).code == 3, "another target's guardrails are judged"


def test_an_edition_bumped_while_the_older_one_runs_dials_nobody_before_that_has_ended(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(talk=3)
    plan = desk.plan(calls("a", "b"), policy={"concurrency": 1})
    first = desk.start(*desk.run_arguments(plan, live, "--edition", "1"))
    until(carrier.connects, first)
    bumped = desk.run(plan, live, "--edition", "2")
    assert (bumped.code, carrier.rung()) == (4, {"a": 1}), bumped.said
    carrier.rules(talk=0.1)
    out, err = first.communicate(timeout=30)
    assert first.returncode == 0, out + err
    assert carrier.rung() == {"a": 1, "b": 1}
    assert desk.run(plan, live, "--edition", "2").code == 0
    assert carrier.rung() == {"a": 2, "b": 2}


@pytest.mark.parametrize("pattern", ["", " "])
def test_an_empty_pattern_as_from_an_unset_variable_dials_nobody(
    desk: Desk, carrier: Carrier, live: Path, pattern: str
) -> None:
    done = desk.run(desk.plan(calls("a")), live, "--only", pattern)
    assert (done.code, carrier.connects()) == (2, [])
    assert "--only" in done.err


def test_a_row_deleted_while_its_call_waits_for_a_retry_is_never_dialed(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(retry_after="6", calls={"b": {"answers": ["429"]}})
    process = desk.start(*desk.run_arguments(desk.plan(calls("a", "b")), live))
    why = ("why", "b", "--journal", str(desk.journal))
    until(lambda: "throttled" in desk.orchestrate(*why).out, process)
    process.kill()
    process.communicate()
    assert len(carrier.connects()) == 2, "the kill came too late, after the retry"
    again = desk.run(desk.plan(calls("a")), live)
    assert again.code == 0, again.said
    assert desk.told()["b"]["disposition"] == "not-dialed"
    assert [item.custom for item in carrier.connects()] == ["a", "b"]
