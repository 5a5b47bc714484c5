"""The modes in which a network is checked: training and evaluation, where they differ."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from msgspec.structs import replace

from engine.arrays import Array
from engine.gradcheck.events import ParameterReport
from engine.gradcheck.report import NETWORK, Fault
from engine.nn.network import Network

TRAINING, EVALUATION = "training", "evaluation"
"""Names of the modes."""
_SEVERITY = {"ok": 0, "unchecked": 1, "kink": 2, "wrong": 3, "not_finite": 4}


def modes_of(network: Network) -> tuple[str, ...]:
    """Return the modes to check; a single "" if they do not differ."""
    return (TRAINING, EVALUATION) if network.has_modes else ("",)


@contextmanager
def in_mode(network: Network, mode: str) -> Iterator[None]:
    """Put the network in a mode within the block; "" leaves it unchanged."""
    if not mode:
        yield
        return
    with network.in_mode(mode == TRAINING):
        yield


def gradients_in(gradients: Mapping[str, dict[str, Array]], source: str, mode: str) -> dict[str, Array]:
    """Return a report's gradients of ANALYTIC or TORCH in a mode, by tensor; empty if there are none."""
    return gradients.get(key_of(source, mode), {})


def key_of(source: str, mode: str) -> str:
    """Return a report's key for the gradients of a source in a mode; for training mode it is the source alone."""
    return f"{source} in {mode}" if mode == EVALUATION else source


def join_rows(
    before: Mapping[str, ParameterReport], after: Mapping[str, ParameterReport]
) -> dict[str, ParameterReport]:
    """Return one row per tensor of two modes: the worse one, with counts that hold in both."""
    joined = dict(before)
    for name, row in after.items():
        joined[name] = _worse(before[name], row) if name in before else row
    return joined


def _worse(one: ParameterReport, other: ParameterReport) -> ParameterReport:
    worse = max(one, other, key=_badness)
    return replace(
        worse,
        checked=min(one.checked, other.checked),
        directions=min(one.directions, other.directions),
        kinks=max(one.kinks, other.kinks),
    )


def _badness(row: ParameterReport) -> tuple[int, float]:
    error = row.strain
    return _SEVERITY[row.verdict], math.inf if math.isnan(error) else error


def mode_faults(network: Network, x: Array, targets: Array) -> Iterator[Fault]:
    """Yield faults of the modes themselves: gradients must be taken in training mode, outputs in evaluation mode.

    Args:
        network: a borrowed one in float64; its buffers are restored.
        x: (m, n_features).
        targets: (m, n_outputs).
    """
    if not network.has_modes:
        return
    buffers = network.buffers.copy()
    with np.errstate(all="ignore"):
        learnt = network.loss_and_gradient(x, targets)
        network.buffers[:] = buffers
        meant = network.loss_value(x, targets, training=True)
        if not np.array_equal(buffers, network.buffers):
            yield Fault(NETWORK, "evaluating the loss in training mode changes the running statistics")
            network.buffers[:] = buffers
        if not _close(learnt, meant):
            yield Fault(
                NETWORK,
                f"gradients are not computed in training mode: the loss is {learnt:.8g}, not {meant:.8g}",
            )
        alone = np.concatenate([network.forward(x[i : i + 1]) for i in range(min(len(x), 4))])
        together = network.forward(x)[: len(alone)]
        if not np.allclose(alone, together, rtol=1e-9, atol=1e-12, equal_nan=True):
            yield Fault(
                NETWORK, "outputs are not computed in evaluation mode: a sample's output depends on its batch"
            )


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or not math.isfinite(a + b)
