"""The figures of a run, gathered from its events."""

import numpy as np
import pytest

from engine.events import Finding, Resumed
from engine.runs import Status
from tests.tui.fake_runs import T0, checkpoint, command, epoch, failed, finished, started, steps
from tests.tui.sentences import TRAINING_IS_OVER
from tui.follow.run_view import LINES, RunView


def view_of(*events: object, state: str = "running") -> RunView:
    view = RunView("xor-1")
    view.status = Status(state=state)  # type: ignore[arg-type]
    for event in events:
        view.absorb(event)  # type: ignore[arg-type]
    return view


def test_before_the_first_event_it_is_starting() -> None:
    figures = RunView("xor-1").figures()
    assert (figures.state, figures.step, figures.epoch) == ("starting", 0, 0)


def test_position_speed_and_time_left_follow_the_steps() -> None:
    figures = view_of(started(), steps(0, [1.0] * 10), steps(10, [0.5] * 5, seconds=0.5)).figures()
    assert (figures.epoch, figures.batch, figures.steps_per_epoch, figures.epochs) == (2, 5, 10, 4)
    assert (figures.step, figures.total_steps) == (15, 40)
    assert figures.steps_per_s == pytest.approx(10.0)
    assert figures.samples_per_s == pytest.approx(320.0)
    assert figures.seconds_left == pytest.approx(2.5)


def test_a_finished_epoch_is_shown_as_complete() -> None:
    figures = view_of(started(), steps(0, [1.0] * 10)).figures()
    assert (figures.epoch, figures.batch) == (1, 10)


def test_a_pause_does_not_count_as_slowness() -> None:
    view = view_of(started(), steps(0, [1.0] * 10), command("pause"))
    assert view.figures().steps_per_s == 0.0
    late = steps(10, [1.0] * 10)
    view.absorb(
        type(late)(**{name: getattr(late, name) for name in late.__struct_fields__} | {"time": T0 + 999})
    )
    assert view.figures().steps_per_s == pytest.approx(10.0)


def test_scores_and_the_validation_curve_come_from_epochs_and_the_end() -> None:
    view = view_of(started(), epoch(1, 10, accuracy=0.75), epoch(2, 20, accuracy=0.8, validation_loss=0.4))
    figures = view.figures()
    assert (figures.validation.accuracy, figures.train.loss, figures.test.accuracy) == (0.8, 0.6, None)
    assert figures.validation_steps.tolist() == [10.0, 20.0]
    assert figures.validation_losses.tolist() == [0.5, 0.4]
    view.absorb(finished())
    assert (view.figures().state, view.figures().test.accuracy, view.figures().seconds) == (
        "finished",
        0.9,
        4.0,
    )


def test_a_regression_has_no_accuracy_and_no_chance() -> None:
    figures = view_of(started(chance=None), epoch(1, 10, accuracy=None)).figures()
    assert not figures.classifies
    assert figures.chance is None


def test_the_learning_rate_follows_steps_and_commands() -> None:
    view = view_of(started(schedule={"name": "cosine"}), steps(0, [1.0], rate=0.07))
    figures = view.figures()
    assert (figures.learning_rate, figures.base_rate, figures.schedule) == (0.07, 0.1, "cosine")
    view.absorb(command("set", value=0.2))
    assert view.figures().base_rate == 0.2
    assert view.figures().lines[-1].text == "learning rate 0.1 → 0.2"
    view.absorb(command("set", value=5.0, refused="no"))
    assert view.figures().base_rate == 0.2


def test_failures_have_a_reason() -> None:
    figures = view_of(failed("no data", "fetch them")).figures()
    assert (figures.state, figures.message, figures.hint) == ("failed", "no data", "fetch them")
    figures = view_of(started(), finished("diverged", reason="NaN")).figures()
    assert (figures.state, figures.message) == ("diverged", "NaN")


def test_without_a_final_event_the_status_decides() -> None:
    assert view_of(started(), state="paused").figures().state == "paused"
    assert view_of(started(), state="lost").figures().state == "lost"


def test_a_resumed_run_drops_what_came_after_its_checkpoint() -> None:
    view = view_of(started(), steps(0, [1.0] * 20), epoch(1, 10), epoch(2, 20), finished("stopped"))
    view.absorb(Resumed(time=T0, step=10, path="checkpoints/step-00000010.safetensors"))
    figures = view.figures()
    assert (figures.state, figures.step, len(figures.losses.mean)) == ("running", 10, 10)
    assert figures.validation_steps.tolist() == [10.0]


def test_answers_are_counted_including_refusals() -> None:
    figures = view_of(command("pause"), command("pause", refused="no"), command("stop")).figures()
    assert figures.answered == {"pause": 2, "stop": 1}


@pytest.mark.parametrize(
    ("event", "text", "kind"),
    [
        (started(), "begins: 320 samples", "info"),
        (epoch(2, 20), "epoch 2: validation 75.00 %", "info"),
        (epoch(2, 20, accuracy=None), "epoch 2: validation 0.5", "info"),
        (epoch(2, 20, accuracy=None, validation_loss=None), "epoch 2: train loss 0.6", "info"),
        (command("pause"), "paused, step 10", "you"),
        (command("step"), "a single step, step 10", "you"),
        (command("stop", refused=TRAINING_IS_OVER), "stop refused: the training is over", "warning"),
        (checkpoint(1200, "best"), "kept: best, step 1,200", "good"),
        (checkpoint(), "kept, step 10", "good"),
        (finished(), "finished: test 90.00 %", "good"),
        (finished("diverged"), "diverged, step 40", "error"),
        (failed("no data"), "no data", "error"),
        (
            Finding(time=T0, step=1, code="nan", severity="warning", message="NaN ahead"),
            "NaN ahead",
            "warning",
        ),
    ],
)
def test_events_have_texts(event: object, text: str, kind: str) -> None:
    (line,) = view_of(event).figures().lines
    assert (line.text, line.kind) == (text, kind)


def test_steps_leave_no_line_and_old_lines_go() -> None:
    assert view_of(steps(0, [1.0])).figures().lines == ()
    figures = view_of(*(epoch(i, i) for i in range(LINES + 7))).figures()
    assert (len(figures.lines), figures.n_lines) == (LINES, LINES + 7)


def test_a_checkpoint_that_is_best_and_scheduled_is_logged_once() -> None:
    kept = [
        checkpoint(10, "best"),
        checkpoint(10, "epoch"),
        checkpoint(20, "epoch"),
        checkpoint(20, "command"),
    ]
    texts = [line.text for line in view_of(*kept).figures().lines]
    assert texts == ["kept: best, step 10", "kept, step 20", "kept, step 20"]


def test_a_view_of_ten_million_steps_stays_small() -> None:
    view = view_of(started(epochs=1_000_000))
    chunk = [1.0] * 2_000
    for first in range(0, 10_000_000, 200_000):
        view.absorb(steps(first, chunk))
    for number in range(10_000):
        view.absorb(epoch(number, number * 1_000))
    figures = view.figures()
    assert len(figures.losses.mean) <= 4_096
    assert len(figures.validation_steps) <= 2_048
    assert figures.validation_steps[-1] == 9_999_000
    assert np.all(np.diff(figures.validation_steps) > 0)


def test_accuracies_of_epochs_become_curves() -> None:
    view = RunView("r")
    view.absorb(started("r"))
    view.absorb(epoch(1, 10, accuracy=0.5))
    view.absorb(epoch(2, 20, accuracy=None))
    curves = view.figures().accuracies
    assert curves.steps.tolist() == [10.0, 20.0]
    np.testing.assert_array_equal(curves.validation, [0.5, np.nan])
