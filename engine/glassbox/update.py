"""The walk's last step: one update by an optimizer, with its state, for the weight with the largest gradient.

A new optimizer is one entry in `WRITERS`; without one its own code computes, and the values are shown.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Array
from engine.glassbox.numbers import Line, equation, factor, line, number, shape, times
from engine.glassbox.steps import NamedArray, WalkStep, written
from engine.nn.network import Network
from engine.optim.optimizer import Optimizer, OptimizerState, clip_by_norm, euclidean_norm
from engine.optim.optimizers import Sgd
from engine.words import counted


class UpdateRule(NamedTuple):
    """An optimizer at one update of a training."""

    optimizer: Optimizer
    rate: float
    """Learning rate of the update, schedule included."""
    state: OptimizerState | None = None
    """The state before the update, in the order of the network's `theta`; None: that of the first update."""
    clip_norm: float = 0.0

    @classmethod
    def plain(cls, rate: float) -> "UpdateRule":
        """Return plain gradient descent."""
        return cls(Sgd(lr=rate), rate)


class Weight(NamedTuple):
    """One weight at an update."""

    w: float
    g: float
    """Its gradient, clipped, with the L2 penalty's."""
    rate: float
    state: tuple[float, ...]
    """Its entries of the optimizer's vectors before the update."""
    t: int
    """Number of the update, from 1."""


class Written(NamedTuple):
    """An update of one weight in formulas and numbers."""

    formula: str
    lines: list[Line]
    right_side: str
    """The new weight, written out."""
    value: float
    """The new weight."""


Writer = Callable[[Any, Weight], Written]


def _plain(optimizer: Optimizer, one: Weight) -> Written:
    text = f"{number(one.w)} − {number(one.rate)}·{factor(one.g)}"
    return Written("w ← w − η g", [], text, one.w - one.rate * one.g)


def _sgd(optimizer: Sgd, one: Weight) -> Written:
    if not optimizer.momentum:
        return _plain(optimizer, one)
    before, mu = one.state[0], optimizer.momentum
    v = mu * before + one.g
    lines = [equation("v", "μ·v + g", f"{times(mu, before)} + {factor(one.g)}", number(v))]
    step, formula = v, "v ← μ v + g\nw ← w − η v"
    if optimizer.nesterov:
        step, formula = one.g + mu * v, "v ← μ v + g\nw ← w − η (g + μ v)"
        lines.append(equation("g + μ·v", f"{number(one.g)} + {times(mu, v)}", number(step)))
    text = f"{number(one.w)} − {number(one.rate)}·{factor(step)}"
    return Written(formula, lines, text, one.w - one.rate * step)


def _divided(one: Weight, above: float, root: float, eps: float, formula: str, lines: list[Line]) -> Written:
    """Return w − η · above / (√root + ε)."""
    text = f"{number(one.w)} − {number(one.rate)}·{factor(above)} / (√{factor(root)} + {number(eps)})"
    return Written(formula, lines, text, one.w - one.rate * above / (math.sqrt(root) + eps))


def _rmsprop(optimizer: Any, one: Weight) -> Written:
    before, alpha = one.state[0], optimizer.alpha
    s = alpha * before + (1 - alpha) * one.g**2
    text = f"{times(alpha, before)} + {times(1 - alpha, one.g)}²"
    lines = [equation("s", text, number(s))]
    return _divided(one, one.g, s, optimizer.eps, "s ← α s + (1 − α) g²\nw ← w − η g / (√s + ε)", lines)


def _adagrad(optimizer: Any, one: Weight) -> Written:
    s = one.state[0] + one.g**2
    lines = [equation("s", f"{number(one.state[0])} + {factor(one.g)}²", number(s))]
    return _divided(one, one.g, s, optimizer.eps, "s ← s + g²\nw ← w − η g / (√s + ε)", lines)


def _adam(optimizer: Any, one: Weight) -> Written:
    b1, b2, t = optimizer.beta1, optimizer.beta2, one.t
    m = b1 * one.state[0] + (1 - b1) * one.g
    v = b2 * one.state[1] + (1 - b2) * one.g**2
    m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
    lines = [
        equation("m", f"{times(b1, one.state[0])} + {times(1 - b1, one.g)}", number(m)),
        equation("v", f"{times(b2, one.state[1])} + {times(1 - b2, one.g)}²", number(v)),
        equation("m̂", f"m / (1 − {number(b1)}^{t})", number(m_hat)),
        equation("v̂", f"v / (1 − {number(b2)}^{t})", number(v_hat)),
    ]
    formula = (
        "m ← β₁ m + (1 − β₁) g\nv ← β₂ v + (1 − β₂) g²\n"
        "m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)\nw ← w − η m̂ / (√v̂ + ε)"
    )
    return _divided(one, m_hat, v_hat, optimizer.eps, formula, lines)


def _adamw(optimizer: Any, one: Weight) -> Written:
    kept = one.w * (1 - one.rate * optimizer.weight_decay)
    rest = _adam(optimizer, one._replace(w=kept))
    text = f"(1 − {number(one.rate)}·{number(optimizer.weight_decay)})·{factor(one.w)}"
    lines = [equation("w", text, number(kept)), *rest.lines]
    return rest._replace(formula=f"w ← (1 − η λ) w\n{rest.formula}", lines=lines)


WRITERS: dict[str, Writer] = {
    "sgd": _sgd,
    "perceptron": _plain,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adam": _adam,
    "adamw": _adamw,
}
"""By the optimizer's name."""


