"""The training loop: its events in order, and its numbers equal to a loop written by hand."""

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.data import Data
from engine.events import Epoch, Event, Finished, Steps
from engine.experiment.experiment import Experiment
from engine.finite import significant
from engine.nn.network import Network
from engine.optim.optimizer import clip_by_norm
from engine.training.timetable import MAX_EPOCH_EVENTS
from engine.training.trainer import Trainer


def make(dataset: str = "moons", layers: tuple[int, ...] = (6,), **options: Any) -> Trainer:
    chunk_s = options.pop("chunk_s", 0.1)
    experiment = Experiment.quick(dataset, list(layers), **options)
    data = engine.load_data(experiment.data)
    network = Network(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)
    return Trainer(experiment, network, data, chunk_s=chunk_s)


def losses_of(events: list[Event]) -> list[float | None]:
    return [loss for event in events if isinstance(event, Steps) for loss in event.losses]


def epochs_of(events: list[Event]) -> list[Epoch]:
    return [event for event in events if isinstance(event, Epoch)]


def batches_of(data: Data, seed: int, epoch: int, size: int) -> list[tuple[Any, Any]]:
    """Return the batches of an epoch by the documented rule: a permutation drawn from (seed, epoch)."""
    order = np.random.default_rng([seed, epoch]).permutation(len(data.train))
    parts = [order[i : i + size] for i in range(0, len(order), size)]
    return [(data.train.x[part], data.train.y[part]) for part in parts]


def by_hand(
    trainer: Trainer, rate: Callable[[int], float] = lambda step: 0.05
) -> tuple[list[float], Network]:
    """Train a network of its own by plain gradient descent; return each step's loss, and the network."""
    experiment, data = trainer.experiment, trainer.data
    training = experiment.training
    network = Network(experiment.network, data.input_shape, experiment.seed, training.dtype)
    losses: list[float] = []
    for epoch in range(training.epochs):
        for x, y in batches_of(data, experiment.seed, epoch, training.batch_size):
            step = len(losses)
            losses.append(network.loss_and_gradient(x, y))
            if training.clip_norm:
                clip_by_norm(network.grad, training.clip_norm)
            network.theta -= rate(step) * network.grad
    return losses, network


SGD: dict[str, Any] = {"optimizer": "sgd", "lr": 0.05, "batch_size": 64, "epochs": 3, "dtype": "float64"}
"""900 training samples of moons in batches of 64: the last one of an epoch has 4."""


def test_events_come_in_order_and_cover_every_step() -> None:
    trainer = make(**SGD, chunk_s=0.0)
    events = list(trainer)

    assert isinstance(events[-1], Finished)
    assert events[-1].state == "finished"
    assert sum(isinstance(event, Finished) for event in events) == 1
    chunks = [event for event in events if isinstance(event, Steps)]
    assert [chunk.step for chunk in chunks] == list(range(45))  # no time: each chunk has one step
    assert [chunk.epoch for chunk in chunks] == [1] * 15 + [2] * 15 + [3] * 15
    assert [epoch.step for epoch in epochs_of(events)] == [15, 30, 45]
    assert [epoch.epoch for epoch in epochs_of(events)] == [1, 2, 3]
    for before, event in pairwise(events):
        if isinstance(event, Epoch):
            assert isinstance(before, Steps)
            assert before.step + len(before.losses) == event.step
    assert (events[-1].steps, events[-1].epochs) == (45, 3)


def test_losses_and_weights_equal_a_loop_by_hand() -> None:
    trainer = make(**SGD)
    losses = losses_of(list(trainer))
    expected, network = by_hand(trainer)
    assert losses == significant(expected)
    np.testing.assert_allclose(trainer.network.theta, network.theta, rtol=1e-12, atol=1e-14)


def test_clipping_equals_a_loop_by_hand() -> None:
    trainer = make(**SGD, clip_norm=0.05)
    losses = losses_of(list(trainer))
    expected, network = by_hand(trainer)
    unclipped, _ = by_hand(make(**SGD))
    assert losses == significant(expected)
    assert losses != significant(unclipped)
    np.testing.assert_allclose(trainer.network.theta, network.theta, rtol=1e-12, atol=1e-14)


def test_schedule_and_warmup_equal_a_loop_by_hand() -> None:
    schedule = {"name": "cosine", "warmup": 7}
    trainer = make(**SGD, schedule=schedule)
    events = list(trainer)

    def rate(step: int) -> float:
        if step < 7:
            return 0.05 * (step + 1) / 7
        return 0.05 * (1 + math.cos(math.pi * (step - 7) / (45 - 7))) / 2

    expected, network = by_hand(trainer, rate)
    assert losses_of(events) == significant(expected)
    np.testing.assert_allclose(trainer.network.theta, network.theta, rtol=1e-12, atol=1e-14)
    assert [epoch.learning_rate for epoch in epochs_of(events)] == pytest.approx(
        [rate(14), rate(29), rate(44)]
    )


