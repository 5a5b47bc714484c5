"""Forks continue from a checkpoint with changed settings; replays end in the same bits, or report the difference."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import NntermError
from engine.events import Command, Epoch, Finding, Started, Steps
from engine.runs import Run, children, fork, kept_checkpoints, list_runs
from engine.runs.checkpoints import list_checkpoints
from engine.runs.replay import Replay, Replayed
from engine.storage.weights import load_snapshot, write_snapshot
from tests.engine.runs.workshop import Workshop, same_training

RATE = "training.optimizer.lr"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    shop = Workshop(tmp_path, monkeypatch, epochs=4, schedule="constant")
    shop.work()
    return shop


def train(shop: Workshop, run: Run) -> Run:
    shop.run = run
    assert shop.work()
    return run


def verdict(run: Run) -> Replayed:
    *_, last = Replay(run).events()
    assert isinstance(last, Replayed)
    return last


def test_a_fork_that_changes_nothing_ends_in_the_same_bits(shop: Workshop) -> None:
    parent = shop.last()
    for at in (1, 3, 0):
        forked = fork(Run(shop.run.path.parent / "moons-1"), at, starts=False)
        assert forked.remarks == ()
        run = train(shop, forked.run)
        assert same_training(shop.last(), parent)
        status = run.status()
        assert (status.state, status.parent, status.parent_epoch) == ("finished", "moons-1", at)
        first = next(iter(run.events()))
        assert isinstance(first, Started)
        assert (first.step, first.parent) == (3 * at, "moons-1")
        assert (run.path / "experiment.toml").read_text().startswith(f"# forked from moons-1 at epoch {at}\n")
        assert verdict(run).same
    runs = list_runs(run.path.parent.parent)
    assert [child.parent_epoch for child in children(runs, "moons-1")] == [0, 1, 3]


def test_changes_of_a_fork_apply_from_its_checkpoint_on(shop: Workshop) -> None:
    changes = {RATE: 0.5, "training.epochs": 6, "training.batch_size": 30}
    run = train(shop, fork(shop.run, 2, changes, name="hot").run)
    steps = [event for event in run.events() if isinstance(event, Steps)]
    assert (steps[0].step, steps[-1].step) == (10, 29)  # 5 updates per epoch instead of 3
    assert {event.learning_rate for event in steps} == {0.5}
    assert run.name == "hot"
    assert run.status().epoch == 6
    assert verdict(run).same


def test_the_state_of_another_optimizer_is_reset_with_a_remark(shop: Workshop) -> None:
    forked = fork(shop.run, "best", {"training.optimizer.name": "sgd", "training.epochs": 9}, starts=False)
    assert forked.remarks == ("the optimizer changed: the state of sgd is reset",)
    train(shop, forked.run)
    assert shop.last().optimizer_state is not None


@pytest.mark.parametrize(
    ("at", "changes", "message"),
    [
        (9, {}, "has no checkpoint at epoch 9"),
        (4, {}, "no training remains"),
        (2, {"network.layers[0].units": 5}, "do not fit other layers"),
        (2, {"data.dataset": "xor"}, "do not fit other layers|data"),
        (2, {"training.epoch": 5}, "is not a known key"),
    ],
)
def test_forks_that_are_refused(shop: Workshop, at: Any, changes: dict[str, Any], message: str) -> None:
    before = len(list_runs(shop.run.path.parent.parent))
    if changes.get("data.dataset") == "xor":
        changes["network.layers[0].units"] = 7
    with pytest.raises(NntermError, match=message) as caught:
        fork(shop.run, at, changes, starts=False)
    assert caught.value.hint
    assert len(list_runs(shop.run.path.parent.parent)) == before


def test_the_hint_lists_the_epochs_with_checkpoints(shop: Workshop) -> None:
    kept = kept_checkpoints(shop.run)
    assert [entry.epoch for entry in kept] == [1, 2, 3, 4]
    assert sum(entry.is_best for entry in kept) == 1
    with pytest.raises(NntermError) as caught:
        fork(shop.run, 7)
    assert "there are: 0, 1, 2, 3, 4" in caught.value.hint


def test_a_killed_fork_resumes_from_its_own_checkpoint(shop: Workshop) -> None:
    parent = shop.last()
    for at in range(1, 40, 3):
        run = fork(Run(shop.run.path.parent / "moons-1"), 2, starts=False).run
        shop.run = run
        if not shop.work(dies_at=at):
            shop.to_the_end()
        assert same_training(shop.last(), parent), at


def test_a_fork_without_its_first_checkpoint_fails_with_a_message(shop: Workshop) -> None:
    run = fork(shop.run, 2, starts=False).run
    for _, path in list_checkpoints(run.path):
        path.write_bytes(b"x")
    shop.run = run
    shop.work()
    assert run.status().state == "failed"
    assert "missing or damaged" in run.status().message


def test_a_changed_killed_and_extended_run_is_replayed(tmp_path: Path, monkeypatch: Any) -> None:
    shop = Workshop(tmp_path, monkeypatch, epochs=4)
    shop.work(dies_at=16)
    shop.run.command("set", RATE, 0.1)
    shop.resume()
    shop.work(dies_at=18)
    shop.resume(lr=0.003)
    shop.work()
    shop.resume(changes={"training.epochs": 6})  # the rest of the cosine schedule differs
    shop.work()
    *events, result = Replay(shop.run).events()
    assert isinstance(result, Replayed)
    assert result.same, result.message
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2, 3, 4, 5, 6]
    assert result.resumes >= 2
    sets = [event for event in shop.events() if isinstance(event, Command) and event.command == "set"]
    sets = [event for event in sets if not event.refused]
    assert result.commands == len(sets)
    assert result.compared == [step for step, _ in list_checkpoints(shop.run.path)]


def test_a_replay_reports_the_first_difference(shop: Workshop) -> None:
    step, path = list_checkpoints(shop.run.path)[1]
    snapshot = load_snapshot(path)
    weight = snapshot.network.layers[0].weight  # type: ignore[attr-defined]
    weight[1, 0] += 1e-6
    write_snapshot(path, snapshot)
    result = verdict(shop.run)
    assert not result.same
    assert result.step == step
    assert "layers.0.weight[1, 0]" in result.message


def test_nothing_to_replay(tmp_path: Path, monkeypatch: Any) -> None:
    shop = Workshop(tmp_path, monkeypatch)
    with pytest.raises(NntermError, match="has not started yet"):
        Replay(shop.run)
    shop.work(dies_at=9)
    with pytest.raises(NntermError, match="has no checkpoint to compare with"):
        Replay(shop.run)


def test_remarks_of_a_resume_are_findings(shop: Workshop) -> None:
    assert not [event for event in shop.events() if isinstance(event, Finding)]
