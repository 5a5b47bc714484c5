"""Labels shuffled among samples (equal samples keep equal labels), and the agreement expected by chance."""

import math
from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.errors import NntermError
from engine.training.predictions import Predictions
from engine.trials.subject import TrialSubject
from engine.trials.training import part_of, rows_of, scored
from engine.words import counted

MOST_SAMPLES = 1_000
"""Samples to train on, and samples to predict, at most."""
LEAST_SAMPLES = 20
"""Different samples below which a permutation is hardly noise."""
CERTAIN = 3.2905
"""Standard deviations from the expected value that chance exceeds once in a thousand, two-sided."""
_STREAM = 7
"""Second word of the permutation's seed."""


class Noise(NamedTuple):
    """Samples with shuffled labels: some to train on, some to predict."""

    x: Array
    """Training samples (m, n_features), scaled."""
    y: AnyArray
    """Shuffled labels of the training samples."""
    true_y: AnyArray
    part: str
    part_x: Array
    part_y: AnyArray
    recurring: int
    """Samples of the part that are training samples too."""


def noise_of(subject: TrialSubject) -> Noise:
    """Return shuffled labels for some training samples and for some samples of the part that results are measured on.

    Raises:
        NntermError: there are too few different samples.
    """
    data = subject.data
    name, split = part_of(data)
    x, y = _samples(data.train)
    part_x, part_y = _samples(split)
    keys = [row.tobytes() for row in x]
    known = set(keys)
    if len(known) < LEAST_SAMPLES:
        raise NntermError(
            f"{data.info.name} has only {counted(len(known), 'different training sample')}: "
            "their labels cannot be shuffled",
            f"at least {LEAST_SAMPLES} are needed",
        )
    rng = np.random.default_rng([subject.experiment.seed, _STREAM])
    labels = permuted(keys, y, rng)
    part_keys = [row.tobytes() for row in part_x]
    fresh = permuted(part_keys, part_y, rng)
    labels_of = dict(zip(keys, labels, strict=True))
    part_noise = np.array([labels_of.get(key, label) for key, label in zip(part_keys, fresh, strict=True)])
    recurring = sum(key in known for key in part_keys)
    return Noise(x, labels, y, name, part_x, part_noise.astype(y.dtype), recurring)


def _samples(split: Split) -> tuple[Array, AnyArray]:
    """Return evenly spaced samples of a split, and their labels."""
    chosen: Labels = np.linspace(0, len(split) - 1, min(MOST_SAMPLES, len(split))).astype(np.int64)
    return rows_of(split, chosen), split.y[chosen]


def permuted(keys: list[bytes], y: AnyArray, rng: np.random.Generator) -> AnyArray:
    """Return the labels shuffled among the different samples; equal samples share the label of the first one.

    Args:
        keys: bytes of each sample; equal keys are the same sample.
        y: (m,) classes, or (m, k) values.
    """
    first: dict[bytes, int] = {}
    group = np.array([first.setdefault(key, len(first)) for key in keys])  # (m,)
    _, positions = np.unique(group, return_index=True)
    shuffled: AnyArray = y[positions][rng.permutation(len(positions))][group]
    return shuffled


def agreement(predictions: Predictions) -> tuple[float, float, float]:
    """Return the agreement of predictions with labels, the agreement expected by chance, and its bound.

    Chance exceeds the bound once in 1,000. For classes the agreement is the accuracy, and by chance Σₖ (share of
    predictions k) · (share of labels k), as in Cohen's kappa (1960), with the deviation of a binomial distribution. For
    values it is the correlation, whose deviation by chance is 1/√m.
    """
    m = len(predictions.truth)
    if len(predictions.predicted):
        k = int(max(predictions.predicted.max(), predictions.truth.max())) + 1
        guessed = np.bincount(np.maximum(predictions.predicted, 0), minlength=k) / m
        expected = float(guessed @ (np.bincount(predictions.truth, minlength=k) / m))
        return (
            scored(predictions).value,
            expected,
            expected + CERTAIN * math.sqrt(expected * (1 - expected) / m) + 0.5 / m,
        )
    values = predictions.values - predictions.values.mean(axis=0)
    truth = predictions.truth - predictions.truth.mean(axis=0)
    size = math.sqrt(float((values**2).sum()) * float((truth**2).sum()))
    return (float((values * truth).sum()) / size if size else 0.0), 0.0, CERTAIN / math.sqrt(m)
