"""`init`: what it writes passes the product's own checks, whatever the export was; and it never overwrites a file."""

import csv
import io
import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from acceptance import cli
from acceptance.repository import Repository
from click.testing import CliRunner, Result
from hypothesis import event, given, settings
from hypothesis import strategies as st

from orchestrator.cli.main import main

AGENT, EXOPHONE = "+918123456789", "07410410123"  # phonenumbers' example numbers for India
SAID = ("--agent", AGENT, "--caller-id", EXOPHONE)
TABLE = [["Order ID", "Mobile", "Name"], ["1041", "+447700900200", "Zoë"], ["1042", "+447700900201", "Vikram"]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


def orchestrate(*arguments: str) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code != 70, result.output
    return result


def as_text(rows: list[list[str]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def check(folder: Path, plan: str, calls: int) -> str:
    """Hold what was written to the product's own checks; return what `plan` shows."""
    checked = orchestrate("validate", "--strict", str(folder / plan), str(folder / "configs/live.yaml"))
    assert checked.exit_code == 0, checked.output
    assert checked.stdout == "2 files checked: 0 errors, 0 warnings\n"
    shown = orchestrate("plan", str(folder / plan), "--unmask")
    assert shown.exit_code == 0, shown.output
    assert f"\n{calls} to dial\n" in shown.stdout
    formatted = orchestrate("fmt", "--check", str(folder / plan), str(folder / "configs/live.yaml"))
    assert formatted.exit_code == 0, formatted.output
    return shown.stdout


def without_data(folder: Path, plan: str) -> None:
    """Check it as a pipeline does, which has what is in Git: the sample stands for the data."""
    (folder / "data" / f"{Path(plan).stem}.csv").unlink()
    checked = orchestrate("validate", "--strict", str(folder / plan))
    assert checked.exit_code == 0, checked.output
    assert "sample-used" in checked.stdout
    assert orchestrate("plan", str(folder / plan)).exit_code == 0


def test_from_nothing_an_example_is_written_that_rings_nobody(here: Path) -> None:
    done = orchestrate("init")
    assert done.exit_code == 0, done.output
    assert files_in(here) == [
        ".github/workflows/calls.yml",
        ".gitignore",
        ".pre-commit-config.yaml",
        "README.md",
        "configs/live.yaml",
        "data/calls.csv",
        "data/calls.sample.csv",
        "orchestrate.toml",
        "plans/calls.yaml",
    ]
    shown = check(here, "plans/calls.yaml", 3)
    rung = re.findall(r"rings (\S+) then (\S+)", shown)
    assert rung
    assert all(number.startswith("+447700900") for numbers in rung for number in numbers)
    without_data(here, "plans/calls.yaml")


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (as_text(TABLE).encode("utf-8-sig"), "UTF-8 with a byte order mark, separated by commas"),
        (as_text(TABLE, ";").encode("cp1252"), "Windows-1252, separated by semicolons"),
        (as_text(TABLE, "\t").encode("utf-16"), "UTF-16, separated by tabs"),
        (b"sep=;\r\n" + as_text(TABLE, ";").encode(), "UTF-8, separated by semicolons"),
    ],
    ids=["bom", "windows", "unicode-text", "sep"],
)
def test_an_export_as_excel_writes_it_becomes_a_plan(here: Path, raw: bytes, read: str) -> None:
    (here / "Orders of today.csv").write_bytes(raw)
    done = orchestrate("init", "--from", "Orders of today.csv", *SAID, "calls")
    assert done.exit_code == 0, done.output
    assert f"read      2 rows: {read}\n" in done.stdout
    assert "phones    `Mobile`: 2 of the 2 cells looked at are phone numbers\n" in done.stdout
    assert "ids       `Order ID`: " in done.stdout
    home = here / "calls"
    shown = check(home, "plans/orders-of-today.yaml", 2)
    assert f"orders-of-today-1041     rings {AGENT} then +447700900200" in shown
    assert "Zoë" in (home / "data/orders-of-today.csv").read_text("utf-8")
    without_data(home, "plans/orders-of-today.yaml")


def test_whom_several_rows_ring_is_told_and_the_plan_is_written(here: Path) -> None:
    (here / "x.csv").write_text(as_text([*TABLE, ["1043", "+447700900200", "Zoë again"]]))
    done = orchestrate("init", "--from", "x.csv", *SAID)
    assert done.exit_code == 0, done.output
    assert "x.csv:4:1: warning[same-person]" in done.stdout
    assert "`validate --strict` refuses them" in " ".join(done.stdout.split())
    assert orchestrate("validate", "plans/x.yaml").exit_code == 0


def test_the_next_day_s_export_becomes_the_data(here: Path) -> None:
    (here / "x.csv").write_bytes(as_text(TABLE, ";").encode("cp1252"))
    assert orchestrate("init", "--from", "x.csv", *SAID).exit_code == 0
    before = {name: (here / name).read_bytes() for name in files_in(here)}
    (here / "next.csv").write_bytes(as_text([*TABLE, ["1043", "+447700900202", "Meena"]], ";").encode("utf-16"))
    again = orchestrate("init", "--from", "next.csv", "--name", "x")
    assert again.exit_code == 0, again.output
    assert "data/x.csv was there, and stays: remove it" in " ".join(again.stdout.split())
    assert {name: (here / name).read_bytes() for name in before} == before
    (here / "data/x.csv").unlink()
    again = orchestrate("init", "--from", "next.csv", "--name", "x")
    assert again.exit_code == 0, again.output
    assert [line for line in again.stdout.splitlines() if line.startswith("wrote")] == ["wrote     data/x.csv"]
    assert "phones" not in again.stdout
    assert "pipeline" not in again.stdout
    assert "lacks /next.csv" in again.stdout
    check(here, "plans/x.yaml", 3)
    before.pop("data/x.csv")
    assert {name: (here / name).read_bytes() for name in before} == before


def test_the_repository_s_own_rules_count_already(here: Path) -> None:
    (here / "x.csv").write_text(as_text([["phone", "Mobile"], ["1041", "+447700900200"], ["1042", "+447700900201"]]))
    (here / "orchestrate.toml").write_text('[rules]\nseverity = {number-in-id = "error"}\n')
    done = orchestrate("init", "--from", "x.csv", *SAID, "--phone-column", "Mobile", "--id-column", "Mobile")
    assert done.exit_code == 3
    assert "number-in-id" in done.stderr
    assert sorted(files_in(here)) == ["orchestrate.toml", "x.csv"]


HOSTILE = [
    ["id", "phone", "", ""],
    ["id", "phone", "phone", "id"],
    ['the "id"', "phone", "it's: a {map}", "- x"],
    ["${row.phone} id", "$phone", "${", "$$"],
    ["id", "::error file=x::phone", "##vso[task.complete]", "%0A"],
    ["🙂 id", "📱 phone", "#", "&anchor *alias !tag"],
    ["\u202eid", "רשימת phone", "\u2066", "مفتاح"],
    ["id\nid", "pho\tne", "\x07", "\x9b"],
    ["<img src=x> id", "phone|phone", "`id`", "@team"],
    ["id" * 200, "phone", "y" * 3000, "~"],
    ["null id", "phone: yes", "true", "1.50"],
]


@pytest.mark.parametrize("header", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_the_columns_are_called_the_plan_is_right(here: Path, header: list[str]) -> None:
    rows = [header, ["7", "+447700900201", "a", "a"], ["8", "+447700900202", "a", "a"]]
    (here / "x.csv").write_bytes(as_text(rows).encode())
    done = orchestrate("init", "--from", "x.csv", *SAID, "--id-column", "", "out")
    assert done.exit_code == 2
    done = orchestrate("init", "--from", "x.csv", *SAID, "out")
    assert done.exit_code == 0, done.output
    assert not re.search(r"^\s*::[a-z]|##[a-z]*\[|\x1b|\u202e", done.output, re.MULTILINE)
    shown = check(here / "out", "plans/x.yaml", 2)
    assert "x-7 " in shown
    without_data(here / "out", "plans/x.yaml")
    (written,) = (here / "out/plans").iterdir()
    assert yaml.safe_load(written.read_text("utf-8"))["calls"][0]["rows"]["file"] == "../data/x.csv"


@pytest.mark.parametrize(
    ("cells", "finding", "line"),
    [
        (["+447700900201", "9.19877E+11"], "number-destroyed", 3),
        (["+447700900201", "26543210"], "number-not-valid", 3),
        (["987654321", "+447700900201", "+447700900202"], "number-not-valid", 2),
        (["+447700900201", ""], "missing-parameter", 3),
    ],
    ids=["rounded", "no area code", "a digit lost", "empty"],
)
@pytest.mark.parametrize("above", ["", "sep=,\r\n"])
def test_a_number_that_is_lost_is_no_number_to_guess(
    here: Path, cells: list[str], finding: str, line: int, above: str
) -> None:
    rows = [["id", "phone"], *([str(index), cell] for index, cell in enumerate(cells))]
    (here / "x.csv").write_text(above + as_text(rows), newline="")
    done = orchestrate("init", "--from", "x.csv", *SAID, "out")
    assert done.exit_code == 3
    assert f"x.csv:{line + bool(above)}:1: error[{finding}]" in done.stderr
    assert "x.yaml" not in done.stderr  # there is no such file
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("id,phone\n", 3, "no-rows"),
        ("Orders of today,\nid,phone\n1,+447700900201\n", 3, "title-line"),
        ("id,phone\n1,+447700900201\n1,+447700900202\n", 2, "--id-column NAME (no column has a cell in each row"),
        ("id,city\n1,Pune\n", 2, "--phone-column NAME (no column holds phone numbers; the columns are `id`, `city`)"),
        ("<html>", 3, "not-text"),
    ],
)
def test_what_cannot_be_a_plan_is_refused_and_nothing_is_written(here: Path, text: str, code: int, says: str) -> None:
    (here / "x.csv").write_text(text)
    done = orchestrate("init", "--from", "x.csv", *SAID, "out")
    assert done.exit_code == code
    assert says in done.stderr
    assert not (here / "out").exists()


