"""The view landscape: a slice of the loss landscape around the weights, along two random directions."""

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
from engine.words import counted

MOST_SAMPLES, FEWEST_SAMPLES = 1000, 100
WORK = 6e7
"""Multiplications per point of the grid, at most; larger networks are evaluated on fewer samples."""
WORK_AT_ONCE = 3e9
"""Multiplications per answer: about a third of a second."""
OVERHEAD = 5000
"""Cost of a sample apart from its multiplications, in multiplications."""
MOST_OUTPUTS = 1000
"""Outputs of a network whose loss can be computed hundreds of times."""
BROKEN = 255
"""Byte of a loss that is not finite; finite ones go up to `TOP`."""
TOP = 250
SMALLEST, LARGEST = 1e-4, 64.0
"""Range of the radius."""
LOWER = 0.9
"""Share of the centre's loss below which a place is called lower ground."""


class LandscapeOptions(Options, frozen=True):
    """The slice to compute, and how much of it."""

    seed: int = 0
    """Seed of the two directions."""
    radius: float = 1.0
    """Half the side of the slice; 1 is the length of each unit's weights."""
    after: int = 0
    """Points that the client has; the answer has more, unless these are all."""
    whole: bool = False
    """True: compute all points, however long that takes."""


class Cut(msgspec.Struct, frozen=True):
    """The loss along one direction, through the centre."""

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    """None where not finite."""


class Landscape(Answer, frozen=True, tag="landscape"):
    """The loss around the weights, on a grid of side x side points."""

    split: str
    samples: int
    judged: int
    seed: int
    radius: float
    side: int
    computed: int
    """Points that are known; the others show a neighbour's loss."""
    total: int
    centre: float
    """The loss at the weights themselves."""
    low: float
    high: float
    """Highest finite loss; `low`: the lowest."""
    lowest_at: tuple[float, float]
    losses: tuple[tuple[float | None, ...], ...]
    """Row by row; the second direction points up, the first to the right."""
    levels: Raster
    """The logarithm of the loss between `low` and `high` as 0 to 250; 255: not finite."""
    cuts: tuple[Cut, Cut]
    words: str
    note: str
    broken: int = 0
    """Points whose loss is not finite."""


def landscape(snapshot: NetworkSnapshot, options: LandscapeOptions) -> Landscape:
    """Return the slice as far as it is known, with some points more than in the previous answer."""
    if not SMALLEST <= options.radius <= LARGEST:
        raise NntermError(f"a radius lies between {SMALLEST:g} and {LARGEST:g}")
    if options.seed < 0:
        raise NntermError("a seed is 0 or more")
    name: SplitName = "train" if options.split == "auto" else options.split
    if snapshot.network.n_outputs > MOST_OUTPUTS:
        raise UnfitError(
            f"{counted(snapshot.network.n_outputs, 'output')} are too slow for a map, "
            f"which needs the loss {len(ORDER)} times"
        )
    plane, n_used = _plane(snapshot, name, options)
    if not plane.is_complete:
        cost = n_used * (snapshot.network.n_parameters + snapshot.network.n_outputs**2 + OVERHEAD)
        more = max(FIRST, int(WORK_AT_ONCE / cost))
        plane.compute(len(ORDER) if options.whole else max(plane.computed, options.after) + more)
    losses = plane.filled()
    valid = losses[np.isfinite(losses)]
    row, column = np.unravel_index(np.where(np.isfinite(losses), losses, np.inf).argmin(), losses.shape)
    low, high = float(valid.min()), float(valid.max())
    cuts = plane.cut(0), plane.cut(1)
    return Landscape(
        split=name,
        samples=len(snapshot.split(name)),
        judged=n_used,
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
        note=_note(snapshot, n_used, len(snapshot.split(name)), name),
        broken=losses.size - valid.size,
    )


