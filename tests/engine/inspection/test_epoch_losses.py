"""The loss of a run, downsampled for a plot."""

from pathlib import Path

from engine.events import Epoch
from engine.inspection.epoch_losses import MOST_POINTS, LossReader, curve_of
from engine.inspection.inspector import Inspector
from tests.engine.inspection.trained import train


def epoch(number: int, loss: float | None) -> Epoch:
    return Epoch(
        time=0.0,
        step=10 * number,
        epoch=number,
        train_loss=loss,
        train_accuracy=None,
        validation_loss=None,
        validation_accuracy=None,
        learning_rate=0.1,
        samples_per_s=1.0,
        seconds=1.0,
    )


def test_many_epochs_become_few_points_with_the_last_one() -> None:
    curve = curve_of([epoch(i, 1 / i) for i in range(1, 1001)])
    assert len(curve.steps) <= MOST_POINTS
    assert (curve.steps[-1], curve.train[-1]) == (10_000, 0.001)


def test_no_epochs_and_losses_that_are_not_finite() -> None:
    assert curve_of([]).steps == ()
    assert curve_of([epoch(1, float("inf")), epoch(2, None)]).train == (None, None)


def test_views_of_a_run_have_its_curve(tmp_path: Path) -> None:
    run = train(tmp_path, "xor", [3], "xor", epochs=5)
    inspector = Inspector(run)
    for view in ("overview", "boundary"):
        _, answer = inspector.show(view, "newest")
        assert len(answer.losses.steps) == 5  # type: ignore[union-attr]
    assert LossReader(tmp_path / "gone").read().steps == ()
