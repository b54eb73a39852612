"""Certificate authorities, clock and time zones of this machine."""

import time
from pathlib import Path

import pytest
from unit.doctor.servers import EXOTEL, SANDBOX, found

from orchestrator.app.doctor.machine import check_certificates, check_clock, check_zones, clock_is_set
from orchestrator.model.check import Health


def test_no_authorities_is_a_problem_for_a_live_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_certificates(EXOTEL).health is Health.OK
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    assert check_certificates(EXOTEL).health is Health.PROBLEM
    assert check_certificates(SANDBOX).health is Health.WARNING


def test_a_file_that_is_none_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert check_certificates(EXOTEL).health is Health.PROBLEM


@pytest.mark.parametrize(
    ("is_set", "live", "sandbox"),
    [
        (True, Health.OK, Health.OK),
        (False, Health.WARNING, Health.NOT_JUDGED),
        (None, Health.NOT_JUDGED, Health.NOT_JUDGED),
    ],
)
def test_the_clock_is_judged_as_far_as_it_can_be(is_set: bool | None, live: Health, sandbox: Health) -> None:
    assert found([*check_clock(EXOTEL, lambda: is_set)]) == {"clock": live}
    assert found([*check_clock(SANDBOX, lambda: is_set)]) == {"clock": sandbox}


def test_the_system_is_asked_and_nothing_is_changed() -> None:
    before = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    assert clock_is_set() in (True, False, None)
    assert abs(time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_MONOTONIC) - before) < 0.5


def test_zones_are_known() -> None:
    assert check_zones(EXOTEL).health is Health.OK
