"""The view units: a unit's responses and weights, and the effect of editing its weights."""

import msgspec
import numpy as np

from engine.arrays import Array
from engine.errors import NntermError
from engine.inspection.edit_effect import EditEffect, effect_of
from engine.inspection.messages import Answer, Raster, UnfitError
from engine.inspection.rasters import finite, signed_raster
from engine.inspection.responses import Responses, is_probability, pass_to, responses
from engine.inspection.samples import picture_shape
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.unit_samples import SampleResponse, extremes
from engine.inspection.unit_summaries import UnitSummary, reach_of, summaries
from engine.inspection.view import InspectionView, Options
from engine.inspection.views.boundary import LARGEST, Plane, grid_of, plane_of
from engine.inspection.views.histograms import kind_of
from engine.inspection.weight_edits import Edit, Muted, edited, find_unit, layers_with_units, weights_of
from engine.nn.layers import Layer
from engine.nn.network import Network
from engine.words import counted

MOST_UNITS = 200
"""Units of a page at most."""
MOST_SAMPLES = 60
MOST_WEIGHTS = 50_000
"""Weights of a unit up to which they can be edited one by one."""


class UnitsOptions(Options, frozen=True):
    """The unit, the size of the answer, and the edits."""

    layer: int = 0
    """Index among the layers that have units, counted from 0."""
    unit: int = 0
    first: int = 0
    """First unit of the page; `count`: units of the page."""
    count: int = 24
    samples: int = 8
    """Most, and least, activating samples."""
    columns: int = 40
    rows: int = 40
    """Pixels of the maps of a plane, down; `columns`: across."""
    thumb_columns: int = 16
    thumb_rows: int = 16
    edits: tuple[Edit, ...] = ()
    """Applied one after the other."""
    edited_at: int | None = None
    """Step of the edited weights; at another step the edits are ignored. None: at every step."""


class UnitLayer(msgspec.Struct, frozen=True):
    """A layer that has units."""

    name: str
    kind: str
    inputs: int
    """Weights of each unit, without its bias."""
    units: int
    activation: str
    is_output: bool


class Changed(msgspec.Struct, frozen=True):
    """A weight of the unit that is edited, and its previous value."""

    input: int
    was: float | None


class UnitPlane(msgspec.Struct, frozen=True):
    """The plane of two features with the unit's z, and with the network's output."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    z: Raster
    """Signed, up to `reach`; the unit's boundary is where it is 0."""
    reach: float
    network: Plane | None
    """With the edits; None if the network predicts several values."""
    network_before: Plane | None = None
    """Without the edits; None if there are none."""


class Units(Answer, frozen=True, tag="units"):
    """One unit of one layer, and a page of that layer's units."""

    split: str
    samples: int
    step: int
    """Step of the weights."""
    layers: tuple[UnitLayer, ...]
    layer: int
    unit: int
    first: int
    page: tuple[UnitSummary, ...]
    value_name: str
    """Meaning of `SampleResponse.value`: "z", or "share" for a softmax."""
    most: tuple[SampleResponse, ...]
    """Samples with the largest values, largest first."""
    least: tuple[SampleResponse, ...]
    """Samples with the smallest values, smallest first."""
    weights: tuple[float | None, ...]
    """With the edits; empty if there are too many to edit."""
    bias: float | None
    inputs_from: str
    """Layer whose units are the inputs; "" if the inputs are the features of the data."""
    picture: tuple[int, int, int] | None
    """Channels, height and width of the weights as a picture; None if they have none."""
    changed: tuple[Changed, ...]
    """Edited weights of this unit."""
    silenced: bool
    edits: int
    """Edits in force, of all units."""
    effect: EditEffect | None
    plane: UnitPlane | None
    words: tuple[str, ...]


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def units(snapshot: NetworkSnapshot, options: UnitsOptions) -> Units:
    """Return a unit and the page of units around it, with the edits applied to a copy of the network."""
    _check(snapshot, options)
    edits = options.edits if options.edited_at in (None, snapshot.moment.step) else ()
    now = edited(snapshot, edits)
    layers = layers_with_units(now.network)
    layer, unit = layers[options.layer], options.unit
    unit_responses = responses(now, options.split, layer)
    weight, bias = weights_of(layer)
    effect, trouble = _effect(snapshot, now, options) if edits else (None, ())
    silenced = any(edit.silences and (edit.layer, edit.unit) == (options.layer, unit) for edit in edits)
    shown = snapshot if silenced else now
    shown_layer = layers_with_units(shown.network)[options.layer]
    most, least = extremes(
        shown, options.split, shown_layer, unit, min(max(0, options.samples), MOST_SAMPLES)
    )
    first = max(0, min(options.first, layer.n_out - 1))
    page = range(first, min(layer.n_out, first + min(max(1, options.count), MOST_UNITS)))
    return Units(
        split=snapshot.split_name(options.split),
        samples=len(snapshot.split(options.split)),
        step=snapshot.moment.step,
        layers=tuple(_describe(one, now.network) for one in layers),
        layer=options.layer,
        unit=unit,
        first=first,
        page=summaries(now, layer, unit_responses, page, (options.thumb_columns, options.thumb_rows)),
        value_name="share" if is_probability(layer) else "z",
        most=most,
        least=least,
        weights=tuple(map(finite, weight[unit].tolist())) if weight.shape[1] <= MOST_WEIGHTS else (),
        bias=finite(bias[unit]),
        inputs_from=_inputs_from(now.network, layer),
        picture=picture_shape(snapshot) if layer is now.network.layers[0] else None,
        changed=_changed(snapshot, edits, options),
        silenced=silenced,
        edits=len(edits),
        effect=effect,
        plane=_plane(snapshot, now, layer, options) if snapshot.network.n_features == 2 else None,
        words=(*trouble, *_words(now.network, layer, unit, unit_responses, snapshot.split(options.split).y)),
    )


