"""`plan` and `validate` without credentials, and the sandbox on a port of its own."""

import json
import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from durability.carrier import ACCOUNT, Carrier

from acceptance.desk import Desk, call, calls

CONFIGS = Path(__file__).parents[2] / "configs"
NOBODY = {"EXOTEL_ACCOUNT_SID": "", "EXOTEL_API_KEY": "", "EXOTEL_API_TOKEN": ""}


def test_plan_needs_no_credentials_and_sends_nothing(desk: Desk, carrier: Carrier) -> None:
    plan = desk.plan(calls("a", StatusCallback="https://x.example/y", StatusCallbackEvents=["terminal"]))
    target = str(desk.target(carrier))
    done = desk.orchestrate("plan", str(plan), "--requests", "--target", target, **NOBODY)
    assert done.code == 0, done.said
    assert "StatusCallbackEvents[0]" in done.out
    assert "sha256:" in done.out
    assert carrier.received() == []


def test_plan_in_json_has_its_four_keys_and_its_totals(desk: Desk) -> None:
    done = desk.orchestrate("plan", str(desk.plan(calls("a", "b"))), "--format", "json", **NOBODY)
    assert done.code == 0, done.said
    shown = json.loads(done.out)
    assert {"format", "digest", "totals", "calls"} <= shown.keys()
    assert shown["totals"]["calls"] == 2
    assert [item["id"] for item in shown["calls"]] == ["a", "b"]


def test_plan_knows_what_was_already_called_and_under_which_id(desk: Desk, carrier: Carrier, live: Path) -> None:
    assert desk.run(desk.plan([call("a", 1), call("c", 3)]), live).code == 0
    plan = desk.plan([call("a", 1), call("b", 2), call("d", 3)])
    more = ("--format", "json", "--target", str(live), "--journal", str(desk.journal))
    shown = json.loads(desk.orchestrate("plan", str(plan), *more, **NOBODY).out)
    states = {item["id"]: item["state"] for item in shown["calls"]}
    assert states == {"a": "already-called", "b": "to-dial", "d": "id-changed"}
    desk.run(plan, live)
    assert carrier.rung() == {"a": 1, "b": 1, "c": 1}, "a run does what plan said"


def test_the_digest_is_over_the_calls_and_not_over_their_spelling(desk: Desk) -> None:
    def digest(text: str) -> str:
        done = desk.orchestrate("plan", str(desk.write("d.yaml", text)), "--format", "json")
        assert done.code == 0, done.said
        read: str = json.loads(done.out)["digest"]
        return read

    head = "version: 1\nname: d\n"
    one = '{id: a, From: "+917410410123", To: "+918123400001", CallerId: "1800123456"}'
    plain = digest(f"{head}calls:\n  - {one}\n")
    assert digest(f"# a comment\n{head}x-note: ignored\ncalls: [{one.replace(chr(34), '')}]\n") == plain
    others = [digest(f"{head}calls:\n  - {one.replace('3400001', '3400002')}\n")]
    others.append(digest(f"{head}edition: b\ncalls:\n  - {one}\n"))
    others.append(digest(f"{head}calls:\n  - {one}\npolicy: {{concurrency: 3}}\n"))
    assert len({plain, *others}) == 4


@pytest.mark.parametrize("plan", sorted(CONFIGS.glob("plans/*.yaml")), ids=lambda path: path.stem)
def test_every_example_plan_is_valid_and_can_be_planned(desk: Desk, plan: Path) -> None:
    checked = desk.orchestrate("validate", str(plan), "--strict", **NOBODY)
    assert checked.code == 0, checked.said
    assert desk.orchestrate("plan", str(plan), **NOBODY).code == 0


def test_validate_in_json_tells_file_line_column_and_id(desk: Desk) -> None:
    plan = desk.write("bad.yaml", "version: 1\nname: bad\ncallz: 1\n")
    done = desk.orchestrate("validate", str(plan), "--format", "json")
    assert done.code == 3
    text = json.dumps(json.loads(done.out))
    assert "bad.yaml" in text
    assert "callz" in text


def test_what_a_target_accepts_beside_the_table_is_shown_as_unlisted_and_validated_beside_it(desk: Desk) -> None:
    more = {"StatusCallback": "https://x.example/y", "StatusCallbackEvents": ["terminal", "ringing"], "NewParam": "v"}
    plan = str(desk.plan(calls("a", **more)))
    target = str(desk.write("t.yaml", "kind: sandbox\naccept: {StatusCallbackEvents: [ringing], NewParam: text}\n"))
    shown = desk.orchestrate("plan", plan, "--target", target, "--format", "json")
    assert shown.code == 0, shown.said
    (item,) = json.loads(shown.out)["calls"]
    assert item["request"]["unlisted"] == ["StatusCallbackEvents: ringing", "NewParam"]
    assert "unlisted" in desk.orchestrate("plan", plan, "--target", target).out
    assert desk.orchestrate("validate", plan).code == 3
    for files in ((plan, target), (target, plan)):
        done = desk.orchestrate("validate", *files)
        assert done.code == 0, done.said


def test_the_sandboxs_first_line_is_its_address_and_it_ends_on_a_signal(desk: Desk) -> None:
    process = desk.start("sandbox", "--port", "0")
    try:
        assert process.stdout is not None
        base = process.stdout.readline().strip()
        assert base.startswith("http://127.0.0.1:")
        with urlopen(f"{base}/_sandbox/requests", timeout=5) as answer:
            assert answer.status == 200
        unsigned = Request(f"{base}/v1/Accounts/{ACCOUNT}/Calls/connect.json", data=b"From=1", method="POST")
        with pytest.raises(HTTPError) as refused, urlopen(unsigned, timeout=5):
            pass
        refused.value.close()
        assert refused.value.code == 401
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert "Traceback" not in out + err
    finally:
        process.kill()
        process.communicate()


def test_help_and_version_answer_at_once(desk: Desk) -> None:
    for arguments in (("--help",), ("--version",), ("run", "--help")):
        done = desk.orchestrate(*arguments)
        assert done.code == 0
        assert done.out
        assert done.seconds < 5
