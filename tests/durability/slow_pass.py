"""Loaded into a run: a pass of the scheduler takes 20 ms longer between two of its questions."""

import time


def install() -> None:
    from orchestrator.engine.completion import Completion

    original = Completion.give_up_what_expired

    async def slow(self, *placing):
        result = await original(self, *placing)
        time.sleep(0.02)  # noqa: ASYNC251 - the writer's thread may commit meanwhile, as it may at any time
        return result

    Completion.give_up_what_expired = slow