@pytest.mark.parametrize("chunk_s", [0.0, 1e-4, 10.0])
def test_the_length_of_a_chunk_changes_no_bit(chunk_s: float) -> None:
    options = {**SGD, "optimizer": "adam", "dtype": "float32"}
    trainer, other = make(**options, chunk_s=chunk_s), make(**options)
    events, expected = list(trainer), list(other)
    assert trainer.network.theta.tobytes() == other.network.theta.tobytes()
    assert [epoch.train_loss for epoch in epochs_of(events)] == [e.train_loss for e in epochs_of(expected)]
    assert [e.train_accuracy for e in epochs_of(events)] == [e.train_accuracy for e in epochs_of(expected)]


def test_another_seed_gives_other_weights() -> None:
    thetas = []
    for seed in (0, 0, 1):
        trainer = make(**SGD, seed=seed)
        list(trainer)
        thetas.append(trainer.network.theta.tobytes())
    assert thetas[0] == thetas[1] != thetas[2]


@pytest.mark.parametrize(("dataset", "layers"), [("moons", (6,)), ("blobs", (6,))])
def test_figures_equal_an_independent_computation(dataset: str, layers: tuple[int, ...]) -> None:
    trainer = make(dataset, layers, **{**SGD, "epochs": 1})
    events = list(trainer)
    (epoch,) = epochs_of(events)
    finished = events[-1]
    assert isinstance(finished, Finished)
    network, data = trainer.network, trainer.data

    def classes(x: Any, of: Network) -> Any:
        outputs = of.forward(x)
        return outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0.5).astype(int)

    for name in ("train", "validation", "test"):
        split = getattr(data, name)
        right = np.mean(classes(split.x, network) == split.y)
        assert getattr(finished, f"{name}_accuracy") == pytest.approx(right)
        assert getattr(finished, f"{name}_loss") == pytest.approx(network.loss_value(split.x, split.y))
    assert epoch.validation_accuracy == finished.validation_accuracy

    replayed = Network(trainer.experiment.network, data.input_shape, 0, "float64")
    right_while_learning, loss_sum = 0, 0.0
    for x, y in batches_of(data, 0, 0, 64):
        right_while_learning += int(np.sum(classes(x, replayed) == y))
        loss_sum += len(x) * replayed.loss_and_gradient(x, y)
        replayed.theta -= 0.05 * replayed.grad
    n = len(data.train)
    assert n % 64, "the last batch must be smaller, or its weight is not tested"
    assert epoch.train_accuracy == right_while_learning / n
    assert epoch.train_loss == pytest.approx(loss_sum / n, rel=1e-12)


def test_a_regression_has_no_accuracy() -> None:
    *_, finished = make("sine", epochs=2)
    assert isinstance(finished, Finished)
    assert finished.train_accuracy is None
    assert finished.test_accuracy is None
    assert finished.test_loss is not None


def test_full_batch_descent_makes_one_step_per_epoch() -> None:
    trainer = make(**{**SGD, "batch_size": 0, "epochs": 5})
    losses = losses_of(list(trainer))
    network = Network(trainer.experiment.network, (2,), 0, "float64")
    x, y = trainer.data.train.x, trainer.data.train.y
    expected = []
    for _ in range(5):
        expected.append(network.loss_and_gradient(x, y))
        network.theta -= 0.05 * network.grad
    assert losses == significant(expected)


def test_many_epochs_give_few_epoch_events_with_right_figures() -> None:
    epochs = 2 * MAX_EPOCH_EVENTS + 500
    trainer = make("xor", (3,), epochs=epochs, batch_size=3, lr=0.1)
    events = list(trainer)
    reported = epochs_of(events)
    assert len(losses_of(events)) == 2 * epochs
    assert len(reported) <= MAX_EPOCH_EVENTS
    assert reported[-1].epoch == epochs
    losses = losses_of(events)
    for epoch in (reported[0], reported[-1]):
        first, second = losses[epoch.step - 2 : epoch.step]
        assert first is not None
        assert second is not None
        assert epoch.train_loss == pytest.approx((3 * first + second) / 4, rel=1e-5)


