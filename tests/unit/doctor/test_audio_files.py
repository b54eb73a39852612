"""Audio by its address: what comes, and whether it is what came before."""

import asyncio
import json
from pathlib import Path

import pytest
from contract.raw_carrier import Behaviour, Connection, serving
from unit.doctor.servers import carrier, found, reply
from unit.exotel.wav_files import wav

from orchestrator.app.doctor.audio import check_audio
from orchestrator.model.check import Check, Health


def listened(behave: Behaviour, journal: Path, *paths: str, port: int = 0) -> list[Check]:
    async def main() -> list[Check]:
        async with serving(behave) as server:
            return await check_audio((f"{server.url}/{path}" for path in paths), str(journal), lambda _: True)

    return asyncio.run(main())


def test_each_file_is_judged(tmp_path: Path) -> None:
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


def test_a_change_under_one_address_is_told(tmp_path: Path) -> None:
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
def test_a_memory_that_cannot_be_read_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.db.audio").write_text(text, "latin-1")
    assert found(listened(carrier({"/": reply(wav())}), tmp_path / "x.db", "a")).popitem()[1] is Health.OK


def test_a_memory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db.audio").mkdir()
    checks = listened(carrier({"/": reply(wav())}), tmp_path / "x.db", "a")
    assert checks[-1].id == "audio-memory"
    assert [path.name for path in tmp_path.iterdir()] == ["x.db.audio"]


def test_no_more_addresses_are_fetched_than_a_plan_has_audio(tmp_path: Path) -> None:
    checks = asyncio.run(check_audio((f"http://127.0.0.1:1/{each}.wav" for each in range(150)), str(tmp_path / "x")))
    assert len(checks) == 101
    assert {check.health for check in checks[:100]} == {Health.PROBLEM}
    assert "50 more addresses" in checks[100].what
