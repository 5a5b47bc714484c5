"""What each layer computes and holds, as histograms: pre-activations, activations, weights, biases, gradients."""

import msgspec
import numpy as np

from engine.errors import NntermError
from engine.inspection.distributions import Distribution, distribution, round_axis
from engine.inspection.messages import Answer, UnfitError
from engine.inspection.probe import Passed, passed, probe_indices, spans_over_time
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.inspection.view import InspectionView, Options
from engine.nn.layers import Layer

ORDER = ("pre_activation", "activation", "weight", "bias", "weight_gradient", "bias_gradient")
"""As they are listed."""
FEWEST_BINS, MOST_BINS = 4, 400


class HistogramsOptions(Options, frozen=True):
    """How finely."""

    bins: int = 40


class LayerHistograms(msgspec.Struct, frozen=True):
    """The values of one layer."""

    name: str
    """`layers.0`"""
    kind: str
    inputs: int
    units: int
    activation: str
    distributions: tuple[Distribution, ...]
    """In the order of `ORDER`; without data parameters alone."""


class Histograms(Answer, frozen=True, tag="histograms"):
    """The values of every layer, over axes that stay while the time slider moves."""

    split: str
    samples: int
    """That went through the network."""
    layers: tuple[LayerHistograms, ...]
    words: str
    moments: int = 1
    """Over how many moments of the training the axes reach."""


@np.errstate(over="ignore", invalid="ignore")
def histograms(look: NetworkSnapshot, options: HistogramsOptions) -> Histograms:
    """Return histograms of every layer with parameters. Without data those of the parameters remain."""
    if not FEWEST_BINS <= options.bins <= MOST_BINS:
        raise NntermError(f"a histogram has {FEWEST_BINS} to {MOST_BINS} bins")
    split, samples, words = _probe(look, options.split)
    spans = spans_over_time(look, options.split)
    axes = {key: round_axis(several) for key, several in spans.items()}
    return Histograms(
        split=split,
        samples=samples,
        layers=tuple(_layer(one, axes, options.bins) for one in passed(look, options.split)),
        words=words,
        moments=max(1, len(look.across())),
    )


def _probe(look: NetworkSnapshot, asked: SplitName) -> tuple[str, int, str]:
    """The split, how many of its samples go through the network, and what is said of them."""
    try:
        samples, split = len(probe_indices(look, asked)), look.split_name(asked)
    except UnfitError as error:
        return "", 0, f"Weights and biases alone: {error.message}."
    total = len(look.split(asked))
    some = f"{samples:,} of {total:,}" if samples < total else f"all {samples:,}"
    return (
        split,
        samples,
        f"{some.capitalize()} {split} samples; gradients of their mean loss, as in training.",
    )


def _layer(one: Passed, axes: dict[tuple[str, str], tuple[float, float]], bins: int) -> LayerHistograms:
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
    """Return a layer's kind as the experiment file calls it."""
    return layer.kind


VIEW = InspectionView("histograms", HistogramsOptions, Histograms, histograms)
