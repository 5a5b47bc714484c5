"""The running statistics of two trainings, which no gradient and no update depends on, compared step by step."""

from collections.abc import Mapping

import numpy as np

from engine.arrays import Array
from engine.gradcheck.coverage_gaps import taken_out_again
from engine.nn.layers import BatchNorm
from engine.nn.network import Network
from engine.torch.trajectory.drift import Drift

OURS, THEIRS, PERTURBED = "ours", "PyTorch's", "perturbed"


class RunningStatistics:
    """Follows running means and variances; owns their drift.

    A bias that a normalisation subtracts again moves by rounding alone, and the running mean with it. That part, the
    bias averaged like the mean, is known on each side; theirs is replaced by ours before the comparison.
    """

    def __init__(self, network: Network) -> None:
        self._sizes = {name: view.size for name, view in network.named_buffers()}
        self.drift = Drift(self._sizes)
        norms = {layer.name: layer for layer in network.layers if isinstance(layer, BatchNorm)}
        moved = {bias: norm.partition(" ")[0] for bias, norm in taken_out_again(network).items()}
        self._momenta = {name: layer.momentum for name, layer in norms.items()}
        self._biases = {norm: place for bias, place in _places(network) if (norm := moved.get(bias))}
        self._shares: dict[str, dict[str, Array]] = {
            side: {
                f"{norm}.running_mean": np.zeros(place.stop - place.start)
                for norm, place in self._biases.items()
            }
            for side in (OURS, THEIRS, PERTURBED)
        }

    def follow(self, side: str, parameters: Array, samples: int) -> None:
        """Average the biases of a side as a step of `samples` does; `parameters` (n_parameters,) are those before it."""
        if samples == 1:  # leaves the running statistics as they are
            return
        for norm, place in self._biases.items():
            share = self._shares[side][f"{norm}.running_mean"]
            share += self._momenta[norm] * (parameters[place] - share)

    def values(self, side: str, buffers: Mapping[str, Array]) -> dict[str, Array]:
        """Return the statistics of a side by name, with our share of the biases in place of its own."""
        ours, own = self._shares[OURS], self._shares[side]
        return {name: buffers[name] + (ours[name] - own[name] if name in own else 0) for name in self._sizes}

    def add(
        self,
        step: int,
        ours: Mapping[str, Array],
        theirs: Mapping[str, Array],
        perturbed: Mapping[str, Array] | None,
    ) -> str | None:
        """Compare all statistics after `step` updates; return the worst that is wrong for the first time, or None."""
        if not self._sizes:
            return None
        sides = [(OURS, ours), (THEIRS, theirs), (PERTURBED, perturbed)]
        vectors = [
            None if one is None else np.concatenate([*self.values(side, one).values()]) for side, one in sides
        ]
        first, second, third = vectors
        if first is None or second is None:
            return None
        return self.drift.add(step, first, second, third)


def _places(network: Network) -> list[tuple[str, slice]]:
    """Return the place of each tensor in the vector of all parameters, tensor by tensor."""
    start, places = 0, []
    for name, view, _ in network.parameters():
        places.append((name, slice(start, start + view.size)))
        start += view.size
    return places
