"""A user's .npz file as a dataset: arrays `x` and `y`, and optionally `x_test` and `y_test`."""

import math
from pathlib import Path

import numpy as np

from engine.arrays import AnyArray
from engine.data.info import DatasetInfo, Kind, Suggestion, Task
from engine.data.labels import Targets, check_finite, read_targets, read_test_targets
from engine.data.npz_file import ArrayHeader, NpzFile
from engine.data.samples import Parts, Samples, count_test_samples, labels_of
from engine.data.spec import DataSpec, Scale
from engine.data.stratify import draw
from engine.errors import DataError
from engine.words import counted

_TEST_STREAM = 2
"""Second word of the seed for drawing the test set, different from those of generators and validation."""
_CHANNELS = (1, 3, 4)
"""Valid numbers of channels of an image."""


class NpzDataset:
    """A dataset in an .npz file, written by `np.savez(path, x=x, y=y)`; nothing in it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def describe(self, spec: DataSpec) -> DatasetInfo:
        """Return the description, from the headers and `y`; `x` is not read.

        Raises:
            DataError: the file is missing, damaged or of another format, its arrays are inconsistent, or `spec` requests
                an incompatible task.
        """
        with NpzFile(self.path) as file:
            return self._describe(file, spec)[0]

    def read(self, spec: DataSpec) -> Parts:
        """Return the samples; without `x_test` and `y_test`, a fifth is the test set, stratified by class.

        Raises:
            DataError: as `describe`, or `x` holds values that are not finite (NaN or Inf).
        """
        with NpzFile(self.path) as file:
            info, targets = self._describe(file, spec)
            train = Samples(_read_inputs(file, "x", info), targets.y)
            if "x_test" in file.names:
                y_test = read_test_targets(file.array("y_test"), targets, f"{self.path}: y_test")
                return Parts(info, train, Samples(_read_inputs(file, "x_test", info), y_test))
        rng = np.random.default_rng([spec.seed, _TEST_STREAM])
        test, rest = draw(labels_of(train.y), info.test_samples, rng, leave_one=True)
        return Parts(info, train.at(rest), train.at(test))

    def auto_scale(self, info: DatasetInfo) -> Scale:
        """Return "unit" (to 0..1) for images, else "standard" (mean 0, standard deviation 1)."""
        return "unit" if info.kind == "images" else "standard"

    def _describe(self, file: NpzFile, spec: DataSpec) -> tuple[DatasetInfo, Targets]:
        x = self._check_inputs(file, "x")
        targets = read_targets(file.array("y"), spec.task, f"{self.path}: y")
        self._check_lengths("x", x.shape[0], "y", len(targets.y))
        n_test = self._count_test(file, x)
        n_train = x.shape[0] if "x_test" in file.names else x.shape[0] - n_test
        shape = _input_shape(x.shape)
        kind = _kind(shape, x, targets.task)
        item_bytes = 1 if x.dtype == np.uint8 else 4
        info = DatasetInfo(
            name=str(self.path),
            title=self.path.name,
            task=targets.task,
            kind=kind,
            samples=n_train,
            test_samples=n_test,
            input_shape=shape,
            n_outputs=targets.n_outputs,
            class_names=targets.class_names,
            size_bytes=(n_train + n_test) * (math.prod(shape) * item_bytes + 8),
            summary=f"Arrays x {x.shape} {x.dtype} and y from {self.path.name}.",
            source=str(self.path),
            licence="your own",
            suggestion=_suggest(kind, targets.task),
        )
        return info, targets

    def _check_inputs(self, file: NpzFile, name: str) -> ArrayHeader:
        """Return the header of an array of inputs, after checking its shape and dtype."""
        header = file.header(name)
        place = f"{self.path}: {name}"
        if header.dtype.kind not in "biuf":
            raise DataError(
                f"{place} contains {header.dtype}, not real numbers", "turn its columns into numbers"
            )
        if not header.shape:
            raise DataError(
                f"{place} is a single number", "expected one row of numbers per sample, (n, n_features)"
            )
        if 0 in header.shape:
            what = "samples" if header.shape[0] == 0 else "features"
            raise DataError(f"{place} has shape {header.shape}: it contains no {what}")
        return header

    def _count_test(self, file: NpzFile, x: ArrayHeader) -> int:
        """Return the number of test samples; raise DataError if a test array is missing or the shapes do not match."""
        present = [name for name in ("x_test", "y_test") if name in file.names]
        if not present:
            return count_test_samples(x.shape[0])
        if len(present) == 1:
            missing = "y_test" if present == ["x_test"] else "x_test"
            raise DataError(f"{self.path}: there is {present[0]}, but no {missing}", "store both, or neither")
        x_test, y_test = self._check_inputs(file, "x_test"), file.header("y_test")
        if x_test.shape[1:] != x.shape[1:]:
            reason = (
                f"{self.path}: a sample of x has the shape {x.shape[1:]}, one of x_test {x_test.shape[1:]}"
            )
            raise DataError(reason, "store both in the same form")
        self._check_lengths("x_test", x_test.shape[0], "y_test", (*y_test.shape, 0)[0])
        return x_test.shape[0]

    def _check_lengths(self, x_name: str, n_x: int, y_name: str, n_y: int) -> None:
        if n_x != n_y:
            reason = f"{self.path}: {x_name} has {counted(n_x, 'sample')}, {y_name} has {n_y:,}"
            raise DataError(reason, "store one label per sample")


def _input_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one sample: (n_features,), or (C, H, W) for an image."""
    if len(shape) == 1:
        return (1,)
    if len(shape) == 3:
        return (1, *shape[1:])
    if _has_channels_last(shape):
        return (shape[3], shape[1], shape[2])
    return shape[1:]


def _has_channels_last(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[3] in _CHANNELS and shape[3] < shape[1]


def _kind(shape: tuple[int, ...], x: ArrayHeader, task: Task) -> Kind:
    if len(shape) == 3:
        return "images"
    if shape == (2,) and x.dtype != np.uint8:
        return "plane"
    return "curve" if shape == (1,) and task == "regression" else "table"


def _read_inputs(file: NpzFile, name: str, info: DatasetInfo) -> AnyArray:
    """Return the inputs, (n, *input_shape): uint8, or finite float32 or float64."""
    x = file.array(name)
    if _has_channels_last(x.shape):
        x = np.moveaxis(x, 3, 1)
    x = np.ascontiguousarray(x.astype(_working_dtype(x.dtype), copy=False))
    check_finite(x, f"{file.path}: {name}")
    return x.reshape(len(x), *info.input_shape)


def _working_dtype(dtype: np.dtype[np.generic]) -> type[np.generic]:
    """Return uint8 for bytes, else the smallest of float32 and float64 that represents all values of `dtype`."""
    if dtype == np.uint8:
        return np.uint8
    return np.float32 if np.can_cast(dtype, np.float32) else np.float64


def _suggest(kind: Kind, task: Task) -> Suggestion:
    if kind == "images":
        return Suggestion((128, 64), "relu", "adam", 0.001, 64, 10)
    activation = "tanh" if task == "regression" else "relu"
    return Suggestion((32, 32), activation, "adam", 0.005, 32, 50)
