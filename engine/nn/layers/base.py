"""The base class of layers, and the structs with which a network builds and measures them."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np

from engine.arrays import AnyArray, Array
from engine.nn.activations import Activation, Linear
from engine.nn.layers.mode import Mode
from engine.nn.specs import LayerSpec
from engine.team import Team

Work = TypeVar("Work")

KEPT_BATCH_SIZES = 4
"""Number of batch sizes with work arrays: training and evaluation, each with a partial last batch."""


class PerBatchSize(dict[int, Work]):
    """Work arrays by batch size: made on first access; the oldest are discarded."""

    def __init__(self, make: Callable[[int], Work]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, m: int) -> Work:
        while len(self) >= KEPT_BATCH_SIZES:
            self.pop(next(iter(self)))
        work = self[m] = self._make(m)
        return work


class LayerPlace(NamedTuple):
    """The position of a layer in its network, and what it is built from besides its spec."""

    number: int
    """Index in the experiment file's list of layers, from 0."""
    n_in: int
    """Number of inputs, without the column of ones."""
    seed: int
    """The network's seed."""

    @property
    def name(self) -> str:
        """The layer's name, `layers.0`."""
        return f"layers.{self.number}"


class Size(NamedTuple):
    """Sizes and cost of a layer, known before it is built; an addition or a multiplication counts as one FLOP."""

    n_out: int
    """Number of outputs."""
    parameters: int
    """Number of parameters."""
    forward_flops: int
    """Per sample."""
    backward_flops: int
    """Per sample, including the gradient with respect to the input."""
    input_flops: int
    """The part of `backward_flops` for the gradient with respect to the input, which the first layer skips."""
    work_floats: int
    """Floating-point numbers in the work arrays per sample."""


class Layer:
    """A differentiable map followed by an activation; its parameters are views of the network's `theta` and `grad`.

    The network binds each layer to its part of these vectors; a layer owns no parameters itself.

    Between layers, rows are *homogeneous*: shape (m, n + 1) with a constant 1 in the last column, so that the bias is
    one more row of the weight matrix and both take one product (saves 2% to 20% of a step, most in small networks).
    Gradients have no such column, (m, n). All arrays have the network's dtype.
    """

    spec_type: ClassVar[type[LayerSpec]]
    """The layer's section of the experiment file; its tag is the kind."""
    name: str
    """`layers.0`"""
    n_in: int
    """Number of inputs, without the column of ones."""
    n_out: int
    """Number of outputs, without the column of ones."""
    n_parameters: int = 0
    n_buffers: int = 0
    """Size of the state that training changes without a gradient (running means), a part of the network's `buffers`."""
    activation: Activation = Linear()
    has_modes: ClassVar[bool] = False
    """True if training and evaluation differ, so that `mode` matters."""
    needs_step: ClassVar[bool] = False
    """True if random numbers are drawn at each update, so that `step` matters."""
    mode: Mode = Mode.TRAINING
    """Set by the network before each pass."""
    step: int = 0
    """Number of the update, from 0; set by the network."""
    team: Team | None = None
    """Threads that share large computations; None: the calling thread alone. Set by `share_with`."""

    def __repr__(self) -> str:
        activation = "" if self.activation.is_linear else f", {self.activation.name}"
        return f"{type(self).__name__}({self.name}, {self.n_in} -> {self.n_out}{activation})"

    @property
    def kind(self) -> str:
        """The layer's `type` in the experiment file."""
        return self.spec_type.kind()

    @classmethod
    def build(cls, spec: Any, place: LayerPlace) -> Self:
        """Return the layer that `spec`, of type `spec_type`, describes at `place`; its parameters are not bound yet."""
        raise NotImplementedError

    @classmethod
    def size_of(cls, spec: Any, n_in: int) -> Size:
        """Return the sizes of the layer that `spec` describes with `n_in` inputs, without building it.

        Raises:
            ExperimentError: the layer cannot have this number of inputs.
        """
        raise NotImplementedError

    def bind(self, theta: Array, grad: Array) -> None:
        """Make the parameters views of `theta` and their gradients views of `grad`, both (n_parameters,).

        Discards the work arrays; new ones have the dtype of `theta`.
        """
        raise NotImplementedError

    def bind_buffers(self, buffers: Array) -> None:
        """Make the state that training changes without a gradient views of `buffers`, (n_buffers,)."""

    def share_with(self, team: Team | None) -> None:
        """Share large computations with the threads of `team`; None: compute in the calling thread."""
        self.team = team

    def initialize(self, rng: np.random.Generator) -> None:
        """Write initial values into all bound parameters and buffers."""

    def forward(self, x: Array) -> Array:
        """Return the homogeneous output, (m, n_out + 1), for homogeneous x, (m, n_in + 1).

        The result is a work array: the next call with the same m overwrites it.
        """
        raise NotImplementedError

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        """Write the parameters' gradients into their views of `grad`, and return dL/dx for the latest forward pass.

        Args:
            gradient: dL/d(output), (m, n_out); overwritten.
            wants_input_gradient: False for the first layer, which may then skip dL/dx.

        Returns:
            dL/dx without the column of ones, (m, n_in), in a work array or in `gradient`; None if skipped.
        """
        raise NotImplementedError

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view) of each parameter, for example `layers.0.weight`."""
        yield from ()

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield (name, view) of each part of the buffers, for example `layers.1.running_mean`."""
        yield from ()

    @property
    def pre_activation(self) -> Array:
        """z of the latest forward pass, (m, n_out): the activation's input."""
        raise NotImplementedError

    @property
    def output(self) -> Array:
        """a of the latest forward pass, (m, n_out)."""
        raise NotImplementedError

    def twin(self) -> Any:
        """Return the layer as a new `torch.nn.Module` for `verify_with_torch`; None: PyTorch has no counterpart.

        Its parameters have the names and shapes of `parameters()`, without the layer's name, and it takes and returns
        rows without the column of ones; the activation is added. Import torch inside of this method. The built-in kinds
        have theirs in `engine.torch.modules`.
        """
        return None

    @property
    def has_kinks(self) -> bool:
        """True if the activation's derivative is discontinuous; `kink_sides` then returns the sides."""
        return self.activation.kinks(np.zeros((1, self.n_out))) is not None

    def kink_sides(self) -> AnyArray | None:
        """Return each unit's side of the kink in the latest forward pass, (m, n_out); None if f has no kink.

        The sides are bool, False where the unit is off; or integers where there are more than two, as for a maximum.
        """
        return self.activation.kinks(self.pre_activation)

    @property
    def has_bends(self) -> bool:
        """True if the activation's second derivative is discontinuous and its first is not."""
        return self.activation.bends(np.zeros((1, self.n_out))) is not None

    def bend_sides(self) -> AnyArray | None:
        """Return each unit's side of that point in the latest forward pass, bool (m, n_out); None if f has none."""
        return self.activation.bends(self.pre_activation)
