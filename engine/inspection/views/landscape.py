"""A slice of the loss landscape around the weights, along two random directions."""

from itertools import pairwise

import msgspec
import numpy as np

from engine.arrays import Array
from engine.errors import NntermError
from engine.inspection.input_space import evenly
from engine.inspection.messages import Answer, Raster, UnfitError
from engine.inspection.rasters import finite, raster
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.inspection.view import InspectionView, Options
from engine.inspection.weight_plane import FIRST, MIDDLE, ORDER, SIDE, WeightPlane
from engine.nn.layers import BatchNorm, Dropout

MOST_SAMPLES, FEWEST_SAMPLES = 1000, 100
WORK = 6e7
"""Multiplications that one point of the grid may take; larger networks are judged on fewer samples."""
WORK_AT_ONCE = 3e9
"""Multiplications until there is an answer: about a third of a second."""
OVERHEAD = 5000
"""What a sample costs beside its multiplications, in multiplications."""
MOST_OUTPUTS = 1000
"""Of a network whose loss can be taken hundreds of times."""
BROKEN = 255
"""The byte of a loss that is not finite; the others go up to `TOP`."""
TOP = 250
SMALLEST, LARGEST = 1e-4, 64.0
"""Radii that can be asked for."""
LOWER = 0.9
"""Share of the centre's loss that is called lower ground."""


class LandscapeOptions(Options, frozen=True):
    """Which slice, and how much of it."""

    seed: int = 0
    """Of the two directions."""
    radius: float = 1.0
    """How far it reaches; 1: as far as the weights of each unit are long."""
    after: int = 0
    """Points that the asker has: the answer has more, unless those were all."""
    whole: bool = False
    """Whether to answer with all points, however long that takes."""


class Cut(msgspec.Struct, frozen=True):
    """The loss along one direction, through the centre."""

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    """None where it is not finite."""


class Landscape(Answer, frozen=True, tag="landscape"):
    """The loss around the weights, on a grid of side x side points."""

    split: str
    samples: int
    judged: int
    seed: int
    radius: float
    side: int
    computed: int
    """Points that are known; the others show a neighbour's."""
    total: int
    centre: float
    """The loss at the weights themselves."""
    low: float
    high: float
    """Lowest and highest finite loss."""
    lowest_at: tuple[float, float]
    losses: tuple[tuple[float | None, ...], ...]
    """Row by row, the second direction upwards, the first to the right."""
    levels: Raster
    """The logarithm of the loss between `low` and `high` as 0 to 250; 255: not finite."""
    cuts: tuple[Cut, Cut]
    words: str
    note: str
    broken: int = 0
    """Points whose loss is not finite."""


def landscape(look: NetworkSnapshot, options: LandscapeOptions) -> Landscape:
    """Return the slice as far as it is known, some points more than last time."""
    if not SMALLEST <= options.radius <= LARGEST:
        raise NntermError(f"a radius lies between {SMALLEST:g} and {LARGEST:g}")
    if options.seed < 0:
        raise NntermError("a seed is 0 or more")
    name: SplitName = "train" if options.split == "auto" else options.split
    if look.network.n_outputs > MOST_OUTPUTS:
        raise UnfitError(
            f"a map takes the loss {len(ORDER)} times: with {look.network.n_outputs:,} outputs that is too slow"
        )
    plane, judged = _plane(look, name, options)
    if not plane.is_complete:
        cost = judged * (look.network.n_parameters + look.network.n_outputs**2 + OVERHEAD)
        more = max(FIRST, int(WORK_AT_ONCE / cost))
        plane.compute(len(ORDER) if options.whole else max(plane.computed, options.after) + more)
    losses = plane.filled()
    sound = losses[np.isfinite(losses)]
    row, column = np.unravel_index(np.where(np.isfinite(losses), losses, np.inf).argmin(), losses.shape)
    low, high = float(sound.min()), float(sound.max())
    cuts = plane.cut(0), plane.cut(1)
    return Landscape(
        split=name,
        samples=len(look.split(name)),
        judged=judged,
        seed=options.seed,
        radius=options.radius,
        side=SIDE,
        computed=plane.computed,
        total=len(ORDER),
        centre=float(losses[MIDDLE, MIDDLE]),
        low=low,
        high=high,
        lowest_at=plane.place(int(row), int(column)),
        losses=tuple(tuple(map(finite, line)) for line in losses.tolist()),
        levels=raster(_levels(losses, low, high)),
        cuts=(_cut("first direction", *cuts[0]), _cut("second direction", *cuts[1])),
        words=_words(cuts, low, plane.place(int(row), int(column)), options.radius),
        note=_note(look, judged, len(look.split(name)), name),
        broken=losses.size - sound.size,
    )


