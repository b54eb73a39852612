"""What a program does with a run that it starts itself: follows it, ends it, and keeps what is its own."""

import ast
import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import orchestrator
from orchestrator import (
    CannotProceed,
    Event,
    OrchestrateError,
    PlanOptions,
    Refused,
    ReportOptions,
    RunOptions,
    read_report,
    review,
    run,
    run_async,
)

PLAN = """\
version: 1
name: {name}
purpose: transactional
defaults: {{From: "+918123456789", CallerId: "07410410123"}}
calls:
  - {{id: a, To: "+447700900101"}}
  - {{id: b, To: "+447700900102"}}
  - {{id: c, To: "+447700900103"}}
policy: {{pace: {pace}}}
"""
NUMBER = "7700900101"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "fast.yaml").write_text("{kind: sandbox, scenario: calm, speed: 600}")
    (tmp_path / "live.yaml").write_text("{kind: exotel, account: acme1, base_url: https://127.0.0.1:1}")
    return tmp_path


def options(name: str = "demo", pace: str = "100/second", **more: Any) -> RunOptions:
    Path(f"{name}.yaml").write_text(PLAN.format(name=name, pace=pace))
    return RunOptions(f"{name}.yaml", **{"target": "./fast.yaml", "journal": "j.db", **more})


def attempts(**asked: Any) -> tuple[int | None, int]:
    """The exit code of the latest run, and how many attempts may have rung; at most one of a call."""
    with read_report(ReportOptions(journal="j.db", **asked)) as report:
        calls = list(report.calls())
    rang = [sum(each.placement not in ("unreached", "throttled") for each in call.attempts) for call in calls]
    assert max(rang, default=0) <= 1, calls
    return report.run.exit_code, sum(rang)


def test_a_run_is_followed_in_order_and_nothing_is_printed_and_nothing_of_the_process_is_changed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def of_the_process() -> list[object]:
        import gc

        handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
        return [*handlers, list(logging.getLogger().handlers), gc.get_threshold(), sys.excepthook, threading.excepthook]

    before, events = of_the_process(), list[Event]()
    outcome = run(options(), on_event=events.append)
    assert [each.type for each in (events[0], events[-1])] == ["run.started", "run.ended"]
    assert {each.run for each in events} == {outcome.run.id}
    assert (outcome.exit_code, outcome.totals["completed"], attempts()) == (0, 3, (0, 3))
    assert of_the_process() == before
    assert capfd.readouterr() == ("", "")
    assert NUMBER not in repr(events)
    assert any(NUMBER in str(each.data) for each in events)


def test_a_callback_that_fails_is_the_programs_own_matter() -> None:
    failures: list[str] = []

    def follow(event: Event) -> None:
        raise ValueError(event.type)

    async def program() -> int:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: failures.append(str(context["exception"])))
        return (await run_async(options(), on_event=follow)).exit_code

    assert asyncio.run(program()) == 0
    assert failures[-1] == "run.ended"


def test_where_a_loop_is_running_run_says_what_to_do() -> None:
    async def program() -> None:
        run(options())

    with pytest.raises(RuntimeError, match="await run_async"):
        asyncio.run(program())
    assert not Path("j.db").exists()


def test_a_cancelled_run_ends_in_good_order_and_the_same_run_goes_on() -> None:
    asked = options(pace="1/5s")

    async def program() -> None:
        begun = asyncio.Event()

        def follow(event: Event) -> None:
            if event.type == "attempt.placed":
                begun.set()

        running = asyncio.create_task(run_async(asked, on_event=follow))
        await begun.wait()
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(program())
    assert attempts() == (130, 1)
    assert run(options()).exit_code == 0
    assert attempts() == (0, 3)


def test_a_run_that_is_cancelled_before_it_began_dials_nobody() -> None:
    asked = options()

    async def program() -> None:
        running = asyncio.create_task(run_async(asked))
        await asyncio.sleep(0)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(program())
    assert not Path("j.db").exists() or attempts_of_anybody() == 0


def attempts_of_anybody() -> int:
    try:
        return attempts()[1]
    except OrchestrateError:  # no run stands in the journal
        return 0


def test_a_run_with_its_own_thread_is_not_delayed_by_a_program_that_is() -> None:
    at: list[float] = []

    def slow(event: Event) -> None:
        if event.type == "attempt.placed":
            at.append(time.monotonic())
        time.sleep(0.2)

    outcome = run(options(), on_event=slow)
    assert (outcome.run.seconds or 9) < time.monotonic() - at[0]


def test_two_plans_run_side_by_side() -> None:
    async def program() -> list[int]:
        outcomes = await asyncio.gather(*(run_async(options(name)) for name in ("one", "two")))
        return [outcome.exit_code for outcome in outcomes]

    assert asyncio.run(program()) == [0, 0]
    assert attempts(what="one") == attempts(what="two") == (0, 3)