def _check(snapshot: NetworkSnapshot, options: UnitsOptions) -> None:
    layer = find_unit(snapshot.network, options.layer, options.unit)
    sizes = (options.columns, options.rows, options.thumb_columns, options.thumb_rows)
    if not all(0 < size <= LARGEST for size in sizes):
        raise NntermError(f"a map has 1 to {LARGEST} columns and rows")
    if next(layer.parameters())[1].ndim > 2:
        raise UnfitError(f"the units of {layer.name} share their weights: see Weights (W)")


def _describe(layer: Layer, network: Network) -> UnitLayer:
    activation = layer.activation.inner if isinstance(layer.activation, Muted) else layer.activation
    n_in = weights_of(layer)[0].shape[1]
    return UnitLayer(layer.name, kind_of(layer), n_in, layer.n_out, activation.name, layer is network.last)


# weights and edits


def _inputs_from(network: Network, layer: Layer) -> str:
    place = network.layers.index(layer)
    return network.layers[place - 1].name if place else ""


def _changed(
    snapshot: NetworkSnapshot, edits: tuple[Edit, ...], options: UnitsOptions
) -> tuple[Changed, ...]:
    """Return the previous values of the unit's edited weights."""
    weight, bias = weights_of(layers_with_units(snapshot.network)[options.layer])
    were = [*weight[options.unit].tolist(), float(bias[options.unit])]
    own = [edit for edit in edits if (edit.layer, edit.unit) == (options.layer, options.unit)]
    inputs = {edit.input for edit in own if edit.input is not None}
    return tuple(Changed(i, finite(were[i])) for i in sorted(inputs))


def _effect(
    snapshot: NetworkSnapshot, now: NetworkSnapshot, options: UnitsOptions
) -> tuple[EditEffect | None, tuple[str, ...]]:
    """Return the effect of the edits, or None and a sentence with the reason."""
    try:
        return effect_of(snapshot, now, options.split), ()
    except UnfitError as error:
        return None, (f"Effect of the edits not available: {error.message}.",)


def _plane(snapshot: NetworkSnapshot, now: NetworkSnapshot, layer: Layer, options: UnitsOptions) -> UnitPlane:
    grid, x_range, y_range = grid_of(snapshot, options.columns, options.rows)
    z, _ = pass_to(now.network, now.network.as_rows(grid), layer)
    own = z[:, options.unit].reshape(options.rows, options.columns)
    reach = reach_of(own)
    drawable = snapshot.classifies or snapshot.network.n_outputs == 1
    return UnitPlane(
        x_range=x_range,
        y_range=y_range,
        z=signed_raster(own, reach),
        reach=reach,
        network=plane_of(now, options.columns, options.rows) if drawable else None,
        network_before=plane_of(snapshot, options.columns, options.rows)
        if drawable and now is not snapshot
        else None,
    )


# words


def _words(network: Network, layer: Layer, unit: int, unit_responses: Responses, truth: Array) -> list[str]:
    total, active = len(truth), float(unit_responses.active[unit])
    if not np.isfinite(unit_responses.mean[unit]):
        return ["Not finite (NaN or Inf) for every sample."]
    if isinstance(layer.activation, Muted) and unit in layer.activation.units:
        return ["Unit disabled (output 0). Samples shown for the original unit."]
    share = f"{100 * active:.1f} % of {counted(total, 'sample')}"
    words = [f"Predicts its class for {share}." if is_probability(layer) else f"z is above 0 for {share}."]
    if active == 0 and layer.activation.can_be_off:
        words.append("Dead unit: its output is always 0, so that it cannot learn.")
    if active == 1 and layer.activation.can_be_off:
        words.append("Always active: linear on these samples.")
    place = network.layers.index(layer)
    after = network.layers[place + 1 : place + 2]
    if after and after[0].spec_type.normalises:
        words.append(f"{after[0].name} normalises its output.")
    if len(network.layers) == 1:
        words.append("No hidden layer: these are the output units.")
    return words


VIEW = InspectionView("units", UnitsOptions, Units, units)