class UpdateLesson:
    """Computes one update of all parameters in float64, and writes it out for the weight with the largest gradient.

    Args:
        network: in float64, before the update; unchanged.
        gradients: the gradients by parameter name, each in its shape.
        rule: the optimizer, with its state.
    """

    def __init__(self, network: Network, gradients: dict[str, Array], rule: UpdateRule) -> None:
        self._network, self._gradients, self._rule = network, gradients, rule
        self.after = network.copy()
        """The network after the update."""
        for name, _, gradient in self.after.parameters():
            gradient[...] = gradients[name]
        self._state = rule.optimizer.start(self.after.theta)
        if rule.state is not None:
            self._state.take(rule.state)
        self._before = self._state.copy()
        self._norm = euclidean_norm(self.after.grad)
        if rule.clip_norm:
            clip_by_norm(self.after.grad, rule.clip_norm)
        self._clipped = self.after.grad.copy()
        rule.optimizer.update(self.after.theta, self.after.grad, self._state, rule.rate)

    def step(self, loss: float, loss_after: float, remark: str = "") -> WalkStep:
        """Return the step.

        Args:
            loss, loss_after: of the batch, before and after the update.
            remark: a sentence that ends the explanation.
        """
        name, place = self._steepest()
        at = self._index(name, place)
        weight, raw = self._weight(at)
        rule = self._rule
        found = WRITERS.get(rule.optimizer.name, self._by_own_code(at))(rule.optimizer, weight)
        n = len(self._network.theta)
        symbol = f"{name}[{','.join(map(str, place))}]"
        lines = [
            *self._gradient_lines(symbol, at, raw, weight.g),
            *found.lines,
            line(f"{symbol} ← {found.right_side} = ", number(float(self.after.theta[at]))),
            equation("L before", number(loss)),
            equation(f"L after updating all {counted(n, 'parameter')}", number(loss_after)),
        ]
        states = ", ".join(self._state.vectors)
        return WalkStep(
            kind="update",
            layer=name.rpartition(".")[0],
            title=f"update · {rule.optimizer.name}",
            formula=found.formula,
            shapes=f"w, g{f', {states}' if states else ''} {shape((n,))}, learning rate η = {number(rule.rate)}",
            words=self._words(loss, loss_after, remark),
            arrays=(NamedArray.of(f"d {name}", self._gradients[name]),),
            **written(lines),
        )

    def _words(self, loss: float, loss_after: float, remark: str) -> str:
        if not np.any(self._clipped):
            return f"Every gradient is 0. {remark}".strip()
        change = "falls"
        if not loss_after < loss:
            change = "rises: the step is too long for this batch" if loss_after > loss else "stays the same"
        return (
            "Shown for the weight with the largest gradient; all weights are updated by the same rule. The loss of this "
            f"batch {change}. {remark}"
        ).strip()

    def _gradient_lines(self, symbol: str, at: int, raw: float, used: float) -> list[Line]:
        """Return the lines from the gradient of the batch to the one that the optimizer uses."""
        rule, lines = self._rule, [equation("g", f"∂L/∂ {symbol}", number(raw))]
        clipped = float(self._clipped[at])
        if rule.clip_norm and self._norm > rule.clip_norm:
            text = f"g · {number(rule.clip_norm)} / ‖g‖ = {number(raw)}·{number(rule.clip_norm)} / {number(self._norm)}"
            lines.append(line(f"clipped: g ← {text} = ", number(clipped)))
        if used != clipped:
            decay, w = rule.optimizer.weight_decay, float(self._network.theta[at])
            lines.append(line(f"weight decay: g ← {number(clipped)} + {times(decay, w)} = ", number(used)))
        return lines

    def _weight(self, at: int) -> tuple[Weight, float]:
        """Return a weight, and its gradient as the batch gives it."""
        optimizer, w, g = self._rule.optimizer, float(self._network.theta[at]), float(self._clipped[at])
        if optimizer.weight_decay and not optimizer.decouples_decay and optimizer.name in WRITERS:
            g += optimizer.weight_decay * w
        state = tuple(float(vector[at]) for vector in self._before.vectors.values())
        raw = float(self._gradient_vector()[at])
        return Weight(w, g, self._rule.rate, state, self._state.updates), raw

    def _by_own_code(self, at: int) -> Writer:
        """Return a writer for an optimizer without one: its state before and after."""

        def write(optimizer: Optimizer, one: Weight) -> Written:
            pairs = zip(self._before.vectors.items(), self._state.vectors.values(), strict=True)
            lines = [
                line(f"{name}: {number(float(old[at]))} → ", number(float(new[at])))
                for (name, old), new in pairs
            ]
            text = f"{optimizer.name}({number(one.w)})"
            return Written(f"w ← {optimizer.name}(w, g)", lines, text, float(self.after.theta[at]))

        return write

    def _gradient_vector(self) -> Array:
        """Return the gradients in the order of `theta`, (n_parameters,)."""
        holder = self._network.copy()
        for name, view, _ in holder.parameters():
            view[...] = self._gradients[name]
        return holder.theta

    def _index(self, name: str, place: tuple[int, ...]) -> int:
        """Return the index in `theta` of one entry of a parameter."""
        holder = self._network.copy()
        holder.theta[:] = np.arange(len(holder.theta))
        return int(next(view for known, view, _ in holder.parameters() if known == name)[place])

    def _steepest(self) -> tuple[str, tuple[int, ...]]:
        """Return the parameter and the index of the largest gradient."""
        sizes = {name: np.nan_to_num(np.abs(array)) for name, array in self._gradients.items()}
        name = max(sizes, key=lambda one: float(sizes[one].max()))
        return name, tuple(int(i) for i in np.unravel_index(int(sizes[name].argmax()), sizes[name].shape))
