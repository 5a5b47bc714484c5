"""Labels that follow from nothing: dealt anew, the same sample with the same one everywhere; and what chance does."""

import math
from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.errors import NntermError
from engine.training.predictions import Predictions
from engine.trials.subject import TrialSubject
from engine.trials.training import part_of, rows_of, scored

MOST_SAMPLES = 1_000
"""Learned by heart, and foretold, at most so many each."""
LEAST_SAMPLES = 20
"""Different ones, below which a permutation is hardly noise."""
CERTAIN = 3.2905
"""Deviations from what is expected that chance exceeds once in a thousand, to both sides."""
_STREAM = 7
"""Second word of the permutation's seed."""


class Noise(NamedTuple):
    """Samples with random labels, to be learned and to be foretold."""

    x: Array
    """(m, n_features), scaled."""
    y: AnyArray
    """Dealt anew."""
    true_y: AnyArray
    part: str
    part_x: Array
    part_y: AnyArray
    recurring: int
    """Samples of the part that are among those to be learned."""


def noise_of(subject: TrialSubject) -> Noise:
    """Return random labels for some training samples, and for some of the part that results are judged on.

    Raises:
        NntermError: there are too few different samples.
    """
    data = subject.data
    name, split = part_of(data)
    x, y = _some(data.train)
    part_x, part_y = _some(split)
    keys = [row.tobytes() for row in x]
    known = set(keys)
    if len(known) < LEAST_SAMPLES:
        raise NntermError(
            f"{data.info.name} has only {len(known)} different training samples: their labels cannot be shuffled",
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


def _some(split: Split) -> tuple[Array, AnyArray]:
    """Samples of a part, evenly taken, and their labels."""
    chosen: Labels = np.linspace(0, len(split) - 1, min(MOST_SAMPLES, len(split))).astype(np.int64)
    return rows_of(split, chosen), split.y[chosen]


def permuted(keys: list[bytes], y: AnyArray, rng: np.random.Generator) -> AnyArray:
    """Return the labels dealt anew among different samples; equal samples get the same one, that of their first.

    Args:
        keys: a sample each; equal ones are the same sample.
        y: (m,) classes, or (m, k) values.
    """
    first: dict[bytes, int] = {}
    group = np.array([first.setdefault(key, len(first)) for key in keys])  # (m,)
    _, positions = np.unique(group, return_index=True)
    dealt: AnyArray = y[positions][rng.permutation(len(positions))][group]
    return dealt


def agreement(said: Predictions) -> tuple[float, float, float]:
    """Return how far guesses agree with labels, how far they would by chance, and what chance exceeds once in 1,000.

    Of classes the share that agrees; by chance it is Σₖ (share of guesses k) · (share of labels k), as in Cohen's
    kappa (1960), with the deviation of a binomial distribution. Of values the correlation, whose deviation by chance
    is 1/√m.
    """
    m = len(said.truth)
    if len(said.predicted):
        k = int(max(said.predicted.max(), said.truth.max())) + 1
        guessed = np.bincount(np.maximum(said.predicted, 0), minlength=k) / m
        expected = float(guessed @ (np.bincount(said.truth, minlength=k) / m))
        return (
            scored(said).value,
            expected,
            expected + CERTAIN * math.sqrt(expected * (1 - expected) / m) + 0.5 / m,
        )
    values, truth = said.values - said.values.mean(axis=0), said.truth - said.truth.mean(axis=0)
    size = math.sqrt(float((values**2).sum()) * float((truth**2).sum()))
    return (float((values * truth).sum()) / size if size else 0.0), 0.0, CERTAIN / math.sqrt(m)
