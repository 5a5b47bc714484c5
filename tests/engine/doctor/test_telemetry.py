"""Layers are measured correctly, on a schedule, and without changing the network."""

import numpy as np
import pytest

from engine.data import load_data
from engine.doctor.telemetry import (
    BUDGET,
    PROBE,
    SPACING_S,
    DeadUnits,
    Telemetry,
    active_units,
    measure_layers,
    probe_of,
)
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer


def made(dataset: str = "moons", **options: object) -> tuple[Experiment, Network, object]:
    experiment = Experiment.quick(dataset, [6, 4], **options)
    data = load_data(experiment.data)
    return experiment, Network(experiment.network, data.input_shape, dtype="float64"), data


def test_figures_are_those_of_plain_numpy() -> None:
    _, network, data = made(activation="relu")
    rows, targets = probe_of(network, data)
    figures = measure_layers(network, rows, targets)
    assert [layer.name for layer in figures] == ["layers.0", "layers.1", "layers.2"]
    first, last = network.layers[0], network.layers[-1]
    a = np.maximum(rows[:, :-1] @ first.weight.T + first.bias, 0)  # (m, 6)
    assert figures[0].activation_mean == pytest.approx(a.mean())
    assert figures[0].activation_std == pytest.approx(a.std())
    assert figures[0].dead == np.mean(~(a > 0).any(axis=0))
    assert figures[0].saturated is None
    assert figures[0].weight_norm == pytest.approx(np.linalg.norm(first.weight))
    assert figures[0].gradient_norm == pytest.approx(np.linalg.norm(first.weight_grad))
    assert figures[2].activation_std == pytest.approx(network.logits(rows[:, :-1]).std())
    assert figures[2].gradient_norm == pytest.approx(np.linalg.norm(last.weight_grad))
    assert figures[2].dead is None


def test_saturated_outputs_are_counted_at_both_ends() -> None:
    _, network, data = made(activation="tanh")
    network.layers[0].weight[...] = 0
    network.layers[0].bias[:] = [5, -5, 0, 0, 0, 0]
    rows, targets = probe_of(network, data)
    assert measure_layers(network, rows, targets)[0].saturated == pytest.approx(2 / 6)


def test_a_unit_is_dead_only_when_off_over_the_whole_window() -> None:
    window = DeadUnits(window=2)
    assert window.after({"layers.0": np.array([True, False, False])}) == {"layers.0": pytest.approx(2 / 3)}
    assert window.after({"layers.0": np.array([False, True, False])}) == {"layers.0": pytest.approx(1 / 3)}
    assert window.after({"layers.0": np.array([False, True, False])}) == {"layers.0": pytest.approx(2 / 3)}


def test_units_with_very_negative_biases_are_off() -> None:
    _, network, data = made(activation="relu")
    network.layers[0].bias[:3] = -100
    rows, targets = probe_of(network, data)
    measure_layers(network, rows, targets)
    assert active_units(network)["layers.0"].tolist()[:3] == [False] * 3


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_update_ratio_is_that_of_the_next_update(optimizer: str) -> None:
    experiment, network, data = made(optimizer=optimizer, lr=0.01)
    state = experiment.training.optimizer.start(network.theta)
    telemetry = Telemetry(network, data, experiment.training)
    seen = telemetry.measure(0, network.state, state, 0.01)
    before = network.layers[1].weight.copy()
    network.learn_from(telemetry.rows, telemetry.targets)
    experiment.training.optimizer.update(network.theta, network.grad, state, 0.01)
    moved = np.linalg.norm(network.layers[1].weight - before) / np.linalg.norm(before)
    assert seen.layers[1].update_ratio == pytest.approx(moved)
    assert seen.loss_after == pytest.approx(
        network.loss.value(network.scores(telemetry.rows), telemetry.targets)
    )
    assert seen.loss > seen.loss_after


