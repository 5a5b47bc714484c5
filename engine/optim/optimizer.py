"""The base of optimizers: in-place updates of two vectors, and the state that they need.

An optimizer is a frozen set of options. Its state (momentum, second moments) consists of vectors of the shape and dtype
of `theta`, named in `state_names`, owned by an `OptimizerState` and saved in checkpoints as `optimizer.NAME`.
"""

import copy
import math
from functools import partial
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import Named, NonNegative, Positive
from engine.team import Team

UNDIVIDED = 1_000_000
"""Number of parameters above which an update is divided into blocks."""
BLOCK = 65_536
"""Parameters in a block, so that its vectors stay in the processor's cache (measured: 1.5 times faster)."""


class OptimizerState:
    """The state vectors of an optimizer and the number of updates made; changed only by `Optimizer.update` and `take`.

    `vectors` maps each of `state_names` to a vector (n_parameters,) in the dtype of `theta`, zero at the start.
    """

    def __init__(self, optimizer: "Optimizer", theta: Array) -> None:
        self.updates = 0
        self.vectors = {name: np.zeros_like(theta) for name in optimizer.state_names}
        self.scratch = np.empty(len(theta) if len(theta) <= UNDIVIDED else BLOCK, theta.dtype)

    def copy(self) -> "OptimizerState":
        """Return an independent state with the same values."""
        twin = copy.copy(self)
        twin.vectors = {name: vector.copy() for name, vector in self.vectors.items()}
        twin.scratch = np.empty_like(self.scratch)
        return twin

    def take(self, other: "OptimizerState") -> None:
        """Copy the values of `other`, a state of the same optimizer and network, into this one."""
        self.updates = other.updates
        for name, vector in other.vectors.items():
            np.copyto(self.vectors[name], vector)


class Optimizer(Named, frozen=True):
    """A rule that updates `theta` from the gradient; its fields are its options in the experiment file."""

    state_names: ClassVar[tuple[str, ...]] = ()
    """Names of the state vectors, each of the shape of `theta`."""
    usual_rates: ClassVar[tuple[float, float]] = (0.0, math.inf)
    """Range of usual values of `effective_rate`."""
    steps_by_rate: ClassVar[bool] = False
    """True if an update changes a weight by about the learning rate, independent of the gradient's scale."""
    decouples_decay: ClassVar[bool] = False
    """True if weight decay is applied to the weights directly and not added to the gradient."""
    follows_gradient: ClassVar[bool] = True
    """False for a rule that is not gradient descent: `usual_rates` do not apply."""
    torch_name: ClassVar[str] = ""
    """Name of the class in `torch.optim`; empty: no equivalent."""
    torch_state_names: ClassVar[tuple[str, ...]] = ()
    """PyTorch's names of the vectors in `state_names`, in the same order."""

    lr: Positive = 1e-3
    """Learning rate; the schedule multiplies it by a factor in [0, 1]."""
    weight_decay: NonNegative = 0.0
    """λ, coefficient of the L2 penalty λ |θ|² / 2, or of decoupled decay."""

    @property
    def effective_rate(self) -> float:
        """The step per unit of a constant gradient in the long run: `lr`, unless momentum accumulates it."""
        return self.lr

    def torch_options(self) -> dict[str, Any]:
        """Return the keyword arguments of PyTorch's class other than `lr` and `weight_decay`."""
        return {}

    def start(self, theta: Array) -> OptimizerState:
        """Return the state before the first update: zero vectors, shape and dtype of `theta`, (n_parameters,)."""
        return OptimizerState(self, theta)

    def gradient_scale(self, lr: float) -> float:
        """Return the preferred `scale` of the gradient for `update`: the loss can apply a factor at no extra cost."""
        return 1.0

    def update(
        self,
        theta: Array,
        grad: Array,
        state: OptimizerState,
        lr: float,
        scale: float = 1.0,
        team: Team | None = None,
    ) -> None:
        """Update `theta` and `state` in place.

        Args:
            theta: parameters, (n_parameters,).
            grad: `scale` times the gradient, shape and dtype of `theta`; overwritten.
            state: the state that `start` returned and earlier updates changed.
            lr: learning rate of this step, `self.lr` times the schedule's factor.
            scale: factor that `grad` contains; fastest with `gradient_scale(lr)`.
            team: threads that share the update of many parameters; its bits do not depend on them.
        """
        state.updates += 1
        wanted = self.gradient_scale(lr)
        if scale != wanted:
            grad *= wanted / scale
        n = len(theta)
        if n <= UNDIVIDED:
            self._update_block(theta, grad, [*state.vectors.values()], state.scratch, state.updates, lr)
            return
        blocks = [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
        vectors = [theta, grad, *state.vectors.values()]
        if team is None:
            self._update_blocks(blocks, vectors, state.scratch, state.updates, lr)
            return
        shares = [blocks[number :: team.size] for number in range(team.size)]
        team.make(
            [
                partial(self._update_blocks, share, vectors, np.empty_like(state.scratch), state.updates, lr)
                for share in shares
            ]
        )

    def _update_blocks(
        self, blocks: list[slice], vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        """Update some blocks of `vectors`: the parameters, the gradient and the state."""
        for block in blocks:
            theta, grad, *state = [vector[block] for vector in vectors]
            self._update_block(theta, grad, state, scratch[: len(theta)], updates, lr)

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        """Update one block: all arrays have its length; `grad` has the preferred scale; `updates` counts from 1."""
        raise NotImplementedError

    def _add_weight_decay(self, theta: Array, grad: Array, scratch: Array, scale: float = 1.0) -> None:
        """Add the gradient of the L2 penalty, g ← g + λ θ, with both terms scaled by `scale`."""
        if self.weight_decay:
            np.multiply(theta, self.weight_decay * scale, out=scratch)
            grad += scratch


def clip_by_norm(grad: Array, max_norm: float) -> float:
    """Scale `grad` in place so that its Euclidean norm is at most `max_norm`.

    Args:
        grad: the network's gradient vector, (n_parameters,); changed in place.
        max_norm: positive bound, in units of loss per unit of parameter.

    Returns:
        The norm before scaling. If it is not finite (NaN or Inf), `grad` stays unchanged.

    Raises:
        ValueError: `max_norm` is not positive.

    Source: Pascanu, Mikolov, Bengio 2013, Algorithm 1; with PyTorch's 1e-6 in the quotient.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm = {max_norm} must be positive")
    norm = euclidean_norm(grad)
    quotient = max_norm / (norm + 1e-6)
    if quotient < 1 and math.isfinite(norm):
        grad *= quotient
    return norm


def euclidean_norm(vector: Array) -> float:
    """Return √Σ vᵢ² of a vector (n,), also if the sum of squares overflows its dtype; NaN or Inf if an entry is."""
    norm = math.sqrt(np.vdot(vector, vector))
    if norm == math.inf:
        largest = float(np.abs(vector).max())
        norm = largest * math.sqrt(np.square(vector / largest).sum()) if math.isfinite(largest) else largest
    return norm
