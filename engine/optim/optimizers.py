"""The optimizers, each with its formula and source; definitions as in PyTorch.

Symbols: parameters θ, gradient g, learning rate η of the step, weight decay λ.
"""

import math
from typing import Any, ClassVar

import numpy as np

from engine.arrays import Array
from engine.named import NonNegative, Positive, Share, registry
from engine.optim.optimizer import Optimizer, OptimizerState
from engine.team import Team


class _PlainStep(Optimizer, frozen=True):
    """θ ← θ − η (g + λ θ): one subtraction if the gradient already contains the learning rate."""

    def gradient_scale(self, lr: float) -> float:
        """Return `lr`."""
        return lr

    def update(
        self,
        theta: Array,
        grad: Array,
        state: OptimizerState,
        lr: float,
        scale: float = 1.0,
        team: Team | None = None,
    ) -> None:
        """Update `theta` and `state` in place; plain steps with `scale` = `lr` do not change `grad`."""
        if scale == lr and team is None and not self.weight_decay and not state.vectors:
            state.updates += 1
            theta -= grad  # a shortcut: the general path costs 3% of a small network's step
        else:
            super().update(theta, grad, state, lr, scale, team)

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        self._add_weight_decay(theta, grad, scratch, lr)
        theta -= grad


class Sgd(_PlainStep, frozen=True):
    """v ← μ v + g; θ ← θ − η v, or with nesterov θ ← θ − η (g + μ v).

    Source: Sutskever et al. 2013, in PyTorch's form (the learning rate outside the velocity).
    """

    use: ClassVar[str] = "Plain gradient descent, with momentum if set: simple, robust, needs a tuned rate."

    lr: Positive = 0.1
    momentum: Share = 0.0
    """μ; 0: plain gradient descent."""
    nesterov: bool = False
    """True for the gradient at the point that momentum leads to."""

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

    use: ClassVar[str] = "Divides each step by the gradient's recent size: for noisy gradients."

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

    use: ClassVar[str] = "Divides by all past gradients: rates only shrink; for sparse features."

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

    use: ClassVar[str] = "Momentum and a rate per parameter: works well without much tuning."

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

    use: ClassVar[str] = "Adam with weight decay applied apart from the gradient: use it for regularisation."

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

    use: ClassVar[str] = "Rosenblatt's rule for a single layer with step outputs."

    lr: Positive = 0.1

    follows_gradient: ClassVar[bool] = False
    torch_name: ClassVar[str] = "SGD"  # plain gradient descent on the perceptron criterion


OPTIMIZERS: dict[str, type[Optimizer]] = registry([Sgd, Rmsprop, Adagrad, Adam, AdamW, Perceptron])
"""The optimizers by their name in the experiment file."""
