"""docs/architecture_notes.md is rendered from its recorded figures, which support its text and are measured correctly."""

import math

import numpy as np
import pytest

from engine.data import load_data
from engine.events import Steps
from engine.nn.network import Network
from engine.training.trainer import Trainer
from tests.docs.architecture_notes import PAGE, RATES, read_record, render
from tests.docs.curvature import curvature_along, sharpness
from tests.docs.rates import descend, experiment_at, loss_along_gradient, run_unguarded, train
from tests.engine.doctor.cases import experiment


def test_the_page_is_what_the_recorded_figures_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(read_record()), "stale: make notes"


def test_the_figures_support_the_text_of_the_page() -> None:
    study = read_record()
    done = {training.rate: training for training in study.trainings}
    bare = {run.rate: run for run in study.unguarded}
    assert tuple(done) == RATES
    assert max(done.values(), key=lambda training: training.test_accuracy or 0).rate == 0.3
    assert [rate for rate in RATES if done[rate].state == "diverged"] == [3.0, 10.0]
    assert 2 / study.slope.sharpness == pytest.approx(0.3, rel=0.1)  # "0.3 is just at the limit"
    for training in done.values():
        assert all(sharp < 2 / training.rate for _, sharp in training.sharpness[-1:]) or training.origin
    ends = [done[rate].sharpness[-1][1] for rate in RATES[:5]]
    assert ends == sorted(ends, reverse=True)  # "a larger rate selects flatter regions"
    assert bare[0.1].rises == 0 < bare[1.0].rises
    assert done[1.0].dead[0] > 0.5 > max(done[0.3].dead)
    for rate in (3.0, 10.0):
        assert bare[rate].dead[1] == 1.0
        assert bare[rate].first_bad is None
        assert bare[rate].last_loss == pytest.approx(math.log(10), abs=0.1)
        assert done[rate].findings[0].code == "learning-rate-high"
    assert [run.first_bad is not None for run in study.squared] == [rate >= 3 for rate in RATES]
    free, held = study.edges[:2]
    assert max(free.sharpness) < 2 / free.rate
    assert held.sharpness[-1] < 2 / held.rate < max(held.sharpness)


def test_the_sharpness_of_a_line_is_the_largest_eigenvalue_of_its_inputs() -> None:
    """Mean squared error of one linear layer over k outputs: H = 2/k · E[x xᵀ], whatever the weights."""
    given = experiment(dataset="plane", layers=[])
    rng = np.random.default_rng(0)
    network = Network(given.network, (2,), 0, "float64")
    x = rng.standard_normal((40, 2)) * [3.0, 1.0]
    rows, targets = network.as_rows(x), rng.standard_normal((40, 1))
    hessian = 2 * rows.T @ rows / len(rows)
    values, vectors = np.linalg.eigh(hessian)
    assert sharpness(network, network.theta.copy(), rows, targets) == pytest.approx(values[-1], rel=1e-4)
    along = curvature_along(network, network.theta.copy(), vectors[:, 0], rows, targets)
    assert along == pytest.approx(values[0], rel=1e-3)


def test_a_short_version_of_the_study_comes_out_right() -> None:
    usual, wild = experiment_at(0.1, limit=120, epochs=4), experiment_at(10.0, limit=120, epochs=4)
    learned, lost = train(usual, (), rounds=2), train(wild, (), rounds=2)
    assert (learned.state, lost.state) == ("finished", "diverged")
    assert learned.losses[-1] < learned.losses[0]  # type: ignore[operator]
    assert lost.findings[0].code == "learning-rate-high"
    assert lost.origin_step is not None
    assert "step" in lost.origin


def test_the_bare_loop_agrees_with_the_trainer() -> None:
    given = experiment_at(0.1, limit=400)
    data = load_data(given.data)
    bare = run_unguarded(given, data, updates=5)
    network = Network(given.network, data.input_shape, given.seed, given.training.dtype)
    steps = next(event for event in Trainer(given, network, data) if isinstance(event, Steps))
    assert bare.losses[:3] == pytest.approx(steps.losses[:3], rel=0.01)


def test_the_loss_along_the_gradient_falls_and_then_rises() -> None:
    given = experiment_at(0.1, limit=200)
    slope = loss_along_gradient(given, load_data(given.data), points=12)
    assert slope.losses[0] == pytest.approx(slope.start, rel=0.02)
    assert min(slope.losses) < slope.start < slope.losses[-1]


def test_a_descent_is_measured_at_regular_intervals() -> None:
    edge = descend(experiment_at(0.1, limit=60, batch_size=0), updates=4, every=2)
    assert edge.steps == [0, 2, 4]
    assert edge.losses == sorted(edge.losses, reverse=True)
    assert all(sharp > 0 for sharp in edge.sharpness)
