"""The estimate of `plan`, as a pipeline sees it: in JSON, by assumptions of one's own, and as a gate for a budget."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from acceptance.desk import Desk, calls
from acceptance.terminal import on_terminal

SCHEMA = Path(__file__).parents[2] / "schemas" / "plan-review.schema.json"
RATES = {"currency": "INR", "per_minute": "0.60", "pulse": "60s"}
AT = ["--at", "2026-12-01T10:00:00+05:30"]
WINDOW = [{"days": "mon-fri", "hours": "09:00-18:00", "timezone": "Asia/Kolkata"}]


def target(desk: Desk, **more: Any) -> str:
    return str(desk.write("t.yaml", json.dumps({"kind": "sandbox", **more})))


def reviewed(desk: Desk, *more: str, ids: int = 40, **policy: Any) -> dict[str, Any]:
    plan = desk.plan(calls(*(f"c{n}" for n in range(ids))), policy=policy)
    done = desk.orchestrate("plan", str(plan), "--format", "json", *AT, *more)
    assert done.code == 0, done.said
    document: dict[str, Any] = json.loads(done.out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return document


def test_json_has_the_estimate_with_low_and_high_and_what_it_assumes(desk: Desk) -> None:
    found = reviewed(desk, "--target", target(desk, rates=RATES), pace="1/second", window=WINDOW)["estimate"]
    for name in ("starts", "minutes", "cost"):
        assert found[name]["low"] <= found[name]["high"]
    assert found["starts"]["low"] == 40
    assert found["first_ring"] == {"low": "2026-12-01T04:30:00.000Z", "high": "2026-12-01T04:30:00.000Z"}
    assert found["finish"]["low"] > "2026-12-01T04:30:39"
    assert (found["cost"]["currency"], found["cost"]["from"]) == ("INR", "the target's rates")
    scenario = "the sandbox's scenario everyday"
    assert found["assumptions"]["answer"] == {"low": 0.6, "high": 0.6, "unit": "share", "source": scenario}


def test_what_the_user_assumes_decides(desk: Desk) -> None:
    place = target(desk, rates=RATES)
    words = ["--target", place, "--assume", "answer=100%,talk=90s,ring=10s"]
    found = reviewed(desk, *words, pace="1/second")["estimate"]
    assert found["minutes"] == {"low": 66.7, "high": 66.7}
    assert found["assumptions"]["talk"] == {"low": 90.0, "high": 90.0, "unit": "seconds", "source": "--assume"}
    wrong = desk.orchestrate("plan", str(desk.folder / "root" / "judged.yaml"), "--assume", "answer=1.5")
    assert (wrong.code, "written as 45%" in wrong.err) == (2, True), wrong.said


def test_a_closed_window_and_a_limit_are_in_the_estimate(desk: Desk) -> None:
    night = ["--at", "2026-12-01T22:00:00+05:30"]
    found = reviewed(desk, *night, pace="1/second", window=WINDOW, limits={"calls": 10})["estimate"]
    assert found["first_ring"]["low"] == "2026-12-02T03:30:00.000Z"
    assert found["waits"]["window"] == {"low": 11 * 3600.0, "high": 11 * 3600.0}
    assert found["left"] == {"low": 30, "high": 30, "because": "limits.calls of 10 is reached"}


def live_target(desk: Desk) -> str:
    """A live account without rates: the one that the sandbox's calls stand under in the journal."""
    document = {"kind": "exotel", "account": "sandbox", "base_url": "http://127.0.0.1:9"}
    return str(desk.write("live.yaml", json.dumps(document)))


def test_without_rates_and_prices_the_lack_is_said(desk: Desk) -> None:
    found = reviewed(desk, "--target", live_target(desk))["estimate"]
    assert [found["cost"][name] for name in ("low", "high", "currency")] == [None, None, None]
    assert "no `rates`" in found["cost"]["from"]
    assert found["minutes"]["low"] < found["minutes"]["high"], "how people answer is a guess"
    text = desk.orchestrate("plan", str(desk.folder / "root" / "judged.yaml"), "--target", live_target(desk))
    assert "cost      not known: the target has no `rates`" in text.out