def test_a_chunk_that_ends_between_unreported_epochs_changes_no_figure() -> None:
    epochs = 2 * MAX_EPOCH_EVENTS
    options: dict[str, Any] = {"epochs": epochs, "batch_size": 3, "lr": 0.1}
    chopped = epochs_of(list(make("xor", (3,), **options, chunk_s=0.0)))
    whole = epochs_of(list(make("xor", (3,), **options)))
    assert [e.train_loss for e in chopped] == [e.train_loss for e in whole]
    assert [e.train_accuracy for e in chopped] == [e.train_accuracy for e in whole]


def test_early_stopping_keeps_the_best_weights() -> None:
    trainer = make("moons", (16,), optimizer="sgd", lr=3.0, momentum=0.9, epochs=200, patience=3, force=True)
    best_loss, best_theta = math.inf, None
    bad = 0
    for event in trainer:
        if isinstance(event, Epoch) and event.validation_loss is not None:
            if event.validation_loss < best_loss:
                best_loss, best_theta, bad = event.validation_loss, trainer.network.theta.copy(), 0
            else:
                bad += 1
    assert isinstance(event, Finished)
    assert event.state == "finished"
    assert "no better validation loss for 3 epochs" in event.reason
    assert bad == 3
    assert event.epochs < 200
    assert best_theta is not None
    assert trainer.network.theta.tobytes() == best_theta.tobytes()
    assert event.validation_loss == pytest.approx(best_loss, rel=1e-6)


def test_the_learning_rate_changes_between_two_events() -> None:
    trainer = make(**{**SGD, "epochs": 1}, chunk_s=0.0)
    rates = []
    for event in trainer:
        if isinstance(event, Steps):
            rates.append(event.learning_rate)
            if event.step == 4:
                trainer.learning_rate = 0.5
                assert trainer.current_rate == 0.5
    assert rates == [0.05] * 5 + [0.5] * 10
    _, network = by_hand(trainer, lambda step: 0.05 if step < 5 else 0.5)
    np.testing.assert_allclose(trainer.network.theta, network.theta, rtol=1e-12, atol=1e-14)


def test_a_single_step_is_one_update() -> None:
    trainer = make(**SGD, chunk_s=10.0)
    events = iter(trainer)
    for step in range(3):
        trainer.single_step()
        event = next(events)
        assert isinstance(event, Steps)
        assert (event.step, len(event.losses)) == (step, 1)
    event = next(events)
    assert isinstance(event, Steps)
    assert len(event.losses) == 12  # the rest of the epoch


def test_the_epoch_after_a_step_is_announced() -> None:
    trainer = make(**SGD, chunk_s=0.0)
    announced = False
    for event in trainer:
        assert isinstance(event, Epoch) == announced
        announced = trainer.epoch_follows


def test_stop_ends_after_the_event_that_was_given() -> None:
    trainer = make(**SGD, chunk_s=0.0)
    events = []
    for event in trainer:
        events.append(event)
        if len(events) == 3:
            trainer.stop()
    assert isinstance(events[-1], Finished)
    assert (events[-1].state, events[-1].steps, len(events)) == ("stopped", 3, 4)


def test_stop_after_the_last_update_finds_it_finished() -> None:
    trainer = make(**SGD)
    events = []
    for event in trainer:
        events.append(event)
        if trainer.is_over:
            trainer.stop()
    assert isinstance(events[-1], Finished)
    assert events[-1].state == "finished"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("dataset", "lr"), [("moons", 1e6), ("moons", 1e30), ("sine", 1e3), ("sine", 1e300)])
def test_a_divergence_keeps_the_last_good_weights(dataset: str, lr: float, dtype: str) -> None:
    trainer = make(
        dataset, (16, 16), **{**SGD, "lr": lr, "dtype": dtype, "epochs": 50}, force=True, chunk_s=0.0
    )
    *events, finished = trainer
    assert isinstance(finished, Finished)
    assert finished.state == "diverged"
    assert trainer.has_diverged
    assert np.isfinite(trainer.network.theta).all()
    assert isinstance(events[-1], Steps)
    assert all(loss is None or math.isfinite(loss) for loss in losses_of(events))
    assert finished.test_loss is not None
    assert math.isfinite(finished.test_loss)


def test_figures_are_rounded_to_six_significant_digits() -> None:
    values = [0.123456789, -1234567.0, 0.0, 1e-30, math.nan, math.inf]
    assert significant(values) == [0.123457, -1234570.0, 0.0, 1e-30, None, None]


def test_early_stopping_without_validation_samples_says_what_it_watched(tmp_path: Path) -> None:
    np.savez(tmp_path / "few.npz", x=np.eye(4), y=np.arange(4) % 2)
    *_, event = list(make(str(tmp_path / "few.npz"), (3,), lr=1e-9, epochs=50, patience=2))
    assert isinstance(event, Finished)
    assert event.reason.startswith("no better training loss (no samples are held out) for")
