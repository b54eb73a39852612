"""What each check of `doctor` finds, against real servers, files and variables; and that nothing is ever dialed."""

import asyncio
import io
import json
import time
import wave
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from contract.raw_carrier import Behaviour, Connection, serving
from contract.self_signed import self_signed

from orchestrator.app.doctor.account import check_account
from orchestrator.app.doctor.audio import check_audio
from orchestrator.app.doctor.callbacks import check_callbacks
from orchestrator.app.doctor.journal import check_journal
from orchestrator.app.doctor.machine import check_certificates, check_clock, check_zones
from orchestrator.app.doctor.settings import check_settings
from orchestrator.app.journal import create_journal
from orchestrator.app.targets import Access
from orchestrator.journal.sqlite.place import file_system
from orchestrator.model.check import Check, Health
from orchestrator.model.target import Callbacks, Guardrails, Target
from orchestrator.plan.targets import BUILT_IN_TARGETS

SID, KEY, TOKEN = "acme1", "key-of-the-doctor-0123456789abcdef", "token-of-the-doctor-0123456789abcdef"
EXOTEL, SANDBOX = BUILT_IN_TARGETS["exotel"], BUILT_IN_TARGETS["sandbox"]
LINES = b'{"incoming_phone_numbers": [{"phone_number": "+918047112233"}]}'
CALLS = b'{"Metadata": {"Total": 0}, "Calls": []}'


def found(checks: "list[Check] | tuple[Check, ...]") -> dict[str, Health]:
    return {f"{check.id} {check.where or ''}".strip(): check.health for check in checks}


