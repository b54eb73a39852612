"""Lists of numbers that are never rung: every spelling, nothing passed over in silence."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.plan.desk import plan

from orchestrator.model.diagnostic import Diagnostic, Severity, Span
from orchestrator.phone.numbers import identity
from orchestrator.plan.digest import inputs_hash
from orchestrator.plan.lists.numbers import entry_key, is_rounded, key_of, keys_within, may_hold_numbers
from orchestrator.plan.lists.suppression import SuppressionLists, read_lists
from orchestrator.plan.paths import PlanFiles, target_files

NUMBER = "+919876543210"
OTHER = "+918123400000"
HASH = "sha256:" + hashlib.sha256(NUMBER.encode()).hexdigest()


def in_script(number: str, zero: int) -> str:
    """A number in the digits of another script."""
    return number.translate({ord("0") + digit: zero + digit for digit in range(10)})


SPELLINGS = [
    *(NUMBER, "919876543210", "09876543210", "9876543210", "00919876543210"),
    *("+91 98765 43210", "+91-98765-43210", "098765-43210", "(+91) 98765.43210", "+91 (0) 98765 43210"),
    "+91 - 98765 - 43210",
    *("0919876543210", "091-98765-43210", "+91 0 98765 43210", "091 98765 43210.0", "+919876543210.00"),
    *(in_script("+919876543210", 0xFF10), in_script("09876543210", 0x0660)),
    *("'9876543210", '="9876543210"', "=9876543210", "9876543210.0", "tel:+919876543210", " 9876543210 "),
    *("+91\u00a098765\u00a043210", "\u202a+91\u201198765\u201143210\u202c", "\ufeff9876543210"),
    *(HASH, HASH.upper(), f" {HASH} "),
]  # fmt: skip


def files(folder: Path, shown: str = "") -> PlanFiles:
    return PlanFiles(folder, folder, shown, use_sample=False)


def listed(folder: Path, *texts: str | bytes) -> tuple[SuppressionLists, list[Diagnostic]]:
    names = [f"{number}.csv" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    lists, found = read_lists(files(folder), names)
    assert all(each.hint for each in found)
    return lists, list(found)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@pytest.mark.parametrize("written", SPELLINGS)
@pytest.mark.parametrize("asked", [NUMBER, "919876543210", "09876543210", "9876543210", "+91 98765-43210"])
def test_a_number_is_found_in_whatever_spelling_it_stands_and_is_asked_for(
    tmp_path: Path, written: str, asked: str
) -> None:
    lists, found = listed(tmp_path, f"number\n{quoted(written)}\n")
    assert found == []
    assert lists.list_with(asked) == "0.csv"
    assert lists.list_with("+919876543211") is None


@pytest.mark.parametrize(
    "number", ["+14155552671", "+442079460018", "08047112233", "022-2654-3210", "+971501234567", "1800"]
)
def test_other_countries_landlines_and_short_codes_are_found_too(tmp_path: Path, number: str) -> None:
    lists, found = listed(tmp_path, f"{number}\n")
    assert [each for each in found if each.is_error] == []
    assert lists.list_with(number) == "0.csv"
    assert lists.list_with(identity(number)) == "0.csv"


@pytest.mark.parametrize(
    "text",
    [
        f"number,reason\n{NUMBER},asked us\n",
        f"reason,Phone,source\nasked us,{NUMBER},web\n",
        f"to,msisdn\n,{NUMBER}\n",
        f" MOBILE ,x\r\n{NUMBER},1\r\n\r\n,\r\n  \r\n",
        f"msisdn\n{NUMBER}",
        f"customer\n{NUMBER}\n",
        f"customer,\n{NUMBER},\n",
        f"order_no,mobile_no\n4711,{NUMBER}\n",
        f"Name,Phone Number 2\nAsha,{NUMBER}\n",
        f"order number,to\nA-4711,{NUMBER}\n",
        f"{NUMBER}\n",
        f"{NUMBER},asked us\n",
        f"{HASH}\n",
        f"\n\n{NUMBER}\n",
        f"+919000000001\r{NUMBER}\r",
        f'"phone","name"\r\n"{NUMBER}","Asha"\r\n',
        f"\ufeffnumber\n{NUMBER}\n",
        f'number,reason\n"{NUMBER}","a\nb, c"\n',
    ],
)
def test_columns_are_found_by_name_and_the_first_line_may_be_data(tmp_path: Path, text: str) -> None:
    lists, found = listed(tmp_path, text)
    assert [each for each in found if each.id != "blank-rows"] == []
    assert lists.list_with(NUMBER) == "0.csv"


@pytest.mark.parametrize(
    "text",
    [
        f"phone,mobile\n{NUMBER},{OTHER}\n",
        f"to,number\n{OTHER},{NUMBER}\n",
        f"name,Phone,phone 2\nAsha,{NUMBER},{OTHER}\n",
        f"phone,mobile_no\n{NUMBER},\n,{OTHER}\n",
        f"phone,mobile\n{HASH},{OTHER}\n",
    ],
)
def test_every_column_that_is_named_as_one_of_numbers_counts(tmp_path: Path, text: str) -> None:
    lists, found = listed(tmp_path, text)
    assert (found, lists.list_with(NUMBER), lists.list_with(OTHER)) == ([], "0.csv", "0.csv")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{NUMBER},{OTHER}\n", "column 2"),
        (f"{NUMBER}\n{NUMBER},,{OTHER}\n", "column 3"),
        (f"number,alternate\n{NUMBER},{OTHER[3:8]} {OTHER[8:]}\n", "`alternate`"),
        (f"number,alternate\n{NUMBER},{OTHER[1:]}\n", "`alternate`"),
        (f"number\n{NUMBER},{OTHER}\n", "column 2"),
        (f"name,phone,mobile\n{OTHER},{NUMBER}\n", "`name`"),
        (f"number,reason\n{NUMBER},also Mob{OTHER[3:]}\n", "`reason`"),
        (f"number,reason\n{NUMBER},call {OTHER[3:8]}-{OTHER[8:]} never\n", "`reason`"),
        (f"number,reason\n{NUMBER},{OTHER[3:]} / {NUMBER}\n", "`reason`"),
        (f'number,reason\n{NUMBER},"asked\n{OTHER},asked\n{NUMBER},"\n', "`reason`"),
        (f"number,hash\n{NUMBER},sha256:{hashlib.sha256(OTHER.encode()).hexdigest()}\n", "`hash`"),
        (f"{NUMBER},\u202a{OTHER[:3]}\u00a0{OTHER[3:]}\u202c\n", "column 2"),
    ],
)
def test_a_number_in_another_column_counts_too_and_the_column_is_told_once(
    tmp_path: Path, text: str, where: str
) -> None:
    """Whoever wrote it there wants it kept back, or has a column in the list that does not belong there."""
    lists, found = listed(tmp_path, text * 3 if text.startswith(NUMBER) else text)
    assert (lists.list_with(NUMBER), lists.list_with(OTHER)) == ("0.csv", "0.csv")
    assert [(each.id, each.severity) for each in found] == [("numbers-elsewhere", Severity.WARNING)]
    assert found[0].message == f"{where} holds phone numbers too: they are kept back as well"


@given(st.text("0123456789 +-.()\t\"'=aE:", max_size=24))
@example("+44 20 7946 0018\t")
@example('="022 2654 3210"')
@example("tel:+1 (415) 555-2671 ")
@example("SHA256:" + "abcdef" * 10 + "abcd")
def test_the_quick_look_at_a_line_misses_no_number(cell: str) -> None:
    if keys_within(cell) or is_rounded(cell):
        assert may_hold_numbers(f"asked us\n{cell}\nweb")


@pytest.mark.parametrize(
    "number", ["+14155552671", "+442079460018", "+44 98765 43210", "00919876543210", "08047112233"]
)
def test_a_number_inside_a_text_keeps_its_country(tmp_path: Path, number: str) -> None:
    lists, _ = listed(tmp_path, f"number,reason\n{NUMBER},or on {number} after six\n")
    assert lists.list_with(number) == "0.csv"
    assert len(lists.lists[0][1]) == 2


def test_a_first_column_of_other_digits_hides_no_number(tmp_path: Path) -> None:
    lists, found = listed(tmp_path, "123456,8123400000\n123457,8123400001\n")
    assert [lists.list_with(number) for number in ("8123400000", "+918123400001")] == ["0.csv", "0.csv"]
    assert {each.id for each in found} == {"short-number", "numbers-elsewhere"}


@pytest.mark.parametrize(
    "note",
    ["asked us on 2026-11-22", "2026-11-22 10:30:00", "2026-11-22T10:30:00+05:30", "22/11/2026", "20261122", "4711",
     "400001", "Rs 1,50,000.00", "2.5E+03", "01.11.2026 - 30.11.2026", "shop 12, floor 3"],
)  # fmt: skip
def test_dates_and_other_figures_beside_a_number_are_nobodys_number(tmp_path: Path, note: str) -> None:
    lists, found = listed(tmp_path, f"number,note\n{NUMBER},{quoted(note)}\n")
    assert (found, len(lists.lists[0][1])) == ([], 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("number\nunknown\n", [("not-a-number", 2)]),
        (f"number\n{NUMBER}\nn/a\n+9198765x3210\n", [("not-a-number", 3), ("not-a-number", 4)]),
        ("number\n9.19877E+11\n", [("not-a-number", 2)]),
        ("number\n9876543210 / 9876543211\n", [("not-a-number", 2)]),
        ("number\n9876543210 9876543211\n", [("not-a-number", 2)]),
        ("number\n98765*****\n12\n", [("not-a-number", 2), ("not-a-number", 3)]),
        (f"number\n{HASH[7:]}\n{HASH[:-1]}\n", [("not-a-number", 2), ("not-a-number", 3)]),
        ("name,number\nAsha\n", [("not-a-number", 2)]),
        ("number,name\n,Asha\n", [("not-a-number", 2)]),
        (f"Asha,{NUMBER}\n", [("not-a-number", 1)]),
        ("9876543210;spam\n", [("not-a-number", 1)]),
        ("9198765x3210\n", [("not-a-number", 1)]),
        ("12\n9876543210\n", [("not-a-number", 1)]),
        ("98x**\n", [("not-a-number", 1)]),
        ("list 7\n9876543210\n", [("not-a-number", 1)]),
        ("phone,mobile\n9876543210,98765x3210\n", [("not-a-number", 2)]),
        ("phone,mobile\n9876543210,n/a\n", [("not-a-number", 2)]),
        ("phone,mobile,name\n,,Asha\n", [("not-a-number", 2)]),
        ("to,msisdn\n1,9876543210\n", [("not-a-number", 2)]),
        ("9876543210,9.19877E+11\n", [("rounded-number", 1)]),
        ("number,alternate\n9876543210,9.19877E+11\n", [("rounded-number", 2)]),
        ('number,alternate\n9876543210,"9,8765e+9"\n', [("rounded-number", 2)]),
        (f"customer,reason\n{NUMBER},x\n", [("no-number-column", 1)]),
        ("sep=,\nnumber,reason\n", [("separator-line", 1)]),
        ("order_no,alternate\n1,9876543210\n", [("no-number-column", 1)]),
        ("9876543210;9876543211\n", [("not-a-number", 1)]),
        ("9876543210\t9876543211\n", [("not-a-number", 1)]),
        ("number;reason\n", [("wrong-separator", 1)]),
        (b"number,name\n9876543210,Jos\xe9\n", [("not-utf-8", 2)]),
        (b"PK\x03\x04\xff\x00", [("not-text", 1)]),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", [("not-fetched", 1)]),
        (f"{NUMBER}\n<<<<<<< HEAD\n{NUMBER}\n", [("merge-conflict", 2)]),
        ("number\n".encode("utf-16"), [("not-utf-8", 1)]),
        ("9876543210\n".encode("utf-16-le"), [("not-utf-8", 1)]),
        ('{"number": "9876543210"}\n', [("not-a-number", 1)]),
        (f"# do not ring\n{NUMBER}\n# {NUMBER}\n", [("not-a-number", 3)]),
        (f"{NUMBER} # asked us\n", [("not-a-number", 1)]),
        (f'number\n"{NUMBER}\n', [("unclosed-quote", 2)]),
        (f'number\n"{NUMBER}"0\n', [("text-after-quote", 2)]),
        (b"number\n98765\x0043210\n", [("control-character", 2)]),
    ],
)
def test_whatever_is_no_number_is_told_at_its_line(
    tmp_path: Path, text: str | bytes, told: list[tuple[str, int]]
) -> None:
    _, found = listed(tmp_path, text)
    assert [(each.id, each.spans[0].line) for each in found if each.is_error] == told


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("98765432101", "no number of its country's numbering plan"),
        ("987654321", "no number of its country's numbering plan"),
        ("0401234567", "no number of its country's numbering plan"),
        ("987654321.0", "no number of its country's numbering plan"),
        ("+15550001111", "no number of its country's numbering plan"),
        ("+0919876543210", "no number of its country's numbering plan"),
        ("14155552671", "only if it is read as +14155552671"),
        ("00 9876543210", "only if it is read as +919876543210"),
    ],
)
def test_an_entry_that_keeps_nobody_back_or_is_a_guess_is_an_error(tmp_path: Path, cell: str, words: str) -> None:
    _, found = listed(tmp_path, f"number\n{NUMBER}\n{cell}\n")
    (problem,) = found
    assert (problem.id, problem.severity, problem.spans[0].line) == ("number-not-valid", Severity.ERROR, 3)
    assert words in problem.message


@pytest.mark.parametrize("cell", ["9876543210.5", "1800.0", "9876543210.123"])
def test_a_decimal_that_is_no_number_is_told(tmp_path: Path, cell: str) -> None:
    _, found = listed(tmp_path, f"number\n{NUMBER}\n{cell}\n")
    assert [each.id for each in found] == ["not-a-number"]


def test_findings_name_the_cell_the_file_and_where_the_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("number\nnobody\n")
    place = Span("plans/p.yaml", 9, 14)
    _, found = read_lists(files(tmp_path, "plans"), ["a.csv"], [place])
    assert found[0].spans == (Span("plans/a.csv", 2), place)
    assert found[0].message == (
        "`nobody` is neither a phone number of 3 to 15 digits nor a hash of one: whoever it stands for would be rung"
    )


def test_a_list_of_a_target_is_named_as_seen_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "a.csv").write_text("number\nnobody\n")
    monkeypatch.chdir(tmp_path)
    _, found = read_lists(target_files(os.path.realpath(tmp_path / "configs"), str(tmp_path)), ["a.csv"])
    assert found[0].spans == (Span("configs/a.csv", 2),)


def test_of_many_findings_some_are_told_and_all_are_counted(tmp_path: Path) -> None:
    _, found = listed(tmp_path, "number\n" + "nobody\n" * 5000)
    assert len(found) == 21
    assert found[-1].message == "... and 4,980 more like this in the list"
    assert found[-1].is_error


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no-numbers"),
        ("number,reason\n", "no-numbers"),
        ("number\n4711223\n", "short-number"),
        ("number\n471-1223\n", "short-number"),
    ],
)
def test_what_may_not_be_meant_is_a_warning(tmp_path: Path, text: str, problem: str) -> None:
    _, found = listed(tmp_path, text)
    assert [(each.id, each.severity) for each in found] == [(problem, Severity.WARNING)]


def test_a_missing_file_and_one_outside_are_told_where_they_are_named(tmp_path: Path) -> None:
    place = Span("p.yaml", 3, 7)
    for name, problem in {
        "none.csv": "no-such-file",
        "../x.csv": "file-outside-root",
        "/etc/passwd": "file-outside-root",
    }.items():
        lists, found = read_lists(files(tmp_path), [name], [place])
        assert [(each.id, each.spans) for each in found] == [(problem, (place,))]
        assert not lists


def test_the_first_list_that_holds_a_number_is_named(tmp_path: Path) -> None:
    lists, _ = listed(tmp_path, "+919000000001\n", f"{NUMBER}\n", "9876543210\n+919000000002\n")
    asked = [NUMBER, "9000000001", "9000000002", "9000000003"]
    assert [lists.list_with(number) for number in asked] == ["1.csv", "0.csv", "2.csv", None]
    assert lists
    assert not SuppressionLists()
    assert SuppressionLists().list_with(NUMBER) is None
    assert SuppressionLists().file_hash == ""


def test_another_byte_gives_another_hash(tmp_path: Path) -> None:
    texts = [f"{NUMBER}\n", f"{NUMBER}", f"{NUMBER},x\n", "9876543210\n", ""]
    prints = [listed(tmp_path, text)[0].file_hash for text in texts]
    prints += [listed(tmp_path, *texts[:2])[0].file_hash, listed(tmp_path, *texts[1::-1])[0].file_hash]
    assert len(set(prints)) == len(prints)
    assert listed(tmp_path, texts[0])[0].file_hash == prints[0]


@pytest.mark.parametrize("before", ["", "0", "91", "+91"])
def test_the_quick_way_gives_what_the_library_gives_for_every_beginning(before: str) -> None:
    for prefix in range(2000, 10000, 7):
        number = f"{before}{prefix}{prefix * 7919 % 10**6:06}"
        assert identity(number) == "+91" + number[-10:], number


@given(st.from_regex(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){2,14}", fullmatch=True))
@example("+91 98765 43210")
@example("91 91234 56789")
@example("(0)9876543210"[1:])
def test_the_key_is_that_of_the_identity(number: str) -> None:
    digest = hashlib.sha256(identity(number).encode()).digest()
    assert key_of(number) == int.from_bytes(digest[:8], "big")


@pytest.mark.parametrize("spelling", [NUMBER, "919876543210", "9876543210", "09876543210", "0919876543210"])
@pytest.mark.parametrize("column", ["number\n", "number,note\n+918123400001,"])
def test_a_number_that_was_hashed_in_another_spelling_is_found(tmp_path: Path, spelling: str, column: str) -> None:
    """Nobody sees that a hash is not one of the E.164 number: it would keep nobody from being rung, and say nothing."""
    lists, found = listed(tmp_path, f"{column}sha256:{hashlib.sha256(spelling.encode()).hexdigest()}\n")
    assert [each.id for each in found if each.severity is Severity.ERROR] == []
    assert (lists.list_with("+91 98765-43210"), lists.list_with(OTHER)) == ("0.csv", None)


@pytest.mark.parametrize("name", ["country_code", "Country Code", "cc", "ISD", "dial code"])
def test_a_number_beside_its_country_code_is_refused_unless_it_is_read_so_anyway(tmp_path: Path, name: str) -> None:
    """`7700900123` of Britain would keep back an Indian number instead."""
    lists, found = listed(tmp_path, f"{name},phone\n44,7700900123\n", f"{name},phone\n+91,9876543210\n,+447700900123\n")
    assert [(each.id, each.spans[0].line) for each in found] == [("number-in-parts", 2)]
    assert lists.list_with(NUMBER) == "1.csv"


def test_a_hash_and_its_number_have_one_key() -> None:
    assert entry_key(HASH) == entry_key(NUMBER) == key_of("098765 43210")


def test_a_hundred_thousand_numbers_take_a_moment_and_eight_bytes_each(tmp_path: Path) -> None:
    numbers = [f"+91{9_000_000_000 + number}" for number in range(100_000)]
    lists, found = listed(tmp_path, "number\n" + "\n".join(numbers) + "\n")
    keys = lists.lists[0][1]
    assert (found, len(keys), keys.itemsize, list(keys[:1000]) == sorted(keys[:1000])) == ([], 100_000, 8, True)
    assert all(lists.list_with(number) for number in numbers[::999])


POLICY = 'calls:\n  - {id: a, To: "+919900000001"}\npolicy:\n  concurrency: none\n  suppress: [a.csv, b.csv]\n'


def test_a_plan_brings_its_lists(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{NUMBER}\n")
    (tmp_path / "b.csv").write_text("+919900000001\n")
    loaded = plan(tmp_path, POLICY.replace("none", "3")).loaded
    assert loaded.plan is not None
    assert loaded.plan.policy.suppress == ("a.csv", "b.csv")
    assert loaded.lists.list_with("09900000001") == "b.csv"
    first = inputs_hash(loaded)
    (tmp_path / "b.csv").write_text("+919900000001\n\n")
    assert inputs_hash(plan(tmp_path, POLICY.replace("none", "3")).loaded) != first
    assert not plan(tmp_path, 'calls:\n  - {id: a, To: "+919900000001"}\n').loaded.lists


def test_what_is_wrong_with_its_lists_stands_among_the_plans_findings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("number\nnobody\n")
    read = plan(tmp_path, POLICY)
    assert read.loaded.plan is None
    assert [(each.id, Path(each.spans[0].file).name, each.spans[0].line) for each in read.errors] == [
        ("wrong-type", "plan.yaml", 9),
        ("no-such-file", "plan.yaml", 10),
        ("not-a-number", "a.csv", 2),
    ]
    assert read.errors[2].spans[1] == Span(str(tmp_path / "plan.yaml"), 10, 14, 19)
