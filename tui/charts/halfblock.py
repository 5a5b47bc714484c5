"""Images in half blocks, two pixels per cell; ten times faster than the libraries that were measured."""

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.cells import set_cell_size
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Pixels = NDArray[np.uint8]
RAMP = np.array(list(" .:-=+*#%@"))
LEVELS = 32
"""Levels per channel; neighbours that look alike are merged into one segment, which saves bytes over SSH."""
_LEVEL_OF = (np.arange(256) * LEVELS // 256 * 255 // (LEVELS - 1)).astype(np.uint8)
"""Level of each of 256 values; black and white are exact."""
GAP = 2
"""Cells between two images."""
ENOUGH = 16
"""Images of a grid that should fit before they are drawn larger."""
LEAST_SIZE = 12
"""Minimum pixels for a readable digit."""


@functools.lru_cache(8192)
def _style(fr: int, fg: int, fb: int, br: int, bg: int, bb: int) -> Style:
    return Style.from_color(
        Color.from_triplet(ColorTriplet(fr, fg, fb)), Color.from_triplet(ColorTriplet(br, bg, bb))
    )


def picture_strips(pixels: Pixels, colourless: bool = False) -> list[Strip]:
    """Return strips of W cells and ceil(H / 2) lines for pixels (H, W), grey, or (H, W, 3), uint8.

    Args:
        colourless: draw with the characters ` .:-=+*#%@` instead of colours (NO_COLOR).
    """
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)  # (H, W, 3)
    if not pixels.size:
        return []
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.zeros_like(pixels[-1:])])
    draw = _ramp_row if colourless else _row
    return [draw(pixels[y], pixels[y + 1]) for y in range(0, len(pixels), 2)]


def _ramp_row(top: Pixels, bottom: Pixels) -> Strip:
    grey = (top.mean(axis=1) + bottom.mean(axis=1)) / 2
    text = "".join(RAMP[(grey * 9 / 255 + 0.5).astype(int)])
    return Strip([Segment(text, Style.null())], len(top))


def _row(top: Pixels, bottom: Pixels) -> Strip:
    both = _LEVEL_OF[np.concatenate([top, bottom], axis=1)]  # (W, 6)
    edges = np.flatnonzero((both[1:] != both[:-1]).any(axis=1)) + 1
    starts, ends = [0, *edges.tolist()], [*edges.tolist(), len(both)]
    segments = []
    for start, end in zip(starts, ends, strict=True):
        colours = both[start].tolist()
        character = " " if colours[:3] == colours[3:] else "▀"
        segments.append(Segment(character * (end - start), _style(*colours)))
    return Strip(segments, len(both))


def grid_strips(
    pictures: Pixels, labels: Sequence[str], width: int, height: int, colourless: bool = False
) -> list[Strip]:
    """Return strips of `width` cells with as many images as fit in `height`, each above its label.

    The size is the largest at which 16 images fit (all, if there are fewer); they are centred in the width.

    Args:
        pictures: (k, H, W) grey or (k, H, W, 3), uint8.
        labels: a text per image; empty: no labels.
    """
    if not len(pictures) or width < 1 or height < 1 or not pictures[0].size:
        return []
    shape = _fitting_shape(pictures, bool(labels), width, height)
    across, down = _fit(shape, bool(labels), width, height)
    if not across or not down:
        return [Strip.blank(width, Style.null())]
    pictures = resized(pictures[: across * down], *shape)
    lines: list[Strip] = []
    for first in range(0, len(pictures), across):
        row = pictures[first : first + across]
        lines += _picture_row(row, labels[first : first + across], colourless)
    margin = (width - across * (pictures.shape[2] + GAP) + GAP) // 2
    left = Strip.blank(margin, Style.null())
    return [Strip.join([left, line]).extend_cell_length(width, Style.null()) for line in lines[:height]]


def _picture_row(row: Pixels, labels: Sequence[str], colourless: bool) -> list[Strip]:
    drawn = [picture_strips(picture, colourless) for picture in row]
    lines = [beside(parts) for parts in zip(*drawn, strict=True)]
    width = row.shape[2]
    if labels:
        lines.append(beside([label_strip(label, width, Style(dim=True)) for label in labels]))
    else:
        lines.append(Strip.blank(width * len(row) + GAP * (len(row) - 1), Style.null()))
    return lines


def beside(strips: Sequence[Strip]) -> Strip:
    """Return strips side by side, `GAP` cells apart."""
    gap = Strip.blank(GAP, Style.null())
    return Strip.join([part for strip in strips for part in (gap, strip)][1:])


def label_strip(text: str, width: int, style: Style) -> Strip:
    """Return a label of exactly `width` cells, centred, cut if it is longer."""
    return Strip([Segment(set_cell_size(text[:width].center(width), width), style)], width)


def _fit(shape: tuple[int, int], labelled: bool, width: int, height: int) -> tuple[int, int]:
    """The number of images (H, W) that fit across and down; the last row needs no gap below."""
    rows = -(-shape[0] // 2)
    return (width + GAP) // (shape[1] + GAP), (height + (0 if labelled else 1)) // (rows + 1)


def _fitting_shape(pictures: Pixels, labelled: bool, width: int, height: int) -> tuple[int, int]:
    """The largest height and width at which enough images fit, or else those at which most do."""
    k, side = len(pictures), max(pictures.shape[1:3])
    wanted = min(k, ENOUGH)
    best, most = min(side, LEAST_SIZE), 0
    for size in range(side if side > LEAST_SIZE else 2 * side, min(side, LEAST_SIZE) - 1, -1):
        across, down = _fit(_shape(pictures, size), labelled, width, height)
        if across * down > most:
            best, most = size, across * down
        if most >= wanted:
            break
    return _shape(pictures, best)


def _shape(pictures: Pixels, size: int) -> tuple[int, int]:
    """Height and width of images whose longer side is `size`."""
    height, width = pictures.shape[1:3]
    longer = max(height, width)
    return max(1, round(height * size / longer)), max(1, round(width * size / longer))


def resized(pictures: Pixels, height: int, width: int) -> Pixels:
    """Return images (k, H, W[, 3]) in another size; each new pixel is the mean of the area that it covers."""
    if pictures.shape[1:3] == (height, width):
        return pictures
    rows = _overlaps(height, pictures.shape[1])  # (height, H)
    columns = _overlaps(width, pictures.shape[2])  # (width, W)
    tall = np.tensordot(pictures.astype(np.float32), rows, axes=([1], [1]))  # (k, W[, 3], height)
    means = np.tensordot(tall, columns, axes=([1], [1]))  # (k[, 3], height, width)
    if pictures.ndim == 4:
        means = np.moveaxis(means, 1, 3)  # (k, height, width, 3)
    return np.clip(np.rint(means), 0, 255).astype(np.uint8)


def _overlaps(n_out: int, n_in: int) -> NDArray[np.float32]:
    """Share of each of `n_in` pixels in each of `n_out` pixels, (n_out, n_in); each row sums to 1."""
    edges_in, edges_out = np.linspace(0, 1, n_in + 1), np.linspace(0, 1, n_out + 1)
    upper = np.minimum(edges_out[1:, None], edges_in[None, 1:])
    lower = np.maximum(edges_out[:-1, None], edges_in[None, :-1])
    shares = np.maximum(upper - lower, 0.0)
    rows: NDArray[np.float32] = (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)
    return rows
