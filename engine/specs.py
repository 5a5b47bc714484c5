"""The typed sections of an experiment file: what they hold, their units, ranges and defaults.

Nothing here reads a file or checks one section against another; `engine.experiment` does.
`None` stands for "auto" where a sensible choice follows from the rest.
"""

from typing import Literal

import msgspec

from engine.activations import Activation
from engine.initializers import Initializer, Zeros
from engine.losses import Loss
from engine.named import AtLeastOne, Count, NonNegative, Share
from engine.optimizers import Optimizer, Sgd
from engine.schedules import Constant, Schedule

Task = Literal["auto", "classification", "binary", "regression"]
Scale = Literal["auto", "unit", "standard", "none"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of the experiment file's tables."""


class DataSpec(Section, frozen=True):
    """`[data]`: which samples, and how they are split and scaled."""

    dataset: str = "mnist"
    """A registered name, or a path to a file of one's own."""
    target: str = ""
    """The label column of a table."""
    task: Task = "auto"
    validation: Share = 0.1
    """Share of the training split that is held out, stratified by class."""
    limit: Count = 0
    """Samples used of the training split, stratified by class; 0 is all."""
    scale: Scale = "auto"
    """unit: to [0, 1]; standard: mean 0, deviation 1; both fitted on the training part only."""
    samples: Count = 0
    """Samples that a generated dataset draws in all; 0 is the dataset's own number."""
    noise: NonNegative | None = None
    """Standard deviation of the noise of a generated dataset; auto is the dataset's own."""
    seed: Count = 0
    """Seed of the generator and of the splits, apart from the network's, so that runs share their data."""


class DenseSpec(Section, frozen=True, tag_field="type", tag="dense"):
    """A fully connected layer with its activation."""

    units: Count = 0
    """Outputs of the layer; 0, allowed in the last layer alone, is what the task needs."""
    activation: Activation | None = None
    """auto: relu in a hidden layer, in the last one what task and loss need."""
    init: Initializer | None = None
    """auto: he_normal before relu and its kin, else xavier_normal."""
    bias: Initializer = Zeros()


LayerSpec = DenseSpec
LAYER_TYPES: dict[str, type[LayerSpec]] = {"dense": DenseSpec}


class NetworkSpec(Section, frozen=True):
    """`[network]`: the layers in order, and the loss."""

    loss: Loss | None = None
    layers: tuple[LayerSpec, ...] = (DenseSpec(),)


class TrainingSpec(Section, frozen=True):
    """`[training]`: how the network learns."""

    epochs: AtLeastOne = 10
    batch_size: Count = 64
    """Samples a step; 0: the whole training set (batch gradient descent), 1: stochastic."""
    backend: Literal["numpy", "torch"] = "numpy"
    device: str = "auto"
    dtype: Literal["float32", "float64"] = "float32"
    clip_norm: NonNegative = 0.0
    """Largest Euclidean norm of the gradient; 0: off."""
    patience: Count = 0
    """Epochs without a better validation loss before training stops; 0: off."""
    optimizer: Optimizer = Sgd()
    schedule: Schedule = Constant()
