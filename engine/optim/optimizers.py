"""Optimizers as in-place updates of two vectors, each with its formula and source; definitions as in PyTorch.

An optimizer is a frozen set of options. Its state (momentum, second moments) consists of vectors of the shape and dtype
of `theta`, named in `state_names`, owned by an `OptimizerState` and saved in checkpoints as `optimizer.NAME`.

Symbols: parameters θ, gradient g, learning rate η of the step, weight decay λ.
"""

import copy
import math
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import Named, NonNegative, Positive, Share, registry

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

    def update(self, theta: Array, grad: Array, state: OptimizerState, lr: float, scale: float = 1.0) -> None:
        """Update `theta` and `state` in place.

        Args:
            theta: parameters, (n_parameters,).
            grad: `scale` times the gradient, shape and dtype of `theta`; overwritten.
            state: the state that `start` returned and earlier updates changed.
            lr: learning rate of this step, `self.lr` times the schedule's factor.
            scale: factor that `grad` contains; fastest with `gradient_scale(lr)`.
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
        """Update one block: all arrays have its length; `grad` has the preferred scale; `updates` counts from 1."""
        raise NotImplementedError

    def _add_weight_decay(self, theta: Array, grad: Array, scratch: Array, scale: float = 1.0) -> None:
        """Add the gradient of the L2 penalty, g ← g + λ θ, with both terms scaled by `scale`."""
        if self.weight_decay:
            np.multiply(theta, self.weight_decay * scale, out=scratch)
            grad += scratch


class _PlainStep(Optimizer, frozen=True):
    """θ ← θ − η (g + λ θ): one subtraction if the gradient already contains the learning rate."""

    def gradient_scale(self, lr: float) -> float:
        """Return `lr`."""
        return lr

    def update(self, theta: Array, grad: Array, state: OptimizerState, lr: float, scale: float = 1.0) -> None:
        """Update `theta` and `state` in place; plain steps with `scale` = `lr` do not change `grad`."""
        if scale == lr and not self.weight_decay and not state.vectors:
            state.updates += 1
            theta -= grad  # a shortcut: the general path costs 3% of a small network's step
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
    """μ; 0: plain gradient descent."""
    nesterov: bool = False

    state_names: ClassVar[tuple[str, ...]] = ("momentum",)
    usual_rates: ClassVar[tuple[float, float]] = (1e-6, 10.0)
    torch_name: ClassVar[str] = "SGD"
    torch_state_names: ClassVar[tuple[str, ...]] = ("momentum_buffer",)

    @property
    def effective_rate(self) -> float:
        """η / (1 − μ), the limit of the step per unit of a constant gradient."""
        return self.lr / (1 - self.momentum)

    def torch_options(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": self.nesterov}

    def start(self, theta: Array) -> OptimizerState:
        """Return the state before the first update; without momentum it has no vectors."""
        state = super().start(theta)
        if not self.momentum:
            state.vectors.clear()
        return state

    def gradient_scale(self, lr: float) -> float:
        """Return `lr`, or 1 with momentum."""
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
    """α, decay rate of the average of squared gradients."""
    eps: Positive = 1e-8
    """ε, added to the denominator."""

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
    """ε, added to the denominator."""

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

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at update t, from 1. Weight decay is added to the gradient (L2 penalty).
    Source: Kingma and Ba 2015, Algorithm 1.
    """

    beta1: Share = 0.9
    """β₁, decay rate of the average of gradients."""
    beta2: Share = 0.999
    """β₂, decay rate of the average of squared gradients."""
    eps: Positive = 1e-8
    """ε, added to the denominator."""

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
        first += grad  # already scaled by 1 − β₁
        grad *= grad
        grad *= (1 - self.beta2) / (1 - self.beta1) ** 2
        second *= self.beta2
        second += grad
        correction = math.sqrt(1 - self.beta2**updates)  # applied as scalars, which saves a pass; section 2
        np.sqrt(second, out=grad)
        grad += self.eps * correction
        np.divide(first, grad, out=grad)
        grad *= lr * correction / (1 - self.beta1**updates)
        theta -= grad

    def gradient_scale(self, lr: float) -> float:
        """Return 1 − β₁, with which the gradient enters the first moment."""
        return 1 - self.beta1

    def _decay(self, theta: Array, grad: Array, scratch: Array, lr: float) -> None:
        self._add_weight_decay(theta, grad, scratch, 1 - self.beta1)


class AdamW(Adam, frozen=True, tag="adamw"):
    """Adam with decoupled weight decay: θ ← θ − η λ θ before the step.

    As `torch.optim.AdamW`: λ is multiplied by the learning rate of the step.

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
    torch_name: ClassVar[str] = "SGD"  # plain gradient descent on the perceptron criterion


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


OPTIMIZERS: dict[str, type[Optimizer]] = registry([Sgd, Rmsprop, Adagrad, Adam, AdamW, Perceptron])
"""The optimizers by their name in the experiment file."""
