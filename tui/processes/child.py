"""A Python process of our own beside the app: its output as a stream, and its end on the way out."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from engine.runs.launch import THREAD_VARIABLES

LONGEST_LINE = 1 << 22
GRACE_S = 2.0
"""How long a process that was asked to end may take before it is killed."""


@asynccontextmanager
async def child_process(*arguments: str, takes_input: bool = False) -> AsyncIterator[Any]:
    """Start Python with these arguments and pipes, on one thread so that a training keeps its core; end it at the end.

    Args:
        takes_input: whether stdin is a pipe too, and not empty.
    """
    process: Any = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.PIPE if takes_input else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | dict.fromkeys(THREAD_VARIABLES, "1"),
        limit=LONGEST_LINE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            await _end(process)
        process._transport.close()  # else only a later turn of the loop would, which may have none


async def command_events(
    words: Sequence[str],
    decode: Callable[[bytes], Any],
    is_last: Callable[[Any], bool],
    broken: Callable[[str], Any],
) -> AsyncGenerator[Any, None]:
    """Yield what a process of `nnterm` tells, a line an event; closing the iterator ends the process.

    Args:
        words: the command and its arguments, `--json` among them.
        decode: makes an event of a line; None is passed over.
        is_last: whether an event is a last word.
        broken: makes the event that comes instead of a last word, from why there was none.
    """
    async with child_process("-m", "tui.cli.main", *words) as process:
        complaints = asyncio.create_task(process.stderr.read())
        concluded = False
        async for line in process.stdout:
            event = decode(line)
            if event is not None:
                concluded = is_last(event)
                yield event
        text = (await complaints).decode("utf-8", "replace").strip()
        if not concluded:
            yield broken(text.splitlines()[-1] if text else f"exit code {await process.wait()}")


async def _end(process: Any) -> None:
    """Ask the process to end, then kill it; return once it has ended, however often whoever waits is cancelled.

    A screen that goes is cancelled more than once, and a loop that closes cancels whatever is awaited here too.
    """
    process.terminate()
    grace, cancelled = GRACE_S, False
    while process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), grace)
        except TimeoutError:
            process.kill()
        except asyncio.CancelledError:
            process.kill()  # nobody has time left
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError
