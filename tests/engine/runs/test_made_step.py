"""A step that a run has made is computed again: the very batch, weights, optimizer state and learning rate."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import RunError
from engine.glassbox.steps import ExplainFinished, ExplainStarted, WalkStep
from engine.runs import Run
from engine.runs.checkpoints import list_checkpoints
from engine.runs.made_step import MadeStep, explain_step, make_step_again
from engine.training.setup import set_up
from tests.engine.runs.workshop import Workshop

CASES: dict[str, dict[str, Any]] = {
    "adam, cosine": {},
    "momentum, clipped": {"optimizer": "sgd", "momentum": 0.9, "clip_norm": 0.05, "schedule": "constant"},
    "full batch": {"batch_size": 0, "epochs": 9},
    "float64": {"dtype": "float64"},
    "dropout": {
        "overrides": [
            "data.samples=200",
            "checkpoints.every=1",
            'network.layers=[{units=8, activation="relu"}, {type="dropout", rate=0.5}, {}]',
        ]
    },
    "batchnorm": {
        "overrides": [
            "data.samples=200",
            "checkpoints.every=1",
            'network.layers=[{units=8}, {type="batchnorm", activation="relu"}, {}]',
        ]
    },
}


@pytest.fixture(params=CASES)
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    shop = Workshop(tmp_path, monkeypatch, **CASES[request.param])
    shop.to_the_end()
    return shop


def traced(run: Run, step: int) -> tuple[list[int], np.ndarray]:
    """Train the run's experiment anew; return the batch of the update `step`, and the weights after it."""
    trainer = set_up(run.experiment())
    events = iter(trainer)
    batch: list[int] = []
    while trainer.position.step < step:
        trainer.single_step()
        position = trainer.position
        order = np.random.default_rng([trainer.experiment.seed, position.epoch]).permutation(
            len(trainer.data.train)
        )
        order = order if trainer.batch_size < len(order) else np.arange(len(order))
        batch = order[position.cursor : position.cursor + trainer.batch_size].tolist()
        next(events)
    return batch, trainer.network.theta.copy()


def test_every_step_is_the_one_that_was_made(shop: Workshop) -> None:
    last = shop.run.status().step
    for step in {1, 2, last // 2, last - 1, last}:
        made = make_step_again(shop.run, step)
        batch, theta = traced(shop.run, step)
        assert made.chosen.tolist() == batch, step
        assert made.after.theta.tobytes() == theta.tobytes(), step
        assert made.start < step
        assert made.rule.state is not None
        assert made.rule.state.updates == step - 1


def test_the_walk_agrees_with_the_weights_that_the_run_has_stored(shop: Workshop) -> None:
    step = list_checkpoints(shop.run.path)[0][0]
    first, _, *steps, last = explain_step(shop.run, step)
    assert isinstance(first, ExplainStarted)
    assert first.subject == f"step {step:,}"
    assert isinstance(last, ExplainFinished)
    assert last.passed, last.message
    update = steps[-1]
    assert isinstance(update, WalkStep)
    assert "the new weights equal those of the run bit for bit" in update.words
    assert update.title == f"update · {shop.run.experiment().training.optimizer.name}"


def test_a_step_without_stored_weights_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(tmp_path, monkeypatch)
    shop.to_the_end()
    *_, update, last = explain_step(shop.run, 2)
    assert isinstance(update, WalkStep)
    assert "no weights of step 2 to compare with" in update.words
    assert isinstance(last, ExplainFinished)
    assert last.passed


def test_a_changed_learning_rate_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(tmp_path, monkeypatch, schedule="constant")
    shop.run.command("set", "training.optimizer.lr", 0.5)
    shop.to_the_end()
    changed = make_step_again(shop.run, 3)
    assert changed.rule.rate == 0.5
    step = shop.run.status().step
    assert make_step_again(shop.run, step).is_same


def test_other_weights_of_the_run_are_a_disagreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Workshop(tmp_path, monkeypatch)
    shop.to_the_end()
    real = make_step_again

    def spoilt(run: Run, step: int) -> MadeStep:
        made = real(run, step)
        assert made.recorded is not None
        made.recorded.theta[:] += 0.1
        return made

    monkeypatch.setattr("engine.runs.made_step.make_step_again", spoilt)
    *_, last = explain_step(shop.run, list_checkpoints(shop.run.path)[0][0])
    assert isinstance(last, ExplainFinished)
    assert not last.passed
    assert "differs from this walk" in last.message


@pytest.mark.parametrize("step", [0, 10_000])
def test_a_step_that_was_not_made_is_refused(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path, monkeypatch)
    shop.to_the_end()
    with pytest.raises(RunError, match=f"has not made step {step:,}") as error:
        make_step_again(shop.run, step)
    assert "steps are numbered 1 to" in error.value.hint
