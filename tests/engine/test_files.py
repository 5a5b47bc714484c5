"""Files: written whole and privately, read only where they are what they seem, whatever stands in their place."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_data
from engine.data.spec import DataSpec
from engine.errors import DataError, ExperimentError
from engine.experiment.experiment import Experiment
from engine.files.atomic import SHARED, replace_file
from engine.runs.data_file import digest_of
from engine.runs.snapshots import copy_snapshots, list_snapshots, snapshot_path
from engine.training.predictions import count_by_class


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestModes:
    @pytest.fixture(autouse=True)
    def _open_umask(self) -> object:
        before = os.umask(0o002)
        yield
        os.umask(before)

    def test_a_new_file_is_private_unless_the_user_named_it(self, tmp_path: Path) -> None:
        replace_file(tmp_path / "mine", [b"x"])
        replace_file(tmp_path / "named", [b"x"], mode=SHARED)
        assert (mode(tmp_path / "mine"), mode(tmp_path / "named")) == (0o600, 0o664)

    def test_a_file_that_is_replaced_keeps_its_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "x.toml"
        Experiment.quick("moons", [2]).save(path)
        assert mode(path) == 0o664
        path.chmod(0o640)
        Experiment.quick("moons", [2]).save(path)
        assert mode(path) == 0o640

    def test_a_link_is_replaced_and_not_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_text("precious")
        (tmp_path / "link").symlink_to(tmp_path / "victim")
        replace_file(tmp_path / "link", [b"new"])
        assert (tmp_path / "victim").read_text() == "precious"
        assert (tmp_path / "link").read_text() == "new"


def test_a_file_of_the_user_that_became_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    os.mkfifo(path)
    assert digest_of(DataSpec(dataset=str(path))) == ""
    with pytest.raises(DataError, match="is not a file"):
        load_data(DataSpec(dataset=str(path)))


def test_a_file_of_the_user_may_be_a_link(tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", x=np.eye(4), y=np.arange(4) % 2)
    (tmp_path / "link.npz").symlink_to(tmp_path / "own.npz")
    assert digest_of(DataSpec(dataset=str(tmp_path / "link.npz"))) != ""


def test_a_fork_copies_no_snapshot_that_is_a_link(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    snapshot_path(source, 1).parent.mkdir(parents=True)
    target.mkdir()
    snapshot_path(source, 1).write_bytes(b"weights")
    snapshot_path(source, 2).symlink_to("/dev/zero")
    os.mkfifo(snapshot_path(source, 3))
    copy_snapshots(source, target, 5)
    assert [step for step, _ in list_snapshots(target)] == [1]
    assert snapshot_path(target, 1).read_bytes() == b"weights"


def test_classes_beyond_those_of_the_data_are_wrong() -> None:
    counts = count_by_class(np.array([0, 1, 1]), np.array([0, 2, 1]), 2)
    assert [part.tolist() for part in counts] == [[1, 2], [1, 1], [1, 1]]


@pytest.mark.parametrize("noise", [1e308, 2e6, float("inf"), float("nan")])
def test_noise_beyond_all_use_is_refused_before_a_run_is_made(noise: float) -> None:
    with pytest.raises(ExperimentError, match=r"data\.noise"):
        Experiment.quick("moons", [2], overrides=[f"data.noise={noise}"])
