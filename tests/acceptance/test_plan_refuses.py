"""`plan` refuses whatever `run` would refuse, in the same words, and says what is missing where `run` would stop."""

import json
from pathlib import Path
from typing import Any

from durability.carrier import ACCOUNT, Carrier

from acceptance.cli import Done
from acceptance.desk import AGENT, ALWAYS, EXOPHONE, Desk, call, calls, customer


def reviewed(desk: Desk, plan: Path, target: Path | str, *more: str, **environment: str) -> Done:
    """Review a plan against a target and the live journal."""
    words = ["plan", str(plan), "--target", str(target), "--journal", str(desk.journal), *more]
    return desk.orchestrate(*words, **environment)


def refused_alike(desk: Desk, plan: Path, target: Path, *ids: str) -> Done:
    """See that the review and the run are refused for these reasons, in the same words; return the review."""
    review, run = reviewed(desk, plan, target), desk.run(plan, target)
    assert (review.code, run.code) == (3, 3), (review.said, run.said)
    assert review.out == "", "a plan that is refused is no plan to approve"
    assert review.err == told(run.err), "the words are the run's own"
    for name in ids:
        assert name in review.err
    return review


def told(err: str) -> str:
    """What a run said for people: no lines for programs."""
    return "".join(line for line in err.splitlines(keepends=True) if not line.startswith("{"))


def test_what_run_refuses_plan_refuses_in_the_same_words(desk: Desk, carrier: Carrier, live: Path) -> None:
    plan = desk.plan(calls("a", "b", "c"))
    assert desk.run(plan, live, "--only", "[ab]").code == 0
    assert reviewed(desk, plan, live).code == 0

    changed = [call("a", 7), call("b", 1, From="+917410410199"), call("c", 8)]
    review = refused_alike(desk, desk.plan(changed), live, "numbers-changed")
    assert (review.err.count("numbers of call"), "call `c`" in review.err) == (2, False), "nobody rang c"

    twin = desk.write("twin.yaml", desk.plan(calls("a", "b", "c")).read_bytes())
    refused_alike(desk, twin, live, "name-taken", "judged.yaml", "--moved")
    assert reviewed(desk, twin, live, "--moved").code == 0

    strict = desk.target(carrier, "strict", guardrails={"window": ALWAYS, "caller_ids": ["08047112233"]})
    refused_alike(desk, plan, strict, "caller-id-not-allowed")
    assert carrier.rung() == {"a": 1, "b": 1}


