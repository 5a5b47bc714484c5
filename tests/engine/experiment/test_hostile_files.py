"""Experiment files that would take for ever, or all memory: refused at once, in words."""

import os
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.data import load_data
from engine.data.spec import DataSpec
from engine.errors import DataError, ExperimentError, RunError
from engine.experiment.experiment import Experiment
from engine.runs.names import runs_folder


def refusal(path: Path) -> ExperimentError:
    with pytest.raises(ExperimentError) as raised:
        Experiment.load(path)
    return raised.value


@pytest.mark.parametrize("text", ["=1", "", " = {}"])
@pytest.mark.parametrize("opening", ["", "[", "x = { "])
def test_a_key_of_thirty_thousand_parts(tmp_path: Path, opening: str, text: str) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(opening + ".".join(["a"] * 30_000) + text)
    assert "a key of 30,000 parts" in refusal(path).message


def test_long_lists_of_numbers_are_no_long_keys() -> None:
    with pytest.raises(ExperimentError, match=r"data\.x is not a known key"):
        Experiment.from_toml("[data]\nx = [" + ", ".join(["0.25"] * 1000) + "]")


def test_a_file_that_never_ends() -> None:
    assert "larger than" in refusal(Path("/dev/zero")).message


def test_a_pipe_of_the_user_is_read(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b'[data]\ndataset = "moons"\n')
    os.close(writer)
    assert Experiment.load(f"/dev/fd/{reader}").data.dataset == "moons"
    os.close(reader)


def test_a_hundred_thousand_unknown_keys_are_told_in_fifty_lines() -> None:
    with pytest.raises(ExperimentError) as raised:
        Experiment.from_toml("\n".join(f"k{i} = 1" for i in range(10_000)) + '\n[data]\ndataset = "moons"')
    assert raised.value.message.count("\n") == 50
    assert raised.value.message.endswith("9,950 more problems")
    assert len(raised.value.problems) == 10_000


@pytest.mark.parametrize("dataset", ["~nosuchuser/x.npz", "a\\u0000.npz"])
def test_a_dataset_that_is_no_path(tmp_path: Path, dataset: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(f'[data]\ndataset = "{dataset}"\n')
    assert refusal(path).message


def test_the_home_of_an_unknown_user() -> None:
    with pytest.raises(RunError, match="there is no such user"):
        runs_folder("~nosuchuser")


def test_an_array_beyond_the_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((100_000, 200), np.float32), y=np.arange(100_000) % 2)
    assert path.stat().st_size < 1_000_000
    free = psutil.virtual_memory()._replace(available=10_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(DataError, match=r"x takes 0\.1 GB, and 0\.0 GB of memory are free"):
        load_data(DataSpec(dataset=str(path)))
