"""The lines that `nnterm check --explain --json` prints, as structs; read here without the engine."""

from typing import Literal

import msgspec

from tui.processes.check_stream import CheckError

Kind = Literal["forward", "loss", "backward", "update"]


class Layer(msgspec.Struct, frozen=True):
    """A layer in a line."""

    name: str
    kind: str
    n_in: int
    n_out: int
    activation: str


class WalkStarted(msgspec.Struct, frozen=True, tag_field="type", tag="explain_started"):
    """What is walked through."""

    architecture: str
    layers: tuple[Layer, ...]
    loss: str
    samples: tuple[int, ...]
    of_samples: int
    targets: tuple[str, ...]
    steps: int
    limits: tuple[str, ...] = ()


class WalkStep(msgspec.Struct, frozen=True, tag_field="type", tag="step"):
    """One step, as `engine.glassbox.Step` has it; its arrays are not read."""

    index: int
    kind: Kind
    part: int
    parts: int
    layer: str
    title: str
    formula: str
    shapes: str
    numbers: tuple[str, ...]
    left_out: str
    words: str
    own_difference: float | None = None


class WalkFinished(msgspec.Struct, frozen=True, tag_field="type", tag="explain_finished"):
    """Whether the network's own backward pass says the same."""

    passed: bool
    message: str


WalkEvent = WalkStarted | WalkStep | WalkFinished | CheckError
_DECODER: msgspec.json.Decoder[WalkEvent] = msgspec.json.Decoder(WalkEvent)


def decode_line(line: bytes) -> WalkEvent | None:
    """Return the event of a line; None for what is none, or of a type that this version does not know."""
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
