"""A true sliding window, as a carrier keeps it that counts every request it accepted."""

import asyncio
import random
import time
from collections import deque


class SlidingWindow:
    """Judges requests one by one, by a clock that nobody sets."""

    def __init__(self) -> None:
        self.accepted: deque[float] = deque()

    async def refuses(self, rule: dict[str, float]) -> bool:
        """Whether `count` requests were accepted in the last `seconds`; waits for the way's jitter before it judges."""
        await asyncio.sleep(random.uniform(0, rule.get("jitter", 0)))  # noqa: S311 - no secret
        now = time.monotonic()
        while self.accepted and self.accepted[0] <= now - rule["seconds"]:
            self.accepted.popleft()
        if len(self.accepted) >= rule["count"]:
            return True
        self.accepted.append(now)
        return False
