"""The number of threads of a run: recorded, kept by a resume and a fork, and used by a replay."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import NntermError
from engine.events import Finding, Started
from engine.runs import Run, fork
from engine.runs.replay import Replay, Replayed
from engine.runs.status import read_status, write_status
from engine.training import threads
from tests.engine.runs.workshop import Workshop, same_training
from tests.engine.teamwork import give_cores, share_small_computations

KEY = "training.threads"


@pytest.fixture(autouse=True)
def _trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the trial choose as many threads as there are cores."""
    share_small_computations(monkeypatch, usable=3)
    monkeypatch.setattr(threads, "choose_threads", lambda trial, cores, steps: cores)


def shop_in(home: Path, patch: pytest.MonkeyPatch, **options: Any) -> Workshop:
    return Workshop(home, patch, hidden=[40], **options)


def started(run: Run) -> list[int]:
    return [event.threads for event in run.events() if isinstance(event, Started)]


def verdict(run: Run) -> Replayed:
    *_, last = Replay(run).events()
    assert isinstance(last, Replayed)
    return last


def test_a_killed_run_keeps_its_threads_and_bits_on_a_machine_with_fewer_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shop_in(tmp_path / "whole", monkeypatch)
    whole.work()
    shop = shop_in(tmp_path / "killed", monkeypatch)
    shop.work(dies_at=25)
    give_cores(monkeypatch, 2)
    shop.resume()
    shop.work()
    assert started(shop.run) == [3, 3]
    assert shop.run.status().threads == 3
    assert same_training(shop.last(), whole.last())
    said = [event.message for event in shop.run.events() if isinstance(event, Finding)]
    assert said == ["3 threads share 2 cores: the same bits, but no faster"]
    assert verdict(shop.run).same


def test_a_damaged_status_does_not_change_the_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_in(tmp_path, monkeypatch)
    shop.work(dies_at=25)
    (shop.run.path / "status.json").write_text("{")
    give_cores(monkeypatch, 2)
    shop.resume()
    shop.work()
    assert started(shop.run) == [3, 3]


def test_threads_changed_at_a_resume_are_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_in(tmp_path, monkeypatch)
    shop.work(dies_at=25)
    shop.resume(changes={KEY: 2})
    shop.work(dies_at=25)
    give_cores(monkeypatch, 4)
    shop.resume(changes={KEY: "auto"})  # a new trial
    shop.to_the_end()
    assert started(shop.run)[:3] == [3, 2, 4]
    result = verdict(shop.run)
    assert result.same, result.message


def test_a_finished_run_has_nothing_left_for_other_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_in(tmp_path, monkeypatch)
    shop.work()
    with pytest.raises(NntermError, match="is finished: all 3 epochs are completed"):
        shop.resume(changes={KEY: 2})


@pytest.mark.parametrize(("at", "changes", "expected"), [(2, {}, 3), (0, {}, 3), (2, {KEY: 1}, 1)])
def test_a_fork_keeps_the_threads_unless_they_are_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, changes: dict[str, Any], expected: int
) -> None:
    shop = shop_in(tmp_path, monkeypatch)
    shop.work()
    parent = shop.last()
    give_cores(monkeypatch, 2)
    shop.run = fork(shop.run, at, changes, starts=False).run
    shop.work()
    assert started(shop.run) == [expected]
    assert same_training(shop.last(), parent) or changes


def test_a_fork_back_to_auto_has_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_in(tmp_path, monkeypatch, overrides=["data.samples=200", "checkpoints.every=1", f"{KEY}=2"])
    shop.work()
    shop.run = fork(shop.run, 1, {KEY: "auto"}, starts=False).run
    shop.work()
    assert started(shop.run) == [3]


def test_a_run_from_before_threads_were_recorded_keeps_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_cores(monkeypatch, 1)
    shop = shop_in(tmp_path, monkeypatch)
    shop.work(dies_at=25)
    write_status(shop.run.path, msgspec.structs.replace(read_status(shop.run.path), threads=0))
    give_cores(monkeypatch, 3)
    shop.resume()
    shop.work()
    assert started(shop.run) == [1, 1]
