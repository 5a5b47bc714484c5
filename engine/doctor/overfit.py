"""Overfitting a small batch: the first sanity check of a training pipeline."""

from collections.abc import Generator

import numpy as np

from engine.data import Data
from engine.doctor.evidence import Overfit, Plan
from engine.doctor.telemetry import probe_of
from engine.nn.network import Network
from engine.optim.optimizer import clip_by_norm
from engine.training.predictions import predicted_classes

SAMPLES = 16
STEPS = 1_000
"""Updates at most; TheDeepChecker (arXiv 2204.00694) uses a batch of 16 and 1,000 updates."""


def overfit_batch(
    plan: Plan, network: Network, data: Data, samples: int = SAMPLES, steps: int = STEPS
) -> Overfit:
    """Train a copy of `network` on a few samples, with the experiment's optimizer, to a thousandth of the first loss.

    Regularisation is off: dropout is in evaluation mode, weight decay is 0.
    """
    attempt = overfitting(plan, network, data, samples, steps)
    while True:
        try:
            next(attempt)
        except StopIteration as end:
            found: Overfit = end.value
            return found


def overfitting(
    plan: Plan, network: Network, data: Data, samples: int = SAMPLES, steps: int = STEPS
) -> Generator[float, None, Overfit]:
    """Do the same as `overfit_batch`, yielding the loss before the first update and after each."""
    trial, training = network.copy(), plan.experiment.training
    rows, targets = probe_of(trial, data, samples)
    optimizer = type(training.optimizer).from_options(
        {name: getattr(training.optimizer, name) for name in training.optimizer.__struct_fields__}
        | {"weight_decay": 0.0}
    )
    state = optimizer.start(trial.theta)
    first = loss = _learn(trial, rows, targets)
    yield loss
    done = 0
    while done < steps and np.isfinite(loss) and loss > 1e-3 * first:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if training.clip_norm:
                clip_by_norm(trial.grad, training.clip_norm)
            optimizer.update(trial.theta, trial.grad, state, optimizer.lr)
        loss = _learn(trial, rows, targets)
        done += 1
        yield loss
    accuracy = _accuracy(trial, rows, targets) if data.class_names else None
    return Overfit(len(rows), done, float(first), float(loss) if np.isfinite(loss) else None, accuracy)


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _learn(network: Network, rows: np.ndarray, targets: np.ndarray) -> float:
    """Compute the gradient and return the loss in evaluation mode."""
    with network.in_mode(training=False):
        return network.learn_from(rows, targets)


@np.errstate(over="ignore", invalid="ignore")
def _accuracy(network: Network, rows: np.ndarray, targets: np.ndarray) -> float:
    guesses = predicted_classes(network.logits(rows[:, :-1]))
    truth = predicted_classes(targets - 0.5)
    return float(np.mean(guesses == truth))
