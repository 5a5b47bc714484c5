"""The view draw: the classification of a drawing, or of a sample fetched onto the drawing pad."""

import base64
import binascii

import numpy as np

from engine.arrays import Array
from engine.errors import NntermError
from engine.inspection.digit_centering import as_mnist
from engine.inspection.input_space import Space, raw_samples, scaled_rows, space_of
from engine.inspection.messages import Answer, Raster, UnfitError
from engine.inspection.rasters import finite, raster
from engine.inspection.snapshot import NetworkSnapshot
from engine.inspection.view import InspectionView, Options
from engine.inspection.views.mistakes import Share
from engine.training.predictions import NO_CLASS, gives_probabilities, predicted_classes, shares_of
from engine.words import counted

MOST_BARS = 12
"""Classes whose probability is returned, at most: the largest."""
LARGEST_SIDE = 64
"""Pixels of a pad across and down, at most: two fit into the height of a cell."""


class DrawOptions(Options, frozen=True):
    """The drawing, or the sample to fetch."""

    pixels: str = ""
    """Rows of bytes in base64, 0 without ink, 255 full ink; "": an empty pad."""
    centre: bool = True
    """True: scale and centre the drawing as MNIST's digits were."""
    fetch: int | None = None
    """A class: its sample number `nth` replaces the drawing."""
    nth: int = 0
    """Counted from 0; it wraps around after the last sample."""
    index: int | None = None
    """Number of the sample in its split that replaces the drawing, whatever its class."""


class Draw(Answer, frozen=True, tag="draw"):
    """The classification of a drawing."""

    names: tuple[str, ...]
    pad: Raster
    """The drawing."""
    seen: Raster
    """The drawing as the network receives it."""
    is_empty: bool
    predicted: int
    """-1 if the pad is empty, or the outputs are not finite."""
    shares: tuple[Share, ...]
    """Probability of each class, in order; of many classes the largest ones, largest first."""
    are_probabilities: bool
    """True: the outputs are probabilities; False: softmax was applied to them."""
    centred: bool
    split: str
    samples: int = 0
    """Samples of the split."""
    sample: int | None = None
    """Index of the fetched sample in its split, counted from 0."""
    truth: int | None = None
    """Class of the fetched sample."""
    words: str = ""


def draw(snapshot: NetworkSnapshot, options: DrawOptions) -> Draw:
    """Return the classification of a drawing, or of the fetched sample."""
    names = snapshot.class_names
    space = snapshot.cache.get("space") or space_of(snapshot)
    snapshot.cache["space"] = space
    _check(space)
    is_dark_on_light = _is_dark_on_light(space)
    sample = None
    if options.fetch is None and options.index is None:
        pad = _decoded(options.pixels, space)
    else:
        sample = _sample(snapshot, options)
        raw = raw_samples(snapshot, snapshot.split(options.split), np.array([sample])).reshape(
            space.shape[1:]
        )
        pad = _ink(raw, space, is_dark_on_light)
    seen = as_mnist(pad) if options.centre else pad
    is_empty = not pad.any()
    shares, predicted = _classify(snapshot, space, seen, is_dark_on_light)
    return Draw(
        names=names,
        pad=raster(np.rint(pad).astype(np.uint8)),
        seen=raster(np.rint(seen).astype(np.uint8)),
        is_empty=is_empty,
        predicted=NO_CLASS if is_empty else predicted,
        shares=_bars(shares),
        are_probabilities=gives_probabilities(snapshot.network),
        centred=options.centre,
        split=snapshot.split_name(options.split),
        samples=len(snapshot.split(options.split)),
        sample=sample,
        truth=None if sample is None else int(snapshot.split(options.split).y[sample]),
        words=_words(is_empty, predicted, shares, names),
    )


