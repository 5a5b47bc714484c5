"""Checks gradients in a process of its own, so that neither the app nor a training waits; nothing here loads torch."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec

from tui.processes import explain_stream
from tui.processes.check_stream import CheckError, CheckEvent, CheckFinished, decode_line
from tui.processes.child import child_process, command_events
from tui.processes.explain_stream import WalkEvent, WalkFinished


class Device(msgspec.Struct, frozen=True, tag_field="type", tag="device"):
    """A device that PyTorch can compute on, as `engine.torch.devices.choose` tells it."""

    name: str
    title: str = ""
    dtypes: tuple[str, ...] = ("float64", "float32")


class _Other(msgspec.Struct, tag_field="type", tag="torch"):
    """The line about PyTorch itself, which is of no use here."""


CPU = Device("cpu", "this machine's processor")
_LIST_DEVICES = ("-m", "engine.torch.devices", "--json")


def explain_arguments(source: Sequence[str], home: Path | None, sample: int, samples: int = 1) -> list[str]:
    """Return the arguments of `nnterm check --explain` for a source as `arguments_for` takes it."""
    options = ["--explain", "--sample", str(sample), "--samples", str(samples), "--json"]
    return [*source, *(["--home", str(home)] if home else []), *options]


def arguments_for(source: Sequence[str], home: Path | None, device: str, dtype: str) -> list[str]:
    """Return the arguments of `nnterm check` for a file (`["x.toml"]`) or a run (`["--run", name]`)."""
    options = ["--device", device, "--dtype", dtype, "--json"]
    return [*source, *(["--home", str(home)] if home else []), *options]


async def check(arguments: Sequence[str]) -> AsyncGenerator[CheckEvent, None]:
    """Yield the events of `nnterm check` with these arguments; always ends in a verdict or an error.

    Closing the iterator ends the process.
    """
    async with aclosing(_events(arguments, decode_line, CheckFinished)) as events:
        async for event in events:
            yield event


async def explain(arguments: Sequence[str]) -> AsyncGenerator[WalkEvent, None]:
    """Yield the events of `nnterm check --explain` with these arguments, likewise."""
    async with aclosing(_events(arguments, explain_stream.decode_line, WalkFinished)) as events:
        async for event in events:
            yield event


def _events(
    arguments: Sequence[str], decode: Callable[[bytes], object], last_kind: type[Any]
) -> AsyncGenerator[Any, None]:
    """What a process of `nnterm check` tells; an error of our own where it ends without a last word."""
    return command_events(
        ["check", *arguments],
        decode,
        lambda event: isinstance(event, last_kind | CheckError),
        lambda why: CheckError(f"the check broke down: {why}"),
    )


async def list_devices() -> tuple[Device, ...]:
    """Return PyTorch's devices on this machine; the CPU alone where that cannot be told."""
    async with child_process(*_LIST_DEVICES) as process:
        output, _ = await process.communicate()
    try:
        found = [msgspec.json.decode(line, type=Device | _Other) for line in output.splitlines()]
    except msgspec.MsgspecError:
        return (CPU,)
    return tuple(line for line in found if isinstance(line, Device)) or (CPU,)
