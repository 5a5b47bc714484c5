"""The parameters of a function as one float64 vector: an array, a dict or a sequence of arrays, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import AnyArray, Array
from engine.errors import DataError
from engine.gradcheck.tensors import Tensor
from engine.words import counted


@dataclass(frozen=True)
class Parameters:
    """The arrays of `w` by name, their places in one vector, and the form in which the functions take them."""

    tensors: list[Tensor]
    start: Array
    """All values, float64, (n,)."""
    form: str
    """array, dict or list."""
    note: str = ""
    """On a conversion to float64; empty: none."""

    @classmethod
    def of(cls, w: Any, names: Sequence[str] | None = None) -> "Parameters":
        """Return the parameters that `w` holds: an array, a dict name → array, or a list of arrays.

        Raises:
            DataError: an array is empty, holds no real numbers or a NaN, or the names do not fit.
        """
        form, arrays = _named(w, names)
        tensors, values, start = [], [], 0
        rounded = []
        for name, value in arrays.items():
            array = _checked(name, value)
            if array.dtype.kind == "f" and array.dtype.itemsize < 8:
                rounded.append(f"{name} is {array.dtype}")
            tensors.append(Tensor(name, np.arange(start, start + array.size).reshape(array.shape)))
            values.append(array.astype(np.float64).ravel())
            start += array.size
        note = (
            f"{', '.join(rounded)}: converted to float64, in which differences are taken" if rounded else ""
        )
        return cls(tensors, np.concatenate(values), form, note)

    def arrays_of(self, vector: Array) -> Any:
        """Return copies of the values in `vector` (n,) in the form of `w`, as the functions take them."""
        arrays = [vector[one.places] for one in self.tensors]  # fancy indexing copies
        if self.form == "array":
            return arrays[0]
        return arrays if self.form == "list" else dict(zip(self.names, arrays, strict=True))

    @property
    def names(self) -> list[str]:
        """The names of the arrays in their order."""
        return [one.name for one in self.tensors]

    def parts_of(self, result: Any, what: str) -> tuple[dict[str, Any], str]:
        """Return a gradient's parts by name, and a message if its form is not that of `w`."""
        if self.form == "array":
            return {self.names[0]: result}, ""
        if self.form == "dict":
            if not isinstance(result, Mapping):
                return (
                    {},
                    f"{what} returned {kind_of(result)}, w is a dict: return a dict with the same names",
                )
            more = [str(name) for name in result if name not in self.names]
            missing = [name for name in self.names if name not in result]
            words = [f"no entry {', '.join(map(repr, missing))}"] if missing else []
            words += [f"an entry {', '.join(map(repr, more))} that w has not"] if more else []
            return {name: result[name] for name in self.names if name in result}, (
                f"{what} has {' and '.join(words)}" if words else ""
            )
        if not isinstance(result, list | tuple) or len(result) != len(self.tensors):
            got = (
                counted(len(result), "entry", "entries")
                if isinstance(result, list | tuple)
                else kind_of(result)
            )
            return {}, f"{what} returned {got}, w is a list of {len(self.tensors)} arrays: return as many"
        return dict(zip(self.names, result, strict=True)), ""


def _named(w: Any, names: Sequence[str] | None) -> tuple[str, dict[str, Any]]:
    """Return the form of `w`, and its arrays by name."""
    given = [names] if isinstance(names, str) else names
    if isinstance(w, Mapping):
        if given is not None:
            raise DataError("names: w is a dict, whose keys are the names", "omit names")
        found = {str(name): value for name, value in w.items()}
        form = "dict"
    elif isinstance(w, list | tuple) and any(isinstance(one, np.ndarray | list | tuple) for one in w):
        found = {f"w[{i}]": value for i, value in enumerate(w)}
        form = "list"
    else:
        found, form = {"w": w}, "array"
    if not found:
        raise DataError("w holds no arrays", "pass an array, a dict name → array, or a list of arrays")
    if given is None:
        return form, found
    if len(given) != len(found) or len(set(given)) != len(found):
        raise DataError(
            f"names has {len(set(given))} names, w has {len(found)} arrays", "name each array once"
        )
    return form, dict(zip(map(str, given), found.values(), strict=True))


def _checked(name: str, value: Any) -> AnyArray:
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise DataError(f"{name} is no array: {error}", "pass an array of numbers") from None
    if value is None:
        raise DataError(f"{name} is None", "pass an array, a dict name → array, or a list of arrays")
    if array.dtype.kind not in "fiu":
        hint = "pass real numbers, float64 best"
        raise DataError(f"{name} holds {array.dtype} values, which are no real numbers", hint)
    if not array.size:
        raise DataError(f"{name} is empty, shape {array.shape}", "omit it, or give it values")
    if not np.isfinite(array).all():
        raise DataError(f"{name} holds a NaN or an Inf", "take the gradient at a finite point")
    return array


def kind_of(value: Any) -> str:
    """Return what a value is, in words: `None`, `an array of shape (3,)`, `a float`."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"a {type(value).__name__}"
