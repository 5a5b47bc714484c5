"""Early stopping: improvement, and exhausted patience."""

import math

import pytest

from engine.training.position import Position, is_patience_exhausted, track_improvement


@pytest.mark.parametrize(
    ("losses", "best", "bad_epochs"),
    [
        ([0.5], 0.5, 0),
        ([0.5, 0.4], 0.4, 0),
        ([0.5, 0.5], 0.5, 1),
        ([0.5, 0.6, 0.7], 0.5, 2),
        ([0.5, math.nan], 0.5, 1),
        ([0.5, 0.6, 0.4], 0.4, 0),
    ],
)
def test_only_a_smaller_loss_is_better(losses: list[float], best: float, bad_epochs: int) -> None:
    position = Position(step=7)
    for loss in losses:
        position = track_improvement(position, loss)
    assert position == Position(step=7, best_loss=best, bad_epochs=bad_epochs)


@pytest.mark.parametrize(
    ("bad_epochs", "patience", "over"), [(1, 2, False), (2, 2, True), (3, 2, True), (5, 0, False)]
)
def test_patience_is_exhausted_after_as_many_epochs_and_never_if_0(
    bad_epochs: int, patience: int, over: bool
) -> None:
    assert is_patience_exhausted(Position(bad_epochs=bad_epochs), patience) is over
