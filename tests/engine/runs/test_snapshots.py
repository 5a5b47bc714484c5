"""Snapshots for the replay: log-spaced, bounded, without an effect on the training, continued by resumes and forks."""

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.inspection.inspector import Inspector
from engine.runs import Run, fork
from engine.runs.checkpoints import list_checkpoints
from engine.runs.snapshots import (
    FOLDER_NAME,
    LARGEST,
    MOST,
    copy_snapshots,
    least_needed,
    list_snapshots,
    planned_steps,
    snapshot_path,
)
from engine.storage.weights import load_snapshot
from tests.engine.inspection.trained import train
from tests.engine.runs.workshop import Workshop

OPTIONS: dict[str, Any] = {"epochs": 40, "batch_size": 50, "overrides": ["data.samples=300"]}


def steps(run: Run) -> list[int]:
    return [step for step, _ in list_snapshots(run.path)]


@pytest.mark.parametrize("total", [1, 2, 40, 300, 10**6, 10**9])
def test_the_planned_steps_grow_by_a_factor_and_end_with_the_last(total: int) -> None:
    planned = planned_steps(total)
    assert (planned[0], planned[-1]) == (1, total)
    assert planned == sorted(set(planned))
    assert len(planned) <= 32
    ratios = [later / earlier for earlier, later in pairwise(planned[8:])]
    assert all(ratio < 1.3 * max(1.25, total ** (1 / 31)) for ratio in ratios)


def test_no_steps_are_planned_for_no_training() -> None:
    assert planned_steps(0) == []


def test_surplus_snapshots_are_those_with_near_neighbours() -> None:
    assert least_needed([0, 1, 2, 100, 110, 121, 1000]) == 110
    assert least_needed([0, 1, 2, 3]) == 2


class TestARun:
    @pytest.fixture(scope="class")
    @staticmethod
    def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
        return train(tmp_path_factory.mktemp("home"), "moons", [4], "moons", **OPTIONS)

    def test_it_has_20_to_40_small_snapshots(self, run: Run) -> None:
        assert 20 <= len(steps(run)) <= MOST
        assert steps(run)[:6] == [0, 1, 2, 3, 4, 5]
        assert sum(path.stat().st_size for _, path in list_snapshots(run.path)) <= LARGEST
        stored = load_snapshot(snapshot_path(run.path, 5))
        assert stored.optimizer_state is None
        assert stored.position is not None
        assert (stored.position.step, stored.position.epoch) == (5, 1)

    def test_the_training_has_the_same_bits_without_them(self, run: Run, tmp_path: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("engine.runs.snapshots.LARGEST", 0)
            plain = train(tmp_path, "moons", [4], "moons", **OPTIONS)
        assert steps(plain) == []
        for (_, path), (_, other) in zip(
            list_checkpoints(run.path), list_checkpoints(plain.path), strict=True
        ):
            one, two = load_snapshot(path), load_snapshot(other)
            assert one.network.state.tobytes() == two.network.state.tobytes()
        both = [
            load_snapshot(path).network.state
            for path in (snapshot_path(run.path, 5), list_checkpoints(plain.path)[0][1])
        ]
        np.testing.assert_array_equal(*both)

    def test_they_are_moments_of_the_inspection(self, run: Run) -> None:
        inspector = Inspector(run)
        moments = inspector.moments()
        assert {moment.step for moment in moments} >= set(steps(run))
        assert next(one.kind for one in moments if one.step == 3) == "snapshot"
        assert inspector.show("boundary", 3)[0].step == 3

    def test_a_fork_continues_the_series(self, run: Run) -> None:
        forked = fork(run, 20, name="forked", starts=False).run
        assert steps(forked) == [step for step in steps(run) if step <= 100]
        assert Inspector(forked).moments()[0].step == 0

    def test_a_fork_that_counts_its_steps_otherwise_has_none(self, run: Run) -> None:
        forked = fork(run, 20, {"training.batch_size": 100}, name="other", starts=False).run
        assert steps(forked) == []

    def test_a_run_without_its_snapshots_and_one_with_damaged_ones_can_be_inspected(
        self, run: Run, tmp_path: Path
    ) -> None:
        copied = Run(tmp_path / "runs" / "moons")
        copied.path.parent.mkdir()
        shutil.copytree(run.path, copied.path)
        snapshot_path(copied.path, 3).write_bytes(b"\x00")
        assert 3 not in {moment.step for moment in Inspector(copied).moments()}
        shutil.rmtree(copied.path / FOLDER_NAME)
        assert {moment.kind for moment in Inspector(copied).moments()} == {"first", "checkpoint"}
        copy_snapshots(copied.path, tmp_path, 10)  # of no snapshots


def test_a_killed_and_resumed_run_has_the_series_of_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Workshop(tmp_path / "one", monkeypatch)
    assert whole.work()
    writes = whole.writes
    shop = Workshop(tmp_path / "two", monkeypatch)
    assert not shop.work(dies_at=2 * writes // 3)
    shop.resume()
    assert shop.work()
    assert steps(shop.run) == steps(whole.run)
    for (_, path), (_, other) in zip(
        list_snapshots(shop.run.path), list_snapshots(whole.run.path), strict=True
    ):
        assert load_snapshot(path).network.state.tobytes() == load_snapshot(other).network.state.tobytes()


def test_a_large_network_has_no_snapshots(tmp_path: Path) -> None:
    run = train(tmp_path, "moons", [300, 200], "wide", epochs=1, overrides=["data.samples=100"])
    assert steps(run) == []


def test_a_full_disk_ends_the_series_and_not_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, step: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.runs.snapshots.SnapshotSeries._write", fail)
    run = train(tmp_path, "moons", [4], "moons", epochs=2, overrides=["data.samples=100"])
    assert run.status().state == "finished"
