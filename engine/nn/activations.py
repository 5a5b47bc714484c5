"""Activation functions a = f(z), each with its derivative, formula and source.

`forward` writes f(z) into `out`; `backward` turns dL/da into dL/dz in place. Both get the pre-activation z and the
activation a, shape (m, n), and a `Scratch` of the same shape, so that no step allocates memory.
"""

import numpy as np

# by name what every step calls: to look it up in `np` costs 0.1 us
from numpy import maximum, sign

from engine.arrays import Array
from engine.named import Named, Positive, registry
from engine.nn.bits import BitsOf
from engine.nn.normal import normal_cdf, normal_density


class Scratch:
    """Work arrays of one layer at one batch size, all of shape (m, n), allocated once."""

    __slots__ = ("bits_of_a", "bits_of_gradient", "mask", "temporary", "whole", "zeros")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> None:
        self.zeros = np.zeros(shape, dtype)
        """Stays zero: `np.maximum` against an array is 3 to 5 times faster than against the scalar 0."""
        self.mask = np.empty(shape, np.bool_)
        self.temporary = np.empty(shape, dtype)
        self.bits_of_a, self.bits_of_gradient = BitsOf(dtype), BitsOf(dtype)
        self.whole = BitsOf(dtype)(self.temporary)
        """The memory of `temporary`, for whole numbers."""


class Activation(Named, frozen=True):
    """An element-wise (softmax: row-wise) function and its derivative."""

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        """Write f(z) into `out`, shape (m, n); `z` stays as it is."""
        raise NotImplementedError

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        """Multiply `gradient`, dL/da on entry, by f'(z) in place, so that it is dL/dz on return."""
        raise NotImplementedError

    def __call__(self, z: Array) -> Array:
        """Return f(z) in a new array; for figures and tests, not for the training loop."""
        a = np.empty_like(z)
        self.forward(z, a, Scratch(z.shape, z.dtype))
        return a

    def derivative(self, z: Array) -> Array:
        """Return f'(z), shape of `z`, element by element (softmax: the diagonal of its Jacobian)."""
        gradient = np.ones_like(z)
        self.backward(gradient, z, self(z), Scratch(z.shape, z.dtype))
        return gradient

    def kinks(self, z: Array) -> Array | None:
        """Return the side of the kink on which each z lies (bool, shape of z), None where f is smooth."""
        return None


class Linear(Activation, frozen=True):
    """a = z, f' = 1."""

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.copyto(out, z)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        return


class Sigmoid(Activation, frozen=True):
    """a = 1 / (1 + e⁻ᶻ), f' = a (1 − a). Source: Goodfellow, Bengio, Courville 2016, section 3.10."""

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        sigmoid(z, out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        np.subtract(1, a, out=scratch.temporary)
        gradient *= scratch.temporary
        gradient *= a


class Tanh(Activation, frozen=True):
    """a = tanh z, f' = 1 − a². Source: LeCun et al. 1998, "Efficient BackProp", section 4.4."""

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

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        maximum(z, scratch.zeros, out=out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        # a is +0 or above: the sign of its bits is f'; a mask of bools would be converted, for as long as all this
        bits = scratch.bits_of_gradient(gradient)
        bits *= sign(scratch.bits_of_a(a), scratch.whole)

    def kinks(self, z: Array) -> Array | None:
        return np.greater(z, 0)


class LeakyRelu(Activation, frozen=True):
    """a = z for z > 0, slope·z elsewhere; f' = 1 or slope. Source: Maas, Hannun, Ng 2013."""

    slope: float = 0.01

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

    alpha: Positive = 1.0

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


class Gelu(Activation, frozen=True):
    """a = z Φ(z), f' = Φ(z) + z φ(z), with Φ and φ the normal distribution and its density.

    The exact form, as `torch.nn.GELU()`. Source: Hendrycks and Gimpel 2016, arXiv 1606.08415.
    """

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.multiply(z, normal_cdf(z), out=out)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        slopes = np.multiply(z, normal_density(z), out=scratch.temporary)
        slopes += normal_cdf(z)
        gradient *= slopes


class Silu(Activation, frozen=True):
    """a = z σ(z), f' = σ(z) (1 + z (1 − σ(z))). Source: Elfwing, Uchibe, Doya 2018; "swish"."""

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        sigmoid(z, out)
        out *= z

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        probability = sigmoid(z, scratch.temporary)
        gradient *= probability + a * (1 - probability)


class Softplus(Activation, frozen=True):
    """a = ln(1 + eᶻ) = max(0, z) + ln(1 + e^−|z|), which does not overflow; f' = σ(z).

    Source: Dugas et al. 2001.
    """

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        positive = np.maximum(z, scratch.zeros, out=scratch.temporary)
        np.abs(z, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        out += positive

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient *= sigmoid(z, scratch.temporary)


class Softmax(Activation, frozen=True):
    """aₖ = eᶻᵏ / Σⱼ eᶻʲ along a row, shifted by the row's maximum so that no exponential overflows.

    The product of dL/da with the Jacobian is dz = a (da − Σⱼ daⱼ aⱼ). Source: Bridle 1990.
    """

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
        np.exp(out, out=out)
        out /= out.sum(axis=-1, keepdims=True)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient -= (gradient * a).sum(axis=-1, keepdims=True)
        gradient *= a

    def derivative(self, z: Array) -> Array:
        a = self(z)
        return a * (1 - a)


class Step(Activation, frozen=True):
    """a = 1 for z > 0, else 0: the perceptron's. f' = 0 wherever it exists.

    No gradient passes it; a network learns with it only through the perceptron criterion, which looks at z.
    Source: Rosenblatt 1958.
    """

    def forward(self, z: Array, out: Array, scratch: Scratch) -> None:
        np.greater(z, scratch.zeros, out=scratch.mask)
        np.copyto(out, scratch.mask)

    def backward(self, gradient: Array, z: Array, a: Array, scratch: Scratch) -> None:
        gradient.fill(0)

    def kinks(self, z: Array) -> Array | None:
        return np.greater(z, 0)


def sigmoid(z: Array, out: Array) -> Array:
    """Write σ(z) = 1 / (1 + e⁻ᶻ) into `out` and return it.

    Where e⁻ᶻ overflows to infinity, 1/∞ = 0 is the right answer; small probabilities keep all their digits,
    which (1 + tanh(z/2)) / 2 loses.
    """
    with np.errstate(over="ignore", under="ignore"):
        np.negative(z, out=out)
        np.exp(out, out=out)
    out += 1
    return np.reciprocal(out, out=out)


ACTIVATIONS: dict[str, type[Activation]] = registry(
    [Linear, Sigmoid, Tanh, Relu, LeakyRelu, Elu, Gelu, Silu, Softplus, Softmax, Step]
)
