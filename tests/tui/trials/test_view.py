"""The state of a trial, gathered from its stream, and trials in child processes."""

import asyncio
import math
from contextlib import aclosing
from pathlib import Path

import psutil

from engine.trials import TrialFinished, TrialPoints, TrialProgress, TrialStarted
from tests.tui.fake_trials import ENDED, STARTED
from tests.tui.hosts import PATIENCE_S
from tui.processes import trial as trial_process
from tui.processes.trial import TrialError, arguments_for, decode_line
from tui.trials.view import TrialView


def test_points_are_gathered_and_progress_never_decreases() -> None:
    view = TrialView()
    assert (view.is_running, view.series()) == (True, [])
    view.absorb(STARTED)
    view.absorb(TrialPoints(curve="loss", x=[0.0, 1.0], y=[2.0, None]))
    view.absorb(TrialPoints(curve="level", x=[0.0], y=[0.5]))
    view.absorb(TrialPoints(curve="loss", x=[2.0], y=[1.0]))
    view.absorb(TrialProgress(share=0.5, phase="update 2"))
    view.absorb(TrialProgress(share=0.4, phase="update 3"))
    level, loss = view.series()
    assert (level.name, loss.name) == ("level", "loss")
    assert list(loss.x) == [0.0, 1.0, 2.0]
    assert math.isnan(list(loss.y)[1])
    assert (view.share, view.phase) == (0.5, "update 3")
    view.absorb(ENDED)
    assert (view.state, view.share, view.message, view.mark) == ("failed", 1.0, ENDED.sentence, 1.0)
    view.cancel()
    assert view.state == "failed"


def test_invalid_lines_are_ignored() -> None:
    assert decode_line(b'{"type":"news"}') is None
    assert decode_line(b"nonsense") is None
    assert decode_line(b'{"type":"error","message":"no","hint":"try"}') == TrialError("no", "try")


def test_arguments_name_the_trial_the_source_and_the_home(tmp_path: Path) -> None:
    assert arguments_for("rates", ["--run", "r"], tmp_path) == [
        *("rates", "--run", "r", "--home", str(tmp_path), "--json")
    ]


async def test_a_trial_in_a_process_ends_in_its_answer_or_in_one_error() -> None:
    async def told(*arguments: str) -> list[object]:
        async with aclosing(trial_process.attempt([*arguments, "--json"])) as events:
            return [event async for event in events]

    good, bad = await asyncio.gather(told("overfit", "--dataset", "xor"), told("overfit"))
    assert isinstance(good[0], TrialStarted)
    assert isinstance(good[-1], TrialFinished)
    assert [type(event) for event in bad] == [TrialError]


async def test_leaving_the_stream_ends_the_process() -> None:
    me = psutil.Process()
    async with aclosing(trial_process.attempt(["seeds", "--dataset", "spirals", "--json"])) as events:
        await anext(events)
    async with asyncio.timeout(PATIENCE_S):
        while any("try" in one.cmdline() for one in me.children() if one.status() != psutil.STATUS_ZOMBIE):
            await asyncio.sleep(0.01)
