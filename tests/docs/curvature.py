"""The sharpness of a loss: the largest eigenvalue of its Hessian, from differences of gradients."""

import numpy as np

from engine.arrays import Array
from engine.nn.network import Network

STEP = 1e-9
"""Length of the step in weight space for differences of gradients: so short that hardly a relu switches on the way (at
1e-6 one in four figures was wrong for that reason), while the difference still has six digits in float64."""
ROUNDS = 16


def sharpness(network: Network, theta: Array, rows: Array, targets: Array, rounds: int = ROUNDS) -> float:
    """Return the largest eigenvalue of the Hessian of the mean loss at `theta`.

    Lanczos's method: a power iteration that keeps all its vectors, so that it needs fewer of them and is not misled by a
    negative eigenvalue of larger size. A product with the Hessian is (g(θ + hv) − g(θ − hv)) / 2h.

    Args:
        network: in float64; its parameters are changed.
        theta: (n_parameters,).
        rows: (m, n_features + 1), as `network.as_rows` makes them.
        targets: (m, n_outputs), as `network.encode` makes them.
        rounds: Lanczos vectors at most.

    Source: Golub and Van Loan 2013, section 10.1; Pearlmutter 1994 for products with the Hessian.
    """
    rng = np.random.default_rng(0)
    basis = [_unit(rng.standard_normal(len(theta)))]
    diagonal: list[float] = []
    beside: list[float] = []
    for _ in range(rounds):
        product = _times_hessian(network, theta, basis[-1], rows, targets)
        diagonal.append(float(basis[-1] @ product))
        for vector in basis:
            product -= (vector @ product) * vector
        length = float(np.linalg.norm(product))
        if length < 1e-12:
            break  # the space that these vectors can reach is exhausted
        beside.append(length)
        basis.append(product / length)
    n = len(diagonal)
    small = np.diag(diagonal) + np.diag(beside[: n - 1], 1) + np.diag(beside[: n - 1], -1)  # (n, n)
    return float(np.linalg.eigvalsh(small)[-1])


def curvature_along(network: Network, theta: Array, direction: Array, rows: Array, targets: Array) -> float:
    """Return the curvature of the mean loss along one direction, vᵀHv for the unit vector v."""
    v = _unit(direction)
    return float(v @ _times_hessian(network, theta, v, rows, targets))


def _times_hessian(network: Network, theta: Array, v: Array, rows: Array, targets: Array) -> Array:
    network.theta[:] = theta + STEP * v
    network.learn_from(rows, targets)
    product: Array = network.grad.copy()
    network.theta[:] = theta - STEP * v
    network.learn_from(rows, targets)
    product -= network.grad
    product /= 2 * STEP
    return product


def _unit(vector: Array) -> Array:
    unit: Array = vector / np.linalg.norm(vector)
    return unit