def test_a_very_wide_export_does_not_fill_the_screen(here: Path) -> None:
    wide = ["x"] * 20_000
    (here / "x.csv").write_text(as_text([["a", *wide], *([str(row), *wide] for row in range(20))]))
    done = orchestrate("init", "--from", "x.csv", *SAID)
    assert done.exit_code == 2
    assert "and 19,981 more" in done.stderr
    assert len(done.stderr) < 2_000


def test_all_that_is_missing_is_named_at_once_where_nobody_can_be_asked(here: Path) -> None:
    (here / "x.csv").write_text("who,phone,mobile\na,+447700900201,+447700900201\nb,+447700900202,+447700900202\n")
    done = orchestrate("init", "--from", "x.csv")
    assert done.exit_code == 2
    assert all(option in done.stderr for option in ("--phone-column", "--id-column", "--agent", "--caller-id"))
    assert files_in(here) == ["x.csv"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "nowhere.csv", *SAID],
        ["--from", "x.csv", "--agent", "abc", "--caller-id", EXOPHONE],
        ["--from", "x.csv", "--agent", "26543210", "--caller-id", EXOPHONE],
        ["--from", "x.csv", *SAID, "--phone-column", "fone"],
        ["--name", "Not A Name"],
        ["--purpose", "fun"],
    ],
    ids=" ".join,
)
def test_wrong_usage_writes_nothing(here: Path, arguments: list[str]) -> None:
    (here / "x.csv").write_text(as_text(TABLE))
    assert orchestrate("init", *arguments).exit_code == 2
    assert files_in(here) == ["x.csv"]


