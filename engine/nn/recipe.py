"""The parts of an experiment and of its data that a network is built from, as protocols."""

from typing import Protocol

from engine.nn.specs import NetworkSpec


class HasDtype(Protocol):
    """The part of the `[training]` section that a network reads."""

    @property
    def dtype(self) -> str:
        """`float32` or `float64`."""
        ...


class Recipe(Protocol):
    """The parts of an experiment that a network reads."""

    @property
    def network(self) -> NetworkSpec:
        """The layers and the loss."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the initial parameters and of all dropout masks."""
        ...

    @property
    def training(self) -> HasDtype:
        """The section with the dtype."""
        ...


class HasInputShape(Protocol):
    """Data of which all samples have one shape."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        ...
