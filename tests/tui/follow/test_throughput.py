"""Speed and remaining time: a recent mean without pauses."""

import pytest

from engine.events import Resumed
from tests.tui.cli.fakes import steps
from tests.tui.fake_runs import command
from tui.follow.throughput import Throughput


def pace_after(*events: object) -> Throughput:
    pace = Throughput()
    for event in events:
        pace.add(event)  # type: ignore[arg-type]
    return pace


def test_without_steps_nothing_is_known() -> None:
    pace = pace_after(command("pause"))
    assert (pace.steps_per_s, pace.seconds_for(10)) == (0.0, None)


def test_the_time_of_a_single_chunk_is_its_own() -> None:
    pace = pace_after(steps(20, [1.0] * 10, time=100.0, seconds=0.5))
    assert pace.steps_per_s == pytest.approx(20.0)
    assert pace.seconds_for(40) == pytest.approx(2.0)
    assert pace.seconds_for(0) == pace.seconds_for(-3) == 0.0


def test_the_speed_covers_the_last_seconds_with_the_gaps_between_chunks() -> None:
    slow = [steps(i, [1.0], time=float(i)) for i in range(10)]
    fast = [steps(10 + 50 * i, [1.0] * 50, time=11.0 + i, seconds=0.1) for i in range(8)]
    assert pace_after(*slow, *fast).steps_per_s == pytest.approx(50.0)


@pytest.mark.parametrize("name", ["pause", "resume", "step"])
def test_pauses_do_not_count(name: str) -> None:
    later = steps(10, [1.0] * 5, time=1000.0, seconds=1.0)
    assert pace_after(steps(0, [1.0] * 10, time=1.0), command(name), later).steps_per_s == pytest.approx(5.0)
    refused = command(name, refused="it is over")
    assert pace_after(steps(0, [1.0] * 10, time=1.0), refused, later).steps_per_s < 1


def test_a_resumed_training_restarts_the_average() -> None:
    again = [
        Resumed(time=50.0, step=4, path=""),
        steps(4, [1.0] * 6, time=51.0, seconds=1.0),
    ]
    assert pace_after(steps(0, [1.0] * 40, time=1.0), *again).steps_per_s == pytest.approx(6.0)
