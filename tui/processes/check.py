"""Gradient checks and walks in a process of their own, so that neither the app nor a training waits; no torch here."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.glassbox.steps import ExplainEvent, ExplainFinished
from engine.gradcheck.events import CheckEvent, CheckFinished
from engine.torch.devices.choose import DTYPES, Device
from tui.processes.child import child_process, command_events


class CheckError(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """Bad input, or the process of the check ended without a verdict."""

    message: str
    hint: str = ""


CheckLine = CheckEvent | CheckError
"""A line of `nnterm check --json`."""
ExplainLine = ExplainEvent | CheckError
"""A line of `nnterm check --explain --json`."""
_CHECK_LINES: msgspec.json.Decoder[CheckLine] = msgspec.json.Decoder(CheckLine)
_EXPLAIN_LINES: msgspec.json.Decoder[ExplainLine] = msgspec.json.Decoder(ExplainLine)


class _Other(msgspec.Struct, tag_field="type", tag="torch"):
    """The line about PyTorch itself, unused here."""


CPU = Device("cpu", "CPU of this machine", DTYPES)
T = TypeVar("T")
_LIST_DEVICES = ("-m", "engine.torch.devices", "--json")


def explain_arguments(source: Sequence[str], home: Path | None, sample: int | None) -> list[str]:
    """Return the arguments of `nnterm check --explain` for a source as `arguments_for` takes it.

    `sample` is None for the one that the command chooses.
    """
    chosen = [] if sample is None else ["--sample", str(sample)]
    return [*source, *(["--home", str(home)] if home else []), "--explain", *chosen, "--json"]


def made_step_arguments(source: Sequence[str], home: Path | None) -> list[str]:
    """Return the arguments of `nnterm check --explain --at-step` for a source that names a run and a step."""
    return [*source, *(["--home", str(home)] if home else []), "--explain", "--json"]


def arguments_for(
    source: Sequence[str], home: Path | None, device: str, dtype: str, plant: str = ""
) -> list[str]:
    """Return the arguments of `nnterm check` for a file (`["x.toml"]`) or a run (`["--run", name]`).

    Args:
        plant: name of a bug to plant for a demonstration; empty: none.
    """
    demonstration = ["--plant", plant] if plant else []
    options = ["--early", *demonstration, "--device", device, "--dtype", dtype, "--json"]
    return [*source, *(["--home", str(home)] if home else []), *options]


def decode_check(line: bytes) -> CheckLine | None:
    """Return the event of a line of a check; None for a line that is not one, or of an unknown type."""
    return _decoded(_CHECK_LINES, line)


def decode_explain(line: bytes) -> ExplainLine | None:
    """Return the event of a line of a walk, likewise."""
    return _decoded(_EXPLAIN_LINES, line)


def _decoded(decoder: msgspec.json.Decoder[T], line: bytes) -> T | None:
    try:
        return decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


async def check(arguments: Sequence[str]) -> AsyncGenerator[CheckLine, None]:
    """Yield the events of `nnterm check` with these arguments; always ends in a verdict or an error.

    Closing the iterator ends the process.
    """
    async with aclosing(_events(arguments, decode_check, CheckFinished)) as events:
        async for event in events:
            yield event


async def explain(arguments: Sequence[str]) -> AsyncGenerator[ExplainLine, None]:
    """Yield the events of `nnterm check --explain` with these arguments, likewise."""
    async with aclosing(_events(arguments, decode_explain, ExplainFinished)) as events:
        async for event in events:
            yield event


def _events(
    arguments: Sequence[str], decode: Callable[[bytes], object], last_kind: type[Any]
) -> AsyncGenerator[Any, None]:
    """Yield the events of a process of `nnterm check`; a `CheckError` if it ends without a verdict."""
    return command_events(
        ["check", *arguments],
        decode,
        lambda event: isinstance(event, last_kind | CheckError),
        lambda why: CheckError(f"the check stopped without a result: {why}"),
    )


async def list_devices() -> tuple[Device, ...]:
    """Return PyTorch's devices on this machine; the CPU alone if they cannot be listed."""
    async with child_process(*_LIST_DEVICES) as process:
        output, _ = await process.communicate()
    try:
        found = [msgspec.json.decode(line, type=Device | _Other) for line in output.splitlines()]
    except msgspec.MsgspecError:
        return (CPU,)
    return tuple(line for line in found if isinstance(line, Device)) or (CPU,)
