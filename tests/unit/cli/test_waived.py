"""What is waived stops nothing and is shown everywhere, with who answers for it, why and until when."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orchestrator.cli.main import main

TEXT = """\
version: 1
name: waived
defaults: {From: "+918069171234", CallerId: "08047112233"}
calls:
  - {id: a, To: "+919900000001"}
  - {id: b, To: "+919900000001"}
policy:
"""
WAIVE = """\
  waive:
    - {rule: same-person, owner: ops@acme.example, reason: two orders of +919900000001, until: 2099-12-31}
"""
SAYS = "until 2099-12-31 by ops@acme.example: two orders of +9199******01"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "orchestrate.toml").touch()
    plan = tmp_path / "plan.yaml"
    plan.write_text(TEXT + WAIVE)
    return plan


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_a_warning_exits_3_under_strict_and_a_waived_one_does_not(path: Path) -> None:
    assert run("validate", "--strict", "plan.yaml").exit_code == 0
    path.write_text(TEXT + "  concurrency: 20\n")
    assert run("validate", "plan.yaml").exit_code == 0
    assert run("validate", "--strict", "plan.yaml").exit_code == 3


def test_a_note_does_not_exit_3_under_strict(path: Path) -> None:
    Path("orchestrate.toml").write_text('[rules.severity]\nsame-person = "note"\n')
    path.write_text(TEXT + "  concurrency: 20\n")
    assert run("validate", "--strict", "plan.yaml").exit_code == 0


def test_a_raised_rule_refuses_the_plan_everywhere_until_it_is_waived(path: Path) -> None:
    Path("orchestrate.toml").write_text('[rules.severity]\nsame-person = "error"\n')
    commands = [["validate", "plan.yaml"], ["plan", "plan.yaml"], ["run", "plan.yaml", "--until", "placed", "--quiet"]]
    commands.append(["diff", "plan.yaml", "plan.yaml"])
    assert [run(*command).exit_code for command in commands] == [0, 0, 5, 0], (
        "one pair is not rung twice at a time, so that the second call waits"
    )
    path.write_text(TEXT + "  concurrency: 20\n")
    assert [run(*command).exit_code for command in commands] == [3, 3, 3, 3]


def test_a_run_that_finds_its_inputs_unchanged_minds_other_settings(path: Path) -> None:
    path.write_text(TEXT + "  concurrency: 20\n")
    assert run("run", "plan.yaml", "--until", "placed", "--quiet").exit_code == 5
    Path("orchestrate.toml").write_text('[rules.severity]\nsame-person = "error"\n')
    refused = run("run", "plan.yaml", "--until", "placed")
    assert refused.exit_code == 3
    assert "error[same-person]" in refused.stderr


def test_an_expired_waiver_refuses_the_plan_everywhere(path: Path) -> None:
    path.write_text(TEXT + WAIVE.replace("2099", "2020"))
    for command in (["validate", "plan.yaml"], ["plan", "plan.yaml"], ["run", "plan.yaml"]):
        done = run(*command)
        assert done.exit_code == 3
        assert "error[waiver-expired]" in done.output
    assert run("plan", "plan.yaml", "--at", "2020-12-30T12:00:00Z").exit_code == 0


def test_text_shows_who_waived(path: Path) -> None:
    shown = run("validate", "plan.yaml").stdout
    assert "waived warning[same-person]" in shown
    assert f"= waived {SAYS}\n" in shown
    assert shown.endswith("1 file checked: 0 errors, 0 warnings, 1 waived\n")


def test_json_sarif_and_annotations_show_who_waived(path: Path) -> None:
    document = json.loads(run("validate", "plan.yaml", "--format", "json").stdout)
    assert (document["warnings"], document["waived"]) == (0, 1)
    assert document["findings"][0]["waived"] == {
        "owner": "ops@acme.example",
        "reason": "two orders of +9199******01",
        "until": "2099-12-31",
    }
    (result,) = json.loads(run("validate", "plan.yaml", "--format", "sarif").stdout)["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": f"waived {SAYS}"}]
    (line,) = run("validate", "plan.yaml", "--format", "github").stdout.splitlines()
    assert line.startswith("::notice ")
    assert line.endswith(f"%0Awaived {SAYS}")


def test_a_review_shows_what_is_waived(path: Path) -> None:
    text = run("plan", "plan.yaml")
    assert f"  waived    same-person {SAYS}\n" in text.stdout
    assert "waived warning[same-person]" in text.stderr
    page = run("plan", "plan.yaml", "--format", "markdown").stdout
    assert "| waived warning `same-person` |" in page
    assert page.count("until 2099-12-31 by ops@acme.example: two orders of") == 2
    assert "9900000001" not in page
    document = json.loads(run("plan", "plan.yaml", "--format", "json").stdout)
    assert [each["waived"]["owner"] for each in document["findings"] if each["id"] == "same-person"] == [
        "ops@acme.example"
    ]


def test_of_many_waivers_a_review_shows_the_first_and_counts_the_others(path: Path) -> None:
    more = "".join(f"    - {{rule: no-rows, owner: ops, reason: no {n}, until: 2099-12-31}}\n" for n in range(12))
    path.write_text(f"{TEXT}{WAIVE}{more}")
    (line,) = [each for each in run("plan", "plan.yaml").stdout.splitlines() if each.startswith("  waived ")]
    assert line.count("no-rows until 2099-12-31 by ops: no") == 9
    assert line.endswith("; and 3 more")


def test_a_run_says_what_is_waived_also_in_lines_for_programs(path: Path) -> None:
    assert f"= waived {SAYS}\n" in run("run", "plan.yaml", "--until", "placed", "--log-format", "console").stderr
    lines = run("run", "plan.yaml", "--until", "placed", "--edition", "b", "--log-format", "json").stderr.splitlines()
    (told,) = [each for each in map(json.loads, lines) if each.get("id") == "same-person"]
    assert (told["level"], told["waived"]) == ("info", f"waived {SAYS}")


def test_a_diff_says_which_rules_count_no_more_and_which_again(path: Path, tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(TEXT + "  concurrency: 20\n")
    there = run("diff", "old.yaml", "plan.yaml").stdout
    assert "waive same-person" in there
    assert "what the rule tells does not count till then" in there
    assert "ops@acme.example" in there
    assert "what the rule tells counts again" in run("diff", "plan.yaml", "old.yaml").stdout


def test_a_diff_shows_how_an_expired_waiver_is_mended(path: Path) -> None:
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        path.write_text(TEXT + WAIVE.replace("2099", "2020"))
        subprocess.run(["git", *command], check=True)
    path.write_text(TEXT + WAIVE)
    done = run("diff", "plan.yaml", "--against", "HEAD")
    assert done.exit_code == 0
    assert "2020-12-31" in done.stdout
