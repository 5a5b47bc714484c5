"""Slow motion: a training that is held to some steps per second is the same training, bit for bit."""

from pathlib import Path

import pytest

from engine.errors import RunError
from engine.events import Command, Finished
from engine.runs import Run
from engine.runs.commands import CommandRequest, check_request
from engine.runs.pacing import LOOK_S, Pacer
from tests.engine.runs.test_session import Stage


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_updates_are_due_at_the_pace() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    assert pacer.begin_chunk(0) is None
    assert pacer.wait_s(1_000) <= 0
    pacer.steps_per_s = 2.0
    assert pacer.begin_chunk(10) == 1
    assert pacer.wait_s(11) == pytest.approx(0.5)
    clock.now = 0.3
    assert pacer.wait_s(11) == pytest.approx(0.2)
    pacer.steps_per_s = 100.0  # faster: due at once
    assert pacer.wait_s(11) <= 0
    assert pacer.begin_chunk(11) == 10


def test_a_paced_training_is_shown_and_measured_now_and_then() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    assert not pacer.may_look()
    pacer.steps_per_s = 5.0
    assert pacer.may_look()
    assert not pacer.may_look()
    clock.now = LOOK_S
    assert pacer.may_look()


def test_slow_motion_holds_a_training_and_changes_no_bit(tmp_path: Path) -> None:
    plain = Stage(tmp_path / "plain")
    plain.train()
    seen = []

    def look(run: Run) -> None:
        seen.append(stage.trainer.position.step)

    def full_speed(run: Run) -> None:
        run.command("pace", value=None)

    stage = Stage(tmp_path / "paced", [look, look, full_speed])
    stage.run.command("pace", value=1e-3)
    events = stage.train()
    assert seen == [1, 1]  # the next update is due in a thousand seconds
    assert [(e.command, e.value) for e in events if isinstance(e, Command)] == [
        ("pace", 1e-3),
        ("pace", None),
    ]
    assert isinstance(events[-1], Finished)
    assert stage.trainer.network.theta.tobytes() == plain.trainer.network.theta.tobytes()


def test_a_held_training_can_be_paused_stepped_and_stopped(tmp_path: Path) -> None:
    states = []

    def pause(run: Run) -> None:
        run.command("pause")
        run.command("step")

    def stop(run: Run) -> None:
        states.append((run.status().state, stage.trainer.position.step))
        run.command("stop")

    stage = Stage(tmp_path, [pause, stop])
    stage.run.command("pace", value=1e-3)
    *_, finished = stage.train()
    assert states == [("paused", 2)]
    assert isinstance(finished, Finished)
    assert (finished.state, finished.steps) == ("stopped", 2)


@pytest.mark.parametrize("value", [0, -1, "fast", True, float("inf")])
def test_a_pace_is_a_number_above_zero(value: object, tmp_path: Path) -> None:
    refused = check_request(CommandRequest("pace", None, value)).refused
    assert refused is not None
    assert refused.startswith("pace must be a number of steps per second above 0")
    run = Stage(tmp_path).run
    with pytest.raises(RunError, match="pace must be"):
        run.command("pace", value=value)
