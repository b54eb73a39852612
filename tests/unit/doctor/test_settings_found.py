"""Settings: where each came from, what cannot be what it is said to be, and no secret, ever."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from unit.doctor.servers import EXOTEL, KEY, SANDBOX, SID, TOKEN, found

from orchestrator.app.doctor.settings import OWN, PREFIX, check_settings
from orchestrator.model.check import Health
from orchestrator.model.target import Target


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ACCOUNT_SID", SID), ("API_KEY", KEY), ("API_TOKEN", TOKEN)):
        monkeypatch.setenv(f"EXOTEL_{name}", value)


def test_the_sandbox_needs_none() -> None:
    checks, access = check_settings(SANDBOX, None)
    assert found(checks) == {"credentials": Health.OK}
    assert access is not None


def test_it_tells_who_is_told_of_runs_and_what_a_run_would_stop_at(monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(SANDBOX, notify=("https://ops.acme.example/s3cr3t",))
    for secret, health, hosts in (
        ("c2FtcGxlIHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVz", [Health.OK], 1),
        ("", [Health.OK, Health.WARNING], 1),
        ("short", [Health.PROBLEM], 0),
    ):
        monkeypatch.setenv("ORCHESTRATE_NOTIFY_SECRET", secret)
        checks = [check for check in check_settings(told, None)[0] if check.id != "credentials"]
        assert {check.id for check in checks} == {"notify"}
        assert [check.health for check in checks] == health
        assert sum("https://ops.acme.example/***" in check.what for check in checks) == hosts


def test_each_setting_is_told_with_its_origin_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOTEL_API_TOKEN", "")
    (tmp_path / "EXOTEL_API_TOKEN").write_text(f"{TOKEN}\n")
    (tmp_path / "EXOTEL_API_TOKEN").chmod(0o600)
    (tmp_path / "EXOTEL_API_KEY").write_text("the environment comes first")
    checks, access = check_settings(EXOTEL, str(tmp_path))
    told = {check.where: check.what for check in checks}
    assert told["EXOTEL_ACCOUNT_SID"] == "`acme1`, from the environment"
    assert told["EXOTEL_API_KEY"] == "set, from the environment"
    assert told["EXOTEL_API_TOKEN"] == f"set, from the file {tmp_path}/EXOTEL_API_TOKEN"
    assert access is not None
    assert access.token == TOKEN
    assert {check.health for check in checks} == {Health.OK}


@pytest.mark.parametrize(
    ("name", "value", "health"),
    [
        ("API_KEY", f'"{KEY}"', Health.PROBLEM),
        ("API_KEY", f"{KEY} ", Health.PROBLEM),
        ("API_TOKEN", f"\u201c{TOKEN}\u201d", Health.PROBLEM),
        ("API_KEY", TOKEN, Health.WARNING),
        ("API_KEY", SID, Health.WARNING),
        ("API_KEY", "<your api key>", Health.WARNING),
        ("API_TOKEN", "xxxxxxxx", Health.WARNING),
        ("ACCOUNT_SID", KEY, Health.WARNING),
        ("ACCOUNT_SID", "acme 1", Health.PROBLEM),
        ("REGION", "mars", Health.PROBLEM),
        ("BASE_URL", "http://api.exotel.com", Health.PROBLEM),
        ("BASE_URL", "https://key:word@api.exotel.com", Health.PROBLEM),
        ("APY_TOKEN", "x", Health.WARNING),
    ],
)
def test_what_cannot_be_what_it_is_said_to_be(
    name: str, value: str, health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"EXOTEL_{name}", value)
    checks, _ = check_settings(EXOTEL, None)
    worst = [check for check in checks if check.health is not Health.OK]
    assert health in {check.health for check in worst}
    assert all(check.hint or check.health is Health.PROBLEM for check in worst)
    said = repr(checks)
    assert KEY not in said
    assert TOKEN not in said
    assert "key:word" not in said


def test_what_is_missing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXOTEL_API_KEY")
    checks, access = check_settings(EXOTEL, None)
    assert access is None
    assert "EXOTEL_API_KEY is missing" in checks[-1].what


def test_a_secret_that_others_may_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXOTEL_API_KEY")
    (tmp_path / "EXOTEL_API_KEY").write_text(KEY)
    (tmp_path / "EXOTEL_API_KEY").chmod(0o644)
    checks, _ = check_settings(EXOTEL, str(tmp_path))
    assert found(checks)[f"setting-open {tmp_path}/EXOTEL_API_KEY"] is Health.WARNING


@pytest.mark.parametrize("target", [EXOTEL, SANDBOX])
def test_our_own_variables_are_told_and_those_that_nobody_reads(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCHESTRATE_JOURNAL", "/srv/calls.db")
    monkeypatch.setenv("ORCHESTRATE_PSEUDONYM_KEY", "a secret of some length")
    monkeypatch.setenv("ORCHESTRATE_JORNAL", "x")
    checks, _ = check_settings(target, None)
    told = {check.where: check for check in checks}
    assert told["ORCHESTRATE_JOURNAL"].what == "`/srv/calls.db`"
    assert told["ORCHESTRATE_JORNAL"].health is Health.WARNING
    assert told["ORCHESTRATE_JORNAL"].hint == "did you mean ORCHESTRATE_JOURNAL?"
    assert "ORCHESTRATE_PSEUDONYM_KEY" not in told


def test_every_variable_that_the_code_reads_is_known() -> None:
    code = Path(__file__).parents[3] / "orchestrator"
    read = {
        name for path in code.rglob("*.py") for name in re.findall(rf'"_?{PREFIX}([A-Z_]+)"', path.read_text("utf-8"))
    }
    assert read <= set(OWN)
    assert len(read) > 3


def test_the_way_of_requests_is_told_without_a_proxy_s_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:proxy-word@proxy.acme.example:3128")
    checks, _ = check_settings(EXOTEL, None)
    assert "https://api.exotel.com, through the proxy proxy.acme.example that" in checks[-1].what
    assert "proxy-word" not in repr(checks)
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.acme.example")
    checks, access = check_settings(EXOTEL, None)
    assert access is None
    assert checks[-1].health is Health.PROBLEM


def test_the_credentials_of_the_served_sandbox_are_no_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "API_KEY", "API_TOKEN"):
        monkeypatch.setenv(f"EXOTEL_{name}", "sandbox")
    checks, _ = check_settings(EXOTEL, None)
    assert {check.health for check in checks} == {Health.OK}
