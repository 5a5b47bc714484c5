"""A training carries out commands between two updates, and answers each of them in the events."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.errors import CheckpointError
from engine.events import AnyEvent, Checkpoint, Command, Epoch, Finished, Started, Steps
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.runs import Run
from engine.runs.checkpointer import Checkpointer
from engine.runs.checkpoints import list_checkpoints
from engine.runs.commands import FILE_NAME, CommandReader
from engine.runs.recorder import Recorder
from engine.runs.retention import MID_EPOCH
from engine.runs.session import TrainingSession
from engine.runs.status import read_status
from engine.storage.weights import load_network, load_snapshot
from engine.training.trainer import Trainer

RATE = "training.optimizer.lr"
Act = Callable[[Run], None]


class Stage:
    """One run trained in this process; `script` is called each time the paused worker would sleep."""

    def __init__(self, home: Path, script: Iterable[Act] = (), **options: Any) -> None:
        defaults: dict[str, Any] = {"optimizer": "sgd", "lr": 0.05, "epochs": 3, "batch_size": 64}
        experiment = Experiment.quick("moons", [4], **(defaults | options))
        self.run = Run.create(experiment, home)
        self.script = iter(script)
        self.terminated = False
        data = engine.load_data(experiment.data)
        network = Network(experiment.network, data.input_shape, experiment.seed)
        self.trainer = Trainer(self.run.experiment(), network, data, chunk_s=0.0)
        self.recorder = Recorder(self.run.path, self.run.status())

    def train(self) -> list[AnyEvent]:
        self.recorder.open()
        session = TrainingSession(
            self.trainer,
            self.recorder,
            CommandReader(self.run.path / FILE_NAME),
            is_terminated=lambda: self.terminated,
            sleep=lambda _: next(self.script)(self.run),
        )
        session.run(started(self.run.name))
        self.recorder.close()
        return list(self.run.events())


def started(name: str) -> Started:
    return Started(
        time=1.0,
        step=0,
        run=name,
        experiment={},
        n_parameters=17,
        train_samples=900,
        validation_samples=100,
        test_samples=500,
        steps_per_epoch=15,
        epochs=3,
    )


def ask(*command: Any) -> Act:
    return lambda run: run.command(*command)


def nothing(run: Run) -> None:
    pass


def commands_of(events: list[AnyEvent]) -> list[tuple[str, int, bool]]:
    return [(e.command, e.step, bool(e.refused)) for e in events if isinstance(e, Command)]


def test_a_run_without_commands_is_recorded_completely(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    events = stage.train()
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert (events[-1].state, events[-1].run) == ("finished", stage.run.name)
    assert [event.step for event in events if isinstance(event, Steps)] == list(range(45))
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2, 3]
    status = stage.run.status()
    assert (status.state, status.step, status.epoch) == ("finished", 45, 3)
    assert status.validation_loss == events[-1].validation_loss
    assert status.test_accuracy == events[-1].test_accuracy
    assert stage.run.network().theta.tobytes() == stage.trainer.network.theta.tobytes()
    assert [path.name for path in stage.run.path.glob(".*")] == []


def test_pause_steps_and_resume(tmp_path: Path) -> None:
    states = []

    def look(run: Run) -> None:
        status = read_status(run.path)
        states.append((status.state, status.step))

    def steps(count: int) -> Act:
        return lambda run: [run.command("step") for _ in range(count)] and None

    script = [look, ask("step"), look, look, steps(2), look, ask("resume")]
    stage = Stage(tmp_path, script)
    stage.run.command("pause")
    events = stage.train()
    assert [state for state, _ in states] == ["paused"] * 4
    assert stage.trainer.position.step == 45
    assert commands_of(events) == [
        ("pause", 0, False),
        ("step", 0, False),
        ("step", 1, False),
        ("step", 1, False),
        ("resume", 3, False),
    ]
    assert stage.run.status().commands_read == (stage.run.path / FILE_NAME).stat().st_size


def test_stepping_over_the_end_of_an_epoch_shows_its_figures_at_once(tmp_path: Path) -> None:
    def look(run: Run) -> None:
        epochs = [event for event in run.events() if isinstance(event, Epoch)]
        assert [epoch.step for epoch in epochs] == [15]
        assert read_status(run.path).state == "paused"
        run.command("stop")

    stage = Stage(tmp_path, [lambda run: [run.command("step") for _ in range(15)] and None, look])
    stage.run.command("pause")
    *_, finished = stage.train()
    assert isinstance(finished, Finished)
    assert (finished.state, finished.steps) == ("stopped", 15)


def test_pausing_and_stepping_changes_no_bit(tmp_path: Path) -> None:
    plain = Stage(tmp_path)
    plain.train()
    steered = Stage(tmp_path, [nothing, ask("step"), nothing, ask("checkpoint"), ask("step"), ask("resume")])
    steered.run.command("pause")
    steered.train()
    assert steered.trainer.network.theta.tobytes() == plain.trainer.network.theta.tobytes()


def test_the_learning_rate_is_set_between_two_updates(tmp_path: Path) -> None:
    shown = []

    def look(run: Run) -> None:
        stage.recorder.publish()
        status = read_status(run.path)
        shown.append((status.base_learning_rate, status.learning_rate))

    stage = Stage(tmp_path, [ask("step"), look, ask("set", RATE, 0.5), look, ask("resume")])
    stage.run.command("pause")
    events = stage.train()
    rates = [event.learning_rate for event in events if isinstance(event, Steps)]
    assert rates == [0.05] + [0.5] * 44
    assert shown == [(0.05, 0.05), (0.5, 0.5)]
    (command,) = [event for event in events if isinstance(event, Command) and event.command == "set"]
    assert (command.step, command.key, command.value) == (1, RATE, 0.5)
    assert stage.run.status().learning_rate == 0.5


def test_impossible_requests_are_refused_with_a_reason(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with (stage.run.path / FILE_NAME).open("wb") as stream:
        stream.write(b'rubbish\n{"command":"set","key":"seed","value":1}\n{"command":"explode"}\n')
    events = stage.train()
    assert commands_of(events) == [("rubbish", 0, True), ("set", 0, True), ("explode", 0, True)]
    assert isinstance(events[-1], Finished)
    assert events[-1].state == "finished"


def test_stop_writes_a_checkpoint_for_a_resume(tmp_path: Path) -> None:
    stage = Stage(tmp_path, [ask("step"), ask("stop")], optimizer="adam")
    stage.run.command("pause")
    events = stage.train()
    assert isinstance(events[-1], Finished)
    assert (events[-1].state, events[-1].steps) == ("stopped", 1)
    ((step, path),) = list_checkpoints(stage.run.path)
    snapshot = load_snapshot(path)
    assert step == 1
    assert snapshot.position is not None
    assert (snapshot.position.step, snapshot.position.cursor) == (1, 64)
    assert snapshot.optimizer_state is not None
    assert snapshot.network.theta.tobytes() == stage.trainer.network.theta.tobytes()
    assert stage.run.status().state == "stopped"


def test_termination_stops_a_paused_run(tmp_path: Path) -> None:
    def terminate(run: Run) -> None:
        stage.terminated = True

    stage = Stage(tmp_path, [terminate])
    stage.run.command("pause")
    events = stage.train()
    assert commands_of(events) == [("pause", 0, False), ("stop", 0, False)]
    assert isinstance(events[-1], Finished)
    assert events[-1].state == "stopped"
    assert len(list_checkpoints(stage.run.path)) == 1


def test_commands_after_the_end_are_refused(tmp_path: Path) -> None:
    def stop_and_more(run: Run) -> None:
        run.command("stop")
        run.command("resume")

    stage = Stage(tmp_path, [stop_and_more])
    stage.run.command("pause")
    events = stage.train()
    assert {command for command, _, _ in commands_of(events)} == {"pause", "stop", "resume"}
    assert isinstance(events[-1], Finished)
    assert events[-1].state == "stopped"


def test_requested_checkpoints_are_kept(tmp_path: Path) -> None:
    stage = Stage(tmp_path, [ask("step"), ask("checkpoint"), ask("checkpoint"), ask("resume")])
    stage.run.command("pause")
    events = stage.train()
    kept = [(e.path, e.reason) for e in events if isinstance(e, Checkpoint) and e.reason == "command"]
    assert kept == [("checkpoints/step-00000001.safetensors", "command")] * 2
    assert {1, 45} <= {step for step, _ in list_checkpoints(stage.run.path)}


def test_the_best_and_the_last_weights_are_kept(tmp_path: Path) -> None:
    stage = Stage(tmp_path, epochs=60, lr=3.0, momentum=0.9, patience=5, force=True)
    events = stage.train()
    epochs = [event for event in events if isinstance(event, Epoch)]
    best = min(epochs, key=lambda epoch: epoch.validation_loss or np.inf)
    last = events[-1]
    assert isinstance(last, Finished)
    assert best.step < last.step
    kept = dict(list_checkpoints(stage.run.path))
    assert {best.step, last.step} <= set(kept)
    best_network, _ = load_network(kept[best.step])
    assert best_network.theta.tobytes() == stage.trainer.network.theta.tobytes()
    assert stage.run.network().theta.tobytes() == best_network.theta.tobytes()
    last_snapshot = load_snapshot(kept[last.step])
    assert last_snapshot.network.theta.tobytes() != best_network.theta.tobytes()
    assert last_snapshot.best_state is not None
    assert last_snapshot.best_state.tobytes() == best_network.theta.tobytes()
    checkpoints = [(e.path, e.reason) for e in events if isinstance(e, Checkpoint)]
    best_at = f"checkpoints/step-{best.step:08d}.safetensors"
    assert (best_at, "best") in checkpoints
    assert checkpoints[-1] == (f"checkpoints/step-{last.step:08d}.safetensors", "last")


def test_a_divergence_checkpoint_has_finite_weights_and_no_optimizer_state(tmp_path: Path) -> None:
    stage = Stage(tmp_path, lr=1e6, momentum=0.9, force=True)
    events = stage.train()
    assert isinstance(events[-1], Finished)
    assert events[-1].state == "diverged"
    assert stage.run.status().state == "diverged"
    assert stage.run.status().message
    *_, checkpoint = [event for event in events if isinstance(event, Checkpoint)]
    assert checkpoint.reason == "diverged"
    snapshot = load_snapshot(stage.run.path / checkpoint.path)
    assert np.isfinite(snapshot.network.theta).all()
    assert snapshot.optimizer_state is None
    assert snapshot.position is not None
    assert snapshot.position.step < events[-1].step
    assert np.isfinite(stage.run.network().theta).all()


def test_live_weights_are_there_from_the_start(tmp_path: Path) -> None:
    seen = []
    script = [lambda run: seen.append(run.network().theta.tobytes()), ask("stop")]
    stage = Stage(tmp_path, script)
    first = stage.trainer.network.theta.tobytes()
    with pytest.raises(CheckpointError):
        stage.run.network()
    stage.run.command("pause")
    stage.train()
    assert seen == [first]


def test_a_checkpoint_is_due_by_time_within_an_epoch_too(tmp_path: Path) -> None:
    stage, clock = Stage(tmp_path, overrides=["checkpoints.seconds=1.0"]), 0.0
    stage.recorder.open()
    checkpointer = Checkpointer(stage.trainer, stage.recorder, timer=lambda: clock)
    for event in stage.trainer:
        clock += 0.4
        checkpointer.write_due()
        if not isinstance(event, Steps) or event.step >= 8:
            break
    stage.recorder.close()
    kept = [(e.step, e.reason) for e in stage.run.events() if isinstance(e, Checkpoint)]
    assert kept == [(3, MID_EPOCH), (6, MID_EPOCH), (9, MID_EPOCH)]
