"""The activation functions a = f(z), each with derivative, formula, source and properties (see `activation.py`)."""

import math
from typing import Any, ClassVar

import numpy as np

# imported by name because they run in every step: a lookup in `np` costs 0.1 us
from numpy import maximum, sign

from engine.arrays import Array
from engine.named import Positive, registry
from engine.nn.activation import Activation, Scratch
from engine.nn.exponential import ExponentialActivation
from engine.nn.smooth_rectifiers import Gelu, Silu, Softplus
from engine.nn.special_functions import sigmoid

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Elu",
    "ExponentialActivation",
    "Gelu",
    "LeakyRelu",
    "Linear",
    "Relu",
    "Scratch",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Softplus",
    "Step",
    "Tanh",
]


class Linear(Activation, frozen=True):
    """a = z, f' = 1."""

    use: ClassVar[str] = "No bend: for the output of a regression; hidden layers of it add nothing."
    is_linear: ClassVar[bool] = True
    formula: ClassVar[str] = "z"
    derivative_formula: ClassVar[str] = "1"
    effect: ClassVar[str] = "Linear: the weighted sum is the output."
    max_slope: ClassVar[float] = 1.0

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.copyto(out, z)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        return


class Sigmoid(Activation, frozen=True):
    """a = 1 / (1 + e⁻ᶻ), f' = a (1 − a). Source: Goodfellow, Bengio, Courville 2016, section 3.10."""

    use: ClassVar[str] = (
        "Outputs 0 to 1: for a yes/no output. In hidden layers its small slope makes gradients vanish."
    )
    value_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    flat_ends: ClassVar[tuple[float, float] | None] = (0.01, 0.99)
    gives_probabilities: ClassVar[bool] = True
    torch_name: ClassVar[str] = "sigmoid"
    formula: ClassVar[str] = "1 / (1 + e⁻ᶻ)"
    derivative_formula: ClassVar[str] = "a (1 − a)"
    effect: ClassVar[str] = "The sigmoid maps the sum to the range 0 to 1."
    max_slope: ClassVar[float] = 0.25

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        sigmoid(z, out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        np.subtract(1, a, out=scratch.temporary)
        gradient *= scratch.temporary
        gradient *= a


class Tanh(Activation, frozen=True):
    """a = tanh z, f' = 1 − a². Source: LeCun et al. 1998, "Efficient BackProp", section 4.4."""

    use: ClassVar[str] = "Outputs −1 to 1, centred at 0: good in small networks; saturates at both ends."
    value_range: ClassVar[tuple[float, float]] = (-1.0, 1.0)
    flat_ends: ClassVar[tuple[float, float] | None] = (-0.99, 0.99)
    torch_name: ClassVar[str] = "tanh"
    formula: ClassVar[str] = "tanh z"
    derivative_formula: ClassVar[str] = "1 − a²"
    max_slope: ClassVar[float] = 1.0

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.tanh(z, out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        squares = np.multiply(a, a, out=scratch.temporary)
        squares *= gradient
        gradient -= squares


class Relu(Activation, frozen=True):
    """a = max(0, z), f' = 1 for z > 0 and 0 elsewhere (0 at the kink, as in PyTorch).

    Source: Nair and Hinton 2010.
    """

    use: ClassVar[str] = "The usual choice for hidden layers: fast, does not saturate above 0. Units can die."
    value_range: ClassVar[tuple[float, float]] = (0.0, math.inf)
    can_be_off: ClassVar[bool] = True
    is_rectifier: ClassVar[bool] = True
    torch_name: ClassVar[str] = "relu"
    formula: ClassVar[str] = "max(0, z)"
    derivative_formula: ClassVar[str] = "1 for z > 0, else 0"
    max_slope: ClassVar[float] = 1.0

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        maximum(z, scratch.zeros, out=out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        # a ≥ +0, so the sign of its bits as an integer is f'; converting a mask of bools would double the time
        bits = scratch.bits_of_gradient(gradient)
        bits *= sign(scratch.bits_of_a(a), scratch.temporary_bits)

    def kinks(self, z: Array) -> Array | None:
        return np.greater(z, 0)


class LeakyRelu(Activation, frozen=True):
    """a = z for z > 0, slope·z elsewhere; f' = 1 or slope. Source: Maas, Hannun, Ng 2013."""

    use: ClassVar[str] = "ReLU with a small slope below 0, so that units cannot die."

    slope: float = 0.01
    """Slope for z ≤ 0, usually small and positive."""

    is_rectifier: ClassVar[bool] = True
    torch_name: ClassVar[str] = "leaky_relu"
    formula: ClassVar[str] = "z for z > 0, else slope·z"
    derivative_formula: ClassVar[str] = "1 for z > 0, else slope"

    def slope_bound(self) -> float:
        return max(1.0, abs(self.slope))

    def torch_options(self) -> dict[str, Any]:
        return {"negative_slope": self.slope}

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        negative = np.minimum(z, scratch.zeros, out=scratch.temporary)
        np.maximum(z, scratch.zeros, out=out)
        negative *= self.slope
        out += negative

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        np.greater(z, scratch.zeros, out=scratch.mask)
        slopes = scratch.temporary
        np.multiply(scratch.mask, 1 - self.slope, out=slopes)
        slopes += self.slope
        gradient *= slopes

    def kinks(self, z: Array) -> Array | None:
        return np.greater(z, 0)


class Elu(Activation, frozen=True):
    """a = z for z > 0, α (eᶻ − 1) elsewhere; f' = 1 or a + α.

    Source: Clevert, Unterthiner, Hochreiter 2016.
    """

    use: ClassVar[str] = (
        "Like ReLU but smooth, with negative outputs down to −α: activations stay near mean 0."
    )

    alpha: Positive = 1.0
    """α: −α is the limit for z → −∞."""

    is_rectifier: ClassVar[bool] = True
    torch_name: ClassVar[str] = "elu"
    formula: ClassVar[str] = "z for z > 0, else α (eᶻ − 1)"
    derivative_formula: ClassVar[str] = "1 for z > 0, else a + α"

    def slope_bound(self) -> float:
        return max(1.0, self.alpha)

    def curvature(self, z: Array) -> Array | float:
        return max(1.0, self.alpha)

    def torch_options(self) -> dict[str, Any]:
        return {"alpha": self.alpha}

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        negative = np.minimum(z, scratch.zeros, out=scratch.temporary)
        np.expm1(negative, out=negative)
        negative *= self.alpha
        np.maximum(z, scratch.zeros, out=out)
        out += negative

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        slopes = np.minimum(a, scratch.zeros, out=scratch.temporary)
        np.greater(z, scratch.zeros, out=scratch.mask)
        slopes += self.alpha
        np.copyto(slopes, 1, where=scratch.mask)
        gradient *= slopes

    def kinks(self, z: Array) -> Array | None:
        return None if self.alpha == 1.0 else np.greater(z, 0)

    def bends(self, z: Array) -> Array | None:
        return np.greater(z, 0) if self.alpha == 1.0 else None


class Softmax(Activation, frozen=True):
    """aₖ = eᶻᵏ / Σⱼ eᶻʲ along a row, shifted by the row's maximum so that no exponential overflows.

    The product of dL/da with the Jacobian is dz = a (da − Σⱼ daⱼ aⱼ). Source: Bridle 1990.
    """

    use: ClassVar[str] = "Probabilities that add up to 1: for the output of a classification."
    value_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    is_elementwise: ClassVar[bool] = False
    gives_probabilities: ClassVar[bool] = True
    torch_name: ClassVar[str] = "softmax"
    formula: ClassVar[str] = "eᶻᵏ / Σⱼ eᶻʲ"
    derivative_formula: ClassVar[str] = "a[k] (1 for k = j, else 0) − a[k] a[j]"
    effect: ClassVar[str] = (
        "Exponentials make every score positive; divided by their sum they are probabilities."
    )
    max_slope: ClassVar[float] = 1.0

    def torch_options(self) -> dict[str, Any]:
        return {"dim": -1}

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= out.sum(axis=-1, keepdims=True)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient -= (gradient * a).sum(axis=-1, keepdims=True)  # (m, n) − (m, 1)
        gradient *= a

    def derivative(self, z: Array) -> Array:
        """Return the diagonal of the Jacobian, aₖ (1 − aₖ), in a new array, shape of `z` (m, n)."""
        a = self(z)
        return a * (1 - a)


class Step(Activation, frozen=True):
    """a = 1 for z > 0, else 0: the perceptron's. f' = 0 wherever it exists.

    No gradient passes it: it can be trained only with the perceptron criterion, which uses z itself.
    Source: Rosenblatt 1958.
    """

    use: ClassVar[str] = (
        "The perceptron's threshold. Its slope is 0, so only the perceptron rule can train it."
    )
    value_range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    jumps: ClassVar[bool] = True
    formula: ClassVar[str] = "1 for z > 0, else 0"
    derivative_formula: ClassVar[str] = "0"
    effect: ClassVar[str] = "The step gives 0 or 1; its derivative is 0, so gradient descent cannot use it."
    max_slope: ClassVar[float] = 0.0

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.greater(z, scratch.zeros, out=scratch.mask)
        np.copyto(out, scratch.mask)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient.fill(0)

    def kinks(self, z: Array) -> Array | None:
        return np.greater(z, 0)


ACTIVATIONS: dict[str, type[Activation]] = registry(
    [Linear, Sigmoid, Tanh, Relu, LeakyRelu, Elu, Gelu, Silu, Softplus, ExponentialActivation, Softmax, Step]
)
"""The activation functions by their name in the experiment file."""
