"""The walk's steps through an activation: formula, derivative, and both with numbers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.arrays import Array
from engine.glassbox.independent import derivative_disagreement, direction_disagreement
from engine.glassbox.numbers import Indexed, Line, equation, factor, number, shape, times
from engine.glassbox.steps import NamedArray, WalkStep, written
from engine.nn.activations import Activation, Elu, LeakyRelu, Softmax
from engine.words import counted

Texts = Callable[[Activation, float, float], str]
"""Returns the activation or its derivative at z written out, with a = f(z); "" where the value is enough."""


class ActivationNumbers(NamedTuple):
    """Writes out one activation with numbers: its value, and its slope."""

    value: Texts
    slope: Texts


def _plain(activation: Activation, z: float, a: float) -> str:
    return ""


def _power(z: float) -> str:
    return f"e^{factor(z)}"


def _side(activation: Activation, z: float, a: float) -> str:
    return f"z {'>' if z > 0 else '≤'} 0"


def _leaky(activation: Activation, z: float, a: float) -> str:
    slope = activation.slope if isinstance(activation, LeakyRelu) else 1.0
    return number(z) if z > 0 else times(slope, z)


def _alpha(activation: Activation) -> float:
    return activation.alpha if isinstance(activation, Elu) else 1.0


def _elu(activation: Activation, z: float, a: float) -> str:
    return number(z) if z > 0 else f"{number(_alpha(activation))}·({_power(z)} − 1)"


def _elu_slope(activation: Activation, z: float, a: float) -> str:
    return "z > 0" if z > 0 else f"{factor(a)} + {number(_alpha(activation))}"


NUMBERS: dict[str, ActivationNumbers] = {
    "sigmoid": ActivationNumbers(lambda _, z, a: f"1 / (1 + {_power(-z)})", lambda _, z, a: times(a, 1 - a)),
    "tanh": ActivationNumbers(lambda _, z, a: f"tanh {factor(z)}", lambda _, z, a: f"1 − {factor(a)}²"),
    "relu": ActivationNumbers(lambda _, z, a: f"max(0, {number(z)})", _side),
    "leaky_relu": ActivationNumbers(_leaky, _side),
    "elu": ActivationNumbers(_elu, _elu_slope),
    "gelu": ActivationNumbers(lambda _, z, a: f"{factor(z)}·Φ({number(z)})", _plain),
    "silu": ActivationNumbers(lambda _, z, a: f"{factor(z)}·σ({number(z)})", _plain),
    "softplus": ActivationNumbers(lambda _, z, a: f"ln(1 + {_power(z)})", lambda _, z, a: f"σ({number(z)})"),
    "exponential": ActivationNumbers(lambda _, z, a: _power(z), lambda _, z, a: number(a)),
    "step": ActivationNumbers(_side, _plain),
}
"""By the activation's name; one without an entry is shown as f(z) with its value."""


