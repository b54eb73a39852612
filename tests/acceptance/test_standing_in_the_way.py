"""Exit 4: credentials, account, journal, lock, digest. Nothing is dialed, and the message says what to do."""

import json
import time
from pathlib import Path

import pytest
from durability.carrier import Carrier, counting_carrier

from acceptance.cli import until
from acceptance.desk import Desk, calls


def test_a_live_target_without_a_journal_dials_nothing(desk: Desk, carrier: Carrier) -> None:
    """An empty journal on a fresh machine would ring everybody again, so none is made."""
    plan, target = desk.plan(calls("a")), desk.target(carrier)
    nowhere = desk.run(plan, target)
    unnamed = desk.orchestrate("run", str(plan), "--target", str(target), "--yes")
    for done in (nowhere, unnamed):
        assert done.code == 4, done.said
        assert "journal create" in done.said
    assert not desk.journal.exists()
    assert carrier.received() == []


def test_a_file_that_is_no_journal_is_refused_and_left_alone(desk: Desk, carrier: Carrier) -> None:
    for content in (b"", b"SQLite format 3\x00" + b"\x00" * 500):
        desk.journal.write_bytes(content)
        done = desk.run(desk.plan(calls("a")), desk.target(carrier))
        assert done.code == 4, (content, done.said)
        assert desk.journal.read_bytes() == content
    assert carrier.received() == []


def test_journal_create_prints_the_same_id_again(desk: Desk) -> None:
    first = desk.print_journal_id()
    assert first
    assert "\n" not in first
    assert desk.print_journal_id() == first
    by_environment = desk.orchestrate("journal", "create", ORCHESTRATE_JOURNAL=str(desk.journal))
    assert by_environment.out.strip() == first
    assert (desk.journal.stat().st_mode & 0o777) == 0o600


@pytest.mark.parametrize("missing", ["EXOTEL_API_TOKEN", "EXOTEL_ACCOUNT_SID"])
def test_missing_credentials_are_told_by_name(desk: Desk, carrier: Carrier, live: Path, missing: str) -> None:
    plan = desk.plan(calls("a"))
    done = desk.orchestrate(*desk.run_arguments(plan, live), **{missing: ""})
    assert done.code == 4, done.said
    assert missing in done.said
    assert carrier.received() == []


def test_another_account_than_the_targets_is_refused(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a"))
    done = desk.orchestrate(*desk.run_arguments(plan, live), EXOTEL_ACCOUNT_SID="other1")
    assert done.code == 4, done.said
    assert "EXOTEL_ACCOUNT_SID" in done.said
    assert carrier.received() == []


def test_a_live_target_asks_and_nobody_answers(desk: Desk, carrier: Carrier, live: Path) -> None:
    """Without `--yes` and without a terminal there is no confirmation."""
    arguments = [word for word in desk.run_arguments(desk.plan(calls("a")), live) if word != "--yes"]
    done = desk.orchestrate(*arguments)
    assert done.code in (2, 4), done.said
    assert "--yes" in done.said
    assert carrier.received() == []


def test_wrong_credentials_stop_the_run_at_the_first_call(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a", "b", "c"), policy={"concurrency": 1})
    done = desk.orchestrate(*desk.run_arguments(plan, live), EXOTEL_API_KEY="wrong")
    assert done.code == 4, done.said
    assert "401" in done.said
    assert len(carrier.connects()) == 1
    assert desk.run(plan, live).code == 0
    assert carrier.rung() == {"a": 1, "b": 1, "c": 1}


def test_the_journal_of_another_id_will_not_do(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    done = desk.run(desk.plan(calls("a")), desk.target(carrier, journal="jr_somebody-elses"))
    assert done.code == 4, done.said
    assert carrier.received() == []


def test_only_the_reviewed_digest_runs(desk: Desk, carrier: Carrier, live: Path) -> None:
    """The digest does not depend on comments or target; a changed call is another digest, and exits 4."""
    plan = desk.plan(calls("a"))
    shown = desk.orchestrate("plan", str(plan), "--format", "json", "--target", str(live))
    digest = json.loads(shown.out)["digest"]
    assert digest.startswith("sha256:")
    desk.plan(calls("a", TimeOut=31))
    refused = desk.run(plan, live, "--expect", digest)
    assert refused.code == 4, refused.said
    assert carrier.received() == []
    plan.write_text("# reviewed\n" + desk.plan(calls("a")).read_text())
    assert desk.run(plan, live, "--expect", digest).code == 0
    assert carrier.rung() == {"a": 1}


def test_a_target_can_require_a_reviewed_digest(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    always = {"window": [{"days": "mon-sun", "hours": "00:00-24:00", "timezone": "UTC"}], "expect": "required"}
    done = desk.run(desk.plan(calls("a")), desk.target(carrier, guardrails=always))
    assert done.code in (3, 4), done.said
    assert "--expect" in done.said
    assert carrier.received() == []


def test_the_second_process_on_a_journal_exits_4_while_the_first_one_dials(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(talk=3.0)
    keys = [f"c{index}" for index in range(6)]
    plan = desk.plan(calls(*keys), policy={"concurrency": 2})
    first = desk.start(*desk.run_arguments(plan, live))
    until(carrier.connects, first)
    second = desk.orchestrate(*desk.run_arguments(plan, live)[:-2])
    assert second.code == 4, second.said
    assert first.poll() is None
    carrier.rules(talk=0.1)
    out, err = first.communicate(timeout=40)
    assert first.returncode == 0, out + err
    assert carrier.rung() == dict.fromkeys(keys, 1)


def test_a_proxy_or_an_account_of_the_environment_does_not_move_a_target_file(
    desk: Desk, carrier: Carrier, live: Path, tmp_path: Path
) -> None:
    """EXOTEL_BASE_URL is for the built-in `exotel` only: a file's base_url stays."""
    with counting_carrier(tmp_path / "elsewhere") as elsewhere:
        arguments = desk.run_arguments(desk.plan(calls("a")), live)
        assert desk.orchestrate(*arguments, EXOTEL_BASE_URL=elsewhere.url).code == 0
        assert elsewhere.received() == []
    assert carrier.rung() == {"a": 1}


def test_the_built_in_live_target_keeps_its_hours(desk: Desk, carrier: Carrier) -> None:
    """`--target exotel` on EXOTEL_BASE_URL: within 09:00-21:00 IST it dials, outside it does not."""
    desk.create_journal()
    arguments = desk.run_arguments(desk.plan(calls("a")), Path("exotel"))
    done = desk.orchestrate(*arguments, "--wait", "0", EXOTEL_BASE_URL=carrier.url, patience=90)
    minutes = (time.time() / 60 + 330) % 1440
    if 9 * 60 + 5 < minutes < 20 * 60 + 55:
        assert carrier.rung() == {"a": 1}
    elif minutes < 8 * 60 + 55 or minutes > 21 * 60 + 5:
        assert done.code == 5, done.said
        assert carrier.received() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("dial",),
        ("run",),
        ("run", "a.yaml", "--retarget", "x"),
        ("run", "a.yaml", "--settle-for", "soon"),
        ("sandbox", "--port", "70000"),
        ("explain", "NoSuchParameter"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(desk: Desk, arguments: tuple[str, ...]) -> None:
    assert desk.orchestrate(*arguments).code == 2
