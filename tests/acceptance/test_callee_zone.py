"""Windows in the callee's zone, over several processes on one journal: who sleeps now is rung by none of them."""

import json
from datetime import UTC, datetime
from typing import Any

from durability.carrier import Carrier

from acceptance.desk import Desk, call

CALLEE = [{"days": "mon-sun", "hours": "06:00-18:00", "timezone": "callee"}]


def zone_where_it_is(hour: int) -> str:
    """A zone in which it is about this time of day now."""
    ahead = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"  # its names count westwards


def rows(**zones: str) -> list[dict[str, Any]]:
    data = [{"id": key, "tz": zone} for key, zone in zones.items()]
    return [call("${row.id}", rows=data, To="+91812340${row.id}", timezone="${row.tz}")]


def test_whoever_sleeps_is_not_rung_by_any_run_until_their_zone_is_corrected(desk: Desk, carrier: Carrier) -> None:
    desk.create_journal()
    day, night = zone_where_it_is(12), zone_where_it_is(0)
    policy = {"window": CALLEE}
    target = desk.target(carrier)
    plan = desk.plan(rows(**{"0001": day, "0002": night, "0003": night}), policy=policy)
    first = desk.run(plan, target, "--wait", "0s")
    assert first.code == 5, first.said
    again = desk.run(plan, target, "--wait", "0s")
    assert again.code == 5, again.said
    assert [request.custom for request in carrier.connects()] == ["0001"]

    why = desk.orchestrate("why", "0002", "--journal", str(desk.journal))
    assert f"because window in {night}" in why.out

    corrected = desk.plan(rows(**{"0001": day, "0002": day, "0003": night}), policy=policy)
    last = desk.run(corrected, target, "--wait", "0s")
    assert last.code == 5, last.said
    assert [request.custom for request in carrier.connects()] == ["0001", "0002"]


def test_a_plan_with_a_number_of_no_zone_is_refused_with_a_way_out(desk: Desk) -> None:
    plan = desk.plan([call("sat", To="+881612345678"), call("home")], policy={"window": CALLEE})
    for command in ("validate", "plan", "run"):
        done = desk.orchestrate(command, str(plan))
        assert done.code == 3
        assert "error[zone-unknown]" in done.said
        assert "`timezone`" in done.said
    skipping = desk.plan(
        [call("c${row.n}", rows={"file": "people.csv", "bad": "skip"}, To="${row.to}")], policy={"window": CALLEE}
    )
    desk.write("people.csv", "n,to\n1,+881612345678\n2,+918123400002\n")
    reviewed = desk.orchestrate("plan", str(skipping), "--format", "json")
    totals = json.loads(reviewed.out)["totals"]
    assert (totals["bad-row"], totals["to-dial"]) == (1, 1)


def test_a_zone_that_is_no_zone_is_told_with_the_word_that_was_meant(desk: Desk) -> None:
    window = [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "calle"}]
    done = desk.orchestrate("validate", str(desk.plan([call("a")], policy={"window": window})))
    assert done.code == 3
    assert "did you mean `callee`, the zone of the number that is rung?" in done.said
    done = desk.orchestrate("validate", str(desk.plan([call("a", timezone="America/New York")])))
    assert done.code == 3
    assert "did you mean `America/New_York`?" in done.said


def test_the_digest_covers_where_people_are_and_whose_clock_is_meant(desk: Desk) -> None:
    def digest(zone: str, **more: Any) -> str:
        window = [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": zone}]
        done = desk.orchestrate(
            "plan", str(desk.plan([call("a", **more)], policy={"window": window})), "--format", "json"
        )
        return str(json.loads(done.out)["digest"])

    found = [digest("callee"), digest("Asia/Kolkata"), digest("callee", timezone="Asia/Kolkata")]
    found.append(digest("callee", timezone="Asia/Tokyo"))
    assert len(set(found)) == 4
