"""What a check could not have seen, however wrong it was."""

from collections.abc import Iterator

import numpy as np

from engine.gradcheck.differences import NOISE_BAR, STEP, TRUSTED_DIGITS, LossSurface
from engine.gradcheck.evidence import TOLERANCE, Evidence
from engine.numpy_network import Network


def blind_spots(network: Network, surface: LossSurface, evidence: list[Evidence], m: int) -> Iterator[str]:
    """Yield in words what this network and this batch hide; `evidence` is on the network's tensors."""
    if m == 1:
        yield "a batch of 1 hides a missing mean over the batch (1/m); it was only sent through doubled"
    smallest = NOISE_BAR * surface.noise / STEP * TRUSTED_DIGITS * TOLERANCE / 2
    lost = [one.tensor.name for one in evidence if _largest(one) <= smallest]
    if lost:
        which = "all tensors" if len(lost) == len(evidence) else ", ".join(lost)
        yield f"{which}: gradients below {smallest:.0e} are lost in the loss's rounding"
    for one in evidence:
        if one.kinks:
            total = one.kinks + len(one.errors)
            yield f"{one.tensor.name}: {one.kinks} of {total} coordinates stand at kinks"
    surface.evaluate()
    for layer in network.layers:
        sides = layer.activation.kinks(layer.pre_activation)
        asleep = 0 if sides is None else int((~sides.any(axis=0)).sum())
        if asleep:
            yield f"{layer.name}: {asleep} of {layer.n_out} units are inactive for every sample of this batch"


def _largest(one: Evidence) -> float:
    return float(np.abs(one.analytic[one.tensor.places]).max())
