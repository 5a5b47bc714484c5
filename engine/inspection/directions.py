"""Random directions in weight space, normalised to the length of each unit's weights."""

import numpy as np

from engine.arrays import Array
from engine.nn.network import Network


def normalised_direction(network: Network, rng: np.random.Generator) -> Array:
    """Return a random direction d, (n_parameters,), float64: for the weights w of each unit ‖d‖ = ‖w‖.

    Drawn from a normal distribution, then each row (or filter) of a weight tensor is scaled. Biases, and the scales and
    shifts of batch normalisation, have direction 0.

    Source: Li, Xu, Taylor, Studer, Goldstein 2018, Visualizing the Loss Landscape of Neural Nets, section 4.
    """
    direction = network.copy("float64")
    direction.theta[:] = 0
    for (_, weights, _), (_, target, _) in zip(network.parameters(), direction.parameters(), strict=True):
        if weights.ndim >= 2:
            rows = weights.reshape(len(weights), -1).astype(np.float64)  # (n_out, n_in)
            drawn = rng.standard_normal(rows.shape)
            lengths = np.linalg.norm(rows, axis=1) / np.linalg.norm(drawn, axis=1)
            target[...] = (drawn * lengths[:, np.newaxis]).reshape(weights.shape)
    return direction.theta.copy()
