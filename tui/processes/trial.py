"""Runs trials in a separate process, so that neither the app nor a training waits."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import msgspec

from engine.trials.events import TrialEvent, TrialFinished, TrialPoints, TrialProgress, TrialStarted
from tui.processes.child import command_events


class TrialError(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """A trial without an answer: bad input, or its process crashed."""

    message: str
    hint: str = ""


TriedEvent = TrialEvent | TrialError
_DECODER: msgspec.json.Decoder[TriedEvent] = msgspec.json.Decoder(
    TrialStarted | TrialProgress | TrialPoints | TrialFinished | TrialError
)


def decode_line(line: bytes) -> TriedEvent | None:
    """Return the event of a line, None for a type that this version does not know."""
    try:
        return _DECODER.decode(line)
    except msgspec.MsgspecError:
        return None


def arguments_for(name: str, source: Sequence[str], home: Path | None) -> list[str]:
    """Return the arguments of `nnterm try` for a file (`["x.toml"]`) or a run (`["--run", name]`)."""
    return [name, *source, *(["--home", str(home)] if home else []), "--json"]


def attempt(arguments: Sequence[str]) -> AsyncGenerator[TriedEvent, None]:
    """Yield the events of `nnterm try` with these arguments; the last one is a `TrialFinished` or a `TrialError`.

    Closing the iterator ends the process.
    """
    return command_events(
        ["try", *arguments],
        decode_line,
        lambda event: isinstance(event, TrialFinished | TrialError),
        lambda why: TrialError(f"the trial stopped without a result: {why}"),
    )