def _plane(snapshot: NetworkSnapshot, name: SplitName, options: LandscapeOptions) -> tuple[WeightPlane, int]:
    """Return the plane (cached, if unchanged since an earlier request) and the number of samples evaluated."""
    split = snapshot.split(name)
    network = snapshot.network
    most = min(MOST_SAMPLES, WORK / (network.n_parameters + network.n_outputs**2))
    indices = evenly(len(split), int(max(FEWEST_SAMPLES, most)))
    key = ("landscape", name, options.seed, options.radius)
    if key not in snapshot.cache:
        plane = WeightPlane(
            network, snapshot.rows(split, indices), split.y[indices], options.seed, options.radius
        )
        if not np.isfinite(plane.loss_at(0.0, 0.0)):
            raise UnfitError(f"the loss of these weights is not finite: {snapshot.why_broken(split)}")
        for old in [one for one in snapshot.cache if isinstance(one, tuple) and one[0] == key[0]]:
            del snapshot.cache[old]  # one plane at a time: it holds a copy of the network and its samples
        snapshot.cache[key] = plane
    return snapshot.cache[key], len(indices)


def _levels(losses: Array, low: float, high: float) -> Array:
    """Return log losses as bytes; a loss of 0 counts as the smallest positive one."""
    positive = losses[np.isfinite(losses) & (losses > 0)]
    if not positive.size:
        return np.where(np.isfinite(losses), 0, BROKEN)
    floor = np.log(max(low, float(positive.min())))
    span = np.log(high) - floor or 1.0
    valid = np.isfinite(losses)
    logs = np.log(np.where(valid & (losses > 0), losses, np.exp(floor)))
    return np.where(valid, np.clip(np.rint((logs - floor) / span * TOP), 0, TOP), BROKEN)


def _cut(name: str, places: Array, losses: Array) -> Cut:
    return Cut(name, tuple(places.tolist()), tuple(map(finite, losses.tolist())))


def _words(
    cuts: tuple[tuple[Array, Array], tuple[Array, Array]],
    low: float,
    lowest_at: tuple[float, float],
    radius: float,
) -> str:
    """Describe the distance at which the loss has doubled, and lower losses if there are any."""
    walks = [walk for places, losses in cuts for walk in (_walk(places, losses), _walk(-places, losses))]
    reached = sorted(walk for walk in walks if walk is not None)
    places, losses = cuts[0]
    centre = float(losses[places == 0][0])
    if not reached:
        words = f"Flat: the loss does not double within {radius:g} along either direction."
    elif len(reached) < len(walks):
        words = f"The loss doubles at a distance of {reached[0]:.2g} or more, on some sides not within {radius:g}."
    else:
        words = (
            f"The loss doubles at a distance of {reached[0]:.2g} to {reached[-1]:.2g}, depending on the side."
        )
    if low < LOWER * centre:
        a, b = lowest_at
        words += f" Lower loss at ({a:.2g}, {b:.2g}): {low:.3g}, here {centre:.3g}."
    return words


def _walk(places: Array, losses: Array) -> float | None:
    """Return the distance from the centre at which the loss has doubled, for positive places; None: nowhere."""
    order = np.argsort(places)
    pairs = zip(places[order].tolist(), losses[order].tolist(), strict=True)
    there: list[tuple[float, float]] = [(x, y) for x, y in pairs if x >= 0]
    double = 2 * there[0][1]
    for (x0, y0), (x1, y1) in pairwise(there):
        if not y1 < double:
            return x1 if not np.isfinite(y1) else x0 + (double - y0) / (y1 - y0) * (x1 - x0)
    return None


def _note(snapshot: NetworkSnapshot, n_used: int, samples: int, name: str) -> str:
    which = counted(samples, f"{name} sample")
    if n_used < samples:
        which = f"{n_used:,} of {which}"
    still = sum(view.size for _, view, _ in snapshot.network.parameters() if view.ndim < 2)
    kinds = {type(layer) for layer in snapshot.network.layers}
    what = "biases and parameters of batch normalisation" if BatchNorm in kinds else "biases"
    off = " Dropout is off." if Dropout in kinds else ""
    return f"{which}. Filter-normalised random directions; {still:,} {what} fixed.{off}"


VIEW = InspectionView("landscape", LandscapeOptions, Landscape, landscape)
