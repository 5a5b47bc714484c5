"""Marks and times of a run follow its events, and what a resume rolls back is gone."""

import numpy as np
import pytest

from engine.events import Checkpoint, Command, Finding, Resumed, Steps
from tui.charts.marks import Mark
from tui.follow.run_clock import LIMIT, RunClock
from tui.follow.run_marks import MOST, RunMarks
from tui.follow.run_view import RunView


def checkpoint(step: int, path: str, reason: str = "epoch") -> Checkpoint:
    return Checkpoint(time=0.0, step=step, path=path, reason=reason)


def rate(step: int, refused: str | None = None) -> Command:
    return Command(
        time=0.0, step=step, command="set", key="training.optimizer.lr", value=0.1, refused=refused
    )


def steps(step: int, count: int, seconds: float) -> Steps:
    return Steps(time=0.0, step=step, losses=[1.0] * count, seconds=seconds, epoch=1, learning_rate=0.1)


def test_checkpoints_and_changes_of_the_rate_are_marked() -> None:
    marks = RunMarks()
    for event in (checkpoint(10, "a"), rate(20), rate(25, "no"), checkpoint(30, "b"), checkpoint(40, "a")):
        marks.absorb(event)
    assert marks.marks() == (Mark(30, "checkpoint"), Mark(40, "checkpoint"), Mark(20, "rate"))
    marks.absorb(Resumed(time=0.0, step=30, path="b"))
    assert marks.marks() == (Mark(30, "checkpoint"), Mark(20, "rate"))


def test_marks_are_bounded() -> None:
    marks = RunMarks()
    for i in range(2 * MOST):
        marks.absorb(checkpoint(i, f"{i}"))
        marks.absorb(rate(i))
    assert len(marks.marks()) == 2 * MOST
    assert max(marks.marks()).step == 2 * MOST - 1


def test_findings_of_the_training_are_marked() -> None:
    view = RunView("a")
    for step in (0, 7):
        view.absorb(Finding(time=0.0, step=step, code=f"code-{step}", severity="error", message=""))
    view.absorb(rate(3))
    assert set(view.figures().marks) == {Mark(3, "rate"), Mark(7, "finding")}


def test_the_clock_adds_up_the_durations() -> None:
    clock = RunClock()
    clock.add(steps(0, 10, 2.0))
    clock.add(steps(10, 10, 1.0))
    assert clock.times().at(np.array([0.0, 5.0, 10.0, 15.0, 20.0])).tolist() == [0.0, 1.0, 2.0, 2.5, 3.0]
    clock.cut(10)
    clock.add(steps(10, 10, 4.0))
    assert clock.times().seconds[-1] == 6.0


def test_the_clock_stays_small_and_keeps_its_ends() -> None:
    clock = RunClock()
    for i in range(3 * LIMIT):
        clock.add(steps(i, 1, 0.5))
    times = clock.times()
    assert len(times.steps) <= LIMIT
    assert (times.steps[0], times.steps[-1]) == (0, 3 * LIMIT)
    assert times.at(np.array([1000.0])) == pytest.approx(500.0)
