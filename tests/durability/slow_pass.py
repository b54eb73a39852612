"""Loaded into a run: a pass of the scheduler takes 20 ms longer between two of its questions."""

import time


def install() -> None:
    from orchestrator.engine.scheduler import Engine

    original = Engine._give_up_what_expired

    async def slow(self):
        result = await original(self)
        time.sleep(0.02)  # noqa: ASYNC251 - the writer's thread may commit meanwhile, as it may at any time
        return result

    Engine._give_up_what_expired = slow