@pytest.mark.parametrize("name", [".gitignore", "README.md"])
def test_what_is_there_is_kept_whatever_it_is(here: Path, name: str) -> None:
    (here / name).symlink_to("nowhere")
    done = orchestrate("init")
    assert done.exit_code == 0, done.output
    assert f"kept      {name}, which was there\n" in done.stdout
    assert (here / name).is_symlink()


def test_nothing_that_is_there_is_overwritten(here: Path) -> None:
    for name in ("README.md", "configs/live.yaml", ".gitignore"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("kind: sandbox\n" if name.endswith("yaml") else "mine\n")
    done = orchestrate("init")
    assert done.exit_code == 0, done.output
    assert "kept      README.md, which was there\n" in done.stdout
    assert ".gitignore was there, and lacks /data/*" in done.stdout
    assert (here / "README.md").read_text() == "mine\n"
    again = orchestrate("init")
    assert again.exit_code == 0, again.output
    assert "wrote" not in again.stdout
    assert (here / ".gitignore").read_text() == "mine\n"


def test_data_that_is_there_is_what_the_plan_is_checked_with(here: Path) -> None:
    """`--from data/x.csv` inside the folder: the export is the data, and must be fit for it."""
    (here / "data").mkdir()
    (here / "data/x.csv").write_text(as_text(TABLE, ";"), newline="")
    done = orchestrate("init", "--from", "data/x.csv", *SAID)
    assert done.exit_code == 3
    assert "wrong-separator" in done.stderr
    (here / "data/x.csv").write_text(as_text(TABLE), newline="")
    assert orchestrate("init", "--from", "data/x.csv", *SAID).exit_code == 0
    check(here, "plans/x.yaml", 2)


@pytest.mark.parametrize("in_the_way", ["plans", "data", "configs", ".github"])
def test_where_a_file_stands_in_the_way_of_a_folder_nothing_is_left(here: Path, in_the_way: str) -> None:
    (here / in_the_way).write_text("a file")
    done = orchestrate("init")
    assert done.exit_code == 4
    assert "nothing was written" in done.stderr
    assert [path.name for path in here.iterdir()] == [in_the_way]


def test_customer_data_is_private_and_git_does_not_take_it(here: Path) -> None:
    repository = Repository.made(here / "calls")
    repository.write("today [1].csv", as_text(TABLE))
    done = orchestrate("init", "--from", "calls/today [1].csv", *SAID, "calls")
    assert done.exit_code == 0, done.output
    repository.git("add", ".")
    taken = repository.git("ls-files").splitlines()
    assert "data/today-1.sample.csv" in taken
    assert not [
        name for name in taken if "+4477009002" in (repository.home / name).read_text() and "sample" not in name
    ]
    assert (repository.home / "data/today-1.csv").stat().st_mode & 0o077 == 0
    assert set(files_in(repository.home)) - set(taken) >= {"data/today-1.csv", "today [1].csv"}


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("git@github.com:acme/calls.git", ".github/workflows/calls.yml"),
        ("https://user@gitlab.acme.example/calls", ".gitlab-ci.yml"),
        ("ssh://git@gitlab.com:22/calls", ".gitlab-ci.yml"),
        ("https://[::1/github", ".github/workflows/calls.yml"),
    ],
)
def test_the_pipeline_is_that_of_the_remote(here: Path, address: str, file: str) -> None:
    repository = Repository.made(here)
    repository.git("remote", "add", "origin", address)
    done = orchestrate("init")
    assert ("remember  no remote" in done.stdout) == ("[" in address)
    assert [name for name in files_in(here) if name in (".github/workflows/calls.yml", ".gitlab-ci.yml")] == [file]


