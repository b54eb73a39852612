"""A wheel, installed into an empty environment without a compiler or a network, is the whole program."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "orchestrator"


def run(*words: str | Path, folder: Path, **more: str) -> str:
    environment = {**os.environ, "HOME": str(folder), "PIP_NO_INPUT": "1", "PIP_NO_INDEX": "1", **more}
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_wheel_is_the_whole_program(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", tmp_path, ROOT, folder=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")  # nothing to compile

    packed = set(zipfile.ZipFile(wheel).namelist())
    ours = [path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert {path.relative_to(ROOT).as_posix() for path in ours} - packed == set()
    assert not {name for name in packed if name.startswith(("tests/", "benchmarks/"))}

    home = tmp_path / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", home, folder=tmp_path)
    python = home / "bin/python"
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", wheel, folder=tmp_path)
    (there,) = home.glob("lib/python*/site-packages")
    libraries = Path(sysconfig.get_path("purelib"))
    for path in libraries.iterdir():  # what it depends on, without the checkout that is installed beside it
        if "orchestrate" not in path.name and not (there / path.name).exists() and path.suffix != ".pth":
            (there / path.name).symlink_to(path)

    program = home / "bin/orchestrate"
    assert run(program, "--version", folder=tmp_path).startswith("orchestrate ")
    run(program, "init", "calls", folder=tmp_path)
    run(program, "validate", "--strict", "calls/plans/calls.yaml", "calls/configs/live.yaml", folder=tmp_path)
    assert "3 to dial" in run(program, "plan", "calls/plans/calls.yaml", folder=tmp_path)
    assert "jr_" in run(program, "journal", "create", "--journal", "calls.db", folder=tmp_path)
    assert (home / "share/man/man1/orchestrate.1").is_file()
    assert (home / "share/bash-completion/completions/orchestrate").is_file()
    assert str(there) in run(python, "-c", "import orchestrator; print(orchestrator.__file__)", folder=tmp_path)
