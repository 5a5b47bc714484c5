"""The `[network]` section of an experiment file: fields, units, ranges and defaults.

`None` stands for "auto": `engine.experiment.resolve` chooses the value from the other settings.
"""

from typing import Annotated, ClassVar

import msgspec

from engine.named import Count, Positive, Section
from engine.nn.activations import Activation, Linear
from engine.nn.initializer import Initializer
from engine.nn.initializers import Zeros
from engine.nn.loss import Loss


class LayerSpec(Section, frozen=True, tag_field="type"):
    """A layer in the experiment file; each kind of layer is a subclass with its own tag.

    The class attributes are properties of a kind that the builder and the checks read; the defaults suit any kind.
    """

    purpose: ClassVar[str] = ""
    """A short description for the list of layer kinds."""
    letter: ClassVar[str] = ""
    """The key that adds such a layer in the builder; empty: only the list offers it."""
    short: ClassVar[str] = ""
    """The kind abbreviated to at most 5 characters, for drawings; empty: not abbreviated."""
    cells: ClassVar[tuple[str, ...]] = ()
    """The fields that the builder's table of layers shows, at most 3; empty: the first three."""
    keeps_shape: ClassVar[bool] = False
    """True if output unit k is computed from input unit k."""
    is_affine: ClassVar[bool] = False
    """True if the layer, evaluated without its activation, is an affine map."""
    normalises: ClassVar[bool] = False
    """True if the layer normalises its units to mean 0 and variance 1, whatever the preceding weights are."""
    why_not_last: ClassVar[str] = "its outputs cannot be the input of the loss"
    """The reason that such a layer cannot be the last one, for an error message."""

    @classmethod
    def kind(cls) -> str:
        """Return the layer's `type` in the experiment file."""
        return str(cls.__struct_config__.tag)

    @classmethod
    def table_fields(cls) -> tuple[str, ...]:
        """Return the fields that the builder's table of layers shows, at most 3."""
        return cls.cells or cls.__struct_fields__[:3]

    @property
    def outline(self) -> str:
        """The layer in the network's outline, one word."""
        return self.short or self.kind()


class DenseSpec(LayerSpec, frozen=True, tag="dense"):
    """A fully connected layer and its activation."""

    purpose: ClassVar[str] = "weights, a bias and an activation"
    letter: ClassVar[str] = "d"
    is_affine: ClassVar[bool] = True
    cells: ClassVar[tuple[str, ...]] = ("units", "activation", "init")

    units: Count = 0
    """Number of outputs; 0, allowed only in the last layer: as many as the task needs."""
    activation: Activation | None = None
    """None (auto): relu in a hidden layer; in the last layer as task and loss require."""
    init: Initializer | None = None
    """Of the weights; None (auto): he_normal for relu and similar activations, else xavier_normal."""
    bias: Initializer = Zeros()
    """Initialiser of the biases."""

    @property
    def outline(self) -> str:
        """The layer in the network's outline: its number of units."""
        return str(self.units)


_RATE = "0.5 drops half of the units at each update, 0 none; at 1 all would be dropped"


class DropoutSpec(LayerSpec, frozen=True, tag="dropout"):
    """A layer that drops units at random during training."""

    purpose: ClassVar[str] = "drops random units during training"
    letter: ClassVar[str] = "o"
    short: ClassVar[str] = "drop"
    keeps_shape: ClassVar[bool] = True
    is_affine: ClassVar[bool] = True
    why_not_last: ClassVar[str] = "dropout would drop outputs of the network"

    rate: Annotated[float, msgspec.Meta(ge=0, lt=1, description=_RATE)] = 0.5
    """Probability with which a unit is dropped at an update."""


class BatchNormSpec(LayerSpec, frozen=True, tag="batchnorm"):
    """A layer that normalises each unit to mean 0 and variance 1 over the batch, then scales and shifts it."""

    purpose: ClassVar[str] = "each unit to mean 0, variance 1 over a batch"
    letter: ClassVar[str] = "b"
    short: ClassVar[str] = "norm"
    cells: ClassVar[tuple[str, ...]] = ("activation", "momentum")
    keeps_shape: ClassVar[bool] = True
    is_affine: ClassVar[bool] = True
    normalises: ClassVar[bool] = True
    why_not_last: ClassVar[str] = "batchnorm would make each output depend on the other samples of the batch"

    activation: Activation = Linear()
    """Applied after scaling and shifting; usual is a linear dense layer, then batchnorm with relu."""
    momentum: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.1
    """Weight of the current batch in the running mean and variance, which evaluation uses."""
    eps: Positive = 1e-5
    """Added to the variance, so that a constant unit causes no division by zero."""


class NetworkSpec(Section, frozen=True):
    """`[network]`: the layers in order, and the loss."""

    loss: Loss | None = None
    """None (auto): as the task and the last activation require."""
    layers: tuple[LayerSpec, ...] = (DenseSpec(),)
    """The layers in order, a table each with its `type`; the last one gives the outputs."""

    @property
    def outline(self) -> str:
        """The layers in one word, for example `128-norm-drop-10`."""
        return "-".join(layer.outline for layer in self.layers)
