"""The typed sections of an experiment file: what they hold, their units, ranges and defaults.

Nothing here reads a file or checks one section against another; `engine.experiment.experiment` does.
`None` stands for "auto" where a sensible choice follows from the rest.
"""

from typing import Annotated

import msgspec

from engine.named import Count, Positive, Section
from engine.nn.activations import Activation, Linear
from engine.nn.initializers import Initializer, Zeros
from engine.nn.losses import Loss


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
