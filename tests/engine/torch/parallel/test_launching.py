"""The start of several processes of one training."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DeviceError
from engine.experiment.experiment import Experiment
from engine.runs import launch, list_runs

SHARED: dict[str, Any] = {"backend": "torch", "processes": 3, "epochs": 1}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the command lines of the processes that would have been started."""
    lines: list[list[str]] = []

    class Process:
        pid = 1

        def __init__(self, command: list[str], **options: Any) -> None:
            lines.append(command)

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    return lines


def test_torchrun_starts_the_requested_number(tmp_path: Path, started: list[list[str]]) -> None:
    run = launch(Experiment.quick("moons", [4], **SHARED), tmp_path)
    alone = launch(Experiment.quick("moons", [4], backend="torch"), tmp_path)
    worker = ["-m", "engine.runs.worker"]
    torchrun = ["-m", "engine.torch.parallel.launcher", "--nproc-per-node=3"]
    assert started == [
        [sys.executable, *torchrun, *worker, str(run.path)],
        [sys.executable, *worker, str(alone.path)],
    ]


def test_without_torch_no_run_is_left(
    tmp_path: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DeviceError, match="PyTorch is not installed") as raised:
        launch(Experiment.quick("moons", [4], **SHARED), tmp_path)
    assert "pip install torch" in raised.value.hint
    assert started == []
    assert list_runs(tmp_path) == []
