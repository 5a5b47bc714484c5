"""What the network asks of a layer."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np

from engine.arrays import AnyArray, Array
from engine.nn.activations import Activation, Linear
from engine.nn.layers.mode import Mode
from engine.nn.specs import LayerSpec

Work = TypeVar("Work")

KEPT_BATCH_SIZES = 4
"""Batch sizes whose work arrays are kept: training, its last partial batch, evaluation, its last one."""


class PerBatchSize(dict[int, Work]):
    """Work arrays by batch size: made when they are first asked for, the oldest forgotten."""

    def __init__(self, make: Callable[[int], Work]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, m: int) -> Work:
        while len(self) >= KEPT_BATCH_SIZES:
            self.pop(next(iter(self)))
        work = self[m] = self._make(m)
        return work


class LayerPlace(NamedTuple):
    """Where a layer stands in its network."""

    number: int
    """Counted from 0, as the file lists the layers."""
    n_in: int
    seed: int
    """The network's seed."""

    @property
    def name(self) -> str:
        """`layers.0`"""
        return f"layers.{self.number}"


class Size(NamedTuple):
    """A layer in numbers, known before it is built; an operation is one addition or multiplication."""

    n_out: int
    parameters: int
    forward_flops: int
    """Per sample."""
    backward_flops: int
    """Per sample, the gradient for the input included."""
    input_flops: int
    """Those of `backward_flops` that the gradient for the input takes: the first layer is spared them."""
    work_floats: int
    """Numbers of work space per sample."""


class Layer:
    """A differentiable map, then an activation, with parameters that live in the network's `theta` and `grad`.

    The network binds each layer to its part of the vectors; the layer then works on views and owns no
    parameter itself.

    Between layers, rows are *homogeneous*: shape (m, n + 1), a constant 1 in the last column, so that a bias is one
    more row of a weight matrix and both cost one product (2% to 20% of a step, most in small networks).
    Gradients flow back without that column, (m, n).
    """

    spec_type: ClassVar[type[LayerSpec]]
    """The layer's section of the experiment file, whose tag is the kind."""
    name: str
    n_in: int
    n_out: int
    n_parameters: int = 0
    n_buffers: int = 0
    """Numbers that training changes without a gradient (running means); they live in the network's `buffers`."""
    activation: Activation = Linear()
    has_modes: ClassVar[bool] = False
    """Whether training and evaluation differ, so that `mode` counts."""
    needs_step: ClassVar[bool] = False
    """Whether something is drawn at each update, so that `step` counts."""
    mode: Mode = Mode.TRAINING
    step: int = 0
    """Number of the update, from 0."""

    @property
    def kind(self) -> str:
        """The layer's `type` in the experiment file."""
        return self.spec_type.kind()

    @classmethod
    def build(cls, spec: Any, place: LayerPlace) -> Self:
        """Return the layer that `spec` describes."""
        raise NotImplementedError

    @classmethod
    def size_of(cls, spec: Any, n_in: int) -> Size:
        """Return the numbers of the layer that `spec` describes, without building it."""
        raise NotImplementedError

    def bind(self, theta: Array, grad: Array) -> None:
        """Take `theta` and `grad`, both shape (n_parameters,), as the home of the parameters.

        Work arrays of another dtype are forgotten.
        """
        raise NotImplementedError

    def bind_buffers(self, buffers: Array) -> None:
        """Take `buffers`, shape (n_buffers,), as the home of what changes without a gradient."""

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw first values for all parameters."""

    def forward(self, x: Array) -> Array:
        """Return the homogeneous output (m, n_out + 1) for homogeneous x (m, n_in + 1).

        The next call with the same m overwrites it.
        """
        raise NotImplementedError

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        """Fill the parameters' gradients from dL/d(output) (m, n_out), which is changed; return dL/dx if wanted."""
        raise NotImplementedError

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view) for each parameter."""
        yield from ()

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield (name, view) for each part of the buffers."""
        yield from ()

    @property
    def pre_activation(self) -> Array:
        """z of the newest forward, (m, n_out): what the activation gets."""
        raise NotImplementedError

    @property
    def output(self) -> Array:
        """a of the newest forward, (m, n_out)."""
        raise NotImplementedError

    @property
    def has_kinks(self) -> bool:
        """Whether the slope jumps anywhere: `kink_sides` then tells on which side each unit is."""
        return self.activation.kinks(np.zeros((1, self.n_out))) is not None

    def kink_sides(self) -> AnyArray | None:
        """Return on which side of its kinks the newest forward left each unit, (m, n_out); None: it has none."""
        return self.activation.kinks(self.pre_activation)

    @property
    def has_bends(self) -> bool:
        """True if the curvature jumps anywhere while the slope does not."""
        return self.activation.bends(np.zeros((1, self.n_out))) is not None

    def bend_sides(self) -> AnyArray | None:
        """Return the side of its bends on which the newest forward left each unit, (m, n_out); None: no bends."""
        return self.activation.bends(self.pre_activation)
