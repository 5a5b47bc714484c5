"""Optimizers as in-place updates of two vectors, each with its formula and source; PyTorch's definitions.

An optimizer is a frozen set of options. What it remembers (momentum, second moments) are vectors as long as
`theta`, named by `state_names`, owned by an `OptimizerState` and saved in checkpoints as `optimizer.NAME`.
"""

import copy
import math
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import Named, NonNegative, Positive, Share, registry

UNDIVIDED, BLOCK = 1_000_000, 65_536
"""Beyond so many parameters an update goes block by block, whose vectors stay in the cache (measured: 1.5x)."""


class OptimizerState:
    """The vectors that an optimizer remembers, and the number of updates made; changed by `update` alone."""

    def __init__(self, optimizer: "Optimizer", theta: Array) -> None:
        self.updates = 0
        self.vectors = {name: np.zeros_like(theta) for name in optimizer.state_names}
        self.scratch = np.empty(len(theta) if len(theta) <= UNDIVIDED else BLOCK, theta.dtype)

    def copy(self) -> "OptimizerState":
        """Return a state of its own with the same values."""
        twin = copy.copy(self)
        twin.vectors = {name: vector.copy() for name, vector in self.vectors.items()}
        twin.scratch = np.empty_like(self.scratch)
        return twin

    def take(self, other: "OptimizerState") -> None:
        """Take over the values of a state of the same optimizer and network."""
        self.updates = other.updates
        for name, vector in other.vectors.items():
            np.copyto(self.vectors[name], vector)


class Optimizer(Named, frozen=True):
    """Moves `theta` against the gradient."""

    state_names: ClassVar[tuple[str, ...]] = ()
    """The vectors that it remembers, each of the length of `theta`."""
    usual_rates: ClassVar[tuple[float, float]] = (0.0, math.inf)
    """Lowest and highest usual `effective_rate`."""
    steps_by_rate: ClassVar[bool] = False
    """True if an update moves a weight by about the learning rate, whatever the size of the gradient."""
    decouples_decay: ClassVar[bool] = False
    """True if weight decay acts on the weights directly and not through the gradient."""
    follows_gradient: ClassVar[bool] = True
    """False for a rule that is not gradient descent: usual rates mean nothing then."""
    torch_name: ClassVar[str] = ""
    """The class's name in `torch.optim`; empty: PyTorch has none."""
    torch_state_names: ClassVar[tuple[str, ...]] = ()
    """PyTorch's names of the vectors in `state_names`, in the same order."""

    lr: Positive = 1e-3
    """Learning rate: the schedule multiplies it."""
    weight_decay: NonNegative = 0.0

    @property
    def effective_rate(self) -> float:
        """The learning rate that a constant gradient is followed with in the long run."""
        return self.lr

    def torch_options(self) -> dict[str, Any]:
        """Return PyTorch's keyword arguments besides `lr` and `weight_decay`."""
        return {}

    def start(self, theta: Array) -> OptimizerState:
        """Return the state before the first update: all vectors zero."""
        return OptimizerState(self, theta)

    def gradient_scale(self, lr: float) -> float:
        """Return the factor that the gradient should come with: what is multiplied before costs no pass over it."""
        return 1.0

    def update(self, theta: Array, grad: Array, state: OptimizerState, lr: float, scale: float = 1.0) -> None:
        """Make one update of `theta` in place; `grad` is used as scratch and is not the gradient afterwards.

        Args:
            theta: parameters, shape (n_parameters,).
            grad: `scale` times the gradient, same shape; best with the scale that `gradient_scale(lr)` asks for.
            state: what `start` gave.
            lr: this step's learning rate, which may differ from `self.lr`.
        """
        state.updates += 1
        wanted = self.gradient_scale(lr)
        if scale != wanted:
            grad *= wanted / scale
        n = len(theta)
        if n <= UNDIVIDED:
            self._update_block(theta, grad, [*state.vectors.values()], state.scratch, state.updates, lr)
            return
        vectors = [*state.vectors.values()]
        for start in range(0, n, BLOCK):
            part = slice(start, min(start + BLOCK, n))
            parts = [vector[part] for vector in vectors]
            scratch = state.scratch[: part.stop - part.start]
            self._update_block(theta[part], grad[part], parts, scratch, state.updates, lr)

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        """Update one block; all arrays have the block's length; `grad` has its wanted scale; `updates` counts from 1."""
        raise NotImplementedError

    def _add_weight_decay(self, theta: Array, grad: Array, scratch: Array, scale: float = 1.0) -> None:
        """g ← g + λ θ, the L2 penalty's gradient, both in this scale."""
        if self.weight_decay:
            np.multiply(theta, self.weight_decay * scale, out=scratch)
            grad += scratch


