"""The displays of a training: figures, plain lines, the live display's rows at two widths."""

import io
from collections.abc import Iterable

import pytest
from rich.console import Console

from engine.events import Command, Event, Finding, Resumed
from tests.tui.cli.fakes import epoch, finished, started, steps
from tui.charts.bars import block_row
from tui.cli.brief_lines import BriefLines
from tui.cli.event_lines import epoch_line, event_line, summary
from tui.cli.live import LiveDisplay, render
from tui.cli.loss_curve import CompactCurve
from tui.cli.progress import Progress
from tui.words.figures import clock, count, duration, figure, percent


def progress_after(*events: object) -> Progress:
    progress = Progress()
    for event in events:
        progress.add(event)  # type: ignore[arg-type]
    return progress


def test_progress_counts_epochs_batches_and_speed() -> None:
    progress = progress_after(
        started(epochs=3, steps_per_epoch=10),
        steps(0, [1.0] * 5, time=1.0),
        steps(5, [1.0] * 10, time=2.0),
    )
    assert (progress.epoch, progress.batch, progress.total_steps) == (2, 5, 30)
    assert progress.steps_per_s == pytest.approx(7.5)
    assert progress.samples_per_s == pytest.approx(7.5 * 32)
    assert progress.seconds_left == pytest.approx(2.0)


def test_the_end_of_the_last_epoch_is_all_of_it() -> None:
    progress = progress_after(started(epochs=2, steps_per_epoch=10), steps(0, [1.0] * 20, time=1.0))
    assert (progress.epoch, progress.batch) == (2, 10)


def test_a_pause_does_not_count_as_slowness() -> None:
    pause = Command(time=1.0, step=10, command="pause")
    resume = Command(time=1001.0, step=10, command="resume")
    progress = progress_after(started(), steps(0, [1.0] * 10, time=1.0), pause)
    assert progress.paused
    for event in (resume, steps(10, [1.0] * 5, time=1002.0)):
        progress.add(event)
    assert not progress.paused
    assert progress.steps_per_s == pytest.approx(5.0)


def test_speed_is_that_of_the_last_seconds() -> None:
    slow = [steps(i, [1.0], time=float(i + 1)) for i in range(10)]
    fast = [steps(10 + 100 * i, [1.0] * 100, time=11.0 + i) for i in range(6)]
    progress = progress_after(started(epochs=100), *slow, *fast)
    assert progress.steps_per_s == pytest.approx(100, rel=0.01)


def test_a_curve_keeps_its_shape_and_its_bound() -> None:
    curve = CompactCurve(limit=8)
    curve.extend(float(i // 100) for i in range(1000))
    assert len(curve.points) < 8
    assert curve.points == sorted(curve.points)
    assert curve.points[0] < 1
    assert curve.points[-1] > 6


def test_a_curve_leaves_out_what_is_not_finite() -> None:
    curve = CompactCurve()
    curve.extend([1.0, None, float("nan"), float("inf"), 2.0])
    assert curve.points == [1.0, 2.0]
    assert curve.resampled(10) == [1.0, 2.0]
    curve.extend([3.0, 4.0])
    assert curve.resampled(2) == [1.5, 3.5]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (figure(None), "-"),
        (figure(0.104312), "0.1043"),
        (percent(0.97125), "97.12 %"),
        (count(0.5), "0.5"),
        (count(1180.4), "1,180"),
        (count(75_512), "75.5 k"),
        (count(1_250_000), "1.25 M"),
        (clock(None), "-:--"),
        (clock(42), "0:42"),
        (clock(3723), "1:02:03"),
        (duration(8.24), "8.2 s"),
        (duration(61), "1:01"),
        (block_row([0.0, 0.5, 1.0]), "▁▅█"),
        (block_row([2.0, 2.0]), "▁▁"),
    ],
)
def test_words(shown: str, expected: str) -> None:
    assert shown == expected


def test_plain_lines_are_ascii_and_line_up() -> None:
    lines = [epoch_line(epoch(3), 10), epoch_line(epoch(10, accuracy=1.0), 10), *summary(finished())]
    assert all(line.isascii() for line in lines)
    assert lines[0].index("validation") == lines[1].index("validation")
    assert epoch_line(finished(), 10) == ""


def test_a_regression_has_no_accuracy() -> None:
    assert "%" not in epoch_line(epoch(1, accuracy=None), 2)


def test_commands_of_others_are_shown() -> None:
    change = Command(time=1.0, step=1200, command="set", key="training.optimizer.lr", value=0.05)
    assert event_line(change) == "step 1,200: training.optimizer.lr = 0.05"
    refused = Command(time=1.0, step=1, command="set", key="x", value=1, refused="no such key")
    assert event_line(refused).endswith("refused: no such key")
    assert event_line(Command(time=1.0, step=1, command="checkpoint")) == ""


