"""Values inside the layers of a network for some samples: pre-activations, activations, gradients."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Labels
from engine.inspection.distributions import Span, span_of
from engine.inspection.messages import UnfitError
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.nn.layers import Layer

PROBE = 500
"""Samples at most."""


class LayerValues(NamedTuple):
    """A layer and its values by kind: views that the next pass overwrites."""

    layer: Layer
    values: dict[str, Array]


def probe_indices(snapshot: NetworkSnapshot, requested: SplitName) -> Labels:
    """Return the positions of at most `PROBE` samples of a split, evenly spaced.

    Raises:
        UnfitError: there is no such split, or there are no data.
    """
    n = len(snapshot.split(requested))
    return np.linspace(0, n - 1, min(PROBE, n)).astype(np.int64)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def layer_values(snapshot: NetworkSnapshot, requested: SplitName) -> Iterator[LayerValues]:
    """Yield each layer with parameters, with its values for the samples of the probe.

    Pre-activations and activations are those of evaluation mode (no dropout). Gradients are those of training mode, of
    the mean loss over the samples. Without data only parameters are included.
    """
    network = snapshot.network
    try:
        indices = probe_indices(snapshot, requested)
    except UnfitError:
        indices = np.empty(0, np.int64)
    if len(indices):
        rows, truth = snapshot.rows(snapshot.split(requested), indices), snapshot.split(requested).y[indices]
        with network.in_mode(training=True):
            network.learn_from(rows, network.encode(truth))
        network.forward(rows[:, :-1])
    for layer in network.layers:
        if layer.n_parameters:
            yield LayerValues(layer, _values(layer, with_samples=len(indices) > 0))


def _values(layer: Layer, *, with_samples: bool) -> dict[str, Array]:
    parameters = {name.rsplit(".", 1)[1]: (view, gradient) for name, view, gradient in layer.parameters()}
    values = {name: view for name, (view, _) in parameters.items()}
    if with_samples:
        values["pre_activation"], values["activation"] = layer.pre_activation, layer.output
        values |= {f"{name}_gradient": gradient for name, (_, gradient) in parameters.items()}
    return values


def spans_of(snapshot: NetworkSnapshot, requested: SplitName) -> dict[tuple[str, str], Span | None]:
    """Return the range of the values by layer name and kind; cached in the snapshot."""
    key = ("spans", snapshot.split_name(requested) if snapshot.has_data else "")
    if key not in snapshot.cache:
        snapshot.cache[key] = {
            (layer.name, of): span_of(values)
            for layer, kinds in layer_values(snapshot, requested)
            for of, values in kinds.items()
        }
    spans: dict[tuple[str, str], Span | None] = snapshot.cache[key]
    return spans


def spans_over_time(
    snapshot: NetworkSnapshot, requested: SplitName
) -> dict[tuple[str, str], list[Span | None]]:
    """Return the ranges at several moments of the training, so that one axis can contain them all."""
    every = [spans_of(one, requested) for one in snapshot.over_time() or (snapshot,)]
    return {key: [spans.get(key) for spans in every] for key in every[0]}
