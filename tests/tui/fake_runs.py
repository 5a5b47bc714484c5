"""Run folders without a worker: the test writes their events and their status."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.events import (
    Checkpoint,
    Command,
    Epoch,
    Event,
    Failed,
    Finding,
    Finished,
    LayerFigures,
    Layers,
    Started,
    Steps,
)
from engine.experiment.experiment import Experiment
from engine.runs import Run
from engine.runs.log import encode_event
from engine.runs.status import process_start, read_status, write_status

T0 = 1_700_000_000.0


class FakeRun:
    """A run whose worker is the test: its status names this process."""

    def __init__(self, home: Path, name: str = "xor-1") -> None:
        self.run = Run.create(Experiment.quick("xor", [4]), home, name)
        self.name = self.run.name
        self.set_status("starting")

    def set_status(self, state: Any, **changes: Any) -> None:
        """Write a new status."""
        status = msgspec.structs.replace(
            read_status(self.run.path),
            state=state,
            pid=os.getpid(),
            process_start=process_start(os.getpid()) or 0.0,
            heartbeat=time.time(),
            **changes,
        )
        write_status(self.run.path, status)

    def write(self, *events: Event) -> None:
        """Append events."""
        with (self.run.path / "events.jsonl").open("ab") as stream:
            stream.write(b"".join(encode_event(event) for event in events))

    def commands(self) -> list[tuple[str, Any]]:
        """Return the commands that were written for the worker, with their values."""
        path = self.run.path / "commands.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        requests = [msgspec.json.decode(line) for line in lines]
        return [(request["command"], request.get("value")) for request in requests]

    def begin(self, **changes: Any) -> None:
        """Write that it is running, and that an epoch of ten steps is over."""
        self.write(started(self.name, **changes), steps(0, [1.0 - 0.05 * i for i in range(10)]), epoch(1, 10))
        self.set_status("running", epochs=4)


def started(
    run: str = "xor-1", *, chance: float | None = 0.5, epochs: int = 4, schedule: Any = "constant"
) -> Started:
    """Return the event that starts a training of ten steps per epoch."""
    experiment = {
        "data": {"dataset": "xor"},
        "network": {"layers": [{"units": 4}, {"units": 1}]},
        "training": {"optimizer": {"name": "sgd", "lr": 0.1}, "batch_size": 32, "schedule": schedule},
    }
    return Started(
        time=T0,
        step=0,
        run=run,
        experiment=experiment,
        n_parameters=17,
        train_samples=320,
        validation_samples=40,
        test_samples=40,
        steps_per_epoch=10,
        epochs=epochs,
        chance=chance,
    )


def steps(first: int, losses: Sequence[float | None], *, seconds: float = 1.0, rate: float = 0.1) -> Steps:
    """Return the event of a chunk of updates of a tenth of a second each."""
    end = first + len(losses)
    return Steps(
        time=T0 + end / 10,
        step=first,
        losses=list(losses),
        seconds=seconds,
        epoch=first // 10 + 1,
        learning_rate=rate,
    )


def epoch(
    number: int, step: int, *, accuracy: float | None = 0.75, validation_loss: float | None = 0.5
) -> Epoch:
    """Return the event of epoch `number`."""
    return Epoch(
        time=T0 + step / 10,
        step=step,
        epoch=number,
        train_loss=0.6,
        train_accuracy=accuracy,
        validation_loss=validation_loss,
        validation_accuracy=accuracy,
        learning_rate=0.1,
        samples_per_s=320.0,
        seconds=1.0,
    )


def command(name: str, step: int = 10, value: Any = None, refused: str | None = None) -> Command:
    """Return the worker's event for a command."""
    key = "training.optimizer.lr" if name == "set" else None
    return Command(time=T0 + 2, step=step, command=name, key=key, value=value, refused=refused)


def checkpoint(step: int = 10, reason: str = "command") -> Checkpoint:
    """Return the event of a written checkpoint."""
    return Checkpoint(time=T0 + 2, step=step, path=f"checkpoints/step-{step:08}.safetensors", reason=reason)


def layer(name: str, **values: Any) -> LayerFigures:
    """Return the figures of a healthy dense layer, except for `values`."""
    usual: dict[str, Any] = {
        "kind": "dense",
        "units": 8,
        "activation_mean": 0.3,
        "activation_std": 0.5,
        "dead": None,
        "saturated": None,
        "gradient_norm": 0.1,
        "weight_norm": 3.0,
        "update_ratio": 1e-3,
    }
    return LayerFigures(name=name, **usual | values)


def measured(step: int, *layers: LayerFigures, loss: float | None = 0.7) -> Layers:
    """Return the event of measured layers, two healthy ones by default."""
    seen = list(layers) or [layer("layers.0"), layer("layers.1")]
    return Layers(
        time=T0, step=step, layers=seen, loss=loss, loss_after=0.69, learning_rate=0.1, seconds=0.01
    )


def finding(code: str = "learning-rate-high", step: int = 10, **values: Any) -> Finding:
    """Return a finding, by default that a learning rate of 10 is too high."""
    usual: dict[str, Any] = {
        "severity": "error",
        "message": "a learning rate of 10 is too high here",
        "evidence": {"learning_rate": 10.0, "first_loss": 0.7},
        "remedy": {"training.optimizer.lr": 0.01},
        "reference": "Bengio 2012",
    }
    return Finding(time=T0 + 1, step=step, code=code, **usual | values)


def finished(state: Any = "finished", *, test_accuracy: float | None = 0.9, reason: str = "") -> Finished:
    """Return the last event of a training."""
    return Finished(
        time=T0 + 4,
        step=40,
        state=state,
        train_loss=0.1,
        train_accuracy=0.95,
        validation_loss=0.2,
        validation_accuracy=0.925,
        test_loss=0.3,
        test_accuracy=test_accuracy,
        epochs=4,
        steps=40,
        seconds=4.0,
        reason=reason,
    )


def failed(message: str = "the data are gone", hint: str = "fetch them again") -> Failed:
    """Return the event of a worker that failed."""
    return Failed(time=T0, step=0, message=message, hint=hint)
