"""What goes through the layers of a look for some of its samples: pre-activations, activations, gradients."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Labels
from engine.inspection.distributions import Span, span_of
from engine.inspection.messages import UnfitError
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.nn.layers import Layer

PROBE = 500
"""Samples that are looked at, at most."""


class Passed(NamedTuple):
    """A layer and its values by what they are: views that the next pass overwrites."""

    layer: Layer
    values: dict[str, Array]


def probe_indices(look: NetworkSnapshot, asked: SplitName) -> Labels:
    """Return the positions of at most `PROBE` samples of a split, spread evenly.

    Raises:
        UnfitError: there is no such split, or there are no data.
    """
    n = len(look.split(asked))
    return np.linspace(0, n - 1, min(PROBE, n)).astype(np.int64)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def passed(look: NetworkSnapshot, asked: SplitName) -> Iterator[Passed]:
    """Yield each layer that computes something, with the values that its samples leave in it.

    Pre-activations and activations are those of evaluation: nothing is dropped. Gradients, of the mean loss over these
    samples, are those of training. Without data only parameters are there.
    """
    network = look.network
    try:
        indices = probe_indices(look, asked)
    except UnfitError:
        indices = np.empty(0, np.int64)
    if len(indices):
        rows, truth = look.rows(look.split(asked), indices), look.split(asked).y[indices]
        with network.in_mode(training=True):
            network.learn_from(rows, network.encode(truth))
        network.forward(rows[:, :-1])
    for layer in network.layers:
        if layer.n_parameters:
            yield Passed(layer, _values(layer, with_samples=len(indices) > 0))


def _values(layer: Layer, *, with_samples: bool) -> dict[str, Array]:
    parameters = {name.rsplit(".", 1)[1]: (view, gradient) for name, view, gradient in layer.parameters()}
    values = {name: view for name, (view, _) in parameters.items()}
    if with_samples:
        values["pre_activation"], values["activation"] = layer.pre_activation, layer.output
        values |= {f"{name}_gradient": gradient for name, (_, gradient) in parameters.items()}
    return values


def spans_of(look: NetworkSnapshot, asked: SplitName) -> dict[tuple[str, str], Span | None]:
    """Return between which ends the values of each layer lie, by the layer's name and what they are; kept."""
    key = ("spans", look.split_name(asked) if look.has_data else "")
    if key not in look.kept:
        look.kept[key] = {
            (layer.name, of): span_of(values)
            for layer, kinds in passed(look, asked)
            for of, values in kinds.items()
        }
    spans: dict[tuple[str, str], Span | None] = look.kept[key]
    return spans


def spans_over_time(look: NetworkSnapshot, asked: SplitName) -> dict[tuple[str, str], list[Span | None]]:
    """Return the spans at several moments of the training, so that an axis can hold them all."""
    every = [spans_of(one, asked) for one in look.across() or (look,)]
    return {key: [spans.get(key) for spans in every] for key in every[0]}
