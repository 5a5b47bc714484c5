"""Trials on real networks, compared with results obtained by other means."""

import math
import statistics
from pathlib import Path

import numpy as np
import pytest

from engine.data import load_data
from engine.doctor.gather import plan_of
from engine.doctor.overfit import overfit_batch
from engine.errors import NntermError
from engine.events import Finished
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.training.trainer import Trainer
from engine.trials import (
    TRIALS,
    TrialFinished,
    TrialPoints,
    TrialProgress,
    TrialStarted,
    run_trial,
)
from engine.trials import learning_rates as rates
from engine.trials import shuffled_labels as shuffled
from engine.trials.random_labels import noise_of, permuted
from engine.trials.seeds import plan_for
from engine.trials.seeds import seeds as try_seeds
from engine.trials.subject import TrialSubject
from tests.engine.trials.subjects import end_of, events_of, subject
from tests.toys.trial import ROW


@pytest.fixture(autouse=True)
def _soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make few updates: the tested effects show after these too."""
    monkeypatch.setattr(shuffled, "MOST_STEPS", 400)
    monkeypatch.setattr(rates, "MOST_STEPS", 600)


# all trials


@pytest.mark.parametrize("name", TRIALS)
def test_a_trial_starts_with_its_plot_and_ends_with_a_sentence(name: str) -> None:
    on = subject("blobs", [4], epochs=2, limit=100)
    state = on.network().state.copy()
    events = events_of(name, on)
    started, end = events[0], events[-1]
    assert isinstance(started, TrialStarted)
    assert isinstance(end, TrialFinished)
    assert end.source
    curves = {curve.name for curve in started.plot.curves}
    points = [event for event in events if isinstance(event, TrialPoints)]
    assert {event.curve for event in points} == curves
    assert all(len(event.x) == len(event.y) > 0 for event in points)
    shares = [event.share for event in events if isinstance(event, TrialProgress)]
    assert shares == sorted(shares)
    assert end.sentence.endswith(".")
    assert np.array_equal(on.network().state, state)
    again = end_of(name, on)
    assert (again.figures, again.sentence) == (end.figures, end.sentence)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(NntermError, match="not a trial") as caught:
        run_trial("overfitt", subject())
    assert '"overfit"' in caught.value.hint


def test_a_new_trial_is_one_row_and_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TRIALS, "constant", ROW)
    end = end_of("constant", subject("and", [4]))
    assert (end.figures, end.sentence) == ({"score": 0.75}, "It reaches 75.0 %.")


@pytest.mark.parametrize("name", ["rates", "shuffled", "zeroed"])
def test_a_perceptron_is_refused_where_the_trial_does_not_apply(name: str) -> None:
    options = {"overrides": ["network.layers=[{activation='step'}]"]}
    with pytest.raises(NntermError, match="perceptron"):
        end_of(name, subject("and", optimizer="perceptron", **options))


def test_a_trial_computes_in_numpy_whatever_the_experiment_says() -> None:
    on = subject("moons", [4], backend="torch")
    assert on.experiment.training.backend == "numpy"


# overfit


def test_overfitting_is_the_doctors_own_attempt() -> None:
    on = subject("moons", [16])
    plan, data = plan_of(on.experiment)
    assert data is not None
    found = overfit_batch(plan, on.fresh(), data)
    figures = end_of("overfit", on).figures
    assert (figures["steps"], figures["last_loss"], figures["accuracy"]) == (
        found.steps,
        found.last_loss,
        found.accuracy,
    )


def test_a_batch_that_cannot_be_memorised_is_a_finding_with_the_fix_of_its_cause() -> None:
    end = end_of("overfit", subject("moons", [4], init="zeros", force=True))
    assert (end.outcome, end.passed) == ("not-learned", False)
    assert end.finding is not None
    assert (end.finding.code, end.finding.cause) == ("cannot-overfit-batch", "zero-init")
    assert end.changes["network.layers[0].init"] != "zeros"


# rates


def test_a_linear_regression_diverges_beyond_two_over_its_curvature() -> None:
    on = subject("plane", [], batch_size=0, optimizer="sgd", lr=0.1)
    rows = on.fresh().as_rows(on.data.train.x).astype(np.float64)
    curvature = 2 * float(np.linalg.eigvalsh(rows.T @ rows / len(rows)).max())
    figures = end_of("rates", on).figures
    assert 1 <= figures["diverges"] / (2 / curvature) <= 2
    assert figures["suggested"] < 2 / curvature


def test_the_rates_of_a_run_are_tried_from_its_weights(tmp_path: Path) -> None:
    experiment = Experiment.quick("moons", [4])
    data = load_data(experiment.data)
    trained = Network(experiment.network, data.input_shape, 0)
    trained.theta *= 3
    on = TrialSubject.of(experiment, trained, "moons-1")
    first = next(event for event in events_of("rates", on) if isinstance(event, TrialStarted))
    assert first.beginning == "the newest weights of the run moons-1"
    assert np.array_equal(on.network().theta, trained.theta)
    assert end_of("rates", on).figures != end_of("rates", TrialSubject.of(experiment)).figures
    other = Network(Experiment.quick("moons", [5]).network, data.input_shape, 0)
    with pytest.raises(NntermError, match="do not match"):
        TrialSubject.of(experiment, other)


def test_a_rate_beyond_the_edge_comes_with_one_that_learns() -> None:
    end = end_of("rates", subject("moons", [8], optimizer="sgd", lr=50.0))
    assert (end.outcome, end.passed) == ("too-high", False)
    assert end.finding is not None
    assert end.finding.remedy == end.changes == {"training.optimizer.lr": end.figures["suggested"]}


# shuffled labels


def test_equal_samples_get_equal_labels_and_all_labels_are_used() -> None:
    keys = [str(i % 40).encode() for i in range(120)]
    y = np.array([(i % 40) // 10 for i in range(120)])
    dealt = permuted(keys, y, np.random.default_rng(0))
    assert all(dealt[i] == dealt[i % 40] for i in range(120))
    assert np.array_equal(np.bincount(dealt), np.bincount(y))
    assert not np.array_equal(dealt, y)


def test_noise_is_predicted_at_chance_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shuffled, "MOST_STEPS", 2_000)
    on = subject("blobs", [64], optimizer="adam", lr=0.02, limit=100, validation=0.5, batch_size=25)
    figures = end_of("shuffled", on).figures
    n = figures["part_samples"]
    classes = len(on.data.class_names)
    within = 3.3 * math.sqrt((1 - 1 / classes) / classes / n)
    assert figures["foretold"] == pytest.approx(1 / classes, abs=within)
    assert figures["noise"] > figures["constant"] + 0.1
    assert figures["true"] >= 0.95


def leaky_file(folder: Path) -> Path:
    """Write a file in which each sample occurs six times, so that the validation part was seen in training."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 8)).astype(np.float32)
    y = np.tile(np.arange(2), 20)
    np.savez(folder / "leaky.npz", x=np.tile(x, (6, 1)), y=np.tile(y, 6))
    return folder / "leaky.npz"


