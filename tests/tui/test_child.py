"""A process beside the app ends with whoever started it, however that one is cancelled."""

import asyncio
import gc

import psutil
import pytest

from tui.child import child_process

DEAF = (
    "-c",
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); sys.stdin.read()",
)


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


async def cancel_a_talk_again_and_again() -> None:
    talks = asyncio.Event()

    async def talk() -> None:
        async with child_process(*DEAF, takes_input=True) as process:
            await process.stdout.readline()
            talks.set()
            await process.stdout.read()

    task = asyncio.create_task(talk())
    await talks.wait()
    for _ in range(4):  # a process that does not heed being asked is killed
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task


def test_who_is_cancelled_again_and_again_still_waits_for_the_end() -> None:
    before = children()
    asyncio.run(
        cancel_a_talk_again_and_again()
    )  # its loop closes at once: what is open then is told by the collector
    gc.collect()
    assert children() <= before
