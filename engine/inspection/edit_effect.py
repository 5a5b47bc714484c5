"""What a change of weights does to a network's figures and to its single predictions."""

import msgspec
import numpy as np

from engine.arrays import Array, Labels
from engine.inspection.rasters import finite
from engine.inspection.snapshot import NetworkSnapshot, SplitName
from engine.training.predictions import NO_CLASS, Predictions

FIRST_FLIPS = 8
MOVED = 1e-6
"""A predicted value counts as moved where it changes by more than this share of its spread."""


class EditFigures(msgspec.Struct, frozen=True):
    """A network over a split."""

    loss: float | None
    accuracy: float | None
    """None of a regression."""


class Flip(msgspec.Struct, frozen=True):
    """A sample of which the prediction is another one now."""

    index: int
    """In its split, counted from 0."""
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
    """Samples whose class changed; of a regression, whose value did."""
    gained: int
    """Of them, wrong before and right now."""
    lost: int
    """Of them, right before and wrong now."""
    first: tuple[Flip, ...]
    """The first of them; of a regression those that moved most."""


def effect_of(look: NetworkSnapshot, changed: NetworkSnapshot, asked: SplitName) -> EditEffect:
    """Return what tells `changed` from `look` over a split.

    Raises:
        UnfitError: one of the two computes no number for any sample.
    """
    before, after = look.judged(asked), changed.judged(asked)
    if look.classifies:
        return _of_classes(before, after, look.class_names)
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
        Flip(i, _told(truth[i]), _told(before.values[i]), _told(after.values[i])) for i in _listed(order)
    )
    return EditEffect(_figures(before), _figures(after), len(moves), len(moved), 0, 0, first)


def _listed(indices: Labels) -> list[int]:
    listed: list[int] = indices.tolist()
    return listed


def _told(values: Array) -> str:
    more = " …" if len(values) > 2 else ""
    return " ".join(f"{value:.4g}" for value in values[:2].tolist()) + more


def _figures(judged: Predictions) -> EditFigures:
    accuracy = judged.n_right / len(judged.truth) if len(judged.predicted) else None
    return EditFigures(finite(judged.loss), accuracy)
