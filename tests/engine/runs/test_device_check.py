"""A device that is not available is refused before a run is created."""

from functools import partial
from pathlib import Path

import msgspec
import pytest

from engine.errors import DeviceError
from engine.experiment.experiment import Experiment
from engine.experiment.specs import TrainingSpec
from engine.runs import Run, fork, launch, list_runs, resume
from engine.runs.device_check import check_device, device_names
from engine.runs.status import write_status

NAMES = "engine.runs.device_check.device_names"


def test_a_missing_device_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NAMES, lambda: ["cpu", "mps"])
    experiment = Experiment.quick("xor", [2], backend="torch", device="cuda")
    with pytest.raises(DeviceError, match=r'"cuda": there is no such device') as raised:
        launch(experiment, tmp_path)
    assert "cpu, mps" in (raised.value.hint or "")
    assert list_runs(tmp_path) == []


def test_a_run_from_another_machine_is_neither_resumed_nor_forked_without_its_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(Experiment.quick("xor", [2], backend="torch", device="cuda"), tmp_path, name="far")
    write_status(run.path, msgspec.structs.replace(run.status(), state="stopped"))
    before = sorted((path.name, path.read_bytes()) for path in run.path.iterdir() if path.is_file())
    monkeypatch.setattr(NAMES, lambda: ["cpu"])
    for take in (resume, partial(fork, at=0)):
        with pytest.raises(DeviceError, match="no such device"):
            take(run)
    assert [run.name for run in list_runs(tmp_path)] == ["far"]
    assert sorted((path.name, path.read_bytes()) for path in run.path.iterdir() if path.is_file()) == before
    elsewhere = fork(run, 0, {"training.device": "cpu"}, starts=False).run
    assert elsewhere.experiment().training.device == "cpu"


@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cpu", "auto"])
def test_an_available_device_passes(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NAMES, lambda: ["cpu", "cuda:0"])
    check_device(TrainingSpec(backend="torch", device=device))


def test_a_device_number_beyond_the_last_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NAMES, lambda: ["cpu", "cuda:0"])
    with pytest.raises(DeviceError):
        check_device(TrainingSpec(backend="torch", device="cuda:1"))


def test_without_an_answer_of_pytorch_the_check_is_left_to_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.runs.device_check.sys.executable", "/no/such/python")
    assert device_names() == []
    check_device(TrainingSpec(backend="torch", device="cuda"))
