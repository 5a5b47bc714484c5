"""A toy optimizer: one class and one entry in `OPTIMIZERS`. PyTorch has no equivalent."""

import numpy as np

from engine.arrays import Array
from engine.named import Positive
from engine.optim.optimizer import Optimizer


class SignDescent(Optimizer, frozen=True):
    """θ ← θ − η sign(g). Source: Bernstein et al. 2018, signSGD."""

    lr: Positive = 1e-3

    def _update_block(
        self, theta: Array, grad: Array, vectors: list[Array], scratch: Array, updates: int, lr: float
    ) -> None:
        np.sign(grad, out=scratch)
        scratch *= lr
        theta -= scratch
