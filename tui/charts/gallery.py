"""Images in rows and columns, each above its label, with a cursor on one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from rich.style import Style
from textual.strip import Strip

from tui.charts.halfblock import GAP, Pixels, beside, label_strip, picture_strips, resized

LABEL = 1
LEAST_SIZE, LARGEST_SIZE = 12, 56
"""Pixels of the longer side of an image."""
MARKED = Style(color="#000000", bgcolor="#ffffff", bold=True)


class GalleryPlan(NamedTuple):
    """The arrangement of images in a width and height."""

    height: int
    """Pixels of an image."""
    width: int
    across: int
    down: int

    @property
    def capacity(self) -> int:
        """Images that are visible at once."""
        return self.across * self.down


def plan_gallery(
    count: int, shape: tuple[int, int], width: int, height: int, enough: int = 12
) -> GalleryPlan:
    """Return the arrangement with the largest size at which `enough` of `count` images (H, W) fit; at least one."""
    longer = max(shape)
    sizes = [size for size in _sizes(longer) if size >= min(longer, LEAST_SIZE)]
    plans = [_plan(shape, size, width, height) for size in sizes]
    wanted = min(count, enough)
    roomy = [plan for plan in plans if plan.across * plan.down >= wanted]
    best = roomy[0] if roomy else max(plans, key=lambda plan: plan.across * plan.down)
    return best._replace(across=max(1, best.across), down=max(1, best.down))


def _sizes(longer: int) -> list[int]:
    """Sizes to try, largest first: multiples, the original size, and smaller ones."""
    larger = [longer * k for k in (4, 3, 2) if longer * k <= LARGEST_SIZE]
    return [*larger, *range(min(longer, LARGEST_SIZE), 3, -1)] or [longer]


def _plan(shape: tuple[int, int], size: int, width: int, height: int) -> GalleryPlan:
    longer = max(shape)
    high, wide = (max(1, round(side * size / longer)) for side in shape)
    lines = -(-high // 2)
    return GalleryPlan(2 * lines, wide, (width + GAP) // (wide + GAP), height // (lines + LABEL))


def gallery_strips(
    pictures: Pixels,
    labels: Sequence[str],
    plan: GalleryPlan,
    width: int,
    marked: int,
    colourless: bool = False,
) -> list[Strip]:
    """Return strips of `width` cells with the images that fit `plan`; the label of the marked one is highlighted.

    Args:
        pictures: (k, H, W) grey or (k, H, W, 3), uint8.
        marked: position of the image under the cursor; -1: none.
    """
    shown = resized(np.asarray(pictures[: plan.capacity]), plan.height, plan.width)
    lines: list[Strip] = []
    for first in range(0, len(shown), plan.across):
        row = range(first, min(len(shown), first + plan.across))
        drawn = [picture_strips(shown[i], colourless) for i in row]
        lines += [beside(parts) for parts in zip(*drawn, strict=True)]
        styles = (MARKED if i == marked else Style(dim=True) for i in row)
        lines.append(
            beside([label_strip(labels[i], plan.width, style) for i, style in zip(row, styles, strict=True)])
        )
    return [line.adjust_cell_length(width, Style.null()) for line in lines]