def test_samples_that_recur_in_the_validation_part_are_a_leak(tmp_path: Path) -> None:
    on = subject(str(leaky_file(tmp_path)), [64], optimizer="adam", lr=0.02, validation=0.2)
    assert noise_of(on).recurring == len(on.data.validation)
    end = end_of("shuffled", on)
    assert (end.outcome, end.passed) == ("leak", False)
    assert end.finding is not None
    assert end.finding.code == "leakage"


def test_too_few_samples_cannot_be_shuffled() -> None:
    with pytest.raises(NntermError, match="only 4 different"):
        end_of("shuffled", subject("xor"))


def test_shuffled_values_are_predicted_without_correlation() -> None:
    on = subject("sine", [4], epochs=2, limit=60)
    figures = end_of("shuffled", on).figures
    assert figures["measure"] == "variance"
    assert (
        abs(figures["foretold"])
        < figures["at_most"]
        == pytest.approx(3.29 / math.sqrt(figures["part_samples"]), rel=1e-3)
    )


# zeroed inputs


def test_without_inputs_it_has_the_most_frequent_class(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    y = np.array([0] * 70 + [1] * 130)
    x = (rng.normal(size=(200, 3)) + 3 * y[:, None]).astype(np.float32)
    np.savez(tmp_path / "uneven.npz", x=x, y=y)
    on = subject(str(tmp_path / "uneven.npz"), [8], optimizer="adam", lr=0.02, epochs=20)
    *events, end = events_of("zeroed", on)
    assert isinstance(end, TrialFinished)
    losses = [
        y for event in events if isinstance(event, TrialPoints) and event.curve == "zeroed" for y in event.y
    ]
    entropy = -(0.35 * math.log(0.35) + 0.65 * math.log(0.65))
    assert np.mean(np.array(losses[-20:], np.float64)) == pytest.approx(entropy, rel=0.05)
    share = float(np.mean(on.data.validation.y == 1))
    assert end.figures["zeroed"] == end.figures["constant"] == share
    assert (end.outcome, end.passed) == ("uses-its-inputs", True)


def test_uninformative_inputs_are_not_used(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "noise.npz", x=rng.normal(size=(300, 2)).astype(np.float32), y=np.arange(300) % 2)
    end = end_of("zeroed", subject(str(tmp_path / "noise.npz"), [4], epochs=5))
    assert (end.outcome, end.passed) == ("ignores-its-inputs", False)
    assert end.finding is not None
    assert end.finding.severity == "warning"


def test_a_regression_without_inputs_explains_nothing() -> None:
    end = end_of("zeroed", subject("plane", [8], epochs=30, limit=200))
    assert end.figures["zeroed"] == pytest.approx(0.0, abs=0.1)
    assert end.figures["real"] > 0.5
    assert end.passed


# seeds


def test_seeds_are_ordinary_trainings_bit_for_bit() -> None:
    on = subject("moons", [6], epochs=3, seed=4, limit=150)
    plan, _ = plan_for(on, 3)
    assert plan == on.experiment
    *_, end = try_seeds(on, 3)
    assert isinstance(end, TrialFinished)
    alone = [trained_alone(on.experiment, seed) for seed in (4, 5, 6)]
    for spread, part in zip(end.figures["spreads"], ("validation", "test"), strict=True):
        values = [getattr(one, f"{part}_accuracy") for one in alone]
        assert list(spread["values"]) == values
        assert spread["mean"] == statistics.fmean(values)


def trained_alone(experiment: Experiment, seed: int) -> Finished:
    """Train as a run does."""
    own = experiment.with_changes({"seed": seed})
    data = load_data(own.data)
    *_, last = Trainer(own, Network(own.network, data.input_shape, seed), data)
    assert isinstance(last, Finished)
    return last


def test_omissions_are_noted_with_the_options_to_repeat_them() -> None:
    on = subject("mnist", [512, 512])
    plan, data = plan_for(on, 10)
    assert plan.training.epochs == 3
    assert 0 < plan.data.limit < 5_000
    assert len(data.test) == len(on.data.test)
    first = next(run_trial("seeds", on))
    assert isinstance(first, TrialStarted)
    assert f"--set training.epochs=3 --set data.limit={plan.data.limit}" in first.notes[-1]


def test_a_truth_table_that_is_learned_uses_its_inputs() -> None:
    end = end_of("zeroed", subject("and", [4]))
    assert (end.figures["zeroed"], end.figures["real"]) == (0.75, 1.0)
    assert end.passed
