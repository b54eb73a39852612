"""A plan in a pull request must not read the machine that checks it."""

import json
from pathlib import Path

import pytest
from durability.carrier import Carrier

from acceptance.desk import AGENT, EXOPHONE, Desk

CANARY = "canary-7c1f9e"
SECRET = f"n,phone,{CANARY}\n1,+918123400001,{CANARY}\nAWS_SECRET={CANARY}\n"
CALL = """  - id: r-${{row.n}}-{index}
    rows: "{rows}"
    From: "{agent}"
    To: "${{row.phone}}"
    CallerId: "{exophone}"
"""


def plan_of(*rows: str) -> str:
    """A plan with one call for each data file; the k-th file is named on line 5 * k, from 1."""
    listed = (CALL.format(index=n, rows=name, agent=AGENT, exophone=EXOPHONE) for n, name in enumerate(rows))
    return "version: 1\nname: outside\ncalls:\n" + "".join(listed)


@pytest.fixture
def ways_out(desk: Desk, tmp_path: Path) -> dict[str, str]:
    """Names under which a file outside of the root could be reached."""
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("secret.csv", "secret.jsonl"):
        (outside / name).write_text(SECRET)
    (desk.root / "data").mkdir()
    (desk.root / "data" / "link.csv").symlink_to(outside / "secret.csv")
    (desk.root / "data" / "folder").symlink_to(outside)
    (desk.root / "data" / "chain.csv").symlink_to("link.csv")
    return {
        "dots": "../outside/secret.csv",
        "json": "../outside/secret.jsonl",
        "absolute": str(outside / "secret.csv"),
        "link": "data/link.csv",
        "linked folder": "data/folder/secret.csv",
        "chain": "data/chain.csv",
        "dots inside": "data/../../outside/secret.csv",
        "missing": "../outside/no-such-file.csv",
        "folder": "../outside",
        "proc": "/proc/self/environ",
        "device": "/dev/stdin",
        "url": "file:///etc/passwd",
        "home": "~/secret.csv",
    }


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_file_outside_of_the_root_is_refused_and_nothing_of_it_is_shown(
    desk: Desk, carrier: Carrier, live: Path, ways_out: dict[str, str], command: str
) -> None:
    plan = desk.write("outside.yaml", plan_of(*ways_out.values()))
    more = {"validate": [], "plan": ["--target", str(live)], "run": desk.run_arguments(plan, live)[2:]}
    done = desk.orchestrate(command, str(plan), *more[command])
    assert done.code == 3, done.said
    assert CANARY not in done.said
    for place, name in enumerate(ways_out, start=1):
        assert f"outside.yaml:{5 * place}" in done.said, (name, done.said)
    assert carrier.received() == []


def test_each_way_out_is_refused_alone(desk: Desk, ways_out: dict[str, str]) -> None:
    plans = [desk.write(f"{n}.yaml", plan_of(rows)) for n, rows in enumerate(ways_out.values())]
    done = desk.orchestrate("validate", *map(str, plans), "--format", "json")
    assert done.code == 3
    assert CANARY not in done.said
    refused = {Path(item["file"]).name for item in json.loads(done.out)["findings"] if item["severity"] == "error"}
    assert refused == {plan.name for plan in plans}


def test_the_answer_does_not_tell_whether_the_file_exists(desk: Desk, ways_out: dict[str, str]) -> None:
    """A refusal of `../outside/x` reads the same for a file that is there and for one that is not."""
    said = []
    for name in ("dots", "missing"):
        done = desk.orchestrate("validate", str(desk.write("outside.yaml", plan_of(ways_out[name]))))
        assert done.code == 3
        said.append(done.said.replace(Path(ways_out[name]).name, "FILE"))
    first, second = (text.split("\n", 1)[0] for text in said)
    assert first == second


def test_root_decides_what_is_inside(desk: Desk, tmp_path: Path) -> None:
    """`--root` widens or narrows the folder on purpose: the user says it, never the plan."""
    (tmp_path / "data.csv").write_text("n,phone\n1,+918123400001\n")
    plan = desk.write("plan.yaml", plan_of("../data.csv"))
    wide = desk.orchestrate("validate", str(plan), "--root", str(tmp_path))
    assert wide.code == 0, wide.said
    (tmp_path / "narrow").mkdir()
    assert desk.orchestrate("validate", str(plan), "--root", str(tmp_path / "narrow")).code == 3


NAMING = {
    "rows": "calls: [{{id: a, rows: {name}, To: '${{row.phone}}'}}]\n",
    "sample": "calls: [{{id: a, rows: {{file: x.csv, columns: [n], sample: {name}}}}}]\n",
    "suppress": "calls: [{{id: a}}]\npolicy: {{suppress: [{name}]}}\n",
    "holidays": "calls: [{{id: a}}]\npolicy: {{holidays: {name}}}\n",
}


@pytest.mark.parametrize("key", NAMING)
def test_secret_and_hidden_files_inside_of_the_root_are_refused_before_they_are_read(desk: Desk, key: str) -> None:
    """`.env`, `.ssh/`, keys, and what lies in the folder of `--secrets-dir`, named in either way; also by a link."""
    token = desk.write("vault/EXOTEL_API_TOKEN", CANARY)
    desk.write(".env", f"EXOTEL_API_TOKEN={CANARY}\n")
    desk.write(".ssh/config", CANARY)
    desk.write("server.pem", CANARY)
    desk.write("vault/other", CANARY)
    (desk.root / "orders.csv").symlink_to(token)
    (desk.root / "link.csv").symlink_to(".env")
    names = (".env", ".ssh/config", ".git/config", "server.pem", "link.csv", "orders.csv", "vault/other")
    plans = [
        str(desk.write(f"{n}.yaml", f"version: 1\nname: p{n}\n" + NAMING[key].format(name=name)))
        for n, name in enumerate(names)
    ]
    ways: list[tuple[list[str], dict[str, str]]] = [
        (["--secrets-dir", str(desk.root / "vault")], {}),
        ([], {"ORCHESTRATE_SECRETS_DIR": str(desk.root / "vault")}),
    ]
    for more, environment in ways:
        done = desk.orchestrate("validate", *plans, *more, "--format", "json", **environment)
        assert done.code == 3
        assert CANARY not in done.said
        found = {(Path(f["file"]).stem, f["id"]) for f in json.loads(done.out)["findings"] if f["severity"] == "error"}
        refusals = {"hidden-file", "credentials-file", "file-outside-root"}
        assert {plan for plan, problem in found if problem in refusals} == {str(n) for n in range(len(names))}, found
        for command in ("plan", "run"):
            done = desk.orchestrate(command, plans[-1], *more, **environment)
            assert done.code == 3, done.said
            assert "credentials-file" in done.err or (key, command) == ("sample", "run"), done.said
            assert CANARY not in done.said


def test_a_file_of_credentials_is_not_shown_as_a_plan_either(desk: Desk) -> None:
    desk.write(".env", f"EXOTEL_API_TOKEN: {CANARY}\n")
    for command in ("validate", "plan", "run"):
        done = desk.orchestrate(command, ".env")
        assert done.code == 3
        assert CANARY not in done.said
