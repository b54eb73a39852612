"""Certificate authorities, clock and time zones of this machine."""

from pathlib import Path

import pytest
from unit.doctor.servers import EXOTEL, SANDBOX, found

from orchestrator.app.doctor.machine import check_certificates, check_clock, check_zones
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


def test_the_clock_is_judged_as_far_as_it_can_be(tmp_path: Path) -> None:
    assert found([*check_clock(tmp_path / "none")]) == {"clock": Health.NOT_JUDGED}
    assert found([*check_clock(tmp_path)]) == {f"clock {tmp_path}": Health.OK}


def test_zones_are_known() -> None:
    assert check_zones(EXOTEL).health is Health.OK
