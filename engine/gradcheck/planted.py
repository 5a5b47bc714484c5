"""Known bugs that can be planted in the backward pass of one network object, to see how a gradient check finds them.

A new demonstration is one entry in `PLANTED`. A bug replaces methods of this network's layers only, and is removed when
the block of `planted` ends: neither classes nor weights change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from engine.errors import NntermError, did_you_mean
from engine.gradcheck.planting import (
    first_sample_bias,
    largest,
    middle,
    negated,
    off_in_float32,
    one_mask_per_batch,
    spoilt,
    transposed,
    unit_left_out,
    without_batch_mean,
    without_derivative,
    without_mask,
    without_mean,
)
from engine.nn.network import Network


class PlantedBug(NamedTuple):
    """A bug to plant."""

    name: str
    title: str
    right: str
    """The correct line."""
    wrong: str
    """The planted one."""
    reading: str
    """The pattern in the report from which the bug can be told."""
    plant: Callable[[Network], str]
    """Plants it in a network; returns the name of the spoilt part, or "" if the network has no such part."""
    needs: str
    """The part that a network needs for it, with its article."""


_BELOW = "That layer's own tensors and all above agree; every tensor below it is wrong"
PLANTED: dict[str, PlantedBug] = {
    bug.name: bug
    for bug in (
        PlantedBug(
            "sign",
            "wrong sign in a layer's backward",
            "dx = dz W",
            "dx = −dz W",
            f"{_BELOW} by the factor −1: the error map of each is one even colour.",
            spoilt(middle, negated),
            "a second dense layer",
        ),
        PlantedBug(
            "mean",
            "gradient not divided by the batch size",
            "∂L/∂z = (p − t) / m",
            "∂L/∂z = p − t",
            "Every tensor of the network is too large by the same factor, the number of samples: start at the loss.",
            without_mean,
            "a loss",
        ),
        PlantedBug(
            "transposed",
            "weight gradient transposed",
            "dW = dzᵀ x",
            "dW = (dzᵀ x)ᵀ, reshaped",
            "One weight tensor alone is wrong, with right values at wrong places: its map is bright but for a few cells; "
            "the bias of the same layer and all other tensors agree.",
            spoilt(largest, transposed),
            "a dense layer with several inputs and units",
        ),
        PlantedBug(
            "derivative",
            "activation derivative left out",
            "dz = da · f′(z)",
            "dz = da",
            "The layer and every tensor below it are wrong, unevenly: where f′(z) is near 1 the entries still agree. All "
            "layers above agree.",
            without_derivative,
            "a hidden dense layer with an activation",
        ),
        PlantedBug(
            "bias",
            "bias gradient of the first sample only",
            "db = Σᵢ dz[i]",
            "db = dz[0]",
            "One bias alone is wrong; the weights of the same layer agree.",
            spoilt(middle, first_sample_bias),
            "a second dense layer",
        ),
        PlantedBug(
            "unit",
            "one unit left out of the weight gradient",
            "dW[k] = Σᵢ dz[i,k] x[i] for every k",
            "dW[k] = 0 for one k",
            "One bright row in the map of one weight tensor: a row is a unit. A bright column would be an input.",
            spoilt(largest, unit_left_out),
            "a dense layer with several inputs and units",
        ),
        PlantedBug(
            "dropout",
            "dropout mask missing in backward",
            "dx = dz · mask / (1 − rate)",
            "dx = dz",
            f"{_BELOW}, in training mode only: in evaluation mode dropout does nothing.",
            without_mask,
            "a dropout layer",
        ),
        PlantedBug(
            "batchnorm",
            "mean term of batch normalisation missing",
            "dx = γ/σ (dz − mean dz − x̂ mean(dz x̂))",
            "dx = γ/σ (dz − x̂ mean(dz x̂))",
            f"{_BELOW}, in training mode only: in evaluation mode mean and variance are constants.",
            without_batch_mean,
            "a batchnorm layer",
        ),
        PlantedBug(
            "masks",
            "one dropout mask for the whole batch",
            "mask[i,k] drawn for every sample i and unit k",
            "mask[0,k] for every sample",
            "Every gradient agrees: with a wrong mask as a constant it is right. The masks themselves, as random "
            "numbers, depend on each other from sample to sample.",
            one_mask_per_batch,
            "a dropout layer",
        ),
        PlantedBug(
            "float32",
            "weight gradient off in float32 only",
            "dW = dzᵀ x",
            "dW = 1.001 dzᵀ x in float32",
            "Finite differences and PyTorch agree: they look at float64. The same code in float32, in which the network "
            "trains, gives another gradient.",
            off_in_float32,
            "training in float32",
        ),
    )
}
"""The demonstrations by name."""


@contextmanager
def planted(network: Network, name: str) -> Iterator[tuple[PlantedBug, str]]:
    """Plant a bug in `network` within the block; yield it with the name of the spoilt part.

    Raises:
        NntermError: there is no such bug, or the network lacks the part that it needs.
    """
    bug = PLANTED.get(name)
    if bug is None:
        raise NntermError(f'there is no bug "{name}" to plant', did_you_mean(name, PLANTED))
    owners = (network, *network.layers)
    saved = [dict(vars(owner)) for owner in owners]
    try:
        part = bug.plant(network)
        if not part:
            raise NntermError(
                f'the bug "{name}" cannot be planted: the network lacks {bug.needs}',
                f"possible here: {', '.join(possible(network))}",
            )
        yield bug, part
    finally:
        for owner, attributes in zip(owners, saved, strict=True):
            vars(owner).clear()
            vars(owner).update(attributes)


def possible(network: Network) -> tuple[str, ...]:
    """Return the names of the bugs that can be planted in this network, which stays unchanged."""
    twin = network.copy()
    return tuple(name for name, bug in PLANTED.items() if bug.plant(twin))
