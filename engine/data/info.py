"""The structs that describe a dataset without its samples."""

import math
from typing import Literal

import msgspec

Task = Literal["classification", "binary", "regression"]
"""The kind of prediction: one of several classes, yes or no with a single output, or values."""
Kind = Literal["images", "plane", "curve", "table", "gate"]
"""The kind of samples: images, points of a plane, y over one x, rows of features, a truth table."""


class Suggestion(msgspec.Struct, frozen=True):
    """Settings that work well for a dataset; the defaults of the options."""

    layers: tuple[int, ...]
    """Units of the hidden layers."""
    activation: str
    optimizer: str
    lr: float
    """Learning rate."""
    batch_size: int
    """Samples per step; 0: the whole training set."""
    epochs: int


class DatasetInfo(msgspec.Struct, frozen=True):
    """Description of a dataset."""

    name: str
    title: str
    task: Task
    kind: Kind
    samples: int
    """Number of training samples, including those held out for validation."""
    test_samples: int
    input_shape: tuple[int, ...]
    """Shape of one sample: (1, 28, 28) for a greyscale image, (n_features,) for a row."""
    n_outputs: int
    """Number of classes; 1 for a binary task; number of values for a regression."""
    class_names: tuple[str, ...]
    """In the order of the classes; empty for a regression."""
    size_bytes: int
    """Memory of all samples, training and test."""
    summary: str
    source: str
    licence: str
    suggestion: Suggestion

    @property
    def n_features(self) -> int:
        """Number of features of a sample."""
        return math.prod(self.input_shape)
