"""Call ids of a whole plan, remembered in about 25 bytes each: a million rows must not fill the memory."""

from array import array
from binascii import crc32

_FIRST_SIZE = 1 << 10


class SeenIds:
    """Remembers ids with a number each, and finds an id that comes again.

    An id is known by 96 bits: Python's 64-bit hash (keyed at random in each process) and an independent CRC-32.
    Two different ids among a million agree in all of them with a probability below 1e-17, so there is no second look.
    Laid out as a dict is, in typed arrays: slots that hold positions, and positions that hold the ids.
    """

    def __init__(self) -> None:
        self._slots = array("I", bytes(4 * _FIRST_SIZE))  # position + 1; 0 is free
        self._hashes = array("q")
        self._checks = array("I")
        self._numbers = array("Q")

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, call_id: str, number: int) -> int | None:
        """Remember the id with a number of 64 bits; return the number of the same id where it is known already."""
        hashes = self._hashes
        value, check = hash(call_id), crc32(call_id.encode("utf-8", "surrogatepass"))
        mask = len(self._slots) - 1
        slot = value & mask
        while position := self._slots[slot]:
            if hashes[position - 1] == value and self._checks[position - 1] == check:
                return self._numbers[position - 1]
            slot = (slot + 1) & mask
        hashes.append(value)
        self._checks.append(check)
        self._numbers.append(number)
        self._slots[slot] = len(hashes)
        if 2 * len(hashes) > len(self._slots):
            self._grow()
        return None

    def _grow(self) -> None:
        size = 2 * len(self._slots)
        self._slots = slots = array("I", bytes(4 * size))
        mask = size - 1
        for position, value in enumerate(self._hashes, 1):
            slot = value & mask
            while slots[slot]:
                slot = (slot + 1) & mask
            slots[slot] = position