def test_plan_refuses_the_numbers_that_the_carrier_marked_when_it_was_asked(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    carrier.rules(dnd={customer(1): ["Yes"]})
    plan = desk.plan(calls("a", "b"), policy={"dnd": "refuse"})
    assert reviewed(desk, plan, live).code == 0, "only the carrier knows, and nobody asked it yet"
    assert desk.run(plan, live).code == 3
    refused_alike(desk, plan, live, "dnd-registered", "call `b`")
    assert reviewed(desk, desk.plan(calls("a"), policy={"dnd": "refuse"}), live).code == 0
    listed = desk.write("list.csv", f"phone\n{customer(1)}\n")
    kept = {"dnd": "refuse", "suppress": [listed.name]}
    assert reviewed(desk, desk.plan(calls("a", "b"), policy=kept), live).code == 0, "a run does not ring b anyway"
    assert carrier.connects() == []


def test_plan_says_where_run_would_stop_for_want_of_something(desk: Desk, carrier: Carrier) -> None:
    plan, rails = desk.plan(calls("a")), {"window": ALWAYS, "expect": "required"}
    live = desk.target(carrier, guardrails=rails)
    desk.create_journal()
    done = reviewed(desk, plan, live)
    digest = next(line.split()[1] for line in done.out.splitlines() if line.startswith("digest "))
    assert (done.code, f"run it with --expect {digest}" in done.err) == (0, True), done.said
    assert "run-cannot-proceed" not in done.err
    run = desk.run(plan, live)
    assert (run.code, "digest-required" in run.err, "digest-required" in done.err) == (3, True, True)

    without = reviewed(desk, plan, live, EXOTEL_API_KEY="", EXOTEL_API_TOKEN="")
    assert without.code == 0, "a review needs no credentials"
    assert "EXOTEL_API_KEY and EXOTEL_API_TOKEN are missing" in without.err
    stopped = desk.orchestrate(*desk.run_arguments(plan, live, "--expect", digest), EXOTEL_API_KEY="")
    assert (stopped.code, "credentials" in stopped.err) == (4, True)

    alone = desk.orchestrate("plan", str(plan), "--target", str(live))
    assert (alone.code, "needs a journal that remembers who was rung" in alone.err) == (0, True), alone.said
    another = reviewed(desk, plan, live, EXOTEL_ACCOUNT_SID="another")
    assert (another.code, "names another" in another.err) == (0, True), another.said
    found = json.loads(reviewed(desk, plan, live, "--format", "json", EXOTEL_API_KEY="").out)["findings"]
    assert [item["id"] for item in found] == ["digest-required", "run-cannot-proceed"]


def test_a_review_asks_the_journal_that_the_run_would_ask(desk: Desk, carrier: Carrier) -> None:
    """Of another id it is refused, as the run is; of an account that nobody knows here it says that it did not."""
    desk.create_journal()
    plan = desk.plan(calls("a"))
    pinned = desk.target(carrier, "pinned", journal="jr_00000000")
    review, run = reviewed(desk, plan, pinned), desk.run(plan, pinned)
    assert (review.code, run.code) == (4, 4), (review.said, run.said)
    assert "wants the journal jr_00000000" in review.err
    for target in ("sandbox", str(desk.target(carrier))):
        words = [str(plan), "--target", target, "--journal", str(desk.folder)]
        both = desk.orchestrate("plan", *words), desk.orchestrate("run", *words, "--yes")
        assert [("is a folder" in done.err, done.code) for done in both] == [(True, 4)] * 2, both
    for name in (f"{'a' * 300}.db", f"{plan}/journal.db", "postgresql://somewhere/journal"):
        words = [str(plan), "--journal", name]
        both = desk.orchestrate("plan", *words), desk.orchestrate("run", *words)
        assert [done.code for done in both] == [4, 4], (name, both)
    nameless = desk.write("nameless.target.yaml", json.dumps(nobody(carrier)))
    assert desk.run(plan, nameless).code == 0
    assert "1 already called" in reviewed(desk, plan, nameless).out, "the environment names the account"
    done = reviewed(desk, plan, nameless, EXOTEL_ACCOUNT_SID="")
    assert (done.code, "account-unknown" in done.err) == (0, True), done.said


def test_an_empty_file_is_no_journal_yet_for_the_sandbox_and_nobodys_memory_for_a_live_target(
    desk: Desk, carrier: Carrier
) -> None:
    """A crash while the journal is made leaves one, and so does a copy that went wrong."""
    plan, live = desk.plan(calls("a")), desk.target(carrier)
    desk.journal.touch()
    for command in ("plan", "run"):
        done = desk.orchestrate(command, str(plan), "--target", str(live), "--journal", str(desk.journal))
        assert done.code == 4, done.said
        assert "is an empty file: it knows nobody who was rung" in done.err
    words = [str(plan), "--journal", str(desk.journal)]
    assert desk.orchestrate("plan", *words).code == 0
    assert desk.orchestrate("run", *words).code in (0, 1)
    assert carrier.connects() == []


def nobody(carrier: Carrier) -> dict[str, Any]:
    """A live target that names no account."""
    return {"kind": "exotel", "base_url": carrier.url, "guardrails": {"window": ALWAYS}, "lookups": {"settle": "1s"}}


def test_a_sandbox_of_any_name_has_its_history(desk: Desk) -> None:
    target = desk.write("staging.target.yaml", json.dumps({"kind": "sandbox", "scenario": "calm", "speed": 600}))
    plan = desk.plan([{"id": "a", "From": AGENT, "To": customer(0), "CallerId": EXOPHONE}])
    words = ["--target", str(target), "--journal", str(desk.folder / "sandbox.db")]
    assert desk.orchestrate("run", str(plan), *words).code in (0, 1)
    shown = desk.orchestrate("plan", str(plan), *words)
    assert "1 already called" in shown.out
    assert ACCOUNT not in shown.said
    desk.plan([{"id": "a", "From": AGENT, "To": customer(1), "CallerId": EXOPHONE}])
    assert [desk.orchestrate(what, str(plan), *words).code for what in ("plan", "run")] == [3, 3]
