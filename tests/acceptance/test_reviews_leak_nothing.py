"""Numbers and secrets are looked for in everything that a review prints, also by hashing all numbers of a range.

Five hundred numbers stand in every field of a plan that takes a text, and in its data. What `validate`, `plan`, `diff`
and `explain` print in every format is what a pipeline would publish.
"""

import hashlib
import hmac
import json
import re
from base64 import b32encode, b64encode
from collections.abc import Iterator

import pytest

from acceptance.repository import Repository
from acceptance.test_diff import orchestrate

KEY = "canarykey-for-pseudonyms-7c1f5d1e"
SECRETS = (KEY, "canarykey5d1e77", "canarytoken9b02f4", "canarypassword31")
NUMBERS = [f"98765{n:05}" for n in range(0, 5_000, 10)]
"""Ten digits each: what every spelling of them ends with."""
RANGE = [f"98765{n:05}" for n in range(5_000)]
"""All numbers of a small range, as somebody would try them."""
SPELLINGS = ("+91{}", "91{}", "0{}", "{}", "+91 {}", "0091{}")
ALGORITHMS = ("md5", "sha1", "sha256", "sha512", "blake2b")
WINDOW = 12
"""Characters of a hash that are enough to know it again: 48 bits or more."""


def plan(numbers: list[str], limit: int) -> dict[str, object]:
    """A plan with numbers wherever it takes a text."""
    first, second, third, *more = numbers
    calls = [
        {
            "id": f"call {number} of 0{number}",
            "To": f"+91{number}",
            "CustomField": f"ring {number} or 91-{number[:5]}-{number[5:]}",
            "StatusCallback": f"https://hooks.example/{number}?to=%2B91{number}",
        }
        for number in more[:100]
    ]
    rows = {"rows": "rows.csv", "id": "row ${row.id}", "To": "${row.phone}", "CustomField": "${row.text} ${var.desk}"}
    return {
        "version": 1,
        "name": "canary",
        "edition": "2026-11-22",
        "description": f"asks {first} about 0{second}",
        "vars": {"desk": f"desk of +91 {third}"},
        "defaults": {"From": f"+91{first}", "CallerId": f"0{second}", "TimeLimit": limit},
        "calls": [*calls, rows],
        "policy": {
            "suppress": ["never.csv"],
            "window": [{"days": "mon-sun", "hours": "00:00-24:00", "timezone": "Asia/Kolkata"}],
            "limits": {"calls": 1000},
        },
    }


def data(numbers: list[str], phones: list[str]) -> str:
    rows = zip(numbers, phones, strict=True)
    return "\n".join(["id,phone,text", *(f"{number},{phone},about 0{number}" for number, phone in rows)])


