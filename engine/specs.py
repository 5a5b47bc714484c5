"""The typed sections of an experiment file: what they hold, their units, ranges and defaults.

Nothing here reads a file or checks one section against another; `engine.experiment` does.
`None` stands for "auto" where a sensible choice follows from the rest.
"""

from typing import Annotated, Literal

import msgspec

from engine.activations import Activation, Linear
from engine.initializers import Initializer, Zeros
from engine.losses import Loss
from engine.named import AtLeastOne, Count, NonNegative, Positive, Share
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

    @property
    def outline(self) -> str:
        """The layer as one word: its units."""
        return str(self.units)


_RATE = "0.5 leaves out half of the units at each update, 0 none; at 1 nothing would be left"


class DropoutSpec(Section, frozen=True, tag_field="type", tag="dropout"):
    """A layer that leaves out units at random while the network learns."""

    rate: Annotated[float, msgspec.Meta(ge=0, lt=1, description=_RATE)] = 0.5
    """Share of the units that is left out at each update."""

    @property
    def outline(self) -> str:
        """The layer as one word."""
        return "drop"


class BatchNormSpec(Section, frozen=True, tag_field="type", tag="batchnorm"):
    """A layer that brings each unit to mean 0 and variance 1 over the batch, then scales and shifts it."""

    activation: Activation = Linear()
    """Of what is scaled and shifted: dense (linear), then batchnorm (relu)."""
    momentum: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.1
    """Weight of the newest batch in the running mean and variance, which evaluation takes."""
    eps: Positive = 1e-5
    """Added to the variance, so that a unit which does not vary divides by no zero."""

    @property
    def outline(self) -> str:
        """The layer as one word."""
        return "norm"


LayerSpec = DenseSpec | DropoutSpec | BatchNormSpec
LAYER_TYPES: dict[str, type[LayerSpec]] = {
    "dense": DenseSpec,
    "dropout": DropoutSpec,
    "batchnorm": BatchNormSpec,
}


class NetworkSpec(Section, frozen=True):
    """`[network]`: the layers in order, and the loss."""

    loss: Loss | None = None
    layers: tuple[LayerSpec, ...] = (DenseSpec(),)

    @property
    def outline(self) -> str:
        """The layers in one word: `128-norm-drop-10`."""
        return "-".join(layer.outline for layer in self.layers)


class TrainingSpec(Section, frozen=True):
    """`[training]`: how the network learns."""

    epochs: AtLeastOne = 10
    batch_size: Count = 64
    """Samples a step; 0: the whole training set (batch gradient descent), 1: stochastic."""
    backend: Literal["numpy", "torch"] = "numpy"
    device: str = "auto"
    """For torch: auto (an accelerator where there is one), cpu, cuda, cuda:1, mps, xpu."""
    processes: AtLeastOne = 1
    """For torch: processes that share each batch, each on a GPU of its own where there are any."""
    compile: bool = False
    """For torch: whether torch.compile makes the network into fused kernels first."""
    dtype: Literal["float32", "float64"] = "float32"
    clip_norm: NonNegative = 0.0
    """Largest Euclidean norm of the gradient; 0: off."""
    patience: Count = 0
    """Epochs without a better validation loss before training stops; 0: off."""
    optimizer: Optimizer = Sgd()
    schedule: Schedule = Constant()


class CheckpointSpec(Section, frozen=True):
    """`[checkpoints]`: which weights a run keeps, beside the best and the last."""

    every: Count = 0
    """Epochs between two checkpoints; 0: one, but never so many that writing takes over 1% of the time."""
    keep: Count = 5
    """How many of those stay, the newest; 0: all. The best, the last and those asked for always stay."""
    seconds: NonNegative = 60.0
    """Seconds of training that a crash may cost at most; 0: no matter how many."""
