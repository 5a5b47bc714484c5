"""Checks gradients in a process of its own, so that neither the app nor a training waits; nothing here loads torch."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from engine.runs.launch import THREAD_VARIABLES
from tui.check_stream import CheckError, CheckEvent, CheckFinished, decode_line

LONGEST_LINE = 1 << 22
GRACE_S = 2.0
"""How long a process that was asked to end may take before it is killed."""


class Device(msgspec.Struct, frozen=True):
    """A device that PyTorch can compute on, as `engine.torch.devices` tells it."""

    name: str
    title: str = ""
    dtypes: tuple[str, ...] = ("float64", "float32")


CPU = Device("cpu", "this machine's processor")
_LIST_DEVICES = (
    "import sys, msgspec; from engine.torch.devices import list_devices; "
    "sys.stdout.buffer.write(msgspec.json.encode(list_devices()))"
)


def arguments_for(source: Sequence[str], home: Path | None, device: str, dtype: str) -> list[str]:
    """Return the arguments of `nnterm check` for a file (`["x.toml"]`) or a run (`["--run", name]`)."""
    options = ["--device", device, "--dtype", dtype, "--json"]
    return [*source, *(["--home", str(home)] if home else []), *options]


async def check(arguments: Sequence[str]) -> AsyncGenerator[CheckEvent, None]:
    """Yield the events of `nnterm check` with these arguments; always ends in a verdict or an error.

    Closing the iterator ends the process.
    """
    async with _process("-m", "tui.cli.main", "check", *arguments) as process:
        complaints = asyncio.create_task(process.stderr.read())
        concluded = False
        async for line in process.stdout:
            event = decode_line(line)
            if event is not None:
                concluded = isinstance(event, CheckFinished | CheckError)
                yield event
        text = (await complaints).decode("utf-8", "replace").strip()
        if not concluded:
            last = text.splitlines()[-1] if text else f"exit code {await process.wait()}"
            yield CheckError(f"the check broke down: {last}")


async def list_devices() -> tuple[Device, ...]:
    """Return PyTorch's devices on this machine; the CPU alone where that cannot be told."""
    async with _process("-c", _LIST_DEVICES) as process:
        output, _ = await process.communicate()
    try:
        return msgspec.json.decode(output, type=tuple[Device, ...]) or (CPU,)
    except msgspec.MsgspecError:
        return (CPU,)


@asynccontextmanager
async def _process(*arguments: str) -> AsyncIterator[Any]:
    """A Python process with pipes, on one thread so that a training keeps its core; ended on the way out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
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
