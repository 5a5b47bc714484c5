"""The curves and readings of a comparison."""

import numpy as np
import pytest

from tui.follow.loss_history import LossCurve
from tui.follow.run_clock import RunTimes
from tui.follow.run_figures import AccuracyCurves, RunFigures
from tui.runs.comparison import Scale, accuracy_series, end_of, loss_series, read_off

X = np.array([0.0, 1.0, 2.0, 3.0])


def figures(name: str = "a", **changes: object) -> RunFigures:
    losses = LossCurve(X, np.array([4.0, 3.0, np.nan, 1.0]), X, X)
    accuracies = AccuracyCurves(np.array([2.0, 4.0]), np.array([0.5, 0.7]), np.array([0.4, np.nan]))
    given = {
        "losses": losses,
        "accuracies": accuracies,
        "validation_steps": np.array([2.0, 4.0]),
        "validation_losses": np.array([2.0, 1.5]),
        "steps_per_epoch": 2,
        "step": 4,
    }
    return RunFigures(name, **{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "train", "validation", "accuracy"),
    [(None, 1.0, 1.5, 0.7), (0.0, 4.0, None, None), (2.4, 3.0, 2.0, 0.5), (9.0, None, None, None)],
)
def test_a_reading_is_the_newest_value_up_to_there(
    at: float | None, train: float | None, validation: float | None, accuracy: float | None
) -> None:
    reading = read_off(figures(), Scale(), at)
    assert (reading.train_loss, reading.validation_loss, reading.train_accuracy) == (
        train,
        validation,
        accuracy,
    )


def test_epochs_on_the_axis() -> None:
    scale = Scale("epoch")
    assert end_of([figures(), figures(step=8)], scale) == 4.0
    assert read_off(figures(), scale, 1.2).validation_loss == 2.0


def test_seconds_on_the_axis() -> None:
    timed = figures(times=RunTimes(np.array([0.0, 4.0]), np.array([0.0, 10.0])))
    assert end_of([timed], Scale("second")) == 10.0
    assert read_off(timed, Scale("second"), 6.0).validation_loss == 2.0
    assert read_off(timed, Scale("second"), 4.9).validation_loss is None


def test_the_scales_take_turns() -> None:
    assert Scale().next.next.next == Scale()


def test_a_run_without_figures_has_empty_readings() -> None:
    empty = RunFigures("empty")
    assert read_off(empty, Scale(), None).train_loss is None
    assert all(len(one.x) == 0 for one in loss_series([empty], Scale(), "train and validation"))


def test_each_run_has_its_colour_and_validation_its_marks() -> None:
    series = loss_series([figures("a"), figures("b")], Scale(), "train and validation")
    assert [one.name for one in series] == ["a", "b"] * 2
    assert len({one.colour for one in series}) == 2
    marks = [one.mark for one in series if one.mark]
    assert len(set(marks)) == 2
    assert [len(series) for which in ("train",) for series in [loss_series([figures()], Scale(), which)]] == [
        1
    ]


def test_accuracies_are_in_percent() -> None:
    train = accuracy_series([figures()], Scale(), "train")[0]
    assert list(train.y) == [50.0, 70.0]
