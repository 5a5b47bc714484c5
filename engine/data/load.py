"""Loading of a dataset: reading, limiting, splitting off the validation set, scaling."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import AnyArray
from engine.data.info import DatasetInfo, Task
from engine.data.registry import find_dataset, resolve_scale
from engine.data.samples import Samples, labels_of, to_float32
from engine.data.scaling import Scaler
from engine.data.spec import DataSpec
from engine.data.split import Split
from engine.data.stratify import Indices, draw
from engine.errors import DataError

_SPLIT_STREAM = 1
"""Second word of the splits' seed, which separates them from the generator's random numbers."""


@dataclass(frozen=True, repr=False)
class Data:
    """A dataset ready for training."""

    info: DatasetInfo
    train: Split
    validation: Split
    """Held out of the training samples; empty if `validation = 0`; a gate's is its whole table."""
    test: Split
    scaler: Scaler
    """Fitted on `train`, applied to all three."""

    def __repr__(self) -> str:
        parts = f"{len(self.train)} train, {len(self.validation)} validation, {len(self.test)} test"
        return f"Data({self.info.name!r}, {self.task}, {parts}, input_shape={self.input_shape})"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return self.info.input_shape

    @property
    def task(self) -> Task:
        """classification, binary or regression."""
        return self.info.task

    @property
    def n_outputs(self) -> int:
        """Number of classes; 1 for a binary task; number of values for a regression."""
        return self.info.n_outputs

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the classes; empty for a regression."""
        return self.info.class_names


def load_data(spec: DataSpec | str) -> Data:
    """Return the dataset that `spec` names, split and scaled.

    `spec` is the `data` of an experiment, or a name or path, for the defaults.

    The same `spec` gives the same samples in the same parts. The parts are stratified: each class has the same share
    in all of them, up to one sample. Images stay uint8 and are shared by the parts without a copy.

    Raises:
        DataError: the dataset is unknown, missing, unreadable or unusable, incompatible with the requested task, or
            does not fit into memory.
    """
    if isinstance(spec, str):
        spec = DataSpec(dataset=spec)
    try:
        return _load(spec)
    except MemoryError:
        raise DataError(
            f"{spec.dataset} does not fit into memory", "use fewer samples (data.limit), or a smaller file"
        ) from None


def _load(spec: DataSpec) -> Data:
    dataset = find_dataset(spec)
    parts = dataset.read(spec)
    info = parts.info
    train, validation = (None, None) if info.kind == "gate" else _split_rows(parts.train.y, spec)
    rows = parts.train.rows
    scaler = Scaler.fit(resolve_scale(spec, info), rows, train, pixels=info.kind == "images")
    return Data(
        info,
        train=_make_split(parts.train, train, info, scaler),
        validation=_make_split(parts.train, validation, info, scaler),
        test=_make_split(parts.test, None, info, scaler),
        scaler=scaler,
    )


def _split_rows(y: AnyArray, spec: DataSpec) -> tuple[Indices, Indices]:
    """Return the positions for training and for validation, each ascending; training keeps at least one."""
    rng = np.random.default_rng([spec.seed, _SPLIT_STREAM])
    labels = labels_of(y)
    kept = np.arange(len(y))
    if 0 < spec.limit < len(y):
        kept, _ = draw(labels, spec.limit, rng)
    held_out = min(round(len(kept) * spec.validation), len(kept) - 1)
    validation, train = draw(labels[kept], held_out, rng, leave_one=True)
    return kept[train], kept[validation]


def _make_split(samples: Samples, indices: Indices | None, info: DatasetInfo, scaler: Scaler) -> Split:
    """Return a split that refers to images by index, and copies and scales other samples, which are small."""
    rows = samples.rows
    y = samples.y if samples.y.dtype.kind == "i" else to_float32(samples.y, "y")
    if rows.dtype == np.uint8:
        if indices is not None and len(indices) == len(rows):
            indices = None
        return Split(rows, y, info.input_shape, scaler, indices)
    if indices is not None:
        rows, y = rows[indices], y[indices]
    return Split(scaler(rows), y, info.input_shape, scaler)
