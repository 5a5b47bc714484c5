"""The list of runs: cached, and equal to the engine's."""

import os
from pathlib import Path
from typing import Any

import pytest

from engine.runs import list_runs
from tests.tui.fake_runs import FakeRun
from tui.runs.store import RunStore


@pytest.fixture
def fake(tmp_path: Path) -> FakeRun:
    return FakeRun(tmp_path)


def test_a_finished_run_is_read_again_only_after_a_write(
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
    store = RunStore(tmp_path)
    for _ in range(3):
        assert {run.name: run.state for run in store.runs()} == {fake.name: "finished", "live": "running"}
    assert (read.count(fake.name), read.count("live")) == (1, 3)
    fake.set_status("running")
    assert {run.state for run in store.runs()} == {"running"}


def test_the_list_equals_the_engines(tmp_path: Path) -> None:
    for i, state in enumerate(("finished", "running", "lost", "failed")):
        FakeRun(tmp_path, f"r{i}").set_status(state, created=float(i))
    (tmp_path / "runs" / "r0" / "status.json").write_bytes(b"\xff")
    (tmp_path / "runs" / "r3" / "status.json").unlink()
    store = RunStore(tmp_path)
    assert store.runs() == list_runs(tmp_path) == store.runs()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_damaged_until_it_can_be_read(fake: FakeRun, tmp_path: Path) -> None:
    fake.run.path.chmod(0)
    store = RunStore(tmp_path)
    assert [run.state for run in store.runs()] == ["damaged"]
    fake.run.path.chmod(0o700)
    assert [run.state for run in store.runs()] == ["starting"]
