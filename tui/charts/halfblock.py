"""Pictures in half blocks: two pixels a cell, ten times cheaper than the libraries measured."""

import functools

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Pixels = NDArray[np.uint8]
RAMP = np.array(list(" .:-=+*#%@"))
LEVELS = 32
"""Levels a channel; neighbours that look alike merge into one segment, which saves bytes over SSH."""


@functools.lru_cache(8192)
def _style(fr: int, fg: int, fb: int, br: int, bg: int, bb: int) -> Style:
    return Style.from_color(
        Color.from_triplet(ColorTriplet(fr, fg, fb)), Color.from_triplet(ColorTriplet(br, bg, bb))
    )


def picture_strips(pixels: Pixels, colourless: bool = False) -> list[Strip]:
    """Return strips of width W and height H/2 for pixels (H, W), grey, or (H, W, 3).

    Args:
        colourless: draw with the characters ` .:-=+*#%@` instead (NO_COLOR).
    """
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, pixels[-1:]])
    draw = _ramp_row if colourless else _row
    return [draw(pixels[y], pixels[y + 1]) for y in range(0, len(pixels), 2)]


def _ramp_row(top: Pixels, bottom: Pixels) -> Strip:
    grey = (top.mean(axis=1) + bottom.mean(axis=1)) / 2
    text = "".join(RAMP[(grey * 9 / 255 + 0.5).astype(int)])
    return Strip([Segment(text, Style.null())], len(top))


def _row(top: Pixels, bottom: Pixels) -> Strip:
    step = 256 // LEVELS
    both = np.concatenate([top, bottom], axis=1) // step * (step * 255 // (256 - step))  # (W, 6)
    edges = np.flatnonzero((both[1:] != both[:-1]).any(axis=1)) + 1
    starts, ends = [0, *edges.tolist()], [*edges.tolist(), len(both)]
    segments = []
    for start, end in zip(starts, ends, strict=True):
        colours = both[start].tolist()
        character = " " if colours[:3] == colours[3:] else "▀"
        segments.append(Segment(character * (end - start), _style(*colours)))
    return Strip(segments, len(both))


def grid(pictures: Pixels, columns: int, gap: int = 2) -> Pixels:
    """Return pictures (k, H, W) laid out in rows of `columns`, with dark gaps, as one picture."""
    k, height, width = pictures.shape
    height += height % 2
    rows = -(-k // columns)
    canvas = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap), np.uint8)
    for i, picture in enumerate(pictures):
        y, x = (i // columns) * (height + gap), (i % columns) * (width + gap)
        canvas[y : y + picture.shape[0], x : x + width] = picture
    return canvas


def halved(pictures: Pixels) -> Pixels:
    """Return pictures (k, H, W) at half the size, each pixel the mean of four."""
    k, height, width = pictures.shape
    even = pictures[:, : height // 2 * 2, : width // 2 * 2].astype(np.float32)
    smaller: Pixels = even.reshape(k, height // 2, 2, width // 2, 2).mean(axis=(2, 4)).astype(np.uint8)
    return smaller
