"""A Python child process: its output as a stream, and its end when the reader leaves."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from engine.runs.launch import THREAD_VARIABLES

LONGEST_LINE = 1 << 22
"""Maximum length of an output line in bytes."""
GRACE_S = 2.0
"""Seconds between terminating a process and killing it."""


@asynccontextmanager
async def child_process(*arguments: str, takes_input: bool = False) -> AsyncIterator[Any]:
    """Start Python with these arguments and pipes, on one thread so that a training keeps its core; end it on exit.

    Args:
        takes_input: True: stdin is a pipe too; False: stdin is empty.
    """
    process: Any = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # files in the current folder, such as an `engine.py` of the user's, hide no package
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
        process._transport.close()  # otherwise closed by a later iteration of the event loop, which may not come


async def command_events(
    words: Sequence[str],
    decode: Callable[[bytes], Any],
    is_last: Callable[[Any], bool],
    broken: Callable[[str], Any],
) -> AsyncGenerator[Any, None]:
    """Yield the events that an `nnterm` process prints, one per line; closing the iterator ends the process.

    Args:
        words: the command and its arguments, including `--json`.
        decode: returns the event of a line, or None for a line to skip.
        is_last: returns whether an event is a final one.
        broken: returns the event that stands for a missing final one, given the reason.
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
    """Terminate the process, then kill it; return once it has ended, even if the waiting task is cancelled repeatedly.

    A closing screen cancels its tasks more than once, and a closing event loop cancels this wait too.
    """
    _signal(process.terminate)
    grace, cancelled = GRACE_S, False
    while process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), grace)
        except TimeoutError:
            _signal(process.kill)
        except asyncio.CancelledError:
            _signal(process.kill)  # no time left to wait
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


def _signal(send: Callable[[], None]) -> None:
    """Send a signal to a process that may have ended in the same moment."""
    with suppress(ProcessLookupError):
        send()
