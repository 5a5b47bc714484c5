"""The lines of `nnterm check --json` as structs. Free of NumPy, so that the app reads them without the engine's code.

JSON has no NaN or Inf: such a number is written as null and read back as None.
"""

import math
from typing import Literal

import msgspec

PROGRESS_EVERY_S = 0.05
USUAL_TOLERANCE = 1e-6
"""Largest relative error, of a coordinate or of a direction, that passes where rounding is negligible."""
DIFFERENCES, IMPORTING, PYTORCH = "finite differences", "importing PyTorch", "PyTorch"
"""Phases of a check."""

Verdict = Literal["ok", "wrong", "kink", "not_finite", "unchecked"]
Grid = tuple[tuple[float | None, ...], ...]


class CheckStreamEvent(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of the events that are not rows."""


class TensorShape(msgspec.Struct, frozen=True):
    """A parameter tensor by name."""

    name: str
    shape: tuple[int, ...]


class CheckStarted(CheckStreamEvent, frozen=True, kw_only=True, tag="check_started"):
    """The network and the size of the check."""

    architecture: str
    n_parameters: int
    parameters: tuple[TensorShape, ...]
    checks: int
    samples: int
    device: str
    dtype: str
    step: int | None = None
    """Updates that the network has had; None: not known, or an experiment's initial weights."""
    planted: str = ""
    """The bug that was planted for a demonstration, in words; empty: none, the check is a real one."""
    plants: tuple[str, ...] = ()
    """Names of the bugs that a demonstration can plant in this network."""
    run: str = ""
    """Name of the run; empty: an experiment without a run."""


class CheckProgress(CheckStreamEvent, frozen=True, kw_only=True, tag="check_progress"):
    """Checks done out of `total`; `done` never decreases."""

    done: int
    total: int
    phase: str


class ParameterReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="parameter"):
    """One tensor's gradient by each of the three methods.

    The three values are those at `index`, the coordinate with the largest error. None: not computed, or read from
    JSON and not finite.
    """

    name: str
    shape: tuple[int, ...]
    index: tuple[int, ...] = ()
    analytic: float | None = None
    finite_difference: float | None = None
    torch: float | None = None
    largest_relative_error: float | None = 0.0
    """Of analytic against finite differences: |a − n| / max(|a|, |n|, what differences resolve at 1e-7)."""
    tolerance: float | None = None
    """The largest error that passes there: 1e-6, and what rounding may explain; None without differences."""
    median_relative_error: float | None = 0.0
    norm_ratio: float | None = None
    """‖a − n‖ / (‖a‖ + ‖n‖) over the coordinates checked by differences."""
    torch_norm_ratio: float | None = None
    """The same against PyTorch, over the whole tensor."""
    checked: int = 0
    """Coordinates checked one by one."""
    directions: int = 0
    """Random directions checked; each covers every coordinate."""
    kinks: int = 0
    """Coordinates that could not be checked because the loss has a kink there."""
    verdict: Verdict = "unchecked"
    mode: str = ""
    """Mode of the values, "training" or "evaluation"; empty where the two do not differ."""
    odd_one_out: Literal["", "analytic", "finite differences", "PyTorch"] = ""
    diagnosis: str = ""

    @property
    def relative_error(self) -> float:
        """The largest error against finite differences, or against PyTorch where only that was compared or disagrees.

        NaN where it is None.
        """
        error = self.torch_norm_ratio if self._is_of_torch else self.largest_relative_error
        return math.nan if error is None else error

    @property
    def allowed(self) -> float | None:
        """The largest `relative_error` that passes; None where it is PyTorch's."""
        return None if self._is_of_torch else self.tolerance

    @property
    def strain(self) -> float:
        """The error as a multiple of the largest that passes, by which rows are ranked; NaN where it is None."""
        return self.relative_error / (self.allowed or USUAL_TOLERANCE)

    @property
    def _is_of_torch(self) -> bool:
        differs_alone = self.odd_one_out == "PyTorch"
        return self.torch_norm_ratio is not None and (differs_alone or self.norm_ratio is None)

    @property
    def layer(self) -> str:
        """`layers.0` of `layers.0.weight`."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def failed(self) -> bool:
        """True if this row alone makes the check fail; a kink does not."""
        return self.verdict in ("wrong", "not_finite")


class HeatMap(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="heat_map"):
    """The relative errors of one tensor's analytic gradient as powers of ten: −8 is an error of 1e-8.

    A cell stands for a block of coordinates and holds their largest error; null: none of them was compared.
    """

    name: str
    shape: tuple[int, ...]
    axes: tuple[str, str]
    """Names of a row and a column: ("unit", "input"); "" for a single row."""
    block: tuple[int, int]
    """Rows and columns of the tensor in a cell."""
    differences: Grid
    """Against finite differences, where they were taken."""
    torch: Grid | None
    """Against PyTorch, which covers every coordinate; null for a check without it."""
    kinks: tuple[tuple[int, int], ...]
    """Cells in which every difference that was tried crossed a kink."""
    worst: tuple[int, int] | None
    """The cell with the largest error against PyTorch, without it against differences."""


class Worst(msgspec.Struct, frozen=True):
    """The coordinate with the largest error."""

    name: str
    index: tuple[int, ...]
    relative_error: float | None
    """None only when read from JSON: not finite."""


class CheckFinished(CheckStreamEvent, frozen=True, kw_only=True, tag="check_finished"):
    """The verdict."""

    passed: bool
    message: str
    culprit: str
    problems: tuple[str, ...]
    worst: Worst | None
    device: str
    dtype: str
    torch_version: str
    n_parameters: int
    checked: int
    directions: int
    kinks: int
    modes: tuple[str, ...]
    blind_spots: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float


CheckEvent = CheckStarted | CheckProgress | ParameterReport | HeatMap | CheckFinished
