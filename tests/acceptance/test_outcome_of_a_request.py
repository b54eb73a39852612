"""What each answer proves (docs/guarantees.md), row by row, through a real socket.

Placement, disposition, exit code, and what follows.
"""

import itertools
import subprocess
from pathlib import Path
from typing import Any

import pytest
from durability.carrier import Carrier, Received, counting_carrier

from acceptance.cli import until
from acceptance.desk import Desk, call, calls

# answer of the carrier -> placement, disposition; of those that prove nothing the carrier lists no call either
SETTLED = {
    "200": ("accepted", "completed"),
    "201": ("accepted", "completed"),
    "202": ("accepted", "completed"),
    "slow:1": ("accepted", "completed"),
    "400": ("rejected", "rejected"),
    "404": ("rejected", "rejected"),
    "409": ("rejected", "rejected"),
    "418": ("rejected", "rejected"),
    "422": ("rejected", "rejected"),
    "200-no-sid": ("unknown", "unknown"),
    "202-no-sid": ("unknown", "unknown"),
    "408": ("unknown", "unknown"),
    "425": ("unknown", "unknown"),
    "400-with-sid": ("accepted", "completed"),  # unknown, until a look-up of that Sid shows the call
    "500": ("unknown", "unknown"),
    "502": ("unknown", "unknown"),
    "503": ("unknown", "unknown"),
    "504": ("unknown", "unknown"),
    "599": ("unknown", "unknown"),
    "hang": ("unknown", "unknown"),
    "drop": ("unknown", "unknown"),
    "half": ("unknown", "unknown"),
}
ENDINGS = ("completed", "busy", "no-answer", "failed", "canceled", "agent-no-answer")


class Judged:
    """One run of a plan that meets every answer once, in JSON or in XML."""

    def __init__(self, folder: Path, response: str) -> None:
        desk = Desk.laid_out(folder)
        desk.create_journal()
        with counting_carrier(folder / "carrier") as carrier:
            rules: dict[str, Any] = {word.replace(":", "-"): {"answers": [word]} for word in SETTLED}
            for word in (word for word, (placement, _) in SETTLED.items() if placement == "unknown"):
                rules[word]["listed"] = False
            rules |= {f"ends-{word}": {"ending": word} for word in ENDINGS}
            carrier.rules(talk=0.3, calls=rules)
            plan = desk.plan(calls(*rules), policy={"concurrency": 40})
            self.done = desk.run(plan, desk.target(carrier, response=response))
            self.calls, self.totals = desk.told(), desk.report()["totals"]
            self.connects: list[Received] = carrier.connects()
            self.again = desk.run(plan, desk.target(carrier, response=response))
            self.connects_again = len(carrier.connects())


@pytest.fixture(scope="module", params=["json", "xml"])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return Judged(tmp_path_factory.mktemp(request.param), request.param)


@pytest.mark.parametrize("word", SETTLED)
def test_an_answer_means_one_placement_and_is_never_repeated(judged: Judged, word: str) -> None:
    key, (placement, disposition) = word.replace(":", "-"), SETTLED[word]
    told = judged.calls[key]
    assert told["disposition"] == disposition
    (attempt,) = told["attempts"]
    assert (attempt["n"], attempt["placement"]) == (1, placement)
    (received,) = [item for item in judged.connects if item.custom == key]
    if placement != "unknown":
        assert attempt["evidence"] == ("look-up" if word == "400-with-sid" else "reply")
    if placement == "accepted":
        assert attempt["sid"] == received.sid
        assert attempt["duration"] == 41  # what the carrier's look-up says
    if word[0].isdigit() and word[3:4] != ":":
        assert attempt["http_status"] == int(word[:3])


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_look_up_brings_the_carriers_ending(judged: Judged, ending: str) -> None:
    told = judged.calls[f"ends-{ending}"]
    assert told["disposition"] == ending
    assert told["attempts"][0]["ending"] == ending


