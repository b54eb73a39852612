"""The README's first command as a newcomer meets it. Its second, `make test`, is what CI runs on a clean clone."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.campaign
def test_make_run_sets_up_and_dials_from_a_fresh_clone_in_an_empty_home(tmp_path: Path) -> None:
    home, clone = tmp_path / "home", tmp_path / "clone"
    home.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if ".venv" not in part)
    environment = {**kept, "PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(["make", "run"], cwd=clone, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "calls   30, 30 attempts" in done.stdout
    again = done.stdout.rstrip().splitlines()[-1].split()
    second = subprocess.run(again, cwd=clone, env=environment, capture_output=True, text=True, timeout=120)
    assert second.returncode == 0, second.stderr
    assert '"to_dial": 0' in second.stderr
    assert "attempt.started" not in second.stderr
