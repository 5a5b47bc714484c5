"""The screens that are compared with their snapshots, each with fixed figures, so that it looks the same everywhere."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.torch.devices.choose import Device
from tests.tui.fake_runs import FakeRun, checkpoint, epoch, finding, finished, started, steps
from tests.tui.hosts import make_host
from tests.tui.snapshots.check_events import FINISHED, REPORTS, STARTED
from tui.app import NntermApp
from tui.build.screen import BuildScreen
from tui.data.screen import DataScreen
from tui.draft.tables import complete
from tui.gradients.screen import GradientsScreen
from tui.processes.check import CPU, CheckLine
from tui.runs.screen import RunsScreen
from tui.train.screen import TrainScreen


@dataclass(frozen=True)
class Scene:
    """A screen in a state."""

    name: str
    make: Callable[[Path], NntermApp]
    shows: str
    """Text on the screen once it is complete."""
    ready: str = ""
    """Text on the screen before `keys` are pressed."""
    keys: Sequence[str] = ()


def data(home: Path) -> NntermApp:
    """Return the app with the Data screen."""
    return make_host(home, "data", DataScreen)


def build(home: Path) -> NntermApp:
    """Return the app with a network for XOR on the Build screen."""
    draft = complete(
        {"data": {"dataset": "xor"}, "network": {"layers": [{"units": 4, "activation": "tanh"}]}}
    )
    return make_host(home, "build", BuildScreen, draft=draft)


def running(home: Path) -> NntermApp:
    """Return the app with a run that trains."""
    run = FakeRun(home)
    losses = [float(loss) for loss in 0.7 * np.exp(-np.arange(30) / 20)]
    run.write(started(run.name), steps(0, losses[:10]), epoch(1, 10), checkpoint(10))
    run.write(steps(10, losses[10:20]), epoch(2, 20), finding(step=20), steps(20, losses[20:]))
    run.set_status("running", epochs=4)
    return make_host(home, "train", TrainScreen, run=run.name)


def over(home: Path) -> NntermApp:
    """Return the app with a run that has finished."""
    run = _finished(home, "xor-1", 1.0)
    return make_host(home, "train", TrainScreen, run=run.name)


def runs(home: Path) -> NntermApp:
    """Return the app with three runs that have ended."""
    for number, name in enumerate(("xor-1", "xor-2", "moons-wide")):
        _finished(home, name, float(number))
    return make_host(home, "runs", RunsScreen)


def _finished(home: Path, name: str, created: float) -> FakeRun:
    run = FakeRun(home, name)
    run.write(started(name), steps(0, [1.0 - 0.02 * i for i in range(40)]))
    run.write(*(epoch(number, 10 * number) for number in range(1, 5)), finished())
    run.set_status("finished", created=created, epochs=4, epoch=4)
    return run


def gradients(home: Path) -> NntermApp:
    """Return the app with a check of a network for XOR that has ended."""

    async def check(arguments: Sequence[str]) -> AsyncGenerator[CheckLine, None]:
        for event in (STARTED, *REPORTS, FINISHED):
            yield event

    async def devices() -> tuple[Device, ...]:
        await asyncio.sleep(0)
        return (CPU,)

    draft = complete({"data": {"dataset": "xor"}})
    return make_host(home, "gradients", lambda: GradientsScreen(check, devices), draft=draft)


SCENES = (
    Scene("data", data, "checkerboard", "moons", ["down"] * 4),
    Scene("build", build, "ready"),
    Scene("train-running", running, "epoch 3"),
    Scene("train-finished", over, "finished"),
    Scene("runs", runs, "moons-wide"),
    Scene("gradients", gradients, "agree", "check", ["g"]),
)