OTHER = """
import sys
from orchestrator import CannotProceed, RunOptions, run
try:
    run(RunOptions("demo.yaml", target="./fast.yaml", journal="j.db"))
except CannotProceed as problem:
    print(problem.message)
"""


def test_a_report_that_is_read_meanwhile_frees_no_lock_of_the_run() -> None:
    said: list[str] = []
    asked = options(pace="1/5s")

    async def program() -> None:
        begun = asyncio.Event()
        running = asyncio.create_task(run_async(asked, on_event=lambda _event: begun.set()))
        await begun.wait()
        for _ in range(3):
            assert attempts()[0] is None
        other = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", OTHER], capture_output=True, text=True, check=True
        )
        said.append(other.stdout)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(program())
    assert "another run is dialing the plan demo" in said[0]


SCRIPT = """
from orchestrator import RunOptions, run
run(RunOptions("demo.yaml", target="./fast.yaml", journal="j.db"), on_event=lambda event: print(event.type, flush=True))
"""


def test_ctrl_c_ends_a_script_in_good_order() -> None:
    options(pace="1/5s")
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while process.stdout.readline() != "attempt.placed\n":
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert err.splitlines()[-1] == "KeyboardInterrupt"
    assert attempts() == (130, 1)


def test_what_stands_in_the_way_is_raised_with_all_that_is_known_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    Path("bad.yaml").write_text(PLAN.format(name="bad", pace="often").replace("+447700900102", "+44"))
    for attempt in (lambda: review(PlanOptions("bad.yaml")), lambda: run(RunOptions("bad.yaml"))):
        with pytest.raises(Refused) as refused:
            attempt()
        assert {each.id for each in refused.value.diagnostics} >= {"wrong-form", "not-a-number"}
        assert all(each.spans and each.message for each in refused.value.diagnostics)
        assert "wrong-form" in str(refused.value)
    with pytest.raises(OrchestrateError), read_report(ReportOptions(journal="absent.db")):
        pass
    assert capfd.readouterr() == ("", "")


def test_to_import_it_loads_nothing() -> None:
    code = "import sys; before = set(sys.modules); import orchestrator; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.split() == ["orchestrator"]


def test_nobody_dials_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(options(target="sandbox")).sandbox
    for name in ("ACCOUNT_SID", "API_KEY", "API_TOKEN"):
        monkeypatch.setenv(f"EXOTEL_{name}", "acme1")
    events = list[Event]()
    with pytest.raises(CannotProceed, match="rings real phones"):
        run(options("other", target="./live.yaml"), on_event=events.append)
    assert events == []


WRONG = """
from orchestrator import Event, OrchestrateError, PlanOptions, Report, RunOptions, RunOutcome, review, run, run_async

review(PlanOptions("plan.yaml", assume="answer=45%"))  # type: ignore[arg-type]
RunOptions()  # type: ignore[call-arg]
review(RunOptions("plan.yaml"))  # type: ignore[arg-type]


def follow(event: str) -> None: ...


outcome: int = run(RunOptions("plan.yaml"), follow)  # type: ignore[assignment, arg-type]


async def program() -> str:
    return await run_async(RunOptions("plan.yaml"))  # type: ignore[return-value]


def told(report: Report, event: Event, problem: OrchestrateError, outcome: RunOutcome) -> None:
    report.run = 1  # type: ignore[misc, assignment]
    event.nothing  # type: ignore[attr-defined]
    outcome.totals["calls"] + ""  # type: ignore[operator]
"""
"""A use that is wrong in every line with a comment: where a type were unknown, the comment would be too many."""


def test_a_program_elsewhere_is_checked_strictly_against_the_public_names(here: Path) -> None:
    guide = (Path(orchestrator.__file__).parents[1] / "docs" / "library.md").read_text()
    blocks = re.findall(r"```python (\S+)\n(.*?)```", guide, re.DOTALL)
    files = {**dict(blocks), "wrong.py": WRONG}
    assert len(files) > 3
    for name, text in files.items():
        (here / name).write_text(text)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_types_and_the_values_are_of_the_same_names() -> None:
    tree = ast.parse(Path(orchestrator.__file__).read_text())
    (typed,) = [node for node in tree.body if isinstance(node, ast.If)]
    names = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in typed.body
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
        for alias in node.names
    }
    assert sorted(names) == orchestrator.__all__
    for name, (module, own) in names.items():
        assert getattr(orchestrator, name) is getattr(sys.modules[str(module)], own)
    with pytest.raises(AttributeError):
        orchestrator.nothing  # noqa: B018 - asked for
