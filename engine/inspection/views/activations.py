"""The view activations: each layer's activation function and derivative over the pre-activations that it receives."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.errors import NntermError
from engine.inspection.distributions import Distribution, Span, distribution, round_axis
from engine.inspection.messages import Answer
from engine.inspection.probe import LayerValues, layer_values, probe_indices, spans_over_time
from engine.inspection.rasters import finite
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.inspection.views.histograms import kind_of
from engine.nn.activations import Activation, LeakyRelu, Softmax
from engine.nn.layers import Layer
from engine.nn.network import Network
from engine.words import counted

FLAT = 0.02
"""Absolute slope below which less than 2 % of the gradient passes."""
LEAST_REACH = 3.0
"""Reach of the x axis to either side at least, so that the shape of the function is visible."""
FEWEST, MOST = 4, 1000
SURE = 0.99


class ActivationsOptions(Options, frozen=True):
    """Resolution of histograms and curves."""

    bins: int = 60
    points: int = 121
    """Points of each curve."""


class FunctionCurves(msgspec.Struct, frozen=True):
    """A function and its derivative at evenly spaced points of the axis, ends included."""

    values: tuple[float | None, ...]
    slopes: tuple[float | None, ...]


class LayerActivation(msgspec.Struct, frozen=True):
    """One layer's activation function and its effect on the layer's pre-activations."""

    name: str
    kind: str
    units: int
    activation: str
    curves: FunctionCurves | None
    """None for softmax, which is not a function of one number."""
    received: Distribution
    """Distribution of the pre-activations."""
    flat: float | None
    """Share of the pre-activations with an absolute slope below `FLAT`; None for softmax."""
    idle: int | None
    """Units with a flat slope for every sample; None for softmax."""
    words: tuple[str, ...]


class Activations(Answer, frozen=True, tag="activations"):
    """The activation function of every layer."""

    split: str
    samples: int
    """Samples passed through the network."""
    layers: tuple[LayerActivation, ...]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def activations(snapshot: NetworkSnapshot, options: ActivationsOptions) -> Activations:
    """Return each layer's activation function and the distribution of its pre-activations."""
    if not (FEWEST <= options.bins <= MOST and FEWEST <= options.points <= MOST):
        raise NntermError(f"bins and points are {FEWEST} to {MOST:,}")
    samples = len(probe_indices(snapshot, options.split))
    spans = spans_over_time(snapshot, options.split)
    return Activations(
        split=snapshot.split_name(options.split),
        samples=samples,
        layers=tuple(
            _layer(
                snapshot.network,
                one,
                round_axis(spans[one.layer.name, "pre_activation"], LEAST_REACH),
                options,
            )
            for one in layer_values(snapshot, options.split)
        ),
    )


def _layer(network: Network, one: LayerValues, axis: Span, options: ActivationsOptions) -> LayerActivation:
    layer, z = one.layer, one.values["pre_activation"]  # (m, n_out)
    activation = layer.activation
    received = distribution("pre_activation", z, axis, options.bins)
    share, idle = flatness(activation, z)
    return LayerActivation(
        name=layer.name,
        kind=kind_of(layer),
        units=layer.n_out,
        activation=activation.name,
        curves=_curves(activation, axis, options.points) if activation.is_elementwise else None,
        received=received,
        flat=share,
        idle=idle,
        words=tuple(_words(network, layer, z, share, idle, received.broken)),
    )


def flatness(activation: Activation, z: Array) -> tuple[float | None, int | None]:
    """Return the share of the finite pre-activations (m, n_out) at a flat slope, and the units that are flat for every
    sample; None for an activation that is not elementwise.
    """
    if not activation.is_elementwise:
        return None, None
    flat, valid = _is_flat(activation, z), int(np.count_nonzero(np.isfinite(z)))
    share = int(np.count_nonzero(flat)) / valid if valid else None
    return share, int(np.count_nonzero(flat.all(axis=0)))


def _is_flat(activation: Activation, z: Array) -> NDArray[np.bool_]:
    """Return where the slope is near 0, (m, n_out); False where z is not finite."""
    flat: NDArray[np.bool_] = np.abs(activation.derivative(z)) < FLAT
    return flat & np.isfinite(z)


def _curves(activation: Activation, axis: Span, points: int) -> FunctionCurves:
    z = np.linspace(*axis, points)[:, np.newaxis]
    values, slopes = activation(z)[:, 0], activation.derivative(z)[:, 0]
    return FunctionCurves(tuple(map(finite, values.tolist())), tuple(map(finite, slopes.tolist())))


def _words(
    network: Network, layer: Layer, z: Array, flat: float | None, idle: int | None, broken: int
) -> list[str]:
    words = []
    if broken:
        words.append(f"{broken:,} of {z.size:,} pre-activations are NaN or infinite.")
    if broken == z.size:
        return words
    activation = layer.activation
    if isinstance(activation, Softmax):
        return [*words, *_softmax_words(z)]
    if not activation.is_elementwise:
        return [*words, "Each output depends on the whole row, so there is no curve."]
    words.append(_slope_words(activation, flat or 0.0))
    if idle and not activation.jumps:
        what = "dead" if activation.can_be_off else "stuck"
        words.append(f"{idle:,} of {counted(layer.n_out, 'unit')} are there for every sample: {what}.")
    if layer is network.last and network.scores_are_logits and not activation.is_linear:
        words.append("The loss includes this function and works on z: saturation does not stop the learning.")
    return words


def _slope_words(activation: Activation, flat: float) -> str:
    share = f"{100 * flat:.1f} % of the pre-activations"
    if activation.is_linear:
        return "Linear: the slope is 1 everywhere, and the gradient passes unchanged."
    if activation.jumps:
        return "The slope is 0 or undefined: no gradient passes; the perceptron rule uses z."
    if activation.can_be_off:
        return f"{share} are at or below 0, where the slope is 0: no gradient passes."
    if isinstance(activation, LeakyRelu) and activation.slope < FLAT:
        return f"{share} are at or below 0, where the slope is {activation.slope:g}: little of the gradient passes."
    if activation.flat_ends is not None:
        return f"{share} are saturated: the slope is below {FLAT}."
    return f"{share} have a slope below {FLAT}: hardly any gradient passes."


def _softmax_words(z: Array) -> list[str]:
    """Describe the effect of softmax on the logits, since no curve can show it."""
    shares = Softmax()(z.astype(np.float64)).max(axis=1)  # (m,)
    sure = int(np.count_nonzero(shares > SURE)) / len(shares)
    why = "Softmax depends on all outputs of a sample, so there is no curve."
    return [
        f"{why} Below: the logits.",
        f"{100 * sure:.1f} % of the samples have a confidence above {100 * SURE:.0f} %.",
    ]


VIEW = InspectionView("activations", ActivationsOptions, Activations, activations)