def test_unknown_outcomes_outrank_rejections_in_the_exit_code(judged: Judged) -> None:
    assert judged.done.code == 6, judged.done.said
    dispositions = [item["disposition"] for item in judged.calls.values()]
    counted = {word: dispositions.count(word) for word in set(dispositions)}
    assert judged.totals["calls"] == len(SETTLED) + len(ENDINGS)
    assert judged.totals["attempts"] == len(SETTLED) + len(ENDINGS)
    assert {word: judged.totals[word] for word in counted} == counted


def test_a_re_run_dials_nothing_and_repeats_the_verdict(judged: Judged) -> None:
    """Rejected calls are sent again only once their request has changed; unknown ones never by themselves."""
    assert judged.connects_again == len(judged.connects) == len(SETTLED) + len(ENDINGS)
    assert judged.again.code == judged.done.code


@pytest.mark.parametrize(("answer", "ending"), [("404", "completed"), ("200", "busy")], ids=["rejected", "busy"])
def test_calls_that_did_not_go_as_wished_are_exit_1(
    desk: Desk, carrier: Carrier, live: Path, answer: str, ending: str
) -> None:
    carrier.rules(calls={"b": {"answers": [answer], "ending": ending}})
    done = desk.run(desk.plan(calls("a", "b")), live)
    assert done.code == 1, done.said
    assert desk.report()["run"]["exit_code"] == 1
    assert carrier.rung() == {"a": 1, "b": 1}


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("response", ["json", "xml"])
def test_behind_a_proxy_that_compresses_all_is_as_without_it(
    desk: Desk, carrier: Carrier, response: str, coding: str
) -> None:
    """Answers, look-ups and the list are read, an error's words are shown, and a call that is named is found."""
    desk.create_journal()
    keys = ("200", "404", "400-with-sid", "400-sentence", "500")
    carrier.rules(talk=0.3, coding=coding, calls={key: {"answers": [key]} for key in keys})
    target = desk.target(carrier, response=response)
    done = desk.run(desk.plan(calls(*keys)), target, "--settle-for", "10s")
    assert done.code == 1, done.said
    told = desk.told()
    assert {key: told[key]["disposition"] for key in keys} == dict.fromkeys(keys, "completed") | {"404": "rejected"}
    assert "Answer 404 was ordered" in told["404"]["attempts"][0]["message"]


@pytest.mark.parametrize(
    ("answer", "coding"), [("400-with-sid", "gzip"), ("422-sentence", None), ("404", "br"), ("403-with-sid", "zstd")]
)
def test_a_corrected_plan_rings_nobody_whose_refusal_named_a_call_or_cannot_be_read(
    desk: Desk, carrier: Carrier, answer: str, coding: str | None
) -> None:
    """A rejected call is sent again once its request changed; one that is unknown is not."""
    desk.create_journal()
    carrier.rules(coding=coding, lookups="404", bulk="500", default={"answers": [answer]})
    target = desk.target(carrier)
    assert desk.run(desk.plan(calls("a")), target).code == 6
    assert desk.run(desk.plan(calls("a", TimeLimit=60)), target, "--retry-rejected").code == 6
    assert carrier.rung() == {"a": 1}
    assert desk.told()["a"]["disposition"] == "unknown"


def test_a_redirect_that_names_a_call_is_unknown_and_stops_the_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(lookups="404", bulk="500", default={"answers": ["303-with-sid"]})
    plan = desk.plan(calls("a", "b"), policy={"concurrency": 1})
    assert [desk.run(plan, live).code, desk.run(plan, live).code] == [4, 4]
    assert carrier.rung() == {"a": 1, "b": 1}


