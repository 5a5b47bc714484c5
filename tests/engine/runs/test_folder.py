"""A run's folder: created whole or not at all, found by name, never outside its home."""

import stat
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.data.spec import DataSpec
from engine.errors import CheckpointError, ExperimentError, RunError
from engine.experiment.experiment import Experiment
from engine.runs import Run, default_home, fork
from engine.runs.checkpoints import checkpoint_path, list_checkpoints
from engine.runs.names import names_after
from engine.storage.weights import save_network

XOR = Experiment.quick("xor", [2], name="gate")


def test_the_folder_holds_the_experiment_and_is_its_owners_alone(tmp_path: Path) -> None:
    run = Run.create(XOR, tmp_path)
    assert run.path == tmp_path / "runs" / "gate"
    assert stat.S_IMODE(run.path.stat().st_mode) == 0o700
    assert {path.name for path in run.path.iterdir()} == {
        "experiment.toml",
        "status.json",
        "checkpoints",
        "checks",
    }
    assert run.experiment() == XOR
    assert Experiment.load(run.path / "experiment.toml") == XOR
    status = run.status()
    assert (status.state, status.dataset, status.network) == ("starting", "xor", "2-1")
    assert list(run.events()) == []
    assert [path.name for path in run.path.parent.iterdir()] == ["gate"]


def test_names_that_are_taken_get_numbers(tmp_path: Path) -> None:
    assert [Run.create(XOR, tmp_path).name for _ in range(3)] == ["gate", "gate-2", "gate-3"]
    assert Run.create(XOR, tmp_path, "other").name == "other"
    assert Run.open("gate-2", tmp_path).experiment().name == "gate-2"


def test_forks_and_repetitions_count_on(tmp_path: Path) -> None:
    parent = Run.create(XOR, tmp_path)
    names = [fork(parent, 0, starts=False).run.name for _ in range(2)]
    assert names == ["gate-2", "gate-3"]
    assert fork(Run.open("gate-2", tmp_path), 0, starts=False).run.name == "gate-4"
    assert fork(parent, 0, {"name": "mine"}, starts=False).run.name == "mine"
    assert fork(parent, 0, name="yours", starts=False).run.name == "yours"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("xor-1", "xor-2"),
        ("xor-9", "xor-10"),
        ("gate", "gate-2"),
        ("gate-2", "gate-3"),
        ("width-64", "width-64-2"),
        ("lr-01", "lr-01-2"),
        ("xor-2-2", "xor-2-2-2"),
    ],
)
def test_the_name_of_a_derived_run(tmp_path: Path, name: str, expected: str) -> None:
    Run.create(XOR, tmp_path)
    assert next(names_after(name, "xor", tmp_path / "runs")) == expected


def test_a_run_without_a_name_is_called_after_its_data(tmp_path: Path) -> None:
    nameless = Experiment.quick("xor", [2])
    assert [Run.create(nameless, tmp_path).name for _ in range(2)] == ["xor-1", "xor-2"]
    data = tmp_path / "my points.npz"
    np.savez(data, x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)
    assert Run.create(Experiment.quick(str(data), [2]), tmp_path).name == "my-points-1"


@pytest.mark.parametrize(
    "name", ["../gate", "a/b", "..", ".", ".hidden", "-rf", "a b", "ä", "a\0b", "x" * 101, "a\n"]
)
def test_names_that_leave_the_home_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError, match="cannot be the name"):
        Run.create(XOR, tmp_path, name)
    with pytest.raises(RunError, match=r"cannot be the name|does not exist|is not the folder of a run"):
        Run.open(name, tmp_path)
    assert not (tmp_path / "gate").exists()


def test_an_unknown_run_is_reported_with_the_closest_name(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run"):
        Run.open("gate", tmp_path)
    Run.create(XOR, tmp_path)
    with pytest.raises(RunError) as caught:
        Run.open("gaet", tmp_path)
    assert 'did you mean "gate"?' in caught.value.hint


def test_a_home_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", "/proc/nnterm"):
        with pytest.raises(RunError, match="cannot create a run") as caught:
            Run.create(XOR, home)
        assert "\n" not in caught.value.message
        assert "--home" in caught.value.hint


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.runs.creation.replace_file", full)
    with pytest.raises(RunError, match="No space left"):
        Run.create(XOR, tmp_path)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_wrong_experiment_makes_no_run(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError):
        Run.create(Experiment(data=DataSpec(dataset="nowhere")), tmp_path)
    assert not (tmp_path / "runs").exists()


def test_the_home_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNTERM_HOME", str(tmp_path / "mine"))
    assert default_home() == tmp_path / "mine"
    assert Run.create(XOR).path == tmp_path / "mine" / "runs" / "gate"
    monkeypatch.delenv("NNTERM_HOME")
    assert default_home().name == "nnterm"


@pytest.mark.parametrize(
    "content", ["", "[network]\nlayers = 3", "seed = 'x'", "=", "\x00", "a = " + "[" * 9999]
)
def test_a_damaged_experiment_is_reported(tmp_path: Path, content: str) -> None:
    run = Run.create(XOR, tmp_path)
    (run.path / "experiment.toml").write_text(content)
    with pytest.raises(RunError, match="is damaged"):
        run.experiment()


def test_the_newest_intact_weights_are_used(tmp_path: Path) -> None:
    run = Run.create(XOR, tmp_path)
    with pytest.raises(CheckpointError, match="no weights yet"):
        run.network()
    network = engine.Network(XOR.network, (2,))
    for step in (5, 123456789, 40):
        network.theta[:] = step
        save_network(checkpoint_path(run.path, step), network, XOR)
    (run.path / "checkpoints" / "notes.txt").write_text("mine")
    assert [step for step, _ in list_checkpoints(run.path)] == [5, 40, 123456789]
    assert run.network().theta[0] == 123456789
    path = checkpoint_path(run.path, 123456789)
    path.write_bytes(path.read_bytes()[:-1])
    assert run.network().theta[0] == 40
    network.theta[:] = 99
    save_network(run.path / "live.safetensors", network, XOR)
    assert run.network().theta[0] == 99