class _PlainStep(Optimizer, frozen=True):
    """θ ← θ − η (g + λ θ): with the learning rate in the gradient already, one subtraction."""

    def gradient_scale(self, lr: float) -> float:
        return lr

    def update(self, theta: Array, grad: Array, state: OptimizerState, lr: float, scale: float = 1.0) -> None:
        if scale == lr and not self.weight_decay and not state.vectors:
            state.updates += 1
            theta -= grad  # the whole update: what is prepared for others costs 3% of a small network's step
        else:
            super().update(theta, grad, state, lr, scale)

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        self._add_weight_decay(theta, grad, scratch, lr)
        theta -= grad


class Sgd(_PlainStep, frozen=True):
    """v ← μ v + g; θ ← θ − η v, or with nesterov θ ← θ − η (g + μ v).

    Source: Sutskever et al. 2013, in PyTorch's form (the learning rate outside the velocity).
    """

    lr: Positive = 0.1
    momentum: Share = 0.0
    nesterov: bool = False

    state_names: ClassVar[tuple[str, ...]] = ("momentum",)
    usual_rates: ClassVar[tuple[float, float]] = (1e-6, 10.0)
    torch_name: ClassVar[str] = "SGD"
    torch_state_names: ClassVar[tuple[str, ...]] = ("momentum_buffer",)

    @property
    def effective_rate(self) -> float:
        return self.lr / (1 - self.momentum)

    def torch_options(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": self.nesterov}

    def start(self, theta: Array) -> OptimizerState:
        state = super().start(theta)
        if not self.momentum:
            state.vectors.clear()
        return state

    def gradient_scale(self, lr: float) -> float:
        return 1.0 if self.momentum else lr

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        if not self.momentum:
            self._add_weight_decay(theta, grad, scratch, lr)
            theta -= grad
            return
        (velocity,) = vectors
        self._add_weight_decay(theta, grad, scratch)
        velocity *= self.momentum
        velocity += grad
        np.multiply(velocity, self.momentum * lr if self.nesterov else lr, out=scratch)
        if self.nesterov:
            grad *= lr
            scratch += grad
        theta -= scratch


class Rmsprop(Optimizer, frozen=True):
    """s ← α s + (1 − α) g²; θ ← θ − η g / (√s + ε). Source: Hinton 2012, Coursera lecture 6e."""

    lr: Positive = 1e-2
    alpha: Share = 0.99
    eps: Positive = 1e-8

    state_names: ClassVar[tuple[str, ...]] = ("square_average",)
    usual_rates: ClassVar[tuple[float, float]] = (1e-6, 0.3)
    steps_by_rate: ClassVar[bool] = True
    torch_name: ClassVar[str] = "RMSprop"
    torch_state_names: ClassVar[tuple[str, ...]] = ("square_avg",)

    def torch_options(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "eps": self.eps}

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        (square_average,) = vectors
        self._add_weight_decay(theta, grad, scratch)
        np.multiply(grad, grad, out=scratch)
        scratch *= 1 - self.alpha
        square_average *= self.alpha
        square_average += scratch
        np.sqrt(square_average, out=scratch)
        scratch += self.eps
        np.divide(grad, scratch, out=scratch)
        scratch *= lr
        theta -= scratch


class Adagrad(Optimizer, frozen=True):
    """s ← s + g²; θ ← θ − η g / (√s + ε). Source: Duchi, Hazan, Singer 2011."""

    lr: Positive = 1e-2
    eps: Positive = 1e-10

    state_names: ClassVar[tuple[str, ...]] = ("square_sum",)
    usual_rates: ClassVar[tuple[float, float]] = (1e-5, 3.0)
    torch_name: ClassVar[str] = "Adagrad"
    torch_state_names: ClassVar[tuple[str, ...]] = ("sum",)

    def torch_options(self) -> dict[str, Any]:
        return {"eps": self.eps}

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        (square_sum,) = vectors
        self._add_weight_decay(theta, grad, scratch)
        np.multiply(grad, grad, out=scratch)
        square_sum += scratch
        np.sqrt(square_sum, out=scratch)
        scratch += self.eps
        np.divide(grad, scratch, out=scratch)
        scratch *= lr
        theta -= scratch


class Adam(Optimizer, frozen=True):
    """m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; θ ← θ − η m̂ / (√v̂ + ε).

    m̂ and v̂ are m and v divided by 1 − β₁ᵗ and 1 − β₂ᵗ. Weight decay is added to the gradient (L2).
    Source: Kingma and Ba 2015, Algorithm 1.
    """

    beta1: Share = 0.9
    beta2: Share = 0.999
    eps: Positive = 1e-8

    state_names: ClassVar[tuple[str, ...]] = ("first_moment", "second_moment")
    usual_rates: ClassVar[tuple[float, float]] = (1e-6, 0.3)
    steps_by_rate: ClassVar[bool] = True
    torch_name: ClassVar[str] = "Adam"
    torch_state_names: ClassVar[tuple[str, ...]] = ("exp_avg", "exp_avg_sq")

    def torch_options(self) -> dict[str, Any]:
        return {"betas": (self.beta1, self.beta2), "eps": self.eps}

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        self._decay(theta, grad, scratch, lr)
        first, second = vectors
        first *= self.beta1
        first += grad  # which comes times 1 − β₁
        grad *= grad
        grad *= (1 - self.beta2) / (1 - self.beta1) ** 2
        second *= self.beta2
        second += grad
        correction = math.sqrt(1 - self.beta2**updates)  # taken out of both places: one pass less, section 2
        np.sqrt(second, out=grad)
        grad += self.eps * correction
        np.divide(first, grad, out=grad)
        grad *= lr * correction / (1 - self.beta1**updates)
        theta -= grad

    def gradient_scale(self, lr: float) -> float:
        return 1 - self.beta1

    def _decay(self, theta: Array, grad: Array, scratch: Array, lr: float) -> None:
        self._add_weight_decay(theta, grad, scratch, 1 - self.beta1)


class AdamW(Adam, frozen=True, tag="adamw"):
    """Adam with decoupled weight decay: θ ← θ − η λ θ before the step.

    Source: Loshchilov and Hutter 2019, Algorithm 2.
    """

    weight_decay: NonNegative = 1e-2

    decouples_decay: ClassVar[bool] = True
    torch_name: ClassVar[str] = "AdamW"

    def _decay(self, theta: Array, grad: Array, scratch: Array, lr: float) -> None:
        if self.weight_decay:
            theta *= 1 - lr * self.weight_decay


class Perceptron(_PlainStep, frozen=True):
    """θ ← θ − η g: with the perceptron criterion, Rosenblatt's rule w ← w + η (t − step(z)) x.

    Source: Rosenblatt 1958; Bishop 2006, equation 4.55.
    """

    lr: Positive = 0.1

    follows_gradient: ClassVar[bool] = False
    torch_name: ClassVar[str] = (
        "SGD"  # plain descent on the perceptron criterion, whose gradient autograd finds
    )


def clip_by_norm(grad: Array, max_norm: float) -> float:
    """Scale `grad` in place so that its Euclidean norm is at most `max_norm`.

    Args:
        grad: the network's gradient vector, shape (n_parameters,); changed in place.
        max_norm: positive bound, in loss units per parameter unit.

    Returns:
        The norm before scaling. A NaN or Inf leaves `grad` as it was.

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
    """Return √Σ vᵢ², also where the sum of squares is beyond the dtype's range."""
    norm = math.sqrt(np.vdot(vector, vector))
    if norm == math.inf:
        largest = float(np.abs(vector).max())
        norm = largest * math.sqrt(np.square(vector / largest).sum()) if math.isfinite(largest) else largest
    return norm


OPTIMIZERS: dict[str, type[Optimizer]] = registry([Sgd, Rmsprop, Adagrad, Adam, AdamW, Perceptron])
