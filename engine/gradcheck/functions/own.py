"""A user's loss and gradient as functions of one vector; what is wrong in them is named as theirs."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import AnyArray, Array
from engine.gradcheck.functions.parameters import Parameters, kind_of
from engine.gradcheck.report import Fault

LOSS, GRADIENT = "loss", "gradient"
"""Culprits: the user's two functions."""


class OwnFunctionError(Exception):
    """The user's function raised, or returned what cannot be compared."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class OwnFunctions:
    """`loss` and `gradient` of vectors (n,); each call gets arrays of its own, so that it cannot move the point.

    `faults` collects what is wrong without ending the check: shapes, dtypes, a `w` changed in place.
    """

    def __init__(
        self, loss: Callable[..., Any], gradient: Callable[..., Any], parameters: Parameters
    ) -> None:
        self._loss, self._gradient, self._parameters = loss, gradient, parameters
        self.faults: list[Fault] = []
        self.wrong: dict[str, str] = {}
        """The error of a whole array of the gradient, by its name: its shape or dtype."""
        self.latest: list[Any] = []
        """The arrays that `gradient` returned last, not copied."""

    def loss(self, vector: Array) -> float:
        """Return the user's loss at `vector` (n,).

        Raises:
            OwnFunctionError: it raised, or did not return one number.
        """
        value = self._call(LOSS, self._loss, vector)
        if value is None:
            raise OwnFunctionError(Fault(LOSS, "loss(w) returned None: is its return missing?"))
        try:
            array = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            array = np.empty(0)
        if isinstance(value, complex | np.complexfloating) or array.size != 1:
            raise OwnFunctionError(Fault(LOSS, f"loss(w) returned {kind_of(value)}: return one number"))
        return float(array.reshape(())[()])

    def gradient(self, vector: Array) -> Array:
        """Return the user's gradient at `vector`, (n,), copied; NaN where its shape is wrong, which `wrong` tells.

        Raises:
            OwnFunctionError: it raised, or returned another form than that of `w`.
        """
        result = self._call(GRADIENT, self._gradient, vector)
        if result is None:
            raise OwnFunctionError(Fault(GRADIENT, "gradient(w) returned None: is its return missing?"))
        parts, message = self._parameters.parts_of(result, "gradient(w)")
        if message and not parts:
            raise OwnFunctionError(Fault(GRADIENT, message))
        if message:
            self._add(Fault(GRADIENT, message))
        self.latest = list(parts.values())
        values = np.full(len(vector), np.nan)
        for tensor in self._parameters.tensors:
            if tensor.name not in parts:
                self.wrong[tensor.name] = "gradient(w) has no entry for it"
                continue
            array = np.asarray(parts[tensor.name])
            self._look_at(tensor.name, array, tensor.shape)
            if array.shape == tensor.shape and array.dtype.kind in "fiub":
                values[tensor.places] = array
        return values

    def _look_at(self, name: str, array: AnyArray, shape: tuple[int, ...]) -> None:
        """Note an array of the gradient that has another shape than its parameter, or no float64 values."""
        if array.dtype.kind not in "fiub":
            self.wrong[name] = f"its gradient holds {array.dtype} values, which are no real numbers"
        elif array.shape != shape:
            self.wrong[name] = _wrong_shape(array, shape)
        elif array.dtype.kind in "iub" and array.any():
            self.wrong[name] = f"its gradient has dtype {array.dtype}: values are cut to whole numbers"
        elif array.dtype.kind == "f" and array.dtype.itemsize < 8:
            digits = np.finfo(array.dtype).eps
            self.wrong[name] = (
                f"its gradient is {array.dtype}, rounded by {digits:.0e}: compute it in float64"
            )

    def _call(self, what: str, function: Callable[..., Any], vector: Array) -> Any:
        given, before = self._parameters.arrays_of(vector), self._parameters.arrays_of(vector)
        try:
            with np.errstate(all="ignore"):
                result = function(given)
        except Exception as error:
            message = f"{what}(w) raised {type(error).__name__}: {error}{_place_of(error)}"
            raise OwnFunctionError(Fault(what, message)) from error
        changed = [name for name, one, other in self._pairs(given, before) if not np.array_equal(one, other)]
        if changed:
            self._add(Fault(what, f"{what}(w) changes {', '.join(changed)} in place: work on a copy"))
        return result

    def _pairs(self, given: Any, before: Any) -> list[tuple[str, Any, Any]]:
        parameters = self._parameters
        one, _ = parameters.parts_of(given, "")
        other, _ = parameters.parts_of(before, "")
        return [(name, one.get(name), other[name]) for name in parameters.names]

    def _add(self, fault: Fault) -> None:
        if fault not in self.faults:
            self.faults.append(fault)


def _wrong_shape(array: AnyArray, shape: tuple[int, ...]) -> str:
    text = f"its gradient has shape {array.shape} instead of {shape}"
    if len(shape) > 1 and array.shape == shape[::-1]:
        return f"{text}: transposed"
    if array.size == int(np.prod(shape)):
        return f"{text}: the same number of values, reshape them"
    return f"{text}: a sum over the samples is missing" if array.shape[1:] == shape else text


def _place_of(error: BaseException) -> str:
    """Return ` (mine.py, line 12)`: where the user's code raised; "" if unknown."""
    ours = str(Path(__file__).parents[2])
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if "site-packages" not in frame.filename and not frame.filename.startswith(ours):
            return f" ({Path(frame.filename).name}, line {frame.lineno})"
    return ""
