"""Conversion of the targets `y` in a user's file to class indices or values."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import AnyArray
from engine.data.info import Task
from engine.data.tasks import choose_task, count_outputs
from engine.errors import DataError
from engine.printable import printable
from engine.words import counted

MAX_INTEGER_CLASSES = 1000
"""Integer targets with more different values than this are a regression, unless the user sets the task."""
MAX_FLOAT_CLASSES = 20
"""The same for whole numbers stored as floats."""
MAX_FLOAT_LABEL = 2**31
"""A whole number stored as a float is a value, not a label, from this magnitude."""


@dataclass(frozen=True)
class Targets:
    """The targets of a dataset, and the task that they define."""

    y: AnyArray
    """int64 class indices, (n,), or float64 values, (n, k)."""
    task: Task
    class_names: tuple[str, ...]
    """In the order of the class indices; empty for a regression."""
    classes: AnyArray | None
    """The labels in the file, (n_classes,), ascending; None for a regression."""

    @property
    def n_outputs(self) -> int:
        """Number of outputs that a network needs."""
        n_targets = 1 if self.y.ndim == 1 else self.y.shape[1]
        return count_outputs(self.task, len(self.class_names), n_targets)


def read_targets(y: AnyArray, requested: str, place: str) -> Targets:
    """Return the targets in `y` as class indices or values.

    Strings, booleans, one-hot rows and integers with few different values are classes, other numbers are values,
    unless `requested` is another possible task. Other labels than 0..C-1 are numbered in
    ascending order and become the class names.

    Args:
        y: (n,), or (n, k) for k values or k one-hot columns.
        requested: auto, classification, binary or regression.
        place: name of `y` in error messages.

    Raises:
        DataError: no samples, only one class, values that are not finite (NaN or Inf), or an incompatible task.
    """
    y = check_targets(y, place)
    if y.ndim == 2 and requested != "regression" and _is_one_hot(y):
        y = y.argmax(axis=1)
    if not _holds_classes(y, requested):
        choose_task(place, requested, "regression", 0)
        return Targets(
            y.astype(np.float64).reshape(len(y), y.shape[1] if y.ndim == 2 else 1), "regression", (), None
        )
    classes, indices = np.unique(y, return_inverse=True)
    names = tuple(_class_name(label) for label in classes.tolist())
    _check_classes(names, y, place)
    task = choose_task(place, requested, "binary" if len(names) == 2 else "classification", len(names))
    return Targets(indices.reshape(-1).astype(np.int64), task, names, classes)


def read_test_targets(y: AnyArray, targets: Targets, place: str) -> AnyArray:
    """Return the targets of the test set in the form of `targets.y`: int64 (n,), or float64 (n, k).

    Raises:
        DataError: a class is missing in the training set, the number of values differs, or `y` does not hold numbers.
    """
    y = check_targets(y, place)
    if targets.classes is None:
        return _as_values(y, targets.y.shape[1], place)
    if y.ndim == 2 and _is_one_hot(y):
        y = y.argmax(axis=1)
    if y.ndim == 2 or (y.dtype.kind in "US") != (targets.classes.dtype.kind in "US"):
        raise DataError(
            f"{place} has labels of another type than the training set", "store both in the same way"
        )
    indices = np.searchsorted(targets.classes, y).clip(0, len(targets.classes) - 1)
    unknown = np.flatnonzero(targets.classes[indices] != y)
    if len(unknown):
        name = _class_name(y[unknown[0]].item())
        raise DataError(
            f'{place} holds the class "{name}", which the training set lacks', "remove those samples"
        )
    return indices.astype(np.int64)


def check_targets(y: AnyArray, place: str) -> AnyArray:
    """Return `y`, (n,) or (n, k), with (n, 1) reduced to (n,).

    Raises:
        DataError: an unsuitable dtype or shape, no samples, or values that are not finite (NaN or Inf).
    """
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind not in "biufUS":
        raise DataError(f"{place} holds {y.dtype}, neither numbers nor texts", "convert it to numbers")
    if y.ndim not in (1, 2) or 0 in y.shape[1:]:
        raise DataError(
            f"{place} has shape {y.shape}", "expected one label per sample, (n,), or k values, (n, k)"
        )
    if not len(y):
        raise DataError(f"{place} contains no samples")
    check_finite(y, place)
    return y


def check_finite(values: AnyArray, place: str) -> None:
    """Raise DataError if a floating-point array holds NaN or Inf, with their number and the first position."""
    if values.dtype.kind != "f":
        return
    bad = ~np.isfinite(values)
    count = int(np.count_nonzero(bad))
    if count:
        position = np.unravel_index(int(bad.argmax()), values.shape)
        first = ", ".join(str(int(i)) for i in position)
        what = "1 value that is" if count == 1 else f"{counted(count, 'value')} that are"
        name = place.rsplit(" ", 1)[-1]
        reason = f"{place} holds {what} NaN or infinite, the first at {name}[{first}]"
        raise DataError(reason, "fill them or remove those samples")


def _holds_classes(y: AnyArray, requested: str) -> bool:
    if y.dtype.kind in "US":
        return True
    if requested == "regression" or y.ndim == 2:
        return False
    if y.dtype.kind == "f" and not ((y == np.floor(y)) & (np.abs(y) < MAX_FLOAT_LABEL)).all():
        return False
    if requested in ("classification", "binary") or y.dtype.kind == "b":
        return True
    return len(np.unique(y)) <= (MAX_FLOAT_CLASSES if y.dtype.kind == "f" else MAX_INTEGER_CLASSES)


def _is_one_hot(y: AnyArray) -> bool:
    return y.dtype.kind in "biuf" and bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())


def _check_classes(names: tuple[str, ...], y: AnyArray, place: str) -> None:
    if len(names) == 1:
        reason = f'{place} contains a single class, "{names[0]}": there is nothing to classify'
        raise DataError(reason, 'add samples of another class, or set task = "regression" for values')
    if y.dtype.kind in "US" and len(names) > max(20, len(y) // 2):
        counts = f"{len(names):,} different texts for {counted(len(y), 'sample')}"
        reason = f"{place} holds {counts}: these look like names, not classes"
        raise DataError(reason, "store one class label per sample")


def _class_name(label: object) -> str:
    if isinstance(label, bool):
        return "true" if label else "false"
    if isinstance(label, bytes):
        return printable(label.decode("utf-8", "replace"))
    return str(int(label)) if isinstance(label, float) else printable(str(label))


def _as_values(y: AnyArray, n_targets: int, place: str) -> AnyArray:
    values = y.reshape(len(y), -1)
    if y.dtype.kind in "US" or values.shape[1] != n_targets:
        raise DataError(
            f"{place} does not hold {counted(n_targets, 'value')} per sample, as the training set does"
        )
    return values.astype(np.float64)
