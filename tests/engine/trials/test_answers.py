"""The answer of each trial: every outcome from figures alone."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from engine.experiment.specs import TrainingSpec
from engine.trials import learning_rates as rates
from engine.trials import overfit_batch, seeds
from engine.trials import shuffled_labels as shuffled
from engine.trials import zero_inputs as zeroed
from engine.trials.budget import portion_for, training_s
from engine.trials.learning_rates import RateFigures, Sweep, figures_of
from engine.trials.overfit_batch import OverfitFigures
from engine.trials.reporting import points, report_every
from engine.trials.seeds import SeedFigures, count_stuck, spread_of
from engine.trials.shuffled_labels import ShuffledFigures
from engine.trials.training import LossCourse
from engine.trials.zero_inputs import ZeroedFigures

OVERFIT = {
    "samples": 16,
    "steps": 200,
    "first_loss": 2.3,
    "last_loss": 0.002,
    "accuracy": 1.0,
    "found": False,
}
RATES = {
    "rate": 0.1,
    "first_loss": 2.3,
    "lowest_loss": 0.5,
    "steepest": 0.05,
    "lowest": 0.4,
    "diverges": 2.0,
    "suggested": 0.1,
    "highest": 10.0,
    "steps": 2000,
}
SHUFFLED = {
    "measure": "accuracy",
    "samples": 1000,
    "noise": 0.99,
    "noise_epochs": 40,
    "true": 1.0,
    "true_epochs": 6,
    "constant": 0.11,
    "above_constant": True,
    "part": "validation",
    "part_samples": 500,
    "foretold": 0.1,
    "expected": 0.1,
    "at_most": 0.145,
    "recurring": 0,
}
ZEROED = {
    "measure": "accuracy",
    "part": "test",
    "samples": 1000,
    "real": 0.95,
    "real_low": 0.935,
    "real_high": 0.962,
    "zeroed": 0.11,
    "constant": 0.11,
    "epochs": 5,
}


def test_a_rate_that_has_learned_the_samples_is_not_too_low() -> None:
    every = np.geomspace(1e-6, 10, 1000)
    losses = 1.1 / (1 + (every / 1e-3) ** 2)  # falls for as long as the sweep lasts
    figures = figures_of(Sweep(every, losses), rate=0.005)
    assert figures is not None
    assert figures.learned == pytest.approx(1e-3 * 19**0.5, rel=0.2)
    assert figures.suggested == figures.learned
    assert rates.answer_of(figures).outcome == "fits"
    low = rates.answer_of(replace(figures, rate=1e-5))
    assert low.sentence.endswith("where the loss is below 5 % of the first.")


@pytest.mark.parametrize(
    ("changes", "outcome", "says"),
    [
        (
            {},
            "learned",
            "memorised 16 samples: 200 updates reduced the loss from 2.3 to 0.002 with 100 %",
        ),
        ({"accuracy": None}, "learned", "to 0.002, so data"),
        ({"found": True, "accuracy": 0.25, "last_loss": 2.0}, "not-learned", "cannot overfit 16 samples"),
        ({"found": True, "last_loss": None}, "diverged", "to NaN or infinity"),
        ({"found": True, "cause": "all weights are 0"}, "not-learned", "Cause: all weights are 0."),
    ],
)
def test_overfitting(changes: dict[str, object], outcome: str, says: str) -> None:
    answer = overfit_batch.answer_of(OverfitFigures(**{**OVERFIT, **changes}))
    assert (answer.outcome, answer.passed) == (outcome, outcome == "learned")
    assert says in answer.sentence
    assert answer.code == ("" if answer.passed else "cannot-overfit-batch")


@pytest.mark.parametrize(
    ("changes", "outcome", "says", "suggests"),
    [
        ({}, "fits", "lowest at 0.4 and diverges from 2 on: 0.1 fits.", False),
        ({"rate": 0.02}, "fits", "0.02 fits; also possible: 0.1.", True),
        ({"rate": 0.5}, "edge", "close to divergence", True),
        (
            {"rate": 2.0},
            "too-high",
            "2 is too high; suggested: 0.1, a quarter of the rate with the lowest loss",
            True,
        ),
        ({"rate": 0.001}, "too-low", "0.001 is 100 times lower than needed", True),
        ({"lowest_loss": 2.29}, "flat", "The loss does not fall at any rate up to 10", False),
        ({"diverges": None}, "fits", "does not diverge up to 10", False),
        ({"diverges": None, "lowest": 10.0, "suggested": 2.5}, "too-low", "still falls at 10", True),
        ({"steepest": None}, "fits", "The loss is lowest at 0.4", False),
    ],
)
def test_rates(changes: dict[str, object], outcome: str, says: str, suggests: bool) -> None:
    figures = RateFigures(**{**RATES, **changes})
    answer = rates.answer_of(figures)
    assert answer.outcome == outcome
    assert says in answer.sentence
    assert answer.passed == (outcome in ("fits", "edge"))
    assert answer.changes == ({"training.optimizer.lr": figures.suggested} if suggests else {})


@pytest.mark.parametrize(
    ("changes", "outcome", "says"),
    [
        (
            {},
            "by-heart",
            "memorised 1,000 shuffled labels: 99.0 % after 40 epochs (the true ones: 100 %",
        ),
        (
            {"noise": 0.5},
            "partly",
            "noise only in part; of the shuffled labels of 500 validation samples it gets 10.0 % right",
        ),
        (
            {"noise": 0.12, "above_constant": False},
            "no-memory",
            "cannot memorise 1,000 shuffled labels: 12.0 %",
        ),
        (
            {"noise": 0.12, "above_constant": False, "true": 0.11},
            "learns-nothing",
            "neither the shuffled labels",
        ),
        (
            {"foretold": 0.3, "recurring": 200},
            "leak",
            "Of the shuffled labels of 500 validation samples it gets 30.0 % right",
        ),
        ({"foretold": 0.3}, "leak", "must have leaked"),
        ({"diverged": True, "noise": 0.1}, "diverged", "diverged after 40 epochs"),
        (
            {"measure": "variance", "noise": 0.4, "foretold": -0.02, "expected": 0.0},
            "partly",
            "40.0 % of the variance",
        ),
    ],
)
def test_shuffled_labels(changes: dict[str, object], outcome: str, says: str) -> None:
    answer = shuffled.answer_of(ShuffledFigures(**{**SHUFFLED, **changes}))
    assert answer.outcome == outcome
    assert says in answer.sentence
    assert answer.passed == (outcome in ("by-heart", "partly", "no-memory"))
    assert answer.code == ("leakage" if outcome == "leak" else "")


@pytest.mark.parametrize(
    ("changes", "outcome", "says"),
    [
        ({}, "uses-its-inputs", "gets 11.0 % of 1,000 test samples right"),
        ({}, "uses-its-inputs", "95.0 % (93.5 % to 96.2 %): 84.0 points come from the inputs."),
        ({"real": 0.12, "real_low": 0.1}, "ignores-its-inputs", "After 5 epochs it does not use its inputs."),
        ({"diverged": True}, "diverged", "diverged; without them it reached 11.0 %"),
        (
            {"measure": "variance", "zeroed": -0.001, "constant": 0.0, "real_low": 0.95, "real_high": 0.95},
            "uses-its-inputs",
            "their mean alone 0 %; with the real ones 95.0 %: 95.0",
        ),
        (
            {"measure": "variance", "constant": 0.0, "zeroed": 0.0, "real_low": 0.01},
            "ignores-its-inputs",
            "no better",
        ),
    ],
)
def test_zeroed_inputs(changes: dict[str, object], outcome: str, says: str) -> None:
    answer = zeroed.answer_of(ZeroedFigures(**{**ZEROED, **changes}))
    assert (answer.outcome, answer.passed) == (outcome, outcome == "uses-its-inputs")
    assert says in answer.sentence


def seed_figures(*values: float, diverged: int = 0) -> SeedFigures:
    spreads = (spread_of("validation", 100, values), spread_of("test", 200, values))
    return SeedFigures(
        measure="accuracy",
        seeds=tuple(range(len(values))),
        spreads=spreads,
        stuck=count_stuck(values, 0.5),
        diverged=diverged,
    )


@pytest.mark.parametrize(
    ("figures", "outcome", "says"),
    [
        (
            seed_figures(0.9, 0.92, 0.94),
            "steady",
            "3 seeds get 92.0 % of 100 validation samples right on average",
        ),
        (seed_figures(0.9, 0.92, 0.94), "steady", "two single runs less than 12 points apart"),
        (seed_figures(0.9, 0.9), "same", "the seed makes no difference"),
        (seed_figures(0.5, 1.0, 1.0), "unsteady", "1 of them did not learn"),
        (
            seed_figures(0.5, 1.0, 1.0, diverged=2),
            "unsteady",
            "2 of them diverged, so a single run says little.",
        ),
        (seed_figures(0.5, 0.5, diverged=2), "unsteady", "all of them diverged."),
    ],
)
def test_seeds(figures: SeedFigures, outcome: str, says: str) -> None:
    answer = seeds.answer_of(figures)
    assert (answer.outcome, answer.passed) == (outcome, outcome != "unsteady")
    assert says in answer.sentence


def test_the_interval_of_a_mean_is_students() -> None:
    values = [0.90, 0.92, 0.91, 0.95, 0.94, 0.93, 0.92, 0.90, 0.91, 0.96]
    spread = spread_of("test", 100, values)
    deviation = float(np.std(values, ddof=1))
    reach = 2.262157 * deviation / math.sqrt(10)  # quantile 0.975 with 9 degrees of freedom
    assert spread.mean == pytest.approx(np.mean(values))
    assert (spread.low, spread.high) == pytest.approx(
        (np.mean(values) - reach, np.mean(values) + reach), abs=1e-5
    )
    assert (spread.worst, spread.best) == (0.90, 0.96)


def test_no_seed_is_stuck_where_the_best_is_at_chance() -> None:
    assert count_stuck([0.5, 0.52, 0.55], 0.5) == 0
    assert count_stuck([0.55, 0.9, 0.95], 0.5) == 1


def test_the_places_of_a_sweep_whose_loss_is_known() -> None:
    at = np.linspace(-6, 1, 701)
    losses = np.where(at < -1, 1 - 0.9 / (1 + np.exp(-6 * (at + 2))), 0.1 * 10 ** (2 * (at + 1)))
    figures = figures_of(Sweep(10.0**at, losses), 0.01)
    assert figures is not None
    assert math.log10(figures.steepest or 1) == pytest.approx(-2, abs=0.1)
    assert math.log10(figures.lowest) == pytest.approx(-1.1, abs=0.2)
    assert math.log10(figures.diverges or 1) == pytest.approx(-0.7, abs=0.15)
    assert figures.suggested == pytest.approx(figures.lowest / 4, rel=0.05)
    assert figures_of(Sweep(10.0**at, np.full(701, np.nan)), 0.01) is None


def test_a_difference_of_shares_is_in_points() -> None:
    assert [points(share) for share in (0.0042, 0.31)] == ["0.42 points", "31 points"]


def test_values_are_reported_in_groups_and_none_is_lost() -> None:
    assert [group for group, _ in report_every(range(5), interval_s=0.0)] == [[0], [1], [2], [3], [4]]
    assert [*report_every(range(5), interval_s=99.0)] == [([0, 1, 2, 3, 4], 5)]


def test_a_loss_curve_has_one_point_per_bucket() -> None:
    course = LossCourse("loss", 2)
    told = []
    for losses in ([1.0, 3.0, 5.0], [None], [7.0, 9.0]):
        course.waiting += losses
        told += [(x, y) for points in course.points() for x, y in zip(points.x, points.y, strict=True)]
    assert told == [(2.0, 2.0), (4.0, None), (6.0, 8.0)]


def test_a_portion_omits_epochs_first_and_stays_within_the_budget() -> None:
    training = TrainingSpec(epochs=10, batch_size=64)
    assert portion_for(training, 1_000, 1_000, 5.0) == (1_000, 10)
    fewer = portion_for(training, 100_000, 54_000, 5.0)
    assert fewer.samples == 54_000
    assert 3 <= fewer.epochs < 10
    assert training_s(training, 100_000, *fewer) <= 5.0
    small = portion_for(training, 100_000, 54_000, 1.0)
    assert small.epochs == 3
    assert 500 <= small.samples < 54_000
    assert training_s(training, 100_000, *small) <= 1.0
    assert portion_for(training, 10**9, 54_000, 1.0) == (500, 3)
