"""The effect of edited weights on a network's figures and on single predictions."""

import msgspec
import numpy as np

from engine.arrays import Array
from engine.inspection.rasters import finite
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.training.predictions import NO_CLASS, Predictions

FIRST_FLIPS = 8
MOVED = 1e-6
"""Change of a predicted value, relative to the standard deviation of the values, above which it counts as moved."""


class EditFigures(msgspec.Struct, frozen=True):
    """Figures of a network on a split."""

    loss: float | None
    accuracy: float | None
    """None for a regression."""


class Flip(msgspec.Struct, frozen=True):
    """A sample whose prediction has changed."""

    index: int
    """Index in its split, counted from 0."""
    truth: str
    before: str
    after: str
    now_right: bool = False
    was_right: bool = False


class EditEffect(msgspec.Struct, frozen=True):
    """A network before and after a change."""

    before: EditFigures
    after: EditFigures
    samples: int
    flipped: int
    """Samples whose class changed; for a regression, whose value did."""
    gained: int
    """Flipped samples that were wrong before and are right now."""
    lost: int
    """Flipped samples that were right before and are wrong now."""
    first: tuple[Flip, ...]
    """The first flipped samples; for a regression those that moved most."""


def effect_of(snapshot: NetworkSnapshot, changed: NetworkSnapshot, requested: SplitName) -> EditEffect:
    """Return the differences of `changed` from `snapshot` on a split.

    Raises:
        UnfitError: all outputs of one of the two networks are NaN or infinite.
    """
    before, after = snapshot.predictions(requested), changed.predictions(requested)
    if snapshot.classifies:
        return _of_classes(before, after, snapshot.class_names)
    return _of_values(before, after)


def _of_classes(before: Predictions, after: Predictions, names: tuple[str, ...]) -> EditEffect:
    flipped = np.flatnonzero(before.predicted != after.predicted)
    was, now = (one.predicted[flipped] == before.truth[flipped] for one in (before, after))

    def name(index: int) -> str:
        return "NaN" if index == NO_CLASS else names[index]

    first = tuple(
        Flip(
            index=i,
            truth=name(int(before.truth[i])),
            before=name(int(before.predicted[i])),
            after=name(int(after.predicted[i])),
            now_right=bool(now[place]),
            was_right=bool(was[place]),
        )
        for place, i in enumerate(flipped[:FIRST_FLIPS].tolist())
    )
    gained, lost = int(np.count_nonzero(now)), int(np.count_nonzero(was))
    return EditEffect(_figures(before), _figures(after), len(before.truth), len(flipped), gained, lost, first)


def _of_values(before: Predictions, after: Predictions) -> EditEffect:
    moves = np.nan_to_num(np.abs(after.values - before.values).max(axis=1), nan=np.inf)  # (m,)
    spread = float(np.nanstd(before.values)) or 1.0
    moved = np.flatnonzero(moves > MOVED * spread)
    order = moved[np.argsort(-moves[moved], kind="stable")[:FIRST_FLIPS]]
    truth = np.asarray(before.truth, np.float64).reshape(len(moves), -1)
    first = tuple(
        Flip(i, _in_words(truth[i]), _in_words(before.values[i]), _in_words(after.values[i]))
        for i in order.tolist()
    )
    return EditEffect(_figures(before), _figures(after), len(moves), len(moved), 0, 0, first)


def _in_words(values: Array) -> str:
    more = " …" if len(values) > 2 else ""
    return " ".join(f"{value:.4g}" for value in values[:2].tolist()) + more


def _figures(predictions: Predictions) -> EditFigures:
    accuracy = predictions.n_right / len(predictions.truth) if len(predictions.predicted) else None
    return EditFigures(finite(predictions.loss), accuracy)