def test_earlier_calls_say_how_people_answer_and_what_that_costs(desk: Desk) -> None:
    journal = ["--journal", str(desk.folder / "j.db")]
    plan = desk.plan(calls(*(f"c{n}" for n in range(40))))
    assert desk.orchestrate("run", str(plan), "--target", target(desk, speed=600), *journal).code in (0, 1)
    found = reviewed(desk, "--target", live_target(desk), *journal, ids=60)["estimate"]
    assert found["starts"] == {"low": 20, "high": 20}
    assert found["cost"]["currency"] == "INR"
    assert "40 calls of this plan in the journal" in found["cost"]["from"]
    assert 20 * 0.6 * 0.7 < found["cost"]["low"] < found["cost"]["high"] < 20 * 1.4
    assert found["assumptions"]["answer"]["source"] == "40 calls of this plan in the journal"
    assert found["assumptions"]["answer"]["low"] < found["assumptions"]["answer"]["high"]
    assert found["assumptions"]["ring"]["source"] == "a guess"


@pytest.mark.parametrize(
    ("gate", "code", "words"),
    [
        (["--max-cost", "1000 INR"], 0, ""),
        (["--max-cost", "20 INR"], 1, "--max-cost allows 20 INR"),
        (["--max-cost", "1000 USD"], 2, "calls are charged in INR"),
        (["--max-cost", "1000"], 2, "write it as '15000 INR'"),
        (["--max-minutes", "1000"], 0, ""),
        (["--max-minutes", "5"], 1, "--max-minutes allows 5"),
        (["--max-minutes", "-1"], 2, "--max-minutes"),
        (["--max-minutes", "nan"], 2, "is not a number of minutes"),
        (["--max-cost", "1000 INR", "--max-minutes", "5"], 1, "--max-minutes allows 5"),
    ],
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_budget_that_the_estimate_exceeds_is_1(
    desk: Desk, gate: list[str], code: int, words: str, format_: str
) -> None:
    plan = desk.plan(calls(*(f"c{n}" for n in range(40))))
    done = desk.orchestrate("plan", str(plan), "--target", target(desk, rates=RATES), "--format", format_, *AT, *gate)
    assert done.code == code, done.said
    assert words in done.err
    assert bool(done.out) is (code != 2), "a review that is beyond the budget is shown all the same"


def test_a_budget_without_anybody_who_knows_the_price_cannot_be_judged(desk: Desk) -> None:
    words = ["--target", live_target(desk), "--max-cost", "1000 INR"]
    done = desk.orchestrate("plan", str(desk.plan(calls("a"))), *words)
    assert (done.code, "cannot be judged" in done.err, "`rates`" in done.err) == (2, True, True), done.said


def test_a_plan_of_which_nothing_is_left_costs_nothing(desk: Desk) -> None:
    words = ["--target", target(desk, speed=600, scenario="calm"), "--journal", str(desk.folder / "j.db")]
    assert desk.orchestrate("run", str(desk.plan(calls("c0"))), *words).code == 0
    found = reviewed(desk, *words, "--max-cost", "0 INR", "--max-minutes", "0", ids=1)["estimate"]
    assert (found["starts"]["high"], found["finish"], found["cost"]["high"]) == (0, {"low": None, "high": None}, 0)


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize(("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_lines_of_its_width_and_colour_unless_somebody_minds(
    desk: Desk, width: int, more: dict[str, str], coloured: bool
) -> None:
    plan = desk.plan(calls(*(f"c{n}" for n in range(3))), policy={"window": WINDOW})
    environment = {**desk.environment, "TERM": "xterm", **more}
    code, shown = on_terminal(["plan", str(plan), *AT], desk.root, width, environment)
    assert code == 0
    assert ("\x1b[" in shown) is coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert all(len(line) <= width or line.startswith("digest ") for line in plain.splitlines())
    assert "+ c0 " in plain
    assert "  finish    10:0" in plain
    piped = desk.orchestrate("plan", str(plan), *AT)
    assert "\x1b" not in piped.out
    assert "".join(piped.out.split()) == "".join(plain.split()), "the same words, broken nowhere"


def test_where_the_estimate_is_a_range_its_upper_end_is_held_to_the_budget(desk: Desk) -> None:
    document = {"kind": "exotel", "account": "acme1", "base_url": "http://127.0.0.1:9", "rates": RATES}
    place = ["--target", str(desk.write("live.yaml", json.dumps(document)))]
    found = reviewed(desk, *place)["estimate"]
    for name, option, unit in (("cost", "--max-cost", " INR"), ("minutes", "--max-minutes", "")):
        low, high = (found[name][end] for end in ("low", "high"))
        assert low < high
        plan = str(desk.folder / "root" / "judged.yaml")
        between, above = (
            desk.orchestrate("plan", plan, *AT, *place, option, f"{most:.2f}{unit}")
            for most in ((low + high) / 2, high)
        )
        assert (between.code, above.code) == (1, 0), between.said + above.said
