"""A run on a user's own data file is neither resumed nor replayed after the file has changed."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.spec import DataSpec
from engine.errors import ExperimentError, RunError
from engine.events import Started
from engine.runs import Run, fork, resume
from engine.runs.data_file import change_of_data, digest_of
from engine.runs.replay import Replay
from tests.engine.runs.workshop import Workshop


def save(path: Path, shift: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    np.savez(path, x=x + shift, y=(x[:, 0] > 0).astype(int))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A finished training on own.npz."""
    save(tmp_path / "own.npz", 0.0)
    shop = Workshop(tmp_path, monkeypatch, schedule="constant", overrides=["checkpoints.every=1"])
    experiment = shop.run.experiment().with_changes({"data.dataset": str(tmp_path / "own.npz")})
    shop.run = Run.create(experiment, tmp_path, name="own")
    assert shop.work()
    return shop


def test_the_first_event_holds_the_digest(shop: Workshop, tmp_path: Path) -> None:
    first = shop.events()[0]
    assert isinstance(first, Started)
    assert first.data_sha256 == digest_of(DataSpec(dataset=str(tmp_path / "own.npz")))
    assert len(first.data_sha256) == 64
    assert change_of_data(shop.run) == ""


def test_a_changed_file_is_reported_and_refused(shop: Workshop, tmp_path: Path) -> None:
    before = sorted((path, path.read_bytes()) for path in shop.run.path.rglob("*") if path.is_file())
    save(tmp_path / "own.npz", 1e-3)
    assert "own.npz has changed since own was trained on it" in change_of_data(shop.run)
    with pytest.raises(RunError, match="has changed since") as raised:
        resume(shop.run, {"training.epochs": 6})
    assert "restore the old file" in raised.value.hint
    with pytest.raises(RunError, match="has changed since"):
        Replay(shop.run)
    forked = fork(shop.run, "last", {"training.epochs": 6}, starts=False)
    assert any("changed since" in remark for remark in forked.remarks)
    assert sorted((path, path.read_bytes()) for path in shop.run.path.rglob("*") if path.is_file()) == before


def test_the_restored_file_is_accepted(shop: Workshop, tmp_path: Path) -> None:
    content = (tmp_path / "own.npz").read_bytes()
    save(tmp_path / "own.npz", 1.0)
    (tmp_path / "own.npz").write_bytes(content)
    resume(shop.run, {"training.epochs": 4})
    assert shop.work()
    assert shop.run.status().epoch == 4


def test_a_missing_file_is_reported_before_a_worker_starts(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "own.npz").unlink()
    assert change_of_data(shop.run) == ""
    with pytest.raises(ExperimentError, match=r"there is no file .*own\.npz"):
        resume(shop.run, {"training.epochs": 6})


def test_registered_data_and_older_runs_have_no_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path, monkeypatch)
    assert shop.work()
    first = shop.events()[0]
    assert isinstance(first, Started)
    assert first.data_sha256 == ""
    assert change_of_data(shop.run) == ""
