"""The walk's steps through a loss: its value, and its gradient. A new loss is one entry in FORMULAS."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Array
from engine.glassbox.independent import direction_disagreement
from engine.glassbox.numbers import Indexed, equation, factor, number, shape
from engine.glassbox.steps import NamedArray, WalkStep, written
from engine.nn.loss import Loss
from engine.nn.losses import Huber
from engine.words import counted


@dataclass(frozen=True)
class LossFormulas:
    """The value and gradient of one loss for scores and targets, both (m, k), in formulas and numbers."""

    formula: str
    terms: Array
    """Terms whose mean is the loss: (m,), one per sample, or (m, k), one per value."""
    lines: Callable[[int, int], str]
    """Writes out the term of sample i, value k (k = 0 if there is one per sample)."""
    words: str
    gradient: Array
    """(m, k)"""
    gradient_formula: str
    gradient_lines: Callable[[int, int], str]
    """Writes out the right side of `dz[i,k] =`, without the result."""
    gradient_words: str


def _cross_entropy(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    p, m = np.exp(log_p), len(scores)
    classes = targets.argmax(axis=1)
    terms = -(targets * log_p).sum(axis=1)  # (m,)
    return LossFormulas(
        formula="L = −ln p[y], the mean over the samples, with p = softmax(z) and y the true class",
        terms=terms,
        lines=lambda i, k: f"−ln {indexed.name('p', i, int(classes[i]))} = −ln {number(p[i, classes[i]])}",
        words=(
            "The loss depends on the probability of the true class alone: 0 at probability 1, unbounded towards 0. Equal "
            f"probabilities for all {counted(scores.shape[1], 'class', 'classes')} give ln {scores.shape[1]} = "
            f"{number(np.log(scores.shape[1]))}."
        ),
        gradient=(p - targets) / m if scores.shape[1] > 1 else np.zeros_like(p),
        gradient_formula="∂L/∂z[k] = (p[k] − t[k]) / m, with t[k] = 1 for the true class, else 0",
        gradient_lines=lambda i, k: f"({number(p[i, k])} − {number(targets[i, k])}) / {m}",
        gradient_words=(
            "Softmax and loss are differentiated together: ∂L/∂p[y] = −1/p[y] times the derivatives of softmax, "
            "p[y] (1 − p[y]) and −p[y] p[k], gives p − t, without a division that could overflow."
        ),
    )


def _binary(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    p = np.exp(-np.logaddexp(0, -scores))
    m, k = scores.shape
    terms = np.logaddexp(-targets * scores, scores - targets * scores)  # (m, k)

    def line(i: int, j: int) -> str:
        t, name = targets[i, j], indexed.name("p", i, j)
        if t == 1:
            return f"−ln {name} = −ln {number(p[i, j])}"
        if t == 0:
            return f"−ln(1 − {name}) = −ln(1 − {number(p[i, j])})"
        return f"−{number(t)}·ln {number(p[i, j])} − {number(1 - t)}·ln(1 − {number(p[i, j])})"

    return LossFormulas(
        formula="L = −t ln p − (1 − t) ln(1 − p), the mean over all, with p = σ(z)",
        terms=terms,
        lines=line,
        words="The negative log of the probability of the true class: −ln p for t = 1, −ln(1 − p) for t = 0.",
        gradient=(p - targets) / (m * k),
        gradient_formula="∂L/∂z = (p − t) / (m·k)",
        gradient_lines=lambda i, j: f"({number(p[i, j])} − {number(targets[i, j])}) / {m * k}",
        gradient_words=(
            "Sigmoid and loss are differentiated together: ∂L/∂p = (p − t) / (p (1 − p)) times the derivative of the "
            "sigmoid, p (1 − p), gives p − t."
        ),
    )


def _mse(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    count, off = scores.size, scores - targets
    return LossFormulas(
        formula="L = (a − t)², the mean over all",
        terms=off**2,
        lines=lambda i, k: f"({number(scores[i, k])} − {factor(targets[i, k])})² = {factor(off[i, k])}²",
        words="The squared error: twice the error gives four times the loss.",
        gradient=2 * off / count,
        gradient_formula="∂L/∂a = 2 (a − t) / (m·k)",
        gradient_lines=lambda i, k: f"2·({number(scores[i, k])} − {factor(targets[i, k])}) / {count}",
        gradient_words="The derivative of the squared error, 2 (a − t): proportional to the error.",
    )


def _mae(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    count, off = scores.size, scores - targets
    return LossFormulas(
        formula="L = |a − t|, the mean over all",
        terms=np.abs(off),
        lines=lambda i, k: f"|{number(scores[i, k])} − {factor(targets[i, k])}|",
        words="The absolute error: twice the error gives twice the loss, so that outliers do not dominate.",
        gradient=np.sign(off) / count,
        gradient_formula="∂L/∂a = sign(a − t) / (m·k)",
        gradient_lines=lambda i, k: f"sign({number(off[i, k])}) / {count}",
        gradient_words="The derivative of |a − t| is the sign of the error: the same for a small and a large one.",
    )


def _huber(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    delta = loss.delta if isinstance(loss, Huber) else 1.0
    count, off = scores.size, scores - targets
    squared, clipped = np.abs(off) <= delta, np.clip(off, -delta, delta)

    def line(i: int, k: int) -> str:
        if squared[i, k]:
            return f"{factor(off[i, k])}² / 2"
        return f"{number(delta)}·(|{number(off[i, k])}| − {number(delta / 2)})"

    return LossFormulas(
        formula="L = d² / 2 for |d| ≤ δ, else δ (|d| − δ/2), with d = a − t, the mean over all",
        terms=clipped * (off - clipped / 2),
        lines=line,
        words=f"Squared up to an error of δ = {number(delta)}, absolute beyond: outliers do not dominate.",
        gradient=clipped / count,
        gradient_formula="∂L/∂a = d / (m·k) for |d| ≤ δ, else ±δ / (m·k)",
        gradient_lines=lambda i, k: f"{number(clipped[i, k])} / {count}",
        gradient_words="The derivative is the error, clipped to ±δ.",
    )


def _hinge(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    count, signs = scores.size, 2 * targets - 1
    terms = np.maximum(0, 1 - signs * scores)
    slopes = -signs * (terms > 0)
    return LossFormulas(
        formula="L = max(0, 1 − s a) with s = 1 for t = 1, −1 for t = 0, the mean over all",
        terms=terms,
        lines=lambda i, k: f"max(0, 1 − {number(signs[i, k])}·{factor(scores[i, k])})",
        words="0 for a score on the right side by a margin of 1 or more, else its distance from there.",
        gradient=slopes / count,
        gradient_formula="∂L/∂a = −s / (m·k) where s a < 1, else 0",
        gradient_lines=lambda i, k: f"{number(slopes[i, k])} / {count}",
        gradient_words="Samples beyond the margin have no gradient: the others, the support vectors, decide.",
    )


def _perceptron(loss: Loss, scores: Array, targets: Array, indexed: Indexed) -> LossFormulas:
    m, fired = len(scores), (scores > 0).astype(np.float64)
    return LossFormulas(
        formula="L = max(0, z) − t z, summed over the outputs, the mean over the samples",
        terms=((fired - targets) * scores).sum(axis=1),
        lines=lambda i, k: " + ".join(
            f"(max(0, {number(z)}) − {number(t)}·{factor(z)})"
            for z, t in zip(scores[i].tolist(), targets[i].tolist(), strict=True)
        ),
        words="0 for a correct output; for a wrong one, the distance of z from the decision boundary.",
        gradient=(fired - targets) / m,
        gradient_formula="∂L/∂z = (step(z) − t) / m",
        gradient_lines=lambda i, k: f"({number(fired[i, k])} − {number(targets[i, k])}) / {m}",
        gradient_words=(
            "The criterion bypasses the step function, whose derivative is 0: a correct output gives 0, a wrong one ±1. "
            "A step of gradient descent with it is Rosenblatt's rule."
        ),
    )


FORMULAS: dict[str, Callable[[Loss, Array, Array, Indexed], LossFormulas]] = {
    "cross_entropy": _cross_entropy,
    "binary_cross_entropy": _binary,
    "mse": _mse,
    "mae": _mae,
    "huber": _huber,
    "hinge": _hinge,
    "perceptron": _perceptron,
}


def _any(loss: Loss, scores: Array, targets: Array) -> LossFormulas:
    """Return the formulas of a loss without an entry: its own code computes."""
    gradient = np.empty_like(scores)
    value = loss.value_and_gradient(scores.copy(), targets, gradient, 1.0)
    return LossFormulas(
        formula=f"L = {loss.name}(z, t)",
        terms=np.array([value]),
        lines=lambda i, k: loss.name,
        words="Computed by the loss's own code.",
        gradient=gradient,
        gradient_formula="∂L/∂z, computed by its own code",
        gradient_lines=lambda i, k: "",
        gradient_words="Backpropagation starts with the gradient of the loss.",
    )


class LossLesson:
    """Writes out one loss, forward and backward.

    Args:
        loss: the network's.
        scores: (m, k), the input of the loss: logits z if it includes the last activation, else outputs a.
        targets: (m, k).
        of_logits: whether `scores` are logits.
    """

    def __init__(self, loss: Loss, scores: Array, targets: Array, of_logits: bool) -> None:
        self._loss, self._scores, self._targets = loss, scores, targets
        self._indexed = Indexed(len(scores))
        formulas = FORMULAS.get(loss.name)
        self._formulas = (
            formulas(loss, scores, targets, self._indexed) if formulas else _any(loss, scores, targets)
        )
        self._symbol = "z" if of_logits else "a"
        self.value = float(self._formulas.terms.mean())

    @property
    def gradient(self) -> Array:
        """dL/d scores, (m, k)."""
        return self._formulas.gradient

    def forward(self) -> WalkStep:
        """Return the step of the loss's value."""
        terms = self._formulas.terms
        per_value = terms.ndim == 2
        n = terms.shape[1] if per_value else 1
        places = [(i, k) for i, k in self._indexed.places(n) if i < len(terms)]
        if terms.size == 1:
            lines = [equation("L", self._formulas.lines(0, 0), number(self.value))]
        else:
            names = [self._indexed.name("L", i, *([k] if per_value else [])) for i, k in places]
            lines = [
                equation(name, self._formulas.lines(i, k), number(terms[i, k] if per_value else terms[i]))
                for name, (i, k) in zip(names, places, strict=True)
            ]
            lines.append(equation("L", f"mean of {terms.size:,} terms", number(self.value)))
        return WalkStep(
            kind="loss",
            title=f"loss · {self._loss.name}",
            formula=self._formulas.formula,
            shapes=f"{self._symbol} {shape(self._scores.shape)}, t {shape(self._targets.shape)} → L",
            left_out=self._indexed.left_out(n, "value"),
            words=self._formulas.words + self._as_logits(),
            arrays=(
                NamedArray.of(self._symbol, self._scores),
                NamedArray.of("t", self._targets),
                NamedArray.of("L", np.array([self.value])),
            ),
            **written(lines),
        )

    def backward(self) -> WalkStep:
        """Return the step of the loss's gradient."""
        gradient, name = self.gradient, f"d{self._symbol}"
        places = self._indexed.places(gradient.shape[1])
        lines = []
        for i, k in places:
            how = self._formulas.gradient_lines(i, k)
            lines.append(equation(self._indexed.name(name, i, k), how, number(gradient[i, k])))
        m = len(gradient)
        mean = f" The division by {m} gives the mean over the batch." if m > 1 else ""
        return WalkStep(
            kind="backward",
            title=f"loss · {self._loss.name}: start of backprop",
            formula=self._formulas.gradient_formula.replace("∂z", f"∂{self._symbol}"),
            shapes=f"{name} = ∂L/∂{self._symbol} {shape(gradient.shape)}, as {self._symbol}",
            left_out=self._indexed.left_out(gradient.shape[1], "value"),
            words=self._formulas.gradient_words + mean,
            arrays=(NamedArray.of(name, gradient),),
            disagreement=self._disagreement(),
            **written(lines),
        )

    def _disagreement(self) -> str:
        """Compare the gradient with finite differences of the value that the loss's own code computes."""
        return direction_disagreement(
            lambda scores: self._loss.value(scores, self._targets), self._scores, self.gradient, "∂L/∂z"
        )

    def _as_logits(self) -> str:
        if self._symbol == "z" or self._loss.link == "linear":
            return ""
        link = self._loss.link
        return f" The loss treats the outputs a as logits, as PyTorch does: z in the formula is a, and {link} follows."
