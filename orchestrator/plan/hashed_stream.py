"""A file that is hashed as it is read."""

import hashlib
import io
from typing import BinaryIO


class HashedStream(io.RawIOBase):
    """Hashes the bytes of a file as they are read; closing it closes the file."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Read into the buffer and return how many bytes came."""
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        self.hash.update(chunk)
        return len(chunk)

    def close(self) -> None:
        """Close the file too."""
        self._stream.close()
        super().close()