def _plane(look: NetworkSnapshot, name: SplitName, options: LandscapeOptions) -> tuple[WeightPlane, int]:
    """The plane, kept from an earlier request where it is the same, and how many samples judge it."""
    split = look.split(name)
    network = look.network
    most = min(MOST_SAMPLES, WORK / (network.n_parameters + network.n_outputs**2))
    indices = evenly(len(split), int(max(FEWEST_SAMPLES, most)))
    key = ("landscape", name, options.seed, options.radius)
    if key not in look.kept:
        plane = WeightPlane(
            network, look.rows(split, indices), split.y[indices], options.seed, options.radius
        )
        if not np.isfinite(plane.loss_at(0.0, 0.0)):
            raise UnfitError(f"the loss of these weights is no number: {look.why_broken(split)}")
        for old in [one for one in look.kept if isinstance(one, tuple) and one[0] == key[0]]:
            del look.kept[old]  # one plane at a time: it holds a copy of the network and its samples
        look.kept[key] = plane
    return look.kept[key], len(indices)


def _levels(losses: Array, low: float, high: float) -> Array:
    """Bytes of log loss; losses of 0 take the place of the smallest that is not."""
    positive = losses[np.isfinite(losses) & (losses > 0)]
    if not positive.size:
        return np.where(np.isfinite(losses), 0, BROKEN)
    floor = np.log(max(low, float(positive.min())))
    span = np.log(high) - floor or 1.0
    sound = np.isfinite(losses)
    logs = np.log(np.where(sound & (losses > 0), losses, np.exp(floor)))
    return np.where(sound, np.clip(np.rint((logs - floor) / span * TOP), 0, TOP), BROKEN)


def _cut(name: str, places: Array, losses: Array) -> Cut:
    return Cut(name, tuple(places.tolist()), tuple(map(finite, losses.tolist())))


def _words(
    cuts: tuple[tuple[Array, Array], tuple[Array, Array]],
    low: float,
    lowest_at: tuple[float, float],
    radius: float,
) -> str:
    """How far one may walk until the loss has doubled, and whether there is lower ground."""
    walks = [walk for places, losses in cuts for walk in (_walk(places, losses), _walk(-places, losses))]
    reached = sorted(walk for walk in walks if walk is not None)
    places, losses = cuts[0]
    centre = float(losses[places == 0][0])
    if not reached:
        words = f"Flat: along both directions the loss stays below its double as far as {radius:g}."
    elif len(reached) < len(walks):
        words = f"The loss doubles after {reached[0]:.2g} at the earliest, and not on every side within {radius:g}."
    else:
        words = f"The loss doubles after {reached[0]:.2g} to {reached[-1]:.2g}, depending on the side."
    if low < LOWER * centre:
        a, b = lowest_at
        words += f" Lower ground is in sight: {low:.3g} at ({a:.2g}, {b:.2g}); here it is {centre:.3g}."
    return words


def _walk(places: Array, losses: Array) -> float | None:
    """How far from the centre the loss has doubled on the side of positive places; None: nowhere."""
    order = np.argsort(places)
    pairs = zip(places[order].tolist(), losses[order].tolist(), strict=True)
    there: list[tuple[float, float]] = [(x, y) for x, y in pairs if x >= 0]
    double = 2 * there[0][1]
    for (x0, y0), (x1, y1) in pairwise(there):
        if not y1 < double:
            return x1 if not np.isfinite(y1) else x0 + (double - y0) / (y1 - y0) * (x1 - x0)
    return None


def _note(look: NetworkSnapshot, judged: int, samples: int, name: str) -> str:
    which = f"{judged:,} of {samples:,} {name} samples" if judged < samples else f"{samples:,} {name} samples"
    still = sum(view.size for _, view, _ in look.network.parameters() if view.ndim < 2)
    kinds = {type(layer) for layer in look.network.layers}
    what = "biases and parameters of batch normalisation" if BatchNorm in kinds else "biases"
    off = " Dropout is off." if Dropout in kinds else ""
    return f"{which}. A step of 1 adds to each unit's weights random ones of the same length; {still:,} {what} stay.{off}"


VIEW = InspectionView("landscape", LandscapeOptions, Landscape, landscape)
