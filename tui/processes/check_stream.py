"""The lines that `nnterm check --json` prints, as structs; read here without the engine, which stays out of the way."""

import msgspec

VERDICTS = ("ok", "wrong", "kink", "not_finite", "unchecked")


class TensorShape(msgspec.Struct, frozen=True):
    """A parameter tensor by name."""

    name: str
    shape: tuple[int, ...]


class CheckStarted(msgspec.Struct, frozen=True, tag_field="type", tag="check_started"):
    """The network, and what will be done."""

    architecture: str
    n_parameters: int
    parameters: tuple[TensorShape, ...]
    samples: int


class CheckProgress(msgspec.Struct, frozen=True, tag_field="type", tag="check_progress"):
    """How far the check is."""

    done: int
    total: int
    phase: str


class CheckRow(msgspec.Struct, frozen=True, tag_field="type", tag="parameter"):
    """A tensor's gradient as each method sees it, at `index`, the worst coordinate.

    None: not computed, or not finite (`verdict` tells). Errors and ratios are relative.
    """

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...] = ()
    analytic: float | None = None
    finite_difference: float | None = None
    torch: float | None = None
    largest_relative_error: float | None = None
    median_relative_error: float | None = None
    norm_ratio: float | None = None
    """Analytic against finite differences, over the coordinates checked."""
    torch_norm_ratio: float | None = None
    """Analytic against PyTorch, over the whole tensor."""
    checked: int = 0
    directions: int = 0
    kinks: int = 0
    verdict: str = "unchecked"
    odd_one_out: str = ""
    diagnosis: str = ""

    @property
    def relative_error(self) -> float | None:
        """The largest error against finite differences; against PyTorch where only that was asked."""
        if self.norm_ratio is None and self.torch_norm_ratio is not None:
            return self.torch_norm_ratio
        return self.largest_relative_error


Grid = tuple[tuple[float | None, ...], ...]


class CheckHeat(msgspec.Struct, frozen=True, tag_field="type", tag="heat_map"):
    """The relative errors of one tensor's gradient as powers of ten, the largest of each block; None: not compared."""

    name: str
    shape: tuple[int, ...]
    axes: tuple[str, str]
    """What a row and a column are; "" where there is but one row."""
    block: tuple[int, int]
    """Rows and columns of the tensor in a cell."""
    differences: Grid
    torch: Grid | None = None
    kinks: tuple[tuple[int, int], ...] = ()
    worst: tuple[int, int] | None = None


class CheckFinished(msgspec.Struct, frozen=True, tag_field="type", tag="check_finished"):
    """The verdict."""

    passed: bool
    message: str
    problems: tuple[str, ...] = ()
    device: str = ""
    dtype: str = ""
    torch_version: str = ""
    blind_spots: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class CheckError(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """The check could not be made."""

    message: str
    hint: str = ""


CheckEvent = CheckStarted | CheckProgress | CheckRow | CheckHeat | CheckFinished | CheckError
_DECODER: msgspec.json.Decoder[CheckEvent] = msgspec.json.Decoder(CheckEvent)


def decode_line(line: bytes) -> CheckEvent | None:
    """Return the event of a line; None for what is none, or of a type that this version does not know."""
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
