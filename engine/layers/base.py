"""What the network asks of a layer."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Array


class Layer:
    """A differentiable map with parameters that live in the network's `theta` and `grad`.

    The network binds each layer to its part of the two vectors; the layer then works on views and owns no
    parameter itself.

    Between layers, rows are *homogeneous*: shape (m, n + 1), a constant 1 in the last column, so that a bias is one
    more row of a weight matrix and both cost one product (2% to 20% of a step, most in small networks).
    Gradients flow back without that column, (m, n).
    """

    name: str
    n_in: int
    n_out: int
    n_parameters: int
    n_buffers: int = 0
    """Numbers that training changes without a gradient (running means); they live in the network's `buffers`."""

    def bind(self, theta: Array, grad: Array) -> None:
        """Take `theta` and `grad`, both shape (n_parameters,), as the home of the parameters."""
        raise NotImplementedError

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw first values for all parameters."""
        raise NotImplementedError

    def forward(self, x: Array) -> Array:
        """Return the homogeneous output (m, n_out + 1) for homogeneous x (m, n_in + 1).

        The next call with the same m overwrites it.
        """
        raise NotImplementedError

    def backward(self, gradient: Array, wants_input_gradient: bool) -> Array | None:
        """Fill the parameters' gradients from dL/d(output) (m, n_out), which is changed; return dL/dx if wanted."""
        raise NotImplementedError

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view) for each parameter."""
        raise NotImplementedError
