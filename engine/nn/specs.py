"""The typed sections of an experiment file: what they hold, their units, ranges and defaults.

Nothing here reads a file or checks one section against another; `engine.experiment.experiment` does.
`None` stands for "auto" where a sensible choice follows from the rest.
"""

from typing import Annotated, ClassVar

import msgspec

from engine.named import Count, Positive, Section
from engine.nn.activations import Activation, Linear
from engine.nn.initializers import Initializer, Zeros
from engine.nn.losses import Loss


class LayerSpec(Section, frozen=True, tag_field="type"):
    """A layer as the experiment file writes it; a kind of layer is a subclass with a tag of its own.

    The class attributes are what the builder and the checks ask of a kind; the defaults do for any.
    """

    purpose: ClassVar[str] = ""
    """What the layer does, in a few words, where a kind is chosen."""
    letter: ClassVar[str] = ""
    """The key that adds one in the builder; empty: chosen from the list alone."""
    short: ClassVar[str] = ""
    """The kind in at most 5 characters, for drawings; empty: the kind itself."""
    cells: ClassVar[tuple[str, ...]] = ()
    """The fields in the builder's table of layers, at most 3; empty: the first of all fields."""
    keeps_shape: ClassVar[bool] = False
    """True if unit k of the output belongs to unit k of the input."""
    normalises: ClassVar[bool] = False
    """True if the layer brings its units to mean 0 and variance 1, whatever the weights before it."""
    why_not_last: ClassVar[str] = "its outputs are not scores that the loss can judge"
    """The reason why a network cannot end in such a layer."""

    @classmethod
    def kind(cls) -> str:
        """Return the `type` of the experiment file."""
        return str(cls.__struct_config__.tag)

    @classmethod
    def table_fields(cls) -> tuple[str, ...]:
        """Return the fields in the builder's table of layers, at most 3."""
        return cls.cells or cls.__struct_fields__[:3]

    @property
    def outline(self) -> str:
        """The layer as one word."""
        return self.short or self.kind()


class DenseSpec(LayerSpec, frozen=True, tag="dense"):
    """A fully connected layer with its activation."""

    purpose: ClassVar[str] = "weights, a bias and an activation"
    letter: ClassVar[str] = "d"
    cells: ClassVar[tuple[str, ...]] = ("units", "activation", "init")

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


class DropoutSpec(LayerSpec, frozen=True, tag="dropout"):
    """A layer that leaves out units at random while the network learns."""

    purpose: ClassVar[str] = "leaves out units at random while it learns"
    letter: ClassVar[str] = "o"
    short: ClassVar[str] = "drop"
    keeps_shape: ClassVar[bool] = True
    why_not_last: ClassVar[str] = (
        "dropout would leave out answers of the network, not units that it could do without"
    )

    rate: Annotated[float, msgspec.Meta(ge=0, lt=1, description=_RATE)] = 0.5
    """Share of the units that is left out at each update."""


class BatchNormSpec(LayerSpec, frozen=True, tag="batchnorm"):
    """A layer that brings each unit to mean 0 and variance 1 over the batch, then scales and shifts it."""

    purpose: ClassVar[str] = "each unit to mean 0, variance 1 over a batch"
    letter: ClassVar[str] = "b"
    short: ClassVar[str] = "norm"
    cells: ClassVar[tuple[str, ...]] = ("activation", "momentum")
    keeps_shape: ClassVar[bool] = True
    normalises: ClassVar[bool] = True
    why_not_last: ClassVar[str] = (
        "batchnorm would make each sample's answer depend on the other samples of its batch"
    )

    activation: Activation = Linear()
    """Of what is scaled and shifted: dense (linear), then batchnorm (relu)."""
    momentum: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.1
    """Weight of the newest batch in the running mean and variance, which evaluation takes."""
    eps: Positive = 1e-5
    """Added to the variance, so that a unit which does not vary divides by no zero."""


class NetworkSpec(Section, frozen=True):
    """`[network]`: the layers in order, and the loss."""

    loss: Loss | None = None
    layers: tuple[LayerSpec, ...] = (DenseSpec(),)

    @property
    def outline(self) -> str:
        """The layers in one word: `128-norm-drop-10`."""
        return "-".join(layer.outline for layer in self.layers)
