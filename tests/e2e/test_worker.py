"""Real workers, really signalled and really killed."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.errors import RunError
from engine.events import Checkpoint, Command, Epoch, Failed, Finished, Started, Steps
from engine.runs import Run, list_runs
from engine.runs.checkpoints import list_checkpoints
from engine.storage.weights import load_network, load_snapshot
from tests.waiting import PATIENCE_S

RATE = "training.optimizer.lr"


def last_event(run: Run) -> Any:
    *_, event = run.events()
    return event


def start_worker(run: Run) -> "subprocess.CompletedProcess[str]":
    """Run a worker in the foreground, and wait for its end."""
    command = [sys.executable, "-m", "engine.runs.worker", str(run.path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def test_a_launched_run_trains_to_its_end(stage: Any) -> None:
    run = stage.launch(epochs=3)
    status = stage.when(run, "finished")
    first, *_, last = run.events()
    assert isinstance(first, Started)
    assert (first.run, first.pid, first.train_samples) == (run.name, status.pid, 900)
    assert first.chance == pytest.approx(0.5, abs=0.01)
    assert first.experiment == run.experiment().to_raw()
    assert isinstance(last, Finished)
    assert (last.run, last.state, last.steps, last.epochs) == (run.name, "finished", 45, 3)
    assert status.test_accuracy == last.test_accuracy
    (checkpoint,) = [path for step, path in list_checkpoints(run.path) if step == 45]
    assert load_network(checkpoint)[0].theta.tobytes() == run.network().theta.tobytes()
    assert (run.path / "worker.log").read_text() == ""
    for line in (run.path / "events.jsonl").read_text().splitlines():
        assert {"type", "time", "step"} <= set(json.loads(line))


def test_the_same_seed_gives_the_same_bits(stage: Any) -> None:
    runs = [stage.launch(epochs=5, optimizer="adam", lr=0.003) for _ in range(2)]
    other = stage.launch(epochs=5, optimizer="adam", lr=0.003, seed=1)
    for run in (*runs, other):
        stage.when(run, "finished")
    first, second, third = (run.network().theta.tobytes() for run in (*runs, other))
    assert first == second != third


def test_the_worker_has_a_session_of_its_own_and_one_thread(stage: Any) -> None:
    run = stage.launch()
    status = stage.when(run, "running", step=1)
    assert os.getsid(status.pid) == status.pid != os.getsid(0)
    process = psutil.Process(status.pid)
    assert process.cwd() == "/"
    assert process.environ()["OPENBLAS_NUM_THREADS"] == "1"
    maps = Path(f"/proc/{status.pid}/maps").read_text()
    assert "libtorch" not in maps
    first = next(iter(run.events()))
    assert isinstance(first, Started)
    assert first.threads == 1


def test_hangup_and_interrupt_are_nothing_to_it(stage: Any) -> None:
    run = stage.launch()
    status = stage.when(run, "running", step=1)
    os.kill(status.pid, signal.SIGHUP)
    os.kill(status.pid, signal.SIGINT)
    assert stage.when(run, "running", step=status.step + 1000).pid == status.pid


def test_termination_keeps_a_checkpoint_and_stops(stage: Any) -> None:
    run = stage.launch(optimizer="adam")
    status = stage.when(run, "running", step=1)
    os.kill(status.pid, signal.SIGTERM)
    status = stage.when(run, "stopped")
    stage.gone(status)
    assert last_event(run).state == "stopped"
    snapshot = load_snapshot(list_checkpoints(run.path)[-1][1])
    assert snapshot.position is not None
    assert snapshot.position.step == status.step > 0
    assert snapshot.network.theta.tobytes() == run.network().theta.tobytes()


def test_a_killed_worker_is_lost_at_once(stage: Any) -> None:
    run = stage.launch()
    status = stage.when(run, "running", step=1)
    os.kill(status.pid, signal.SIGKILL)
    stage.gone(status)
    assert run.status().state == "lost"
    assert [summary.state for summary in list_runs(stage.home)] == ["lost"]
    assert run.network().theta.shape
    assert isinstance(last_event(run), Started | Steps | Epoch | Checkpoint)


def test_a_stopped_process_is_not_lost(stage: Any) -> None:
    run = stage.launch()
    status = stage.when(run, "running", step=1)
    os.kill(status.pid, signal.SIGSTOP)
    assert run.status().state == "running"
    os.kill(status.pid, signal.SIGCONT)
    stage.when(run, "running", step=run.status().step + 1000)


def test_pause_step_rate_and_resume(stage: Any) -> None:
    run = stage.launch(held=True)
    paused = stage.when(run, "paused")
    before = psutil.Process(paused.pid).cpu_times()
    run.command("step")
    stage.when(run, "paused", step=paused.step + 1)
    run.command("set", RATE, 0.25)
    run.command("step")
    stepped = stage.when(run, "paused", step=paused.step + 2)
    assert stepped.step == paused.step + 2
    assert stepped.learning_rate == 0.25
    beat = stepped.heartbeat
    later = wait_for_heartbeat(stage, run, beat)
    assert (later.state, later.step) == ("paused", stepped.step)
    after = psutil.Process(paused.pid).cpu_times()
    assert after.user - before.user < 0.3 * (later.heartbeat - paused.heartbeat) + 0.05
    run.command("resume")
    stage.when(run, "running", step=stepped.step + 1000)
    run.command("stop")
    stage.when(run, "stopped")
    commands = [event for event in run.events() if isinstance(event, Command)]
    assert [event.command for event in commands] == ["pause", "step", "set", "step", "resume", "stop"]
    assert [event.step - paused.step for event in commands[:5]] == [0, 0, 1, 1, 2]
    single = [event for event in run.events() if isinstance(event, Steps) and event.step == paused.step + 1]
    assert [(len(event.losses), event.learning_rate) for event in single] == [(1, 0.25)]


def wait_for_heartbeat(stage: Any, run: Run, since: float) -> Any:
    while (status := stage.when(run, "paused")).heartbeat <= since:
        pass
    return status


def test_a_second_worker_is_refused_and_changes_nothing(stage: Any) -> None:
    run = stage.launch()
    run.command("pause")
    status = stage.when(run, "paused")
    before = (run.path / "events.jsonl").read_bytes()
    second = start_worker(run)
    assert second.returncode == 2
    assert f"in use by process {status.pid} on {status.host}" in second.stderr
    assert (run.path / "events.jsonl").read_bytes() == before
    assert run.status().pid == status.pid


def test_a_run_is_trained_once(stage: Any) -> None:
    run = stage.launch(epochs=1)
    status = stage.when(run, "finished")
    stage.gone(status)
    before = (run.path / "events.jsonl").read_bytes()
    again = start_worker(run)
    assert again.returncode == 2
    assert "has been trained already" in again.stderr
    assert (run.path / "events.jsonl").read_bytes() == before


def test_a_divergence_keeps_finite_weights(stage: Any) -> None:
    run = stage.launch("sine", (16,), lr=1e6, force=True)
    status = stage.when(run, "diverged")
    stage.gone(status)
    assert last_event(run).state == "diverged"
    assert np.isfinite(run.network().theta).all()
    checkpoint = next(event for event in run.events() if isinstance(event, Checkpoint))
    assert checkpoint.reason == "diverged"
    assert np.isfinite(load_network(run.path / checkpoint.path)[0].theta).all()
    assert (run.path / "worker.log").read_text() == ""


def test_a_torn_line_of_an_earlier_worker_is_cut(stage: Any) -> None:
    from engine.experiment.experiment import Experiment

    run = Run.create(Experiment.quick("xor", [2], epochs=2), stage.home)
    (run.path / "events.jsonl").write_bytes(b'{"type":"steps","ti')
    assert start_worker(run).returncode == 0
    follower = run.follow()
    assert isinstance(follower.poll()[0], Started)
    assert follower.bad_lines == 0


def test_data_that_are_gone_or_bad_fail_with_a_hint(stage: Any) -> None:
    data = stage.home / "points.npz"
    x = np.random.default_rng(0).normal(size=(40, 2))
    np.savez(data, x=x, y=np.arange(40) % 2)
    runs = []
    for spoil in (data.unlink, lambda: np.savez(data, x=x * np.nan, y=np.arange(40) % 2)):
        run = create(stage, str(data))
        spoil()
        assert start_worker(run).returncode == 2
        runs.append(run)
        np.savez(data, x=x, y=np.arange(40) % 2)
    for run in runs:
        event = last_event(run)
        assert isinstance(event, Failed)
        assert (event.message, event.hint) == (run.status().message, run.status().hint)
        assert event.hint
        assert "points.npz" in event.message
        assert not event.traceback
        assert run.status().state == "failed"


def create(stage: Any, dataset: str) -> Run:
    from engine.experiment.experiment import Experiment

    return Run.create(Experiment.quick(dataset, [2], epochs=2), stage.home)


def test_a_full_disk_ends_the_run_with_a_word_and_leaves_whole_files(stage: Any) -> None:
    run = stage.launch(layers=(64, 64))
    status = stage.when(run, "running", step=1)
    limit = (run.path / "events.jsonl").stat().st_size + 3000
    resource.prlimit(
        status.pid, resource.RLIMIT_FSIZE, (limit, limit)
    )  # a disk that is full beyond this size
    status = stage.when(run, "failed")
    stage.gone(status)
    assert "File too large" in status.message
    assert "--home" in status.hint
    content = (run.path / "events.jsonl").read_bytes()
    assert len(content) <= limit
    assert content.endswith(b"\n")
    follower = run.follow()
    assert follower.poll()
    assert follower.bad_lines == 0
    assert run.network().theta.shape
    assert list(run.path.glob(".*.tmp")) == list((run.path / "checkpoints").glob(".*")) == []


def test_a_disk_that_takes_nothing_at_all_leaves_whole_lines(stage: Any) -> None:
    run = stage.launch()
    status = stage.when(run, "running", step=1)
    resource.prlimit(status.pid, resource.RLIMIT_FSIZE, (0, 0))
    stage.gone(status)
    assert run.status().state in ("failed", "lost")
    assert (run.path / "events.jsonl").read_bytes().endswith(b"\n")


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        ended = start_worker(Run(path))
        assert ended.returncode == 2
        assert ended.stderr.startswith("error: ")
        assert "Traceback" not in ended.stderr


def test_a_worker_that_cannot_be_started_leaves_no_run(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(RunError, match="cannot start a worker"):
        stage.launch()
    assert list_runs(stage.home) == []
