"""Decision regions of a network in the plane: coloured half blocks with the samples as marks."""

import functools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.theme import MARKS, SERIES, rgb

Bytes = NDArray[np.uint8]
Tones = NDArray[np.uint8]
WRONG_MARK = "✗"
CONFIDENT = 192
"""Byte of the probability 0.75, from which a prediction counts as confident."""
UNCERTAIN_LIGHT, CONFIDENT_LIGHT = 0.22, 0.44
"""Brightness of a class's region relative to its colour, below and above `CONFIDENT`."""
STEPS = 8
"""Shades per class of a smooth map, and bands of a surface."""
VALLEY, PEAK = (0, 55, 95), (255, 215, 135)
"""Colours of the lowest and highest values of a surface."""
GROUNDS = " .:-=+~*"
"""Characters of classes, or of bands from low to high, for use without colours."""


class Sample(NamedTuple):
    """A sample to draw: its place, 0 to 1 from the left and from the top, its colour and its mark."""

    across: float
    down: float
    colour: str
    mark: str


def class_tones(classes: Bytes, likely: Bytes, *, smooth: bool) -> Tones:
    """Return the colours of the regions, (H, W, 3), for classes and probabilities (H, W); brighter if confident."""
    colours = np.array(
        [rgb(SERIES[i % len(SERIES)]) for i in range(int(classes.max(initial=0)) + 1)], np.float64
    )
    if smooth:
        shares = np.clip((likely.astype(np.float64) - 128) / 127, 0, 1)
        light = 0.12 + 0.38 * np.rint(shares * (STEPS - 1)) / (STEPS - 1)
    else:
        light = np.where(likely >= CONFIDENT, CONFIDENT_LIGHT, UNCERTAIN_LIGHT)
    tones: Tones = np.rint(colours[classes] * light[..., np.newaxis]).astype(np.uint8)
    return tones


def value_tones(levels: Bytes, *, smooth: bool) -> Tones:
    """Return the colours of a surface, (H, W, 3), uint8, for levels (H, W) from 0 to 255."""
    steps = 4 * STEPS if smooth else STEPS
    shares = np.floor(levels.astype(np.float64) / 256 * steps) / (steps - 1)
    low, high = np.array(VALLEY, np.float64), np.array(PEAK, np.float64)
    tones: Tones = np.rint(low + (high - low) * shares[..., np.newaxis]).astype(np.uint8)
    return tones


def value_colour(share: float) -> str:
    """Return the colour of a sample at `share`, 0 to 1, of the range of values: that of the surface, but brighter."""
    low, high = np.array(VALLEY), np.array(PEAK)
    colour = low + (high - low) * min(1.0, max(0.0, share))
    lighter = np.rint(255 - (255 - colour) * 0.55).astype(int)
    return "#" + "".join(f"{part:02x}" for part in lighter)


def shade_classes(classes: Bytes, likely: Bytes) -> list[str]:
    """Return the regions as lines of characters: one character per class, blank if not confident.

    The classes of `hardly_confident` are drawn everywhere, so that the boundary can be seen.
    """
    characters = np.array(list(GROUNDS[1:]))
    picked = characters[classes % len(characters)]
    shown = (likely >= CONFIDENT) | np.isin(classes, hardly_confident(classes, likely))
    return ["".join(row) for row in np.where(shown, picked, " ")]


def hardly_confident(classes: Bytes, likely: Bytes) -> list[int]:
    """Return the classes of which less than a quarter of the region is confident, as with a perceptron."""
    confident = likely >= CONFIDENT
    return [int(one) for one in np.unique(classes) if confident[classes == one].mean() < 0.25]


def shade_values(levels: Bytes) -> list[str]:
    """Return a surface as lines of characters."""
    characters = np.array(list(GROUNDS))
    return ["".join(row) for row in characters[levels.astype(np.int64) * len(GROUNDS) // 256]]


def ground_strips(tones: Tones, samples: Iterable[Sample]) -> list[Strip]:
    """Return strips of W cells and H / 2 lines for tones (H, W, 3), H even, with the samples drawn over them."""
    height, width = tones.shape[0] // 2, tones.shape[1]
    marks = _placed(samples, width, height)
    strips = []
    for y in range(height):
        upper, lower = tones[2 * y].tolist(), tones[2 * y + 1].tolist()
        strips.append(_strip(upper, lower, marks.get(y, {})))
    return strips


def shaded_strips(ground: Sequence[str], samples: Iterable[Sample]) -> list[Strip]:
    """Return strips of characters with the samples drawn over them, for terminals without colours."""
    width = len(ground[0]) if ground else 0
    marks = _placed(samples, width, len(ground))
    strips = []
    for y, line in enumerate(ground):
        characters = list(line)
        for x, sample in marks.get(y, {}).items():
            characters[x] = sample.mark
        strips.append(Strip([Segment("".join(characters), Style.null())], width))
    return strips


def _placed(samples: Iterable[Sample], width: int, height: int) -> dict[int, dict[int, Sample]]:
    """Samples by row and column; of several in a cell, a wrong one or else the last."""
    rows: dict[int, dict[int, Sample]] = {}
    for sample in samples:
        if 0 <= sample.across <= 1 and 0 <= sample.down <= 1:
            x, y = min(width - 1, int(sample.across * width)), min(height - 1, int(sample.down * height))
            there = rows.setdefault(y, {}).get(x)
            if there is None or there.mark != WRONG_MARK:
                rows[y][x] = sample
    return rows


def _strip(upper: list[list[int]], lower: list[list[int]], marks: dict[int, Sample]) -> Strip:
    segments: list[Segment] = []
    run, count = None, 0
    for x, (top, bottom) in enumerate(zip(upper, lower, strict=True)):
        if x in marks:
            if run is not None:
                segments.append(_ground(run, count))
            run, count = None, 0
            segments.append(Segment(marks[x].mark, _mark_style(marks[x].colour, tuple(bottom))))
            continue
        pair = (*top, *bottom)
        if pair != run:
            if run is not None:
                segments.append(_ground(run, count))
            run, count = pair, 0
        count += 1
    if run is not None:
        segments.append(_ground(run, count))
    return Strip(segments, len(upper))


def _ground(pair: tuple[int, ...], count: int) -> Segment:
    style = _pair_style(pair)
    return Segment((" " if pair[:3] == pair[3:] else "▀") * count, style)


@functools.lru_cache(4096)
def _pair_style(pair: tuple[int, ...]) -> Style:
    return Style.from_color(Color.from_rgb(*pair[:3]), Color.from_rgb(*pair[3:]))


@functools.lru_cache(4096)
def _mark_style(colour: str, ground: tuple[int, ...]) -> Style:
    return Style.from_color(Color.parse(colour), Color.from_rgb(*ground)) + Style(bold=True)


def class_mark(index: int) -> tuple[str, str]:
    """Return the colour and the mark of a class."""
    return SERIES[index % len(SERIES)], MARKS[index % len(MARKS)]