class ActivationLesson:
    """Writes out one activation forward and backward; `symbol` is the symbol of its output."""

    def __init__(self, name: str, activation: Activation, m: int, symbol: str = "a") -> None:
        self._name, self._activation, self._indexed, self._symbol = name, activation, Indexed(m), symbol
        self._numbers = NUMBERS.get(activation.name, ActivationNumbers(_plain, _plain))

    @property
    def is_linear(self) -> bool:
        """True if there is nothing to write out: a = z."""
        return self._activation.is_linear

    @property
    def _is_softmax(self) -> bool:
        return isinstance(self._activation, Softmax)

    def forward(self, z: Array) -> tuple[Array, WalkStep]:
        """Return a = f(z) for z (m, n), and the step of its computation."""
        a = self._activation(z)
        self._z, self._a = z, a
        how = "row by row" if self._is_softmax else "element by element"
        step = WalkStep(
            kind="forward",
            layer=self._name,
            title=f"{self._name} · {self._activation.name}",
            formula=f"{self._symbol} = f(z) = {self._activation.formula}",
            shapes=f"z {shape(z.shape)} → {self._symbol} {shape(a.shape)}, {how}",
            left_out=self._indexed.left_out(z.shape[1]),
            words=self._activation.effect + _asleep(a, self._activation),
            arrays=(NamedArray.of("z", z), NamedArray.of(self._symbol, a)),
            **written([self._value(i, k) for i, k in self._indexed.places(z.shape[1])]),
        )
        return a, step

    def backward(self, da: Array) -> tuple[Array, WalkStep]:
        """Return dz = da f′(z) for da (m, n), and the step of its computation; `da` is unchanged."""
        z, a = self._z, self._a
        dz = (
            a * (da - (da * a).sum(axis=1, keepdims=True))
            if self._is_softmax
            else da * self._activation.derivative(z)
        )
        formula = (
            "dz[k] = a[k] (da[k] − Σⱼ da[j] a[j])"
            if self._is_softmax
            else "∂L/∂z = ∂L/∂a · ∂a/∂z = da · f′(z)"
        )
        step = WalkStep(
            kind="backward",
            layer=self._name,
            title=f"{self._name} · {self._activation.name} backward",
            formula=f"{formula}\nf′(z) = {self._activation.derivative_formula}",
            shapes=f"da {shape(da.shape)}, z {shape(z.shape)} → dz {shape(dz.shape)}",
            left_out=self._indexed.left_out(z.shape[1]),
            words=self._why_back(),
            arrays=(
                NamedArray.of("da", da),
                NamedArray.of("z", z),
                NamedArray.of("f′(z)", self._activation.derivative(z)),
                NamedArray.of("dz", dz),
            ),
            disagreement=self._disagreement(da, dz),
            **written([self._product(da, dz, i, k) for i, k in self._indexed.places(z.shape[1])]),
        )
        return dz, step

    def _disagreement(self, da: Array, dz: Array) -> str:
        """Compare the derivative with finite differences of f."""
        if self._activation.is_elementwise:
            return derivative_disagreement(self._activation, self._z, self._activation.derivative(self._z))
        return direction_disagreement(lambda z: float(np.vdot(da, self._activation(z))), self._z, dz, "∂L/∂z")

    def _value(self, i: int, k: int) -> Line:
        name, z, a = self._indexed.name(self._symbol, i, k), float(self._z[i, k]), float(self._a[i, k])
        if self._is_softmax:
            return equation(name, _share(self._z[i], k), number(a))
        how = self._numbers.value(self._activation, z, a)
        if how.startswith("z "):
            since = f", since {self._indexed.name('z', i, k)} = {number(z)} {how[2]} 0"
            return equation(name, number(a), after=since)
        return equation(name, how or f"f({number(z)})", number(a))

    def _product(self, da: Array, dz: Array, i: int, k: int) -> Line:
        name, upstream = self._indexed.name("dz", i, k), self._indexed.name("da", i, k)
        z, a = float(self._z[i, k]), float(self._a[i, k])
        if self._is_softmax:
            inner = float((da[i] * self._a[i]).sum())
            return equation(name, f"{factor(a)}·({number(da[i, k])} − {factor(inner)})", number(dz[i, k]))
        slope = float(self._activation.derivative(self._z[i : i + 1])[0, k])
        how = self._numbers.slope(self._activation, z, a)
        why = f"   with f′({number(z)}) = {how} = {number(slope)}" if how and not how.startswith("z ") else ""
        if how.startswith("z "):
            why = f"   since z = {number(z)} {how[2]} 0"
        product = times(float(da[i, k]), slope)
        return equation(name, f"{upstream}·f′({number(z)})", product, number(dz[i, k]), after=why)

    def _why_back(self) -> str:
        if self._is_softmax:
            return "Each output depends on every z of its row, so a mean over the row is subtracted."
        slope = self._activation.derivative(self._z)
        told = "Chain rule: dL/dz = dL/da · f′(z)."
        dead = int((slope == 0).sum())
        if not dead:
            return told
        stopped = f"{counted(dead, 'value')} of {slope.size:,} {'has' if dead == 1 else 'have'} f′(z) = 0"
        return f"{told} {stopped}: their gradient is 0, and so is that of the weights before them."


def _asleep(a: Array, activation: Activation) -> str:
    """Return a sentence on the inactive units, for activations that can be off; else ""."""
    asleep = int((a == 0).sum())
    if not activation.can_be_off or not asleep:
        return ""
    verb = "is" if asleep == 1 else "are"
    return f" {asleep:,} of {a.size:,} {verb} 0 here: no gradient passes through them."


def _share(z: Array, k: int) -> str:
    """Return e^z[k] over the sum, written out; shifted by the row's largest value where it would overflow."""
    largest = float(z.max())
    shift = largest if not abs(largest) < 100 else 0.0
    powers = np.exp(z - shift)
    exponent = f"{number(z[k])} − {factor(shift)}" if shift else number(z[k])
    return (
        f"e^({exponent}) / Σ e^({'z − max' if shift else 'z'}) = {number(powers[k])} / {number(powers.sum())}"
    )
