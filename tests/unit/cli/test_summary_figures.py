"""The figures at the end of a run."""

from orchestrator.cli.render.summary import summary
from orchestrator.model.record import RunRecord

RUN = RunRecord("r", "p", "e", "sha256:0", "sandbox", "2026-11-22T09:00:00Z", "2026-11-22T09:01:00.500Z", 1)


def test_only_dispositions_that_occur_are_listed_in_the_contracts_order():
    found = summary(RUN, {"calls": 4, "unknown": 1, "completed": 3, "busy": 0, "attempts": 5}, ["a"])
    assert found.dispositions == (("completed", 3), ("unknown", 1))
    assert (found.calls, found.attempts, found.unknown) == (4, 5, ("a",))


def test_the_duration_is_in_seconds():
    assert summary(RUN, {}).seconds == 60.5


def test_a_run_that_goes_on_has_no_duration():
    assert summary(RunRecord("r", "p", "e", "d", "t", "2026-11-22T09:00:00Z"), {}).seconds is None
