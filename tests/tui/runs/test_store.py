"""What the Runs screen asks about runs."""

import os
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NntermError
from engine.runs import list_runs
from tests.tui.fake_runs import FakeRun
from tui.runs.store import RunStore, parse_changes


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def test_a_run_that_is_over_is_read_again_only_when_it_was_written(
    fake: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.runs import listing

    read: list[str] = []
    summarise = listing.summarise

    def counted(path: Path) -> Any:
        read.append(path.name)
        return summarise(path)

    monkeypatch.setattr(listing, "summarise", counted)
    fake.set_status("finished")
    live = FakeRun(tmp_path, "live")
    live.set_status("running")
    desk = RunStore(tmp_path)
    for _ in range(3):
        assert {run.name: run.state for run in desk.runs()} == {fake.name: "finished", "live": "running"}
    assert (read.count(fake.name), read.count("live")) == (1, 3)
    fake.set_status("running")
    assert {run.state for run in desk.runs()} == {"running"}


def test_the_list_is_that_of_the_engine(tmp_path: Path) -> None:
    for i, state in enumerate(("finished", "running", "lost", "failed")):
        FakeRun(tmp_path, f"r{i}").set_status(state, created=float(i))
    (tmp_path / "runs" / "r0" / "status.json").write_bytes(b"\xff")
    (tmp_path / "runs" / "r3" / "status.json").unlink()
    desk = RunStore(tmp_path)
    assert desk.runs() == list_runs(tmp_path) == desk.runs()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_damaged_until_it_may(fake: FakeRun, tmp_path: Path) -> None:
    fake.run.path.chmod(0)
    desk = RunStore(tmp_path)
    assert [run.state for run in desk.runs()] == ["damaged"]
    fake.run.path.chmod(0o700)
    assert [run.state for run in desk.runs()] == ["starting"]


def test_changes_stand_apart_by_spaces_and_values_may_hold_some() -> None:
    text = 'training.epochs=3  training.optimizer={ name = "adam", lr = 0.1 } name=x'
    assert parse_changes(text) == {
        "training.epochs": 3,
        "training.optimizer": {"name": "adam", "lr": 0.1},
        "name": "x",
    }
    with pytest.raises(NntermError):
        parse_changes("epochs")


def test_a_change_is_shown_with_what_was_before(fake: FakeRun, tmp_path: Path) -> None:
    desk = RunStore(tmp_path)
    changes = desk.look_at_changes(fake.name, "training.optimizer.lr=0.5 network.layers[0].units=7")
    assert changes["network.layers[0].units"] == (4, 7)
    before, after = changes["training.optimizer.lr"]
    assert (before != after, after) == (True, 0.5)


@pytest.mark.parametrize(
    ("state", "proposal"),
    [("finished", "training.epochs=8"), ("diverged", "training.optimizer.lr=0.01"), ("lost", None)],
)
def test_what_must_change_before_a_run_goes_on(
    fake: FakeRun, tmp_path: Path, state: str, proposal: str | None
) -> None:
    fake.set_status(state, epoch=4, epochs=4, base_learning_rate=0.1)
    assert RunStore(tmp_path).ready_change(fake.name) == proposal
