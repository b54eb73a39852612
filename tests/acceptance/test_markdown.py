"""`plan` and `diff` as Markdown: short enough for a comment, and nothing that others wrote is alive in it."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.github import Page
from acceptance.repository import Repository
from acceptance.test_diff import orchestrate
from orchestrator.phone.safe_text import visible
from orchestrator.reports import markdown
from orchestrator.reports.markdown import LONGEST, code

HOSTILE = [
    "@team please look",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "https://evil.example www.evil.example a@evil.example",
    "#123 GH-7 owner/repo#9 0123456789abcdef0123456789abcdef01234567",
    "<script>alert(1)</script><img src=x onerror=y>",
    "<!-- </details></summary> -->",
    "</details>",
    "a|b||c|",
    "`tick` ``two`` ```",
    "ends with a backslash\\",
    "\\|\\`\\\\",
    "# heading",
    "- [ ] task",
    "> quote",
    "***bold*** __x__ ~~y~~ $x$ :tada:",
    "&lt;b&gt; &#64;team &amp;",
    "שלום עולם",
    "===",
    "a  b   c ",
    "客" * 80,
    "\U0001f600" * 90,
]
AGENT = "+918069171234"
PLAN = {
    "version": 1,
    "name": "hostile",
    "edition": "2026-11-22",
    "vars": {"v": HOSTILE[0]},
    "defaults": {"From": AGENT, "CallerId": "08047112233"},
    "calls": [{"id": "${row.id}", "rows": "<b> [x](y) @team.csv", "To": "${row.phone}", "CustomField": "${row.text}"}],
    "policy": {
        "suppress": ["#1 | `do not` @call.csv"],
        "window": [{"days": "mon-sun", "hours": "09:00-21:00", "timezone": "UTC"}],
    },
}


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def rows(texts: list[str], start: int = 0) -> str:
    lines = (f"{quoted(text)},+9198765{n:05},{quoted(text)}" for n, text in enumerate(texts, start))
    return "\n".join(["id,phone,text", *lines])


def documents(folder: Path, before: list[str], after: list[str], *options: str, start: int = 0) -> dict[str, str]:
    """A review and a diff of plans with these ids, each text also its call's CustomField."""
    repository = Repository.made(folder)
    repository.write("plan.yaml", json.dumps(PLAN))
    repository.write("<b> [x](y) @team.csv", rows(before))
    repository.write("#1 | `do not` @call.csv", f"number\n+9198765{start:05}\n")
    repository.commit()
    changed = {**PLAN, "vars": {"v": HOSTILE[1]}, "defaults": {**PLAN["defaults"], "TimeLimit": 600}}
    changed["policy"] = {**PLAN["policy"], "pace": "3/minute"}
    repository.write("plan.yaml", json.dumps(changed))
    repository.write("<b> [x](y) @team.csv", rows(after, start))
    repository.write("#1 | `do not` @call.csv", f"number\n+9198765{start:05}\n+9198765{start + 1:05}\n")
    found = {}
    for name, arguments in {
        "plan": ("plan", "plan.yaml"),
        "diff": ("diff", "plan.yaml", "--against", "main"),
    }.items():
        done = orchestrate(repository.home, *arguments, "--format", "markdown", *options)
        assert done.code == 0, done.said
        found[name] = done.out
    return found


def test_nothing_that_others_wrote_is_alive(tmp_path: Path) -> None:
    found = documents(tmp_path / "repo", HOSTILE, [*HOSTILE[2:], *(f"new {text}" for text in HOSTILE)])
    for text in found.values():
        page = Page(text)
        page.check()
        assert page.tags.count("details") > 3
        told = "\n".join(page.code)
        for hostile in ("@team please look", "[click](javascript:alert(1))", "<script>", "שלום", ":tada:"):
            assert hostile in told


@pytest.mark.parametrize("texts", [["x" * 120], ["\U0001f600" * 120], ["|" * 120], ["`" * 120], ["<" * 120]])
def test_it_fits_a_comment_whatever_the_plan(tmp_path: Path, texts: list[str]) -> None:
    before = [f"old {n} {text}" for n in range(300) for text in texts]
    after = [f"{n} {text}" for n in range(300) for text in texts]
    for text in documents(tmp_path / "repo", before, after).values():
        assert len(text.encode()) <= LONGEST
        assert text.rstrip().endswith("however it is spelled.")
        Page(text).check()
        assert "... and 250 more" in text or "more\n" in text


def test_no_number_is_in_it_even_in_part(tmp_path: Path) -> None:
    texts = [f"call +9198765{n:05} or 098765{n:05}" for n in range(30)]
    for text in documents(tmp_path / "repo", texts, texts[::-1]).values():
        for part in ("98765", "80691", "69171", "71234", "80471", "12233", "+91"):
            assert part not in text
        assert "`person " in text
    shown = documents(tmp_path / "again", texts, texts[::-1], "--unmask")
    for text in shown.values():
        assert "98765" in text
        assert "person" not in text.replace("People", "")


