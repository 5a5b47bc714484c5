"""Coverage gaps: errors that a check could not have found with this network and batch."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from engine.gradcheck.differences import NOISE_BAR, STEP, TRUSTED_DIGITS, LossSurface
from engine.gradcheck.events import USUAL_TOLERANCE as TOLERANCE
from engine.gradcheck.evidence import Evidence
from engine.gradcheck.rounding import layers_without_analysis
from engine.nn.layers import BatchNorm, Dense
from engine.nn.network import Network
from engine.words import counted


def blind_spots(network: Network, surface: LossSurface, evidence: list[Evidence], m: int) -> Iterator[str]:
    """Yield the coverage gaps in words.

    Args:
        network: a borrowed one in float64.
        surface: the loss over its parameters.
        evidence: on each of its tensors.
        m: samples in the batch.
    """
    if m == 1:
        yield "a batch of 1 hides a missing mean over the batch (1/m); only a doubled batch was checked"
    smallest = NOISE_BAR * surface.noise / STEP * TRUSTED_DIGITS * TOLERANCE / 2
    surface.evaluate()
    of_batch = any(isinstance(layer, BatchNorm) and layer.is_of_batch for layer in network.layers)
    taken_out = taken_out_again(network) if of_batch else {}
    lost = [one.tensor.name for one in evidence if _largest(one) <= smallest]
    if set(lost) - set(taken_out):
        others = ", ".join(name for name in lost if name not in taken_out)
        which = "all tensors" if len(lost) == len(evidence) else others
        yield f"{which}: gradients below {smallest:.0e} are below the rounding error of the loss"
    shaky = [one.tensor.name for one in evidence if one.rounding > 1e-3 * _largest(one) > smallest]
    if shaky:
        yield f"{', '.join(shaky)}: the variance is nearly 0, so that rounding may hide errors of 0.1 % and more"
    for one in evidence:
        if one.kinks:
            total = one.kinks + len(one.errors)
            yield f"{one.tensor.name}: {one.kinks} of {counted(total, 'entry', 'entries')} are at kinks"
    for layer in layers_without_analysis(network):
        yield f"{layer.name}: no rounding bound for {layer.kind} layers; the fixed tolerance is used"
    for name, norm in taken_out.items():
        yield f"{name}: {norm} subtracts it again, so its gradient is 0 up to rounding"
    for layer in network.layers:
        sides = layer.kink_sides()
        asleep = 0 if sides is None or sides.dtype != bool else int((~sides.any(axis=0)).sum())
        if asleep:
            yield f"{layer.name}: {asleep} of {counted(layer.n_out, 'unit')} are inactive for every sample of this batch"


def taken_out_again(network: Network) -> dict[str, str]:
    """Return the biases directly before a batch normalisation, with the name of that layer, which subtracts them again.

    In training mode they have no effect: their gradient is 0 up to rounding.
    """
    return {
        f"{layer.name}.bias": f"{after.name} (batchnorm)"
        for layer, after in pairwise(network.layers)
        if isinstance(layer, Dense) and layer.activation.is_linear and isinstance(after, BatchNorm)
    }


def _largest(one: Evidence) -> float:
    return float(np.abs(one.analytic[one.tensor.places]).max())
