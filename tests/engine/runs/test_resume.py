"""A run that was stopped, or killed at any moment, resumes with the bits of an uninterrupted one."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.errors import NntermError, RunError
from engine.events import Command, Epoch, Finding, Finished, Resumed, Started, Steps
from engine.runs.checkpoints import list_checkpoints
from engine.runs.status import write_status
from tests.engine.runs.workshop import Workshop, same_training

RATE = "training.optimizer.lr"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(tmp_path, monkeypatch)


def undisturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Workshop:
    shop = Workshop(tmp_path / "undisturbed", monkeypatch, **options)
    shop.to_the_end()
    return shop


def recorded_steps(shop: Workshop) -> list[int]:
    return [event.step for event in shop.events() if isinstance(event, Steps)]


@pytest.mark.parametrize(
    "options", [{}, {"optimizer": "sgd", "momentum": 0.9, "patience": 2, "lr": 0.5}], ids=str
)
def test_killed_at_every_single_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    reference = undisturbed(tmp_path, monkeypatch, **options)
    expected, told = reference.last(), recorded_steps(reference)
    for at in range(1, 1000, 3 if options else 1):
        shop = Workshop(tmp_path, monkeypatch, **options)
        if shop.work(dies_at=at):
            assert at > 30
            break
        state = shop.run.status().state
        if state not in ("finished", "stopped"):
            assert state == "lost"
        shop.to_the_end()
        assert same_training(shop.last(), expected), at
        assert recorded_steps(shop) == told, at
        epochs = [event.epoch for event in shop.events() if isinstance(event, Epoch)]
        assert epochs == list(range(1, len(epochs) + 1)), at
        assert shop.run.status().best_validation_loss == reference.run.status().best_validation_loss
    else:
        raise AssertionError("it never came to its end")


def test_killed_again_and_again_during_a_resume(shop: Workshop, tmp_path: Path, monkeypatch: Any) -> None:
    reference = undisturbed(tmp_path, monkeypatch).last()
    shop = Workshop(tmp_path, monkeypatch)
    shop.work(dies_at=25)
    for at in range(1, 40):
        shop.resume()
        if shop.work(dies_at=at):
            break
    shop.to_the_end()
    assert same_training(shop.last(), reference)


def test_a_stopped_run_resumes_in_the_middle_of_an_epoch(
    shop: Workshop, tmp_path: Path, monkeypatch: Any
) -> None:
    reference = undisturbed(tmp_path, monkeypatch).last()
    shop = Workshop(tmp_path, monkeypatch)
    shop.run.command("stop")
    shop.work()
    assert shop.run.status().state == "stopped"
    shop.resume()
    assert shop.run.status().state == "lost"  # no worker has started yet
    shop.work()
    assert same_training(shop.last(), reference)
    events = shop.events()
    (resumed,) = [event for event in events if isinstance(event, Resumed)]
    assert (resumed.step, resumed.path) == (0, "checkpoints/step-00000000.safetensors")
    assert sum(isinstance(event, Started) for event in events) == 2
    (finished,) = [event for event in events if isinstance(event, Finished)]
    assert finished.state == "finished"


def test_a_change_is_applied_again_at_its_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.checkpointer.INITIAL_BUDGET_S", -1.0)
    plain = ["data.samples=200", "checkpoints.seconds=0"]
    finals = []
    for kills in ((), (20,), (20, 16), (20, 16, 22, 19)):
        shop = Workshop(tmp_path / str(len(kills)), monkeypatch, overrides=plain)
        original = shop._write

        def write(*, always: bool = False, shop: Workshop = shop, original: Any = original) -> None:
            told = (
                [event.step for event in shop.run.events() if isinstance(event, Steps)] if shop.works else []
            )
            path = shop.run.path / "commands.jsonl"
            asked = path.exists() and b'"set"' in path.read_bytes()
            if told and told[-1] >= 4 and not asked:
                shop.works = False
                shop.run.command("set", RATE, 0.3)
                shop.works = True
            original(always=always)

        shop._write = write  # type: ignore[method-assign]
        for at in kills:
            shop.work(dies_at=at)
            shop.resume()
        shop.to_the_end()
        sets = [e for e in shop.events() if isinstance(e, Command) and e.command == "set" and not e.refused]
        finals.append((shop.last(), [(event.step, event.value) for event in sets]))
    for last, sets in finals:
        assert sets == finals[0][1]
        assert same_training(last, finals[0][0])


def test_a_damaged_checkpoint_is_reported_and_the_previous_one_used(
    shop: Workshop, tmp_path: Path, monkeypatch: Any
) -> None:
    reference = undisturbed(tmp_path, monkeypatch).last()
    shop = Workshop(tmp_path, monkeypatch)
    assert not shop.work(dies_at=36)
    (_, older), (step, newest) = list_checkpoints(shop.run.path)[-2:]
    content = bytearray(newest.read_bytes())
    content[-3] ^= 1
    newest.write_bytes(content)
    shop.resume()
    shop.work()
    events = shop.events()
    (resumed,) = [event for event in events if isinstance(event, Resumed)]
    assert resumed.path.endswith(older.name)
    (warning,) = [event for event in events if isinstance(event, Finding)]
    assert (warning.code, warning.severity) == ("damaged-checkpoint", "warning")
    assert f"{step:08d}" in warning.message
    assert (newest.parent / "aside" / newest.name).read_bytes() == content
    assert same_training(shop.last(), reference)


def test_with_every_checkpoint_damaged_the_run_starts_again(
    shop: Workshop, tmp_path: Path, monkeypatch: Any
) -> None:
    reference = undisturbed(tmp_path, monkeypatch).last()
    shop = Workshop(tmp_path, monkeypatch)
    assert not shop.work(dies_at=36)
    for _, path in list_checkpoints(shop.run.path):
        path.write_bytes(path.read_bytes()[:100])
    shop.resume()
    shop.work()
    (resumed,) = [event for event in shop.events() if isinstance(event, Resumed)]
    assert (resumed.step, resumed.path) == (0, "")
    assert same_training(shop.last(), reference)


def test_a_finished_run_resumes_only_with_more_epochs(shop: Workshop) -> None:
    shop.work()
    with pytest.raises(RunError, match="is finished: all 3 epochs are completed") as caught:
        shop.resume()
    assert "--set epochs=6" in caught.value.hint
    with pytest.raises(RunError, match="cannot end after 2"):
        shop.resume(changes={"training.epochs": 2})
    with pytest.raises(RunError, match=r"training.batch_size cannot be changed") as caught:
        shop.resume(changes={"training.batch_size": 2})
    assert "nnterm fork" in caught.value.hint
    shop.resume(changes={"training.epochs": 5})
    shop.work()
    status = shop.run.status()
    assert (status.state, status.epoch, status.epochs) == ("finished", 5, 5)
    assert [event.epoch for event in shop.events() if isinstance(event, Epoch)] == [1, 2, 3, 4, 5]
    assert sum(isinstance(event, Finished) for event in shop.events()) == 1
    assert shop.run.experiment().training.epochs == 5


def test_an_epoch_that_only_the_status_knows_can_be_trained_again(shop: Workshop) -> None:
    """A full disk may let a run write its status and not the checkpoint."""
    shop.work()
    for step, path in list_checkpoints(shop.run.path):
        if step > 8:
            path.unlink()
    write_status(shop.run.path, msgspec.structs.replace(shop.run.status(), state="failed", epoch=3))
    with pytest.raises(RunError, match="has completed 2 epochs already: it cannot end after 2"):
        shop.resume(changes={"training.epochs": 2})
    shop.resume(changes={"training.epochs": 3})
    shop.work()
    assert (shop.run.status().state, shop.run.status().epoch) == ("finished", 3)


def test_more_epochs_at_a_constant_rate_equal_one_long_run(tmp_path: Path, monkeypatch: Any) -> None:
    long = undisturbed(tmp_path, monkeypatch, epochs=5, schedule="constant").last()
    shop = Workshop(tmp_path, monkeypatch, schedule="constant")
    shop.work()
    shop.resume(changes={"training.epochs": 5})
    shop.work()
    assert same_training(shop.last(), long)


def test_exhausted_patience_is_reset(tmp_path: Path, monkeypatch: Any) -> None:
    shop = Workshop(tmp_path, monkeypatch, epochs=60, patience=2, lr=3.0, force=True)
    shop.work()
    status = shop.run.status()
    assert status.state == "finished"
    assert status.epoch < 60
    with pytest.raises(RunError, match="no better validation loss"):
        shop.resume()
    shop.resume(changes={"training.patience": 0, "training.epochs": status.epoch + 2})
    shop.work()
    assert shop.run.status().epoch == status.epoch + 2


def test_a_divergence_resumes_from_the_best_weights(tmp_path: Path, monkeypatch: Any) -> None:
    shop = Workshop(tmp_path, monkeypatch, optimizer="sgd", epochs=8)
    shop.work(dies_at=60)
    shop.run.command("set", RATE, 1e9)
    shop.resume()
    shop.work()
    assert shop.run.status().state == "diverged"
    with pytest.raises(RunError, match="diverged, and would again") as caught:
        shop.resume()
    assert "--lr 0.002" in caught.value.hint
    best = shop.run.status().best_validation_loss
    shop.resume(lr=0.01)
    shop.work()
    events = shop.events()
    assert isinstance(events[-1], Finished)
    assert events[-1].state == "finished"
    *_, resumed = [event for event in events if isinstance(event, Resumed)]
    (epoch,) = [e for e in events if isinstance(e, Epoch) and e.step == resumed.step]
    assert epoch.validation_loss == best
    assert resumed.commands == []
    rates = [event.value for event in events if isinstance(event, Command) and event.command == "set"]
    assert rates[-1] == 0.01
    assert shop.run.status().base_learning_rate == 0.01


def test_requests_to_a_worker_that_is_gone(shop: Workshop) -> None:
    shop.work(dies_at=25)
    shop.run.command("stop")
    shop.run.command("set", RATE, 0.1)
    shop.resume()
    shop.work()
    answered = [(e.command, bool(e.refused)) for e in shop.events() if isinstance(e, Command)]
    assert answered == [("stop", True), ("set", False), ("resume", False)]
    assert shop.run.status().state == "finished"
    assert shop.run.status().base_learning_rate == 0.1


def test_a_running_run_is_not_resumed(shop: Workshop) -> None:
    shop.work(dies_at=20)
    shop.works = True
    with pytest.raises(RunError, match="is running"):
        shop.resume()
    shop.works = False
    with shop.lock(), pytest.raises(RunError, match="in use by process"):
        shop.resume()


@pytest.mark.parametrize("lr", [0.0, -1.0, float("nan"), float("inf")])
def test_an_invalid_learning_rate_is_refused(shop: Workshop, lr: float) -> None:
    shop.work(dies_at=20)
    with pytest.raises(NntermError, match="learning rate"):
        shop.resume(lr=lr)
    assert not (shop.run.path / "commands.jsonl").exists()


def test_a_damaged_status_is_rewritten(shop: Workshop, tmp_path: Path, monkeypatch: Any) -> None:
    reference = undisturbed(tmp_path, monkeypatch).last()
    shop = Workshop(tmp_path, monkeypatch)
    shop.work(dies_at=40)
    (shop.run.path / "status.json").write_bytes(b"\x00" * 300)
    shop.resume()
    shop.work()
    assert shop.run.status().state == "finished"
    assert same_training(shop.last(), reference)
