"""Hidden files and files of credentials are no data: a plan that names one is refused before it is read."""

import os
from pathlib import Path

import pytest

from orchestrator.plan.paths import FileRefusal, looks_like_credentials, open_inside, refused_plan


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for folder in ("plans", "data", ".git", ".ssh", "vault"):
        (root / folder).mkdir(parents=True)
    for name in ("data/orders.csv", ".env", ".ssh/known", ".git/config", "vault/token", "vault/more"):
        (root / name).write_text("canary")
    return root


def refused(root: Path, name: str, *closed: str) -> str | None:
    opened = open_inside(root, root / "plans", name, closed)
    if isinstance(opened, FileRefusal):
        assert "canary" not in opened.message + opened.hint
        return opened.id
    opened.close()
    return None


def test_data_is_read(root: Path) -> None:
    assert refused(root, "../data/orders.csv", str(root / "vault")) is None


@pytest.mark.parametrize(
    "name",
    ["../.env", "../.ssh/known", "../.ENV", "../.nothing", "../data/.x.csv", "../data/../.ssh/known", "../.x/y/z.csv"],
)
def test_hidden_files_are_refused_whether_or_not_they_are_there(root: Path, name: str) -> None:
    assert refused(root, name) == "hidden-file"


def test_what_a_link_leads_to_or_is_called_counts(root: Path) -> None:
    links = {
        "to-env.csv": "../.env",
        "to-folder": "../.ssh",
        "chain.csv": "to-env.csv",
        ".link.csv": "../data/orders.csv",
        "to-vault": "../vault",
    }
    for name, goal in links.items():
        (root / "plans" / name).symlink_to(goal)
    for name in ("to-env.csv", "to-folder/known", "chain.csv", ".link.csv"):
        assert refused(root, name) == "hidden-file", name
    assert refused(root, "to-vault/token") is None
    assert refused(root, "to-vault/token", str(root / "vault")) == "credentials-file"


def test_a_repositorys_own_folder_is_refused_as_ever(root: Path) -> None:
    assert refused(root, "../.git/config") == "file-outside-root"


CREDENTIALS = [
    "id_rsa", "ID_RSA", "id_ed25519.pub", "server.pem", "Server.KEY", "credentials.csv", "new_user_credentials.csv",
    "rootkey.csv", "ops_accessKeys.csv", "client_secret_1.json", "secrets.yaml", "prod.env", "env", "EXOTEL_API_TOKEN",
    "exotel_api_key.txt", "pgpass.conf", "_netrc", "kubeconfig", "service-account.json", "x.tfstate", "api-token.txt",
    "store.p12", "keys.kdbx", "passwords.csv", "Private_Key.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", CREDENTIALS)
def test_files_that_look_like_credentials_are_refused(root: Path, name: str) -> None:
    (root / "data" / name).write_text("canary")
    assert refused(root, f"../data/{name}") == "credentials-file"
    (root / "plans" / "orders.csv").symlink_to(f"../data/{name}")
    assert refused(root, "orders.csv") == "credentials-file"


@pytest.mark.parametrize("folder", ["secrets", "Secret", "credentials", "data/SECRETS"])
def test_files_in_folders_of_secrets_are_refused(root: Path, folder: str) -> None:
    assert refused(root, f"../{folder}/orders.csv") == "credentials-file"


@pytest.mark.parametrize(
    "name",
    ["orders.csv", "secretaries.csv", "environment.csv", "monkeys.csv", "keys.csv", "exotel_orders.csv", "token.csv"],
)
def test_data_with_a_name_that_only_begins_like_that_is_data(name: str) -> None:
    assert not looks_like_credentials(["data", name])


def test_files_of_the_folder_of_secrets_are_refused_under_every_name(root: Path) -> None:
    """Also through a second link to the file, and with the folder named through a link."""
    closed = str(root / "vault")
    assert refused(root, "../vault/token") is None
    for name in ("../vault/token", "../vault/nothing", "../vault/below/x.csv"):
        assert refused(root, name, closed) == "credentials-file"
    os.link(root / "vault" / "token", root / "data" / "hard.csv")
    assert refused(root, "../data/hard.csv", closed) == "credentials-file"
    (root.parent / "link").symlink_to(root / "vault")
    assert refused(root, "../vault/token", str(root.parent / "link")) == "credentials-file"
    assert refused(root, "../data/orders.csv", closed) is None


def test_a_file_of_passwords_that_the_environment_names_is_refused(root: Path) -> None:
    assert refused(root, "../vault/more", str(root / "vault" / "more")) == "credentials-file"
    assert refused(root, "../vault/token", str(root / "vault" / "more")) is None


def test_with_the_root_itself_as_the_folder_of_secrets_data_is_still_read(root: Path) -> None:
    (root / "exotel_token_of_ours").write_text("canary")
    for closed in (str(root), str(root.parent)):
        assert refused(root, "../data/orders.csv", closed) is None
    assert refused(root, "../exotel_token_of_ours", str(root)) == "credentials-file"


def test_a_closed_folder_that_is_not_there_closes_nothing(root: Path) -> None:
    assert refused(root, "../data/orders.csv", str(root / "nowhere")) is None


@pytest.mark.parametrize("name", [".env", ".git/config", "vault/token"])
def test_credentials_are_no_plan_either(root: Path, name: str) -> None:
    found = refused_plan(root, str(root / name), [str(root / "vault")])
    assert found is not None
    assert found.id == "credentials-file"


def test_a_plan_in_a_hidden_folder_is_a_plan(root: Path) -> None:
    (root / ".github").mkdir()
    (root / ".github" / "plan.yaml").write_text("version: 1")
    assert refused_plan(root, str(root / ".github" / "plan.yaml")) is None