def drawn(progress: Progress, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(render(progress, width, "Ctrl-C stops"))
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [40, 80, 140])
def test_the_live_display_fits_its_width(width: int) -> None:
    losses = [2.0 / (i + 1) for i in range(500)]
    progress = progress_after(
        started(epochs=1000, steps_per_epoch=844), steps(0, losses, time=0.5, seconds=0.5), epoch(1, step=500)
    )
    lines = drawn(progress, width)
    assert [len(line) <= width for line in lines] == [True] * 6
    assert lines[0].startswith("epoch 1/1000")
    assert lines[1].startswith("batch 500/844")
    assert lines[2].startswith("loss")
    if width >= 80:
        assert "59 %" in lines[1]
        assert "left" in lines[0]
        assert "75.00 %" in lines[3]
        assert "chance 50.00 %" in lines[3]
        assert "1,000 steps/s" in lines[4]
        assert "learning rate 0.1" in lines[4]


def test_before_the_first_event_it_shows_that_the_worker_starts() -> None:
    assert drawn(Progress(), 80) == ["starting the worker and reading the data ..."]


def test_a_full_batch_has_no_batch_bar() -> None:
    progress = progress_after(started(steps_per_epoch=1), steps(0, [0.5], time=1.0))
    assert not any(line.startswith("batch") for line in drawn(progress, 80))


def test_losses_that_reach_zero_are_drawn() -> None:
    progress = progress_after(started(), steps(0, [0.5, 0.0], time=1.0))
    assert "▁" in drawn(progress, 80)[2]


def test_many_epochs_leave_few_lines() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True, color_system=None)
    with LiveDisplay(console, "r-1") as display:
        display.show(started(epochs=500))
        for number in range(1, 501):
            display.show(epoch(number))
        display.refresh()
    kept = [line for line in stream.getvalue().splitlines() if "train    " in line and "epoch" in line]
    assert 20 <= len(kept) <= 26
    assert "500/500" in kept[-1]


def plain_lines(epochs: int, *, last: int | None = None, others: Iterable[Event] = ()) -> list[str]:
    brief = BriefLines("r-1")
    events = [
        started(epochs=epochs),
        *others,
        *(epoch(i) for i in range(1, (last or epochs) + 1)),
        finished(),
    ]
    lines = [line for event in events for line in brief.add(event)]
    return [line.message if isinstance(line, Finding) else line for line in lines]


def test_a_resume_is_one_line() -> None:
    causes = [Resumed(time=0.0, step=7, path="x.safetensors"), Command(time=0.0, step=7, command="resume")]
    later = Command(time=0.0, step=9, command="resume")
    lines = plain_lines(1, others=[*causes, later])
    assert lines[:2] == ["step 7: resumed from x.safetensors", "step 9: resume"]
    (again, *_) = plain_lines(1, others=[Resumed(time=0.0, step=0, path="")])
    assert again == "step 0: no usable checkpoint, training starts again"


@pytest.mark.parametrize("epochs", [1, 2, 25, 26, 40, 41, 99, 100, 300, 999, 1000, 12_345, 250_000])
def test_plain_output_is_bounded_and_says_what_it_leaves_out(epochs: int) -> None:
    lines = plain_lines(epochs)
    shown = [int(line.split()[1].partition("/")[0]) for line in lines if line.startswith("epoch")]
    assert len(lines) <= 30
    assert shown[: min(5, epochs)] == [*range(1, min(5, epochs) + 1)]
    assert shown[-1] == epochs
    spacings = [line for line in lines if line.startswith("from here on every")]
    assert len(spacings) == (epochs > 25)
    if spacings:
        every = int("".join(filter(str.isdigit, spacings[0])))
        assert set(shown[5:-1]) == {n for n in range(6, epochs) if n % every == 0}


def test_an_early_end_shows_the_last_epoch() -> None:
    assert plain_lines(1000, last=873)[-1].startswith("epoch  873/1000")


def test_many_findings_and_commands_are_counted_but_a_new_error_is_shown() -> None:
    findings = [
        Finding(time=1.0, step=i, code="dead-relu", severity="warning", message=f"layer {i}", reference="-")
        for i in range(50)
    ]
    error = Finding(time=1.0, step=9, code="nan", severity="error", message="NaN", reference="-")
    rates = [Command(time=1.0, step=i, command="set", key="lr", value=i) for i in range(40)]
    lines = plain_lines(2, others=[*findings, error, *rates])
    assert len(lines) < 20
    assert "NaN" in lines
    assert "44 more findings: nnterm diagnose r-1" in lines
    assert "34 more commands: nnterm show r-1 --follow --json" in lines
