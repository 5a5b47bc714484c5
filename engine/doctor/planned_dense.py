"""A dense layer of an experiment before the training."""

import msgspec

from engine.nn.activations import Activation, Linear
from engine.nn.specs import DenseSpec


class PlannedDense(msgspec.Struct, frozen=True):
    """A dense layer of the plan, with its position."""

    index: int
    """Position in `network.layers`, counted from 0."""
    spec: DenseSpec

    @property
    def key(self) -> str:
        """Key in the experiment file: `network.layers[0]`."""
        return f"network.layers[{self.index}]"

    @property
    def name(self) -> str:
        """Name in the network: `layers.0`."""
        return f"layers.{self.index}"

    @property
    def activation(self) -> str:
        """Name of the activation."""
        return self._activation.name

    @property
    def value_range(self) -> tuple[float, float]:
        """Least and greatest output."""
        return self._activation.value_range

    @property
    def can_be_off(self) -> bool:
        """True if a unit can be dead: output and slope 0 for every sample."""
        return self._activation.can_be_off

    @property
    def _activation(self) -> Activation:
        return self.spec.activation or Linear()
