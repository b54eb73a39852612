"""Credentials: found in the environment or in files, never shown, never sent in clear."""

import os
from collections.abc import Iterator

import pytest

from orchestrator.model.errors import CannotProceed
from orchestrator.model.target import Target
from orchestrator.settings import Credentials, base_url, load_credentials

CANARY = "canary-secret-5f1d"
NAMES = ("ACCOUNT_SID", "API_KEY", "API_TOKEN", "BASE_URL", "REGION")
LIVE = Target("exotel", "exotel")


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Give each test an environment without EXOTEL_* and leave none behind."""
    before = {name: value for name, value in os.environ.items() if name.startswith("EXOTEL_")}
    for name in before:
        del os.environ[name]
    yield
    for name in [name for name in os.environ if name.startswith("EXOTEL_")]:
        del os.environ[name]
    os.environ.update(before)


def environ(**values: str) -> None:
    os.environ.update({f"EXOTEL_{name}": value for name, value in values.items()})


def complete(**more: str) -> Credentials:
    environ(ACCOUNT_SID="acme1", API_KEY="key", API_TOKEN=CANARY, **more)
    return load_credentials()


def test_the_environment_is_read():
    found = complete()
    assert (found.account, found.key, found.token) == ("acme1", "key", CANARY)


def test_files_give_what_the_environment_lacks_and_lose_their_line_end(tmp_path):
    (tmp_path / "EXOTEL_API_KEY").write_text("from-file\n")
    (tmp_path / "EXOTEL_API_TOKEN").write_text(f"{CANARY}\n")
    environ(ACCOUNT_SID="acme1", API_KEY="from-environment")
    found = load_credentials(str(tmp_path))
    assert (found.key, found.token) == ("from-environment", CANARY)


def test_an_empty_variable_counts_as_missing():
    environ(ACCOUNT_SID="acme1", API_KEY="", API_TOKEN="")
    with pytest.raises(CannotProceed, match="EXOTEL_API_KEY and EXOTEL_API_TOKEN are missing"):
        load_credentials()


def test_everything_missing_is_told_at_once_with_where_it_can_come_from():
    with pytest.raises(CannotProceed) as told:
        load_credentials()
    assert "EXOTEL_ACCOUNT_SID, EXOTEL_API_KEY and EXOTEL_API_TOKEN are missing" in told.value.message
    assert "--secrets-dir" in str(told.value.hint)


def test_a_secrets_folder_that_does_not_exist_is_told(tmp_path):
    with pytest.raises(CannotProceed, match="does not exist"):
        load_credentials(str(tmp_path / "missing"))


def test_a_secrets_file_that_is_no_text_is_told_without_its_content(tmp_path):
    (tmp_path / "EXOTEL_API_TOKEN").write_bytes(CANARY.encode() + b"\xff")
    environ(ACCOUNT_SID="acme1", API_KEY="key")
    with pytest.raises(CannotProceed) as told:
        load_credentials(str(tmp_path))
    assert CANARY not in f"{told.value.message}{told.value.hint}"


def test_no_representation_shows_a_secret():
    found = complete()
    assert CANARY not in f"{found!r} {found} {found.model_dump()} {found.model_dump_json()}"


@pytest.mark.parametrize("name", NAMES)
def test_no_error_shows_the_value_that_caused_it(name):
    environ(ACCOUNT_SID="acme1", API_KEY="key", API_TOKEN="token")
    environ(**{name: f"\n{CANARY}\n@ x"})
    with pytest.raises(CannotProceed) as told:
        base_url(load_credentials(), LIVE)
    assert CANARY not in f"{told.value.message} {told.value.hint} {told.value!r} {told.value.__context__!r}"
    assert f"EXOTEL_{name}" in told.value.message


@pytest.mark.parametrize("account", ["a/../b", "a b", "a?x", "%2e", "a\n"])
def test_an_account_that_could_change_the_path_is_refused(account):
    environ(ACCOUNT_SID=account, API_KEY="key", API_TOKEN="token")
    with pytest.raises(CannotProceed, match="EXOTEL_ACCOUNT_SID is not an account Sid"):
        load_credentials()


def test_the_host_is_that_of_the_region_and_singapores_by_default():
    assert base_url(complete(), LIVE) == "https://api.exotel.com"
    assert base_url(complete(REGION="mumbai"), LIVE) == "https://api.in.exotel.com"
    assert base_url(complete(REGION="singapore"), LIVE) == "https://api.exotel.com"


def test_a_region_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(CannotProceed) as told:
        complete(REGION="moon")
    assert "singapore or mumbai" in str(told.value.hint)


def test_the_base_url_of_the_environment_outranks_the_region():
    assert base_url(complete(BASE_URL="https://x.example/", REGION="mumbai"), LIVE) == "https://x.example"


def test_a_target_file_does_not_look_at_the_environments_address():
    credentials = complete(BASE_URL="https://elsewhere.example", REGION="mumbai")
    assert base_url(credentials, Target("acme", "exotel")) == "https://api.exotel.com"
    assert base_url(credentials, Target("acme", "exotel", base_url="https://a.example")) == "https://a.example"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "http://127.9.9.9"]
)
def test_http_is_fine_on_loopback(url):
    assert base_url(complete(BASE_URL=url), LIVE) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.exotel.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0",
        "ftp://api.exotel.com",
        "api.exotel.com",
        "https://",
        "https://key:token@api.exotel.com",
        "https://@api.exotel.com",
        "https://api.exotel.com?x=1",
        "https://api.exotel.com#x",
        "https://api.exotel.com:99999",
        "https://[::1",
    ],
)
def test_an_address_that_could_leak_the_credentials_is_refused(url):
    with pytest.raises(CannotProceed):
        base_url(complete(BASE_URL=url), LIVE)
