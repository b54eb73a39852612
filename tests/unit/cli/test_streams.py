"""What is said on stderr never waits for a reader: what finds no room is counted, and told when it can be."""

import os
import socket
import threading
import time

from orchestrator.cli.streams import AT_ONCE, ROOM, StderrWriter


def test_lines_without_room_are_counted_and_told_in_their_place() -> None:
    ours, theirs = os.pipe()
    said = StderrWriter(theirs)
    said.queue(lambda lost: f"lost {lost}")
    line = b"x" * 1023 + b"\n"
    began = time.monotonic()
    for _ in range(ROOM // 1024 + 1000):
        said.write(line)
    assert time.monotonic() - began < 30
    reading = os.fdopen(ours, "rb")
    found: list[bytes] = []

    def read() -> None:
        found.extend(reading)

    reader = threading.Thread(target=read)
    reader.start()
    said.finish(10.0)
    said.write(b"last\n")
    said.finish(10.0)
    os.close(theirs)
    reader.join(10)
    reading.close()
    kept = found.count(line)
    told = [int(one.split()[1]) for one in found if one.startswith(b"lost")]
    assert told, "lines were lost, and nobody was told"
    assert sum(told) + kept == ROOM // 1024 + 1000
    assert kept >= ROOM // 1024


def test_lines_that_come_at_once_are_written_whole() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    said = StderrWriter(theirs.fileno())
    lines = b"".join(b"%d " % n * 30 + b"\n" for n in range(400)) + b"x" * (AT_ONCE + 10) + b"\nlast\n"
    written: list[bytes] = []
    reader = threading.Thread(target=lambda: written.extend(iter(lambda: ours.recv(2 * AT_ONCE), b"")))
    reader.start()
    said.write(lines)
    theirs.close()
    reader.join(10)
    ours.close()
    assert b"".join(written) == lines
    assert [len(piece) <= AT_ONCE for piece in written] == [True] * len(written)
    cut = [piece for piece in written if not piece.endswith(b"\n")]
    assert cut == [b"x" * AT_ONCE], "only a line that is too long by itself may be cut"


def test_the_end_waits_for_a_slow_reader_and_not_for_none() -> None:
    ours, theirs = os.pipe()
    said = StderrWriter(theirs)
    said.queue(lambda lost: f"lost {lost}")
    said.write(b"x" * 300_000)
    began = time.monotonic()
    said.finish(0.3)
    assert time.monotonic() - began < 30
    found = bytearray()

    def read_slowly() -> None:
        while len(found) < 300_000:
            found.extend(os.read(ours, 20_000))
            time.sleep(0.05)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    said.finish(10.0)
    reader.join(10)
    os.close(ours)
    os.close(theirs)
    assert len(found) == 300_000
