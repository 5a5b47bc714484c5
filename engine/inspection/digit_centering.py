"""Preprocessing of a drawing as for MNIST's digits: scaled to one size, then centred by its mass."""

import numpy as np

from engine.arrays import Array
from engine.inspection.resampling import resized, shifted

BOX = 20 / 28
"""Longer side of the drawing as a share of the picture's side."""


def as_mnist(drawing: Array) -> Array:
    """Return a drawing (H, W), 0 without ink, scaled and centred; a drawing without ink is unchanged.

    The inked part is cut out and scaled, its proportions preserved, to fit a box of 20 x 20 pixels of 28 x 28 (the same
    share of other sizes), then shifted by whole pixels until its centre of mass is in the middle.

    Source: LeCun, Cortes, Burges, The MNIST database of handwritten digits, yann.lecun.com/exdb/mnist. It names
    no method of scaling; here it is bilinear.
    """
    height, width = drawing.shape
    inked = drawing > 0
    if not inked.any():
        return drawing.copy()
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    cut = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = min(round(height * BOX) / cut.shape[0], round(width * BOX) / cut.shape[1])
    sized = resized(cut, *(max(1, round(side * scale)) for side in cut.shape))
    placed = np.zeros_like(drawing)
    placed[: sized.shape[0], : sized.shape[1]] = sized
    down, across = (_to_middle(placed, axis) for axis in (0, 1))
    return shifted(placed, down, across)


def _to_middle(drawing: Array, axis: int) -> int:
    """Return the shift in whole pixels that moves the centre of mass to H/2, counted from 0, along an axis."""
    profile = drawing.sum(axis=1 - axis)
    mass = float(profile.sum())
    if not mass:
        return 0
    centre = float((profile * np.arange(len(profile))).sum()) / mass
    return round(len(profile) / 2 - centre)
