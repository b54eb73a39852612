"""Checks of the audio that a plan names: fetched, in the form that the carrier documents, and unchanged.

The carrier keeps a file by its address. What stood there before is remembered beside the journal, or in the user's
state folder, under a hash of the address; a new file under an old address may never be heard.
"""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import platformdirs

from orchestrator.app.journal import named_journal
from orchestrator.carrier.download import Download, MayReach, download, is_public
from orchestrator.exotel.audio import LARGEST, NotWav, unlike_documents
from orchestrator.model.check import Area, Check, Health
from orchestrator.model.events import rfc3339

MOST_ADDRESSES = 100
"""Addresses of one plan that are fetched; a plan that has more makes them of its rows."""
PATIENCE = 20.0
"""Seconds for one file."""
MOST_SECONDS = 120.0
"""Seconds after which no further file is asked for."""
LONGEST = 2 * LARGEST
"""Bytes that are read of one file: enough to tell how much too large it is, mostly."""
AT_ONCE = 4
SUFFIX = ".audio"


async def check_audio(addresses: Iterable[str], journal: str | None, may_reach: MayReach = is_public) -> list[Check]:
    """Fetch each address once and judge what comes; then remember it. `journal` is the path that was named.

    A simulated carrier is on this machine, and so may the audio be: `may_reach` says which IP addresses are asked.
    """
    wanted = list(dict.fromkeys(addresses))
    if not wanted:
        return [_check("audio", Health.OK, "the plan names no audio")]
    memory = _Memory(_memory_beside(journal))
    gate = asyncio.Semaphore(AT_ONCE)
    began = time.monotonic()

    async def one(url: str) -> Check:
        async with gate:
            if time.monotonic() - began > MOST_SECONDS:
                return _check("audio", Health.NOT_JUDGED, "other files took too long: it was not fetched", url)
            return _judge(url, await download(url, LONGEST, PATIENCE, may_reach), memory)

    checks = list(await asyncio.gather(*map(one, wanted[:MOST_ADDRESSES])))
    if len(wanted) > MOST_ADDRESSES:
        what = f"{len(wanted) - MOST_ADDRESSES:,} more addresses were not fetched"
        checks.append(_check("audio", Health.NOT_JUDGED, what))
    return [*checks, *memory.keep()]


def _check(id_: str, health: Health, what: str, where: str | None = None, hint: str | None = None) -> Check:
    return Check(Area.AUDIO, id_, health, what, where, hint)


def _judge(url: str, came: Download, memory: "_Memory") -> Check:
    if came.is_inside:
        hint = "publish the file where the carrier can fetch it"
        what = "it is no address of the public network, so that the carrier cannot fetch it: it was not asked for"
        return _check("audio", Health.PROBLEM, what, url, hint)
    if came.body is None:
        what = f"it could not be fetched: {came.problem}"
        return _check("audio", Health.PROBLEM, what, url, "without it the carrier plays nothing, or its own tone")
    if not came.is_whole:
        what = f"it has more than {LONGEST:,} bytes, and was not read to its end"
        return _check("audio", Health.WARNING, what, url, f"make it shorter: at most {LARGEST:,} bytes are advised")
    try:
        unlike = list(unlike_documents(came.body))
    except NotWav as problem:
        hint = "save it as wav: 8 kHz, 16 bit, mono, PCM"
        return _check("audio", Health.PROBLEM, f"it is no wav file: {problem}", url, hint)
    before = memory.note(url, came.body)
    if before is not None:
        what = f"another file stood here on {before}, and the carrier keeps a file by its address"
        return _check("audio-changed", Health.WARNING, what, url, "publish the new file under a new address")
    if unlike:
        hint = "the carrier documents wav at 8 kHz, 16 bit, mono: convert it"
        return _check("audio", Health.WARNING, "; ".join(unlike), url, hint)
    return _check("audio", Health.OK, f"wav, 8 kHz, 16 bit, mono, {len(came.body):,} bytes", url)


def _memory_beside(journal: str | None) -> Path:
    if journal is not None:
        path = named_journal(journal).path
        return path.with_name(path.name + SUFFIX)
    return Path(platformdirs.user_state_dir("orchestrate", appauthor=False)) / f"doctor{SUFFIX}"


class _Memory:
    """The hashes of files by their addresses, in a small file of JSON. One that cannot be read is begun anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            known = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            known = None
        self._known: dict[str, Any] = known if isinstance(known, dict) else {}

    def note(self, url: str, body: bytes) -> str | None:
        """Remember what stands at an address; return on which day another file was seen there, None where none was."""
        key, sha = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest(), hashlib.sha256(body).hexdigest()
        before = self._known.get(key)
        self._known[key] = {"sha256": sha, "seen": rfc3339(time.time())}
        if not isinstance(before, dict) or before.get("sha256") in (None, sha):
            return None
        return str(before.get("seen", "an earlier day"))[:10]

    def keep(self) -> list[Check]:
        """Write it down; return what is wrong with that."""
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            new.write_text(json.dumps(self._known, indent=1) + "\n", "utf-8")
            new.chmod(0o600)
            new.replace(self._path)
        except OSError as problem:
            new.unlink(missing_ok=True)
            what = f"it cannot be written, so that a change of the audio will not be noticed: {problem.strerror}"
            return [_check("audio-memory", Health.WARNING, what, str(self._path), "check its folder")]
        return []