def _check(space: Space) -> None:
    """Raise `UnfitError` if a drawing cannot have the shape of the network's input."""
    if not space.is_picture:
        n = space.centre.size
        raise UnfitError(f"only images can be drawn: these samples are rows of {counted(n, 'feature')}")
    channels, height, width = space.shape
    if channels != 1:
        raise UnfitError(f"the pad has one channel: these images have {channels}")
    if max(height, width) > LARGEST_SIDE:
        raise UnfitError(
            f"images of {height} × {width} pixels are too large for the pad; the limit is {LARGEST_SIDE} × {LARGEST_SIDE}"
        )


def _is_dark_on_light(space: Space) -> bool:
    """Return True if ink is dark: the border of the mean picture is brighter than the middle of the range."""
    mean = space.centre.reshape(space.shape[1:])
    frame = np.concatenate([mean[0], mean[-1], mean[:, 0], mean[:, -1]])
    return float(frame.mean()) > (space.low + space.high) / 2


def _decoded(text: str, space: Space) -> Array:
    """Return the drawing (H, W), 0 to 255."""
    height, width = space.shape[1:]
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NntermError("pixels are bytes in base64") from None
    if not data:
        return np.zeros((height, width), np.float32)
    if len(data) != height * width:
        raise NntermError(
            f"a drawing has {height} × {width} = {counted(height * width, 'byte')}, not {len(data):,}"
        )
    return np.frombuffer(data, np.uint8).reshape(height, width).astype(np.float32)


def _sample(snapshot: NetworkSnapshot, options: DrawOptions) -> int:
    """Return the index of the requested sample in its split, or of a sample of the requested class."""
    if options.index is not None:
        total = len(snapshot.split(options.split))
        if not 0 <= options.index < total:
            raise NntermError(
                f"there is no sample {options.index:,}: they are numbered from 0 to {total - 1:,}"
            )
        return options.index
    names = snapshot.class_names
    if options.fetch is None or not 0 <= options.fetch < len(names):
        raise NntermError(f"there is no class {options.fetch}; they are numbered from 0 to {len(names) - 1}")
    found = np.flatnonzero(snapshot.split(options.split).y == options.fetch)
    if not len(found):
        raise UnfitError(
            f"the {snapshot.split_name(options.split)} split has no sample of {names[options.fetch]}"
        )
    return int(found[options.nth % len(found)])


def _ink(raw: Array, space: Space, is_dark_on_light: bool) -> Array:
    """Return a sample as a drawing, 0 to 255."""
    shares = np.clip((raw - space.low) / (space.high - space.low), 0, 1)
    ink: Array = np.rint(255 * (1 - shares if is_dark_on_light else shares)).astype(np.float32)
    return ink


@np.errstate(over="ignore", invalid="ignore")
def _classify(
    snapshot: NetworkSnapshot, space: Space, seen: Array, is_dark_on_light: bool
) -> tuple[Array, int]:
    """Return the probability of each class, and the predicted class."""
    shares = 1 - seen / 255 if is_dark_on_light else seen / 255
    raw = (space.low + (space.high - space.low) * shares).reshape(1, -1)
    snapshot.network.scores(scaled_rows(snapshot, raw))
    z = snapshot.network.last.pre_activation
    if not np.isfinite(z).all():
        return np.zeros(max(2, z.shape[1])), NO_CLASS
    return shares_of(snapshot.network, z)[0], int(predicted_classes(z)[0])


def _bars(shares: Array) -> tuple[Share, ...]:
    chosen = np.arange(len(shares))
    if len(shares) > MOST_BARS:
        chosen = np.argsort(-shares, kind="stable")[:MOST_BARS]
    return tuple(Share(i, finite(shares[i]) or 0.0) for i in chosen.tolist())


def _words(is_empty: bool, predicted: int, shares: Array, names: tuple[str, ...]) -> str:
    if is_empty:
        return "Nothing drawn yet."
    if predicted == NO_CLASS:
        return "The output for this drawing is not finite (NaN or Inf)."
    order = np.argsort(-shares, kind="stable")
    first, second = (f'"{names[i]}" {100 * shares[i]:.1f} %' for i in order[:2])
    return f"Prediction: {first}, then {second}."


VIEW = InspectionView("draw", DrawOptions, Draw, draw)
