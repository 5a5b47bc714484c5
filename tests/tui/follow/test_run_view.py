"""The figures of a run, gathered from its events."""

import msgspec
import numpy as np
import pytest

from engine.events import Finding, Resumed
from engine.runs import Status
from tests.tui.fake_runs import (
    T0,
    checkpoint,
    command,
    epoch,
    failed,
    finding,
    finished,
    started,
    steps,
)
from tests.tui.sentences import TRAINING_IS_OVER
from tui.follow.current_epoch import current_epoch
from tui.follow.event_log_lines import MOST
from tui.follow.run_view import RunView


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
        (started(), "started: 320 training samples", "info"),
        (epoch(2, 20), "epoch 2: validation 75.00 %", "info"),
        (epoch(2, 20, accuracy=None), "epoch 2: validation 0.5", "info"),
        (epoch(2, 20, accuracy=None, validation_loss=None), "epoch 2: train loss 0.6", "info"),
        (command("pause"), "paused, step 10", "you"),
        (command("step"), "single step, step 10", "you"),
        (command("stop", refused=TRAINING_IS_OVER), "stop refused: the training is over", "warning"),
        (checkpoint(1200, "best"), "checkpoint (best), step 1,200", "good"),
        (checkpoint(), "checkpoint, step 10", "good"),
        (finished(), "finished: test 90.00 %", "good"),
        (finished("diverged"), "diverged by step 40", "error"),
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
    figures = view_of(*(command("set", i, value=i + 1.0) for i in range(MOST + 7))).figures()
    assert len(figures.lines) == MOST
    assert figures.lines[-1].text.endswith(f"→ {MOST + 7}")


def test_the_epochs_of_a_long_training_have_ten_lines_and_one_that_is_renewed() -> None:
    view = view_of(started(epochs=1_000))
    for number in range(1, 486):
        view.absorb(epoch(number, 10 * number))
        view.absorb(checkpoint(10 * number, "best"))
    view.absorb(finding())
    texts = [line.text for line in view.figures().lines]
    assert [text.partition(":")[0] for text in texts[:5]] == [
        "started",
        *(f"epoch {i}00" for i in range(1, 5)),
    ]
    assert texts[5:] == [
        "epoch 485: validation 75.00 %",
        "checkpoint (best), step 4,850",
        "a learning rate of 10 is too high here",
    ]


def test_a_divergence_is_told_once_with_its_step_and_its_last_finite_weights() -> None:
    report = finding("learning-rate-high", 2, message="diverged at step 2: …", evidence={"phase": "loss"})
    kept = msgspec.structs.replace(checkpoint(10, "diverged"), path="checkpoints/step-00000000.safetensors")
    figures = view_of(started(), steps(0, [1.0] * 10), kept, report, finished("diverged")).figures()
    assert [line.text for line in figures.lines[1:]] == [
        "checkpoint: last finite weights, step 0",
        "diverged at step 2",
    ]
    assert (figures.diverged_at, figures.kept_step) == (2, 0)


def test_a_pace_holds_until_the_worker_ends_and_a_stop_shows_at_once() -> None:
    view = view_of(started(), command("pace", value=20))
    assert view.figures().pace == 20
    assert view.figures().lines[-1].text == "slow motion: 20 steps/s"
    view.absorb(command("stop"))
    assert view.figures().is_stopping
    view.absorb(Resumed(time=T0, step=0, path=""))
    assert (view.figures().pace, view.figures().is_stopping) == (None, False)


def test_the_epoch_is_the_same_figure_wherever_it_is_computed() -> None:
    assert [current_epoch(step, 10, 4) for step in (0, 1, 10, 11, 40)] == [1, 1, 1, 2, 4]
    assert current_epoch(0, 0, 4) == 0


def test_a_checkpoint_that_is_best_and_scheduled_is_logged_once() -> None:
    kept = [
        checkpoint(10, "best"),
        checkpoint(10, "epoch"),
        checkpoint(20, "epoch"),
        checkpoint(20, "command"),
    ]
    texts = [line.text for line in view_of(*kept).figures().lines]
    assert texts == ["checkpoint (best), step 10", "checkpoint, step 20", "checkpoint, step 20"]


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