def test_a_measured_training_has_the_same_bits() -> None:
    def weights(watched: bool) -> np.ndarray:
        layers = [{"units": 8}, {"type": "dropout", "rate": 0.3}, {"type": "batchnorm"}, {"units": 0}]
        raw = {"data": {"dataset": "moons"}, "network": {"layers": layers}, "training": {"epochs": 3}}
        experiment = Experiment.from_raw(raw)
        data = load_data(experiment.data)
        network = Network(experiment.network, data.input_shape, 1)
        trainer = Trainer(experiment, network, data)
        telemetry = Telemetry(network, data, experiment.training, every=1)
        trainer.single_step()
        for _ in trainer:
            if watched:
                state, step = trainer.optimizer_state, trainer.position.step
                telemetry.measure(step, network.state, state, trainer.current_rate)
            trainer.single_step()
        return network.state.copy()

    assert np.array_equal(weights(True), weights(False))


def test_measuring_stays_within_its_budget() -> None:
    clock = iter(np.arange(0.0, 1000.0, 1.0))  # each measurement takes one second
    experiment, network, data = made()
    telemetry = Telemetry(network, data, experiment.training, timer=lambda: float(next(clock)))
    state = experiment.training.optimizer.start(network.theta)
    assert telemetry.is_due(0, 0.0)
    telemetry.measure(0, network.state, state, 0.1)
    assert not telemetry.is_due(5, SPACING_S / 2)  # the next is at step 10, or after some time
    assert not telemetry.is_due(9, 2 / BUDGET - 10)  # one second spent, and one for the next
    assert telemetry.is_due(9, 2 / BUDGET + 10)
    assert telemetry.steps_to_go(3) == 7


def test_planned_measurements_are_made_whatever_they_cost() -> None:
    clock = iter(np.arange(0.0, 1000.0, 1.0))
    experiment, network, data = made()
    telemetry = Telemetry(network, data, experiment.training, timer=lambda: float(next(clock)))
    state = experiment.training.optimizer.start(network.theta)
    telemetry.measure(0, network.state, state, 0.1)
    due = [step for step in range(1, 2000) if telemetry.is_due(step, 0.0)]
    assert due == [10, 20, 40, 80, 160, 240, 360, 540, 810, 1215, 1822]
    assert [telemetry.measure(step, network.state, state, 0.1).planned for step in (10, 11)] == [True, False]


def test_a_resumed_training_starts_with_an_empty_budget() -> None:
    clock = iter(np.arange(0.0, 1000.0, 1.0))
    experiment, network, data = made()
    telemetry = Telemetry(network, data, experiment.training, timer=lambda: float(next(clock)))
    state = experiment.training.optimizer.start(network.theta)
    assert telemetry.is_due(5000, 1e4)
    telemetry.measure(5000, network.state, state, 0.1, 1e4)
    assert not telemetry.is_due(6000, 1e4 + 1 / BUDGET)
    assert telemetry.is_due(6000, 1e4 + 2 / BUDGET)


def test_ten_million_steps_leave_a_bounded_number_of_measurements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Telemetry, "_look", lambda *_: ([], None, None))  # a measurement costs nothing here
    experiment, network, data = made()
    telemetry = Telemetry(network, data, experiment.training, timer=lambda: 0.0)
    state = experiment.training.optimizer.start(network.theta)
    seen = [
        telemetry.measure(100 * chunk, network.state, state, 0.1, 0.1 * chunk).step
        for chunk in range(100_000)  # 100 steps and 0.1 s each
        if telemetry.is_due(100 * chunk, 0.1 * chunk)
    ]
    assert 4_000 < len(seen) < 5_500
    assert max(np.diff(seen)) <= 10_000  # ten seconds: a thousandth of the training


def test_a_large_network_is_measured_on_fewer_samples() -> None:
    experiment = Experiment.quick("moons", [600, 600])
    data = load_data(experiment.data)
    large = Network(experiment.network, data.input_shape)
    assert len(Telemetry(large, data, experiment.training).rows) == 275
    _, network, _ = made()
    assert len(Telemetry(network, data, experiment.training).rows) == PROBE


def test_values_that_are_not_finite_become_none() -> None:
    experiment, network, data = made()
    network.theta[:] = np.inf
    state = experiment.training.optimizer.start(network.theta)
    seen = Telemetry(network, data, experiment.training).measure(0, network.state, state, 0.1)
    assert seen.loss is None
    assert seen.layers[0].gradient_norm is None