OUTPUTS = {
    "validate": ["validate plan.yaml bad.yaml worse.yaml -v"],
    "validate for programs": [
        f"validate plan.yaml bad.yaml worse.yaml --format {one}" for one in ("json", "sarif", "github")
    ],
    "plan": ["plan plan.yaml --all --origin", "plan plan.yaml", "plan plan.yaml --format json", "plan bad.yaml"],
    "plan as markdown": ["plan plan.yaml --format markdown"],
    "diff": [
        "diff plan.yaml --against main --all",
        "diff plan.yaml --against main --format json",
        "diff bad.yaml plan.yaml",
    ],
    "diff as markdown": ["diff plan.yaml --against main --format markdown"],
    "explain": ["explain To", "explain 98765000100"],
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that was printed, by kind."""
    repository = Repository.made(tmp_path_factory.mktemp("canaries") / "repo")
    repository.write("plan.yaml", json.dumps(plan(NUMBERS[:200], 600)))
    repository.write("rows.csv", data(NUMBERS[200:450], NUMBERS[200:450]))
    repository.write("never.csv", "number\n" + "\n".join(NUMBERS[190:210]))
    repository.commit()
    repository.write("plan.yaml", json.dumps(plan(NUMBERS[3:203], 900)))
    others = NUMBERS[210:] + NUMBERS[:3]
    repository.write("rows.csv", data(others, others[::-1]))
    repository.write("never.csv", "number\n" + "\n".join(NUMBERS[195:215]))
    wrong = plan(NUMBERS[:200], 600)
    wrong["calls"] = [
        {"id": f"call {number}", "To": text, "From": text, "TimeOut": number, "Custom_Field": number, number: number}
        for number, text in zip(NUMBERS[:50], NUMBERS[50:100], strict=True)
    ]
    wrong["policy"] = {"pace": NUMBERS[0], "suppress": [f"/{NUMBERS[1]}"], NUMBERS[2]: NUMBERS[3]}
    repository.write("bad.yaml", json.dumps(wrong, indent=1))
    address = "https://user:canarypassword31@hooks.example/x"
    repository.write(
        "worse.yaml", json.dumps({**plan(NUMBERS, 600), "defaults": {"StatusCallback": address}}, indent=1)
    )
    environment = {
        "EXOTEL_ACCOUNT_SID": "acme1",
        "EXOTEL_API_KEY": SECRETS[1],
        "EXOTEL_API_TOKEN": SECRETS[2],
        "PGPASSWORD": SECRETS[3],
        "ORCHESTRATE_PSEUDONYM_KEY": KEY,
    }
    said = {}
    for kind, commands in OUTPUTS.items():
        done = [orchestrate(repository.home, *command.split(), **environment) for command in commands]
        said[kind] = "\n".join(each.said for each in done)
        assert all(each.code in (0, 2, 3) for each in done)
    return said


def test_the_outputs_are_about_these_calls(outputs: dict[str, str]) -> None:
    assert "+9198******" in outputs["plan"]
    assert outputs["plan"].count('"id": ') > 300
    assert outputs["diff"].count('"change": ') > 300
    assert "person " in outputs["plan as markdown"]
    assert outputs["validate"].count("error[") > 50
    assert all(outputs.values())


@pytest.mark.parametrize("kind", OUTPUTS)
def test_no_number_is_printed(outputs: dict[str, str], kind: str) -> None:
    for line in outputs[kind].splitlines():
        joined = re.sub(r"[ .()/-]|%2B", "", line)
        assert not (found := [number for number in NUMBERS if number in joined or number in line]), (found, line[:300])


@pytest.mark.parametrize("kind", OUTPUTS)
def test_no_secret_is_printed(outputs: dict[str, str], kind: str) -> None:
    for secret in SECRETS:
        assert secret not in outputs[kind]
        assert b64encode(secret.encode()).decode().rstrip("=") not in outputs[kind]


def encodings(digest: bytes) -> Iterator[str]:
    yield digest.hex()[:WINDOW]
    yield b32encode(digest).decode().lower()[:WINDOW]
    yield b64encode(digest).decode()[:WINDOW]
    yield b64encode(digest, b"-_").decode()[:WINDOW]


def tried(keys: list[str]) -> Iterator[str]:
    """What hashes of all numbers of the range look like, without a key and with each of these."""
    for number in RANGE:
        for spelling in SPELLINGS:
            text = spelling.format(number).encode()
            for name in ALGORITHMS:
                yield from encodings(hashlib.new(name, text).digest())
            for key in keys:
                yield from encodings(hmac.digest(key.encode(), text, "sha256"))


@pytest.fixture(scope="module")
def windows(outputs: dict[str, str]) -> set[str]:
    """Every text of some characters that may be of a hash, wherever it begins."""
    found = set()
    for text in outputs.values():
        for token in re.findall(rf"[A-Za-z0-9+/_-]{{{WINDOW},}}", text):
            for form in (token, token.lower()):
                found.update(form[at : at + WINDOW] for at in range(len(form) - WINDOW + 1))
    return found


def test_no_number_is_found_by_hashing_all_of_a_range(outputs: dict[str, str], windows: set[str]) -> None:
    journal = "".join(re.findall(r"jr_[0-9a-f]{8}", outputs["plan"])[:1])
    digests = re.findall(r"sha256:[0-9a-f]{64}", outputs["plan"])[:1]
    assert digests
    public = ["canary", "2026-11-22", "sandbox", "ORCHESTRATE_PSEUDONYM_KEY", *digests, *([journal] if journal else [])]
    assert windows.isdisjoint(tried(public))


def test_whoever_has_the_key_finds_them_so_the_search_can_find(windows: set[str]) -> None:
    found = [
        number
        for number in NUMBERS
        if not windows.isdisjoint(encodings(hmac.digest(KEY.encode(), f"+91{number}".encode(), "sha256")))
    ]
    assert len(found) > 250
