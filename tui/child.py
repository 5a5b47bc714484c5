"""A Python process of our own beside the app: its output as a stream, and its end on the way out."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
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
    process = await asyncio.create_subprocess_exec(
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


async def _end(process: Any) -> None:
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_S)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