@pytest.mark.parametrize("status", ["401", "402", "403", "302", "308"])
def test_a_problem_of_the_account_stops_the_run(desk: Desk, carrier: Carrier, live: Path, status: str) -> None:
    """The next call would fail the same way; no redirect is ever followed; the message says the status."""
    carrier.rules(default={"answers": [status]})
    done = desk.run(desk.plan(calls("a", "b", "c"), policy={"concurrency": 1}), live)
    assert done.code == 4, done.said
    assert status in done.said
    assert [item.custom for item in carrier.received()] == ["a"]
    told = desk.told()
    assert told["a"]["attempts"][0]["placement"] == "rejected"
    assert told["a"]["disposition"] == "not-dialed"
    assert {item["disposition"] for item in told.values()} <= {"not-dialed", "waiting"}


def test_a_call_that_the_account_stopped_is_dialed_by_a_later_run(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(calls={"a": {"answers": ["402", "200"]}})
    plan = desk.plan(calls("a", "b", "c"), policy={"concurrency": 1})
    assert [desk.run(plan, live).code, desk.run(plan, live).code] == [4, 0]
    assert [item.custom for item in carrier.connects()] == ["a", "a", "b", "c"]


def test_a_throttled_request_waits_as_told_and_is_sent_again(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(retry_after="2", calls={"a": {"answers": ["429", "200"]}})
    done = desk.run(desk.plan(calls("a")), live)
    assert done.code == 0, done.said
    told = desk.told()["a"]
    assert [item["placement"] for item in told["attempts"]] == ["throttled", "accepted"]
    assert [item["n"] for item in told["attempts"]] == [1, 2]
    first, second = carrier.connects()
    assert second.at - first.at >= 2.0


def test_a_429_without_advice_is_sent_again_too(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(retry_after=None, calls={"a": {"answers": ["429", "200"]}})
    assert desk.run(desk.plan(calls("a")), live, "--wait", "60s").code == 0
    assert [item["placement"] for item in desk.told()["a"]["attempts"]] == ["throttled", "accepted"]


def test_an_answer_that_cannot_be_written_down_stops_at_once_and_tells_the_sid(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """While the carrier thinks, the journal's disk fills up: the process may extend no file any more."""
    carrier.rules(default={"answers": ["slow:1"]})
    plan = desk.plan(calls("a", "b"), policy={"concurrency": 1})
    process = desk.start(*desk.run_arguments(plan, live, "--report", "-"))
    until(carrier.connects, process)
    subprocess.run(["prlimit", "--pid", str(process.pid), "--fsize=1:1"], check=True)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 5, out + err
    (received,) = carrier.connects()
    assert str(received.sid) in err
    assert "Traceback" not in out + err
    carrier.rules(default={"answers": ["200"]})
    again = desk.run(plan, live)
    assert again.code == 0, again.said
    assert carrier.rung() == {"a": 1, "b": 1}
    (attempt,) = desk.told()["a"]["attempts"]
    assert (attempt["evidence"], attempt["sid"]) == ("look-up", received.sid)


def test_calls_of_one_pair_never_overlap(desk: Desk, carrier: Carrier, live: Path) -> None:
    carrier.rules(talk=0.5)
    same = [call(key, 7) for key in ("a", "b", "c")]
    assert desk.run(desk.plan(same), live).code == 0
    connects = carrier.connects()
    assert len(connects) == 3
    for earlier, later in itertools.pairwise(connects):
        assert later.at >= earlier.ends


def test_unknown_calls_that_are_given_up_take_no_accepted_call_with_them(
    desk: Desk, carrier: Carrier, live: Path
) -> None:
    """Forty answers that prove nothing arrive among forty good ones: each call keeps its own disposition."""
    good, bad = ([f"{word}-{index}" for index in range(40)] for word in ("good", "bad"))
    mixed = [key for pair in zip(bad, good, strict=True) for key in pair]
    carrier.rules(calls={key: {"answers": ["500"], "listed": False} for key in bad})
    done = desk.run(desk.plan(calls(*mixed), policy={"concurrency": 80}), live)
    assert done.code == 6, done.said
    told = desk.told()
    assert {told[key]["disposition"] for key in good} == {"completed"}
    assert {told[key]["disposition"] for key in bad} == {"unknown"}