def test_no_pipeline_is_written_where_none_is_wanted(here: Path) -> None:
    assert orchestrate("init", "--pipeline", "none").exit_code == 0
    assert not {".github/workflows/calls.yml", ".gitlab-ci.yml"} & set(files_in(here))


def test_every_file_that_is_written_is_well_formed(here: Path) -> None:
    for pipeline in ("github", "gitlab"):
        assert orchestrate("init", pipeline, "--pipeline", pipeline).exit_code == 0
    for name in files_in(here):
        text = (here / name).read_text("utf-8")
        assert not re.search(r"@[a-z_]+@", text), name
        if name.endswith((".yml", ".yaml")):
            assert yaml.safe_load(text), name


def test_a_person_is_asked_what_cannot_be_known(here: Path) -> None:
    (here / "x.csv").write_text("who,phone\na,+447700900201\nb,+447700900202\n")
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [*cli.command(), "init", "--from", "x.csv"],
        stdin=its,
        stderr=its,
        stdout=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(its)
    try:
        for question, answer in (
            ("Which column has the ids", "name"),
            ("no such column", "who"),
            ("The agent's number", "12"),
            ("it is no phone number", AGENT),
            ("The ExoPhone", EXOPHONE),
        ):
            wait_for(ours, question)
            os.write(ours, f"{answer}\n".encode())
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        os.close(ours)
    assert process.returncode == 0
    assert "ids       `who`: you named it" in out.decode()
    check(here, "plans/x.yaml", 2)


def wait_for(terminal: int, text: str) -> None:
    shown, deadline = "", time.monotonic() + 30
    while text not in shown:
        assert select.select([terminal], [], [], deadline - time.monotonic())[0], shown
        shown += os.read(terminal, 1 << 12).decode()


WORDS = ["id", "phone", "+447700900201", "9.1E+11", "7", "", " ", '"', "${", "a\nb", "\x00", "é", "📱", "="]
TABLES = st.lists(st.lists(st.sampled_from(WORDS), max_size=4), max_size=5)
ROWS = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(["+447700900201", "+447700900202", *WORDS])), max_size=4
)
CODECS = st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be"])


def encoded(table: list[list[str]], separator: str, codec: str) -> bytes:
    return as_text(table, separator).encode(codec, "replace")


@settings(max_examples=100, deadline=None)
@given(
    raw=st.binary(max_size=60)
    | st.builds(encoded, TABLES | ROWS.map(lambda rows: [["id", "phone"], *rows]), st.sampled_from(",;\t"), CODECS)
)
def test_whatever_the_export_holds_it_is_a_plan_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "x.csv").write_bytes(raw)
    done = orchestrate("init", "--from", str(folder / "x.csv"), *SAID, "--id-column", "id", str(folder / "out"))
    event(f"exit code {done.exit_code:d}")
    assert done.exit_code in (0, 2, 3)
    assert "Traceback" not in done.output
    assert (folder / "out").exists() == (done.exit_code == 0)
    assert done.exit_code == 0 or done.stderr
