"""A child process ends with the task that started it, however that is cancelled."""

import asyncio
import gc
from collections.abc import Callable, Coroutine

import psutil
import pytest

from tests.waiting import PATIENCE_S
from tui.processes import child
from tui.processes.child import child_process

DEAF = (
    "-c",
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); sys.stdin.read()",
)


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


async def start_a_talk() -> asyncio.Task[None]:
    talks = asyncio.Event()

    async def talk() -> None:
        async with child_process(*DEAF, takes_input=True) as process:
            await process.stdout.readline()
            talks.set()
            await process.stdout.read()

    task = asyncio.create_task(talk())
    await talks.wait()
    return task


async def cancel_again_and_again() -> None:
    task = await start_a_talk()
    for _ in range(4):  # a process that ignores the signal is killed
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task


async def leave_while_it_ends() -> None:
    """Close the loop while it waits for the process, which cancels everything that is awaited."""
    task = await start_a_talk()
    task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done()


@pytest.mark.parametrize("leave", [cancel_again_and_again, leave_while_it_ends])
def test_a_cancelled_task_waits_for_the_end(
    leave: Callable[[], Coroutine[None, None, None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "GRACE_S", PATIENCE_S)  # so that only a cancellation ends the process
    before = children()
    asyncio.run(leave())  # the loop closes at once: the garbage collector reports what is still open
    gc.collect()
    assert children() <= before


class Gone:
    """A process that ends in the moment in which the wait for it is cancelled."""

    returncode: int | None = None

    def terminate(self) -> None:
        raise ProcessLookupError

    kill = terminate

    async def wait(self) -> int:
        self.returncode = -15
        raise asyncio.CancelledError


def test_a_process_that_has_just_ended_is_no_error() -> None:
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(child._end(Gone()))
