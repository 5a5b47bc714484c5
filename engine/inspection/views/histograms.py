"""The view histograms: pre-activations, activations, weights, biases and gradients of each layer."""

import msgspec
import numpy as np

from engine.errors import NntermError
from engine.inspection.distributions import Distribution, distribution, round_axis
from engine.inspection.messages import Answer, UnfitError
from engine.inspection.probe import LayerValues, layer_values, probe_indices, spans_over_time
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.inspection.view import InspectionView, Options
from engine.nn.layers import Layer

ORDER = ("pre_activation", "activation", "weight", "bias", "weight_gradient", "bias_gradient")
"""Order of the kinds of values."""
FEWEST_BINS, MOST_BINS = 4, 400


class HistogramsOptions(Options, frozen=True):
    """Resolution of the histograms."""

    bins: int = 40


class LayerHistograms(msgspec.Struct, frozen=True):
    """The values of one layer."""

    name: str
    """Such as `layers.0`."""
    kind: str
    inputs: int
    units: int
    activation: str
    distributions: tuple[Distribution, ...]
    """In the order of `ORDER`; without data only those of parameters."""


class Histograms(Answer, frozen=True, tag="histograms"):
    """The values of every layer, over axes that are equal at all moments."""

    split: str
    samples: int
    """Samples passed through the network."""
    layers: tuple[LayerHistograms, ...]
    words: str
    moments: int = 1
    """Moments whose values the axes contain."""


@np.errstate(over="ignore", invalid="ignore")
def histograms(snapshot: NetworkSnapshot, options: HistogramsOptions) -> Histograms:
    """Return histograms of every layer with parameters; without data only those of the parameters."""
    if not FEWEST_BINS <= options.bins <= MOST_BINS:
        raise NntermError(f"a histogram has {FEWEST_BINS} to {MOST_BINS} bins")
    split, samples, words = _probe(snapshot, options.split)
    spans = spans_over_time(snapshot, options.split)
    axes = {key: round_axis(several) for key, several in spans.items()}
    return Histograms(
        split=split,
        samples=samples,
        layers=tuple(_layer(one, axes, options.bins) for one in layer_values(snapshot, options.split)),
        words=words,
        moments=max(1, len(snapshot.over_time())),
    )


def _probe(snapshot: NetworkSnapshot, requested: SplitName) -> tuple[str, int, str]:
    """Return the split, the number of its samples that pass through the network, and a sentence on them."""
    try:
        samples, split = len(probe_indices(snapshot, requested)), snapshot.split_name(requested)
    except UnfitError as error:
        return "", 0, f"Weights and biases only: {error.message}."
    total = len(snapshot.split(requested))
    some = f"{samples:,} of {total:,}" if samples < total else f"all {samples:,}"
    return (
        split,
        samples,
        f"{some.capitalize()} {split} samples; gradients of their mean loss in training mode.",
    )


def _layer(one: LayerValues, axes: dict[tuple[str, str], tuple[float, float]], bins: int) -> LayerHistograms:
    layer, values = one
    return LayerHistograms(
        name=layer.name,
        kind=kind_of(layer),
        inputs=layer.n_in,
        units=layer.n_out,
        activation=layer.activation.name,
        distributions=tuple(
            distribution(of, values[of], axes[layer.name, of], bins) for of in ORDER if of in values
        ),
    )


def kind_of(layer: Layer) -> str:
    """Return a layer's kind as it is named in the experiment file."""
    return layer.kind


VIEW = InspectionView("histograms", HistogramsOptions, Histograms, histograms)