def test_a_stranger_does_not_learn_where_the_machine_keeps_its_journal(tmp_path: Path) -> None:
    repository = Repository.made(tmp_path / "repo")
    repository.write("plan.yaml", json.dumps({**PLAN, "policy": {}}))
    repository.write("<b> [x](y) @team.csv", "id,phone,text\na,09876500001,x\nb,+91 98765 00001,y\n")
    kept = tmp_path / "folder-of-mine" / "calls.db"
    kept.parent.mkdir()
    assert orchestrate(repository.home, "journal", "create", "--journal", str(kept)).code == 0
    done = orchestrate(repository.home, "plan", "plan.yaml", "--format", "markdown", "--journal", str(kept))
    assert done.code == 0, done.said
    assert "| journal | `calls.db, no run of this edition yet` |" in done.out
    assert "folder-of-mine" not in done.out
    assert str(tmp_path) not in done.out


def test_a_window_that_all_calls_wait_for_is_told_once(tmp_path: Path) -> None:
    """Each of fifty rows said when the plan's window opens."""
    repository = Repository.made(tmp_path / "repo")
    repository.write("plan.yaml", json.dumps(PLAN))
    repository.write("<b> [x](y) @team.csv", rows(["a", "b"], 1))
    repository.write("#1 | `do not` @call.csv", "number\n+919876500009\n")
    review = ("plan", "plan.yaml", "--format", "markdown", "--at", "2026-11-23T10:00:00Z")
    assert "because of" not in orchestrate(repository.home, *review).out
    text = orchestrate(repository.home, *review[:-1], "2026-11-23T22:00:00Z").out
    assert "- Nothing starts at `22:00 UTC (2026-11-23T22:00Z)`: not before `09:00 UTC tomorrow" in text
    assert text.count("because of `window`") == 1
    assert "| `a` | `person " in text
    Page(text).check()


def test_what_a_finding_quotes_is_read_as_it_stands(tmp_path: Path) -> None:
    """Its own backticks were written out: `call \\x60b\\x60 rings the same person`."""
    repository = Repository.made(tmp_path / "repo")
    repository.write("plan.yaml", json.dumps({**PLAN, "policy": {}}))
    repository.write("<b> [x](y) @team.csv", "id,phone,text\na,09876500001,x\nb,+91 98765 00001,y\n")
    text = orchestrate(repository.home, "plan", "plan.yaml", "--format", "markdown").out
    assert "| `call 'b' rings the same person as the call in line 2` |" in text
    assert "x60" not in text
    Page(text).check()


def test_two_rows_of_one_person_show_as_one(tmp_path: Path) -> None:
    repository = Repository.made(tmp_path / "repo")
    plan = {**PLAN, "policy": {}}
    repository.write("plan.yaml", json.dumps(plan))
    repository.write("<b> [x](y) @team.csv", "id,phone,text\na,09876500001,x\nb,+91 98765 00001,y\nc,+919876500002,z\n")
    text = orchestrate(repository.home, "plan", "plan.yaml", "--format", "markdown").out
    people = [line.split(" | ")[2] for line in text.splitlines() if line.startswith(("| `a`", "| `b`", "| `c`"))]
    assert people[0] == people[1] != people[2]
    assert f"| {people[0]} | `a` `b` |" in text


@settings(deadline=None, max_examples=300)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_a_cell_is_one_span_of_code_whatever_is_in_it(texts: list[str]) -> None:
    page = Page(f"| a |\n| --- |\n{''.join(f'| {code(text)} |{chr(10)}' for text in texts)}")
    page.check()
    assert len(page.code) == len(texts)
    for text, shown in zip(texts, page.code, strict=True):
        wanted = visible(text).replace("`", "\\x60").replace("|", "\\x7c")
        assert shown.strip() == wanted.strip()


def test_a_page_keeps_room_for_its_end_and_counts_what_it_leaves_out() -> None:
    page = markdown.Page("the end\n", most=300)
    assert page.add("the beginning\n\n")
    page.table("many", ("a",), ([code(f"row {n}")] for n in range(100)), 100)
    assert not page.add("x" * 300)
    page.table("no room", ("a",), ([code("x")] for _ in range(1)), 1)
    text = page.text()
    shown = text.count("`row ")
    assert 0 < shown < 50
    assert f"... and {100 - shown} more" in text
    assert len(text.encode()) <= 300
    assert text.endswith("the end\n")
    Page(text).check()


def test_labels_last_with_a_key(tmp_path: Path) -> None:
    repository = Repository.made(tmp_path / "repo")
    repository.write("plan.yaml", json.dumps({**PLAN, "policy": {}}))
    repository.write("<b> [x](y) @team.csv", rows(["a"]))
    repository.commit()
    repository.write("<b> [x](y) @team.csv", rows(["b"]))
    key = {"ORCHESTRATE_PSEUDONYM_KEY": "k" * 32}
    plan = orchestrate(repository.home, "plan", "plan.yaml", "--format", "markdown", **key).out
    diff = orchestrate(repository.home, "diff", "plan.yaml", "--against", "main", "--format", "markdown", **key).out
    [row] = [line.split(" | ")[1:3] for line in plan.splitlines() if line.startswith("| `b`")]
    assert [line.split(" | ")[1:3] for line in diff.splitlines() if line.startswith("| `b`")] == [row]
    assert "In every output with this key that number has a label that begins so." in plan