class TestSettings:
    @pytest.fixture(autouse=True)
    def variables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in (("ACCOUNT_SID", SID), ("API_KEY", KEY), ("API_TOKEN", TOKEN)):
            monkeypatch.setenv(f"EXOTEL_{name}", value)

    def test_the_sandbox_needs_none(self) -> None:
        checks, access = check_settings(SANDBOX, None)
        assert found(checks) == {"credentials": Health.OK}
        assert access is not None

    def test_each_setting_is_told_with_its_origin_and_no_secret(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EXOTEL_API_TOKEN", "")
        (tmp_path / "EXOTEL_API_TOKEN").write_text(f"{TOKEN}\n")
        (tmp_path / "EXOTEL_API_TOKEN").chmod(0o600)
        (tmp_path / "EXOTEL_API_KEY").write_text("the environment comes first")
        checks, access = check_settings(EXOTEL, str(tmp_path))
        told = {check.where: check.what for check in checks}
        assert told["EXOTEL_ACCOUNT_SID"] == "`acme1`, from the environment"
        assert told["EXOTEL_API_KEY"] == "set, from the environment"
        assert told["EXOTEL_API_TOKEN"] == f"set, from the file {tmp_path}/EXOTEL_API_TOKEN"
        assert access is not None
        assert access.token == TOKEN
        assert {check.health for check in checks} == {Health.OK}

    @pytest.mark.parametrize(
        ("name", "value", "health"),
        [
            ("API_KEY", f'"{KEY}"', Health.PROBLEM),
            ("API_KEY", f"{KEY} ", Health.PROBLEM),
            ("API_TOKEN", f"\u201c{TOKEN}\u201d", Health.PROBLEM),
            ("API_KEY", TOKEN, Health.WARNING),
            ("API_KEY", SID, Health.WARNING),
            ("API_KEY", "<your api key>", Health.WARNING),
            ("API_TOKEN", "xxxxxxxx", Health.WARNING),
            ("ACCOUNT_SID", KEY, Health.WARNING),
            ("ACCOUNT_SID", "acme 1", Health.PROBLEM),
            ("REGION", "mars", Health.PROBLEM),
            ("BASE_URL", "http://api.exotel.com", Health.PROBLEM),
            ("BASE_URL", "https://key:word@api.exotel.com", Health.PROBLEM),
            ("APY_TOKEN", "x", Health.WARNING),
        ],
    )
    def test_what_cannot_be_what_it_is_said_to_be(
        self, name: str, value: str, health: Health, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(f"EXOTEL_{name}", value)
        checks, _ = check_settings(EXOTEL, None)
        worst = [check for check in checks if check.health is not Health.OK]
        assert health in {check.health for check in worst}
        assert all(check.hint or check.health is Health.PROBLEM for check in worst)
        said = repr(checks)
        assert KEY not in said
        assert TOKEN not in said
        assert "key:word" not in said

    def test_what_is_missing_is_a_problem(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("EXOTEL_API_KEY")
        checks, access = check_settings(EXOTEL, None)
        assert access is None
        assert "EXOTEL_API_KEY is missing" in checks[-1].what

    def test_a_secret_that_others_may_read_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("EXOTEL_API_KEY")
        (tmp_path / "EXOTEL_API_KEY").write_text(KEY)
        (tmp_path / "EXOTEL_API_KEY").chmod(0o644)
        checks, _ = check_settings(EXOTEL, str(tmp_path))
        assert found(checks)[f"setting-open {tmp_path}/EXOTEL_API_KEY"] is Health.WARNING


def reply(body: bytes = b"", status: str = "200 OK", *more: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *more))
    return head.encode() + b"\r\n" + body


def carrier(answers: dict[str, bytes], otherwise: bytes = reply(b"", "404 Not Found")) -> Behaviour:
    """Answer by the beginning of the path."""

    async def behave(connection: Connection) -> None:
        while (request := await connection.request()) is not None:
            path = request.split(b" ")[1].decode()
            answer = next((answers[start] for start in answers if path.startswith(start)), otherwise)
            await connection.send(answer)
            if not answer.startswith(b"HTTP/"):
                return

    return behave


NEW, OLDER, LIST = (
    f"/v2_beta/Accounts/{SID}/",
    f"/v1/Accounts/{SID}/IncomingPhoneNumbers.json",
    f"/v1/Accounts/{SID}/Calls",
)


def asked(
    behave: Behaviour, caller_ids: tuple[str, ...] = (), target: Target = EXOTEL
) -> tuple[list[Check], list[bytes]]:
    async def main() -> tuple[list[Check], list[bytes]]:
        async with serving(behave) as server:
            access = Access(SID, KEY, TOKEN, server.url)
            return await check_account(access, target, caller_ids), server.requests

    checks, requests = asyncio.run(main())
    assert all(request.startswith(b"GET ") for request in requests), "something was dialed"
    return checks, requests


class TestAccount:
    def test_an_account_that_answers_has_its_caller_ids_judged(self) -> None:
        target = Target("live", "exotel", guardrails=Guardrails(caller_ids=("08047112233", "07410410123")))
        checks, requests = asked(carrier({NEW: reply(LINES)}), ("+918047112233", "1800123456"), target)
        assert found(checks[1:]) == {
            "caller-id 08047112233": Health.OK,
            "caller-id 07410410123": Health.WARNING,
            "caller-id +918047112233": Health.OK,
            "caller-id 1800123456": Health.PROBLEM,
        }
        assert (checks[0].id, checks[0].health) == ("account", Health.OK)
        assert "1 ExoPhone" in checks[0].what
        assert len(requests) == 3  # the first page, and two that bring nothing new

    def test_further_pages_are_read(self) -> None:
        pages = {
            f"{NEW}IncomingPhoneNumbers?page={page}": reply(LINES.replace(b"33", b"3%d" % page)) for page in range(3)
        }
        checks, _ = asked(carrier(pages, reply(b'{"incoming_phone_numbers": []}')), ("08047112230", "08047112232"))
        assert {check.health for check in checks} == {Health.OK}
        assert "3 ExoPhones" in checks[0].what

    @pytest.mark.parametrize(
        "body", [LINES, b'{"IncomingPhoneNumbers": [{"IncomingPhoneNumber": {"PhoneNumber": "08047112233"}}]}']
    )
    def test_the_older_list_will_do(self, body: bytes) -> None:
        checks, _ = asked(carrier({OLDER: reply(body)}), ("08047112233",))
        assert {check.health for check in checks} == {Health.OK}

    def test_an_account_without_a_list_is_proved_by_its_calls(self) -> None:
        checks, _ = asked(carrier({LIST: reply(CALLS)}), ("08047112233",))
        assert found(checks)["caller-id"] is Health.NOT_JUDGED
        assert checks[0].health is Health.OK

    @pytest.mark.parametrize(
        ("answer", "health", "says"),
        [
            (reply(b"", "401 Unauthorized"), Health.PROBLEM, "API key or the API token is wrong"),
            (reply(b"", "402 Payment Required"), Health.PROBLEM, "balance"),
            (reply(b"", "403 Forbidden"), Health.PROBLEM, "allow-list"),
            (reply(b"", "404 Not Found"), Health.PROBLEM, "wrong account SID, or the carrier's other region"),
            (reply(b"", "302 Found", "Location: https://login.example/x"), Health.PROBLEM, "login.example"),
            (reply(b"", "429 Too Many"), Health.NOT_JUDGED, "more requests than its rate allows"),
            (reply(b"", "503 Unavailable"), Health.PROBLEM, "the carrier is down"),
            (reply(b"<html>Welcome to the WiFi</html>"), Health.PROBLEM, "what answers is not the carrier"),
            (
                reply(f'{{"RestException": {{"Message": "{TOKEN} is bad"}}}}'.encode(), "403 No"),
                Health.PROBLEM,
                "*** is bad",
            ),
            (b"SSH-2.0-x\r\n", Health.PROBLEM, "cannot be reached"),
            (b"", Health.PROBLEM, "cannot be reached"),
        ],
    )
    def test_whatever_else_answers_is_told_with_its_cause(self, answer: bytes, health: Health, says: str) -> None:
        checks, _ = asked(carrier({}, answer), ("08047112233",))
        assert (checks[0].id, checks[0].health) == ("account", health)
        assert says in checks[0].what
        assert KEY not in repr(checks)
        assert TOKEN not in repr(checks)
        assert not [check for check in checks if check.id == "caller-id"]

    def test_where_nobody_listens_it_cannot_be_reached(self) -> None:
        (check,) = asyncio.run(check_account(Access(SID, KEY, TOKEN, "http://127.0.0.1:1"), EXOTEL, ()))
        assert check.health is Health.PROBLEM
        assert "cannot be reached" in check.what

    @pytest.mark.parametrize(
        ("seconds", "health"), [(0, Health.OK), (-60, Health.WARNING), (60, Health.WARNING), (3600, Health.PROBLEM)]
    )
    def test_the_carrier_s_clock_is_compared_with_ours(self, seconds: int, health: Health) -> None:
        date = f"Date: {formatdate(time.time() + seconds, usegmt=True)}"
        checks, _ = asked(carrier({NEW: reply(LINES, "200 OK", date)}))
        assert found(checks)["carrier-clock"] is health

    def test_a_date_that_is_none_says_nothing(self) -> None:
        checks, _ = asked(carrier({NEW: reply(LINES, "200 OK", "Date: Sun, 99 Foo 0000 00:00:00 GMT")}))
        assert "carrier-clock" not in found(checks)


def called_back(
    public_url: str, is_outside: Callable[[str], bool] = lambda _: True, target: str = "live"
) -> list[Check]:
    to = Target(target, "exotel" if target == "live" else "sandbox", callbacks=Callbacks("127.0.0.1", 1, public_url))
    return asyncio.run(check_callbacks(to, is_outside))


class TestCallbacks:
    def test_without_callbacks_look_ups_will_do(self) -> None:
        assert found(asyncio.run(check_callbacks(EXOTEL))) == {"public-url": Health.OK}
        silent = Target("live", "exotel", lookups=None)
        assert found(asyncio.run(check_callbacks(silent))) == {"public-url": Health.WARNING}

    def test_an_address_of_this_machine_is_for_the_sandbox_only(self) -> None:
        url = "http://127.0.0.1:8090"
        assert found(called_back(url)) == {f"public-url {url}": Health.PROBLEM}
        assert found(called_back(url, target="sandbox")) == {f"public-url {url}": Health.OK}

    def test_a_host_without_an_address_is_a_problem(self) -> None:
        assert called_back("https://hooks.nowhere.invalid")[0].health is Health.PROBLEM

    def test_a_private_address_is_told(self) -> None:
        (check,) = called_back("https://0x7f.1:8443", lambda _: False)
        assert check.health is Health.WARNING
        assert "private network" in check.what

    def test_a_certificate_is_looked_at(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        certificate, tls = self_signed(tmp_path)

        async def main() -> list[Check]:
            async with serving(carrier({}), tls) as server:
                callbacks = Callbacks("127.0.0.1", 1, f"https://0x7f.1:{server.port}")
                live = Target("live", "exotel", callbacks=callbacks)
                return await check_callbacks(live, lambda _: True)

        untrusted = asyncio.run(main())[1]
        assert (untrusted.id, untrusted.health) == ("callback-certificate", Health.PROBLEM)
        assert "not trusted" in untrusted.what
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        other_name = asyncio.run(main())[1]
        assert other_name.health is Health.PROBLEM
        assert "mismatch" in other_name.what

    def test_where_nobody_answers_nothing_is_judged(self) -> None:
        check = called_back("https://0x7f.1:1")[1]
        assert check.health is Health.NOT_JUDGED


class TestJournal:
    def test_a_live_target_needs_one(self, tmp_path: Path) -> None:
        assert found([*check_journal(None, EXOTEL)]) == {"journal": Health.PROBLEM}
        assert found([*check_journal(str(tmp_path / "x.db"), EXOTEL)]).popitem()[1] is Health.PROBLEM
        assert not (tmp_path / "x.db").exists()

    def test_one_that_is_whole_is_told_with_its_id_and_disk(self, tmp_path: Path) -> None:
        path = tmp_path / "x.db"
        id_ = create_journal(str(path))
        checks = [*check_journal(str(path), EXOTEL)]
        assert id_ in checks[0].what
        assert checks[0].health is Health.OK
        assert not [check for check in checks if check.health is Health.PROBLEM]
        path.chmod(0o644)
        assert found([*check_journal(str(path), EXOTEL)])[f"journal-private {path}"] is Health.WARNING

    def test_another_than_the_target_wants_is_a_problem(self, tmp_path: Path) -> None:
        create_journal(str(tmp_path / "x.db"))
        (check,) = check_journal(str(tmp_path / "x.db"), Target("live", "exotel", journal="jr_other"))
        assert check.health is Health.PROBLEM

    @pytest.mark.parametrize("content", [b"no journal", b"SQLite format 3\x00" + bytes(100), b""])
    def test_what_is_no_journal_is_a_problem(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.db").write_bytes(content)
        (check,) = check_journal(str(tmp_path / "x.db"), EXOTEL)
        assert check.health is Health.PROBLEM
        assert (tmp_path / "x.db").read_bytes() == content

    def test_one_in_the_cloud_is_not_there_yet(self) -> None:
        (check,) = check_journal("postgresql://host/db", EXOTEL)
        assert check.health is Health.PROBLEM

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/srv/calls.db", "nfs4"),
            ("/srv data/x", "cifs"),
            ("/srvdata/x", "ext4"),
            ("/", "ext4"),
            ("/home/a/x", "fuse.sshfs"),
        ],
    )
    def test_the_nearest_mount_says_what_kind_of_disk_it_is(self, tmp_path: Path, path: str, kind: str) -> None:
        (tmp_path / "mounts").write_text(
            "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
            "23 22 0:9 / /srv rw - nfs4 host:/x rw\n"
            "24 22 0:9 / /srv\\040data rw master:1 - cifs //host/x rw\n"
            "25 22 0:9 / /home/a rw - fuse.sshfs a@b: rw\n"
            "a line of nothing\n"
        )
        assert file_system(Path(path), tmp_path / "mounts") == kind

    def test_a_system_that_does_not_tell_says_nothing(self, tmp_path: Path) -> None:
        assert file_system(Path("/"), tmp_path / "none") is None


class TestMachine:
    def test_no_authorities_is_a_problem_for_a_live_target(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert check_certificates(EXOTEL).health is Health.OK
        (tmp_path / "none").mkdir()
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
        assert check_certificates(EXOTEL).health is Health.PROBLEM
        assert check_certificates(SANDBOX).health is Health.WARNING

    def test_a_file_that_is_none_is_a_problem(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "ca.pem").write_text("nothing")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert check_certificates(EXOTEL).health is Health.PROBLEM

    def test_the_clock_is_judged_as_far_as_it_can_be(self, tmp_path: Path) -> None:
        assert found([*check_clock(tmp_path / "none")]) == {"clock": Health.NOT_JUDGED}
        assert found([*check_clock(tmp_path)]) == {f"clock {tmp_path}": Health.OK}

    def test_zones_are_known(self) -> None:
        assert check_zones(EXOTEL).health is Health.OK


def wav(rate: int = 8_000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setframerate(rate)
        audio.setsampwidth(2)
        audio.setnchannels(1)
        audio.writeframes(bytes(1600))
    return file.getvalue()


def listened(behave: Behaviour, journal: Path, *paths: str, port: int = 0) -> list[Check]:
    async def main() -> list[Check]:
        async with serving(behave) as server:
            return await check_audio((f"{server.url}/{path}" for path in paths), str(journal), lambda _: True)

    return asyncio.run(main())


class TestAudio:
    def test_each_file_is_judged(self, tmp_path: Path) -> None:
        files = {
            "/good": reply(wav()),
            "/fast": reply(wav(44_100)),
            "/mp3": reply(b"ID3"),
            "/long": reply(wav() + bytes(5_000_000)),
        }
        checks = listened(carrier(files), tmp_path / "x.db", "good", "fast", "mp3", "long", "gone", "good")
        assert [(check.id, check.health) for check in checks] == [
            ("audio", Health.OK),
            ("audio", Health.WARNING),
            ("audio", Health.PROBLEM),
            ("audio", Health.WARNING),
            ("audio", Health.PROBLEM),
        ]

    def test_a_change_under_one_address_is_told(self, tmp_path: Path) -> None:
        """The address stays, over two servers that stand for one: its port is part of it, so one server changes."""
        content = [wav()]

        async def behave(connection: Connection) -> None:
            while await connection.request() is not None:
                await connection.send(reply(content[0]))

        async def main() -> list[list[Check]]:
            async with serving(behave) as server:
                seen = []
                for change in (b"", b"", b"RIFFxxxxLIST"):
                    content[0] = wav(16_000) if change else content[0]
                    seen.append(await check_audio([f"{server.url}/a.wav"], str(tmp_path / "x.db"), lambda _: True))
                return seen

        first, again, changed = asyncio.run(main())
        assert [check.id for check in (*first, *again, *changed)] == ["audio", "audio", "audio-changed"]
        assert changed[0].health is Health.WARNING
        memory = tmp_path / "x.db.audio"
        assert memory.stat().st_mode & 0o077 == 0
        assert "a.wav" not in memory.read_text()
        assert len(json.loads(memory.read_text())) == 1

    @pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 7}', "\xff", "[" * 100_000])
    def test_a_memory_that_cannot_be_read_is_begun_anew(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x.db.audio").write_text(text, "latin-1")
        assert found(listened(carrier({"/": reply(wav())}), tmp_path / "x.db", "a")).popitem()[1] is Health.OK

    def test_a_memory_that_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "x.db.audio").mkdir()
        checks = listened(carrier({"/": reply(wav())}), tmp_path / "x.db", "a")
        assert checks[-1].id == "audio-memory"
        assert [path.name for path in tmp_path.iterdir()] == ["x.db.audio"]

    def test_no_more_addresses_are_fetched_than_a_plan_has_audio(self, tmp_path: Path) -> None:
        checks = asyncio.run(
            check_audio((f"http://127.0.0.1:1/{each}.wav" for each in range(150)), str(tmp_path / "x"))
        )
        assert len(checks) == 101
        assert {check.health for check in checks[:100]} == {Health.PROBLEM}
        assert "50 more addresses" in checks[100].what
