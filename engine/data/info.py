"""What is known of a dataset before any of it is read: the structs that describe it."""

import math
from typing import Literal

import msgspec

Task = Literal["classification", "binary", "regression"]
Kind = Literal["images", "plane", "curve", "table", "gate"]
"""What the samples are: pictures, points of a plane, y over one x, rows of features, a truth table."""


class Suggestion(msgspec.Struct, frozen=True):
    """Options that work well for a dataset, used where the user names none."""

    layers: tuple[int, ...]
    """Units of the hidden layers."""
    activation: str
    optimizer: str
    lr: float
    batch_size: int
    """Samples a step; 0: the whole training set."""
    epochs: int


class DatasetInfo(msgspec.Struct, frozen=True):
    """A dataset in numbers and words."""

    name: str
    title: str
    task: Task
    kind: Kind
    samples: int
    """Samples of the training split, those later held out for validation included."""
    test_samples: int
    input_shape: tuple[int, ...]
    """Shape of one sample: (1, 28, 28) for a grey picture, (n_features,) for a row."""
    n_outputs: int
    """Classes; 1 for a binary task; values to predict for a regression."""
    class_names: tuple[str, ...]
    """Empty for a regression."""
    size_bytes: int
    """Memory that all samples take, training and test."""
    summary: str
    source: str
    licence: str
    suggestion: Suggestion

    @property
    def n_features(self) -> int:
        """Numbers in one sample."""
        return math.prod(self.input_shape)
