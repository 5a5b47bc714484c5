"""Statistics of a dataset for the rules: sizes, class balance, scales, leakage."""

import math

import msgspec
import numpy as np

from engine.arrays import AnyArray, Array
from engine.data import Data, Split
from engine.doctor.baselines import Baselines, baselines_of
from engine.doctor.column_facts import ColumnFacts, column_facts, is_sparse
from engine.doctor.repeats import shared_samples
from engine.doctor.split_facts import SplitFacts, split_facts
from engine.experiment.experiment import Experiment

LOOKED_AT = 5_000
"""Training samples from which scales and leaking features are computed, at most."""
FEWEST = 50
"""Samples needed to call a feature leaking: in a smaller set some feature fits by chance."""


class DataFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Statistics of the samples as the network receives them, split and scaled."""

    train: int
    validation: int
    test: int
    class_counts: tuple[int, ...] = ()
    """Training samples of each class; empty for a regression."""
    largest_input: float = 1.0
    """Largest root mean square of any feature; for pictures the root mean square of all pixels together."""
    smallest_input: float = 1.0
    """Smallest of the features that vary, each by its largest absolute value; rare pixels and answers do not count."""
    target_mean: float | None = None
    """Mean of the regression targets; None for classes, as in the next three fields."""
    target_std: float | None = None
    target_deviations: tuple[float, ...] = ()
    """Standard deviation of each regression target; `target_std` is the largest."""
    target_low: float | None = None
    target_high: float | None = None
    baseline: float | None = None
    """Loss of the best constant prediction, in the experiment's loss; None for a loss without one."""
    shared: float = 0.0
    """Share of the validation and test samples that are training samples too, 0 to 1."""
    leaking_feature: int | None = None
    """Index of the feature that predicts the target best by itself; None where that is not computed."""
    leaking_share: float = 0.0
    """Share of variance that this feature and the target have in common, 0 to 1."""
    columns: ColumnFacts = ColumnFacts(0)
    splits: SplitFacts = SplitFacts()
    baselines: Baselines | None = None
    """Errors of simple methods; None where they are not known."""


def facts_of(experiment: Experiment, data: Data) -> DataFacts:
    """Return the statistics of `data`; no array is retained."""
    rows = _rows(data.train, LOOKED_AT)  # (m, n_features)
    y = data.train.y[_spread(len(data.train), LOOKED_AT)]
    largest, smallest = _scales(rows, data)
    leaking_feature, share = _leaking_feature(rows, y, data)
    classes = np.bincount(data.train.y, minlength=len(data.class_names)) if data.class_names else ()
    values = None if data.class_names else np.asarray(data.train.y, np.float64)
    return DataFacts(
        train=len(data.train),
        validation=len(data.validation),
        test=len(data.test),
        class_counts=tuple(int(count) for count in classes),
        largest_input=largest,
        smallest_input=smallest,
        target_mean=None if values is None else float(values.mean()),
        target_std=None if values is None else float(values.std(axis=0).max()),
        target_deviations=() if values is None else tuple(np.atleast_1d(values.std(axis=0)).tolist()),
        target_low=None if values is None else float(values.min()),
        target_high=None if values is None else float(values.max()),
        baseline=_baseline(experiment, data),
        shared=shared_samples(data),
        leaking_feature=leaking_feature,
        leaking_share=share,
        columns=column_facts(data),
        splits=split_facts(data),
        baselines=baselines_of(data),
    )


def _spread(n: int, most: int) -> AnyArray:
    """Return at most `most` of n positions, evenly spaced."""
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)


def _rows(split: Split, most: int) -> Array:
    chosen = _spread(len(split), most)
    rows = np.empty((len(chosen), math.prod(split.input_shape)), np.float32)
    split.take(chosen, rows)
    return rows


def _scales(rows: Array, data: Data) -> tuple[float, float]:
    """Return the largest and the smallest root mean square of any feature; all pixels count as one feature."""
    squares = np.square(rows, dtype=np.float64)
    sizes = np.sqrt(squares.mean(axis=0))  # (n_features,)
    if data.info.kind == "images":
        size = float(np.sqrt(squares.mean()))
        return size, size
    changing = rows.std(axis=0) > 0
    if not changing.any():
        return 0.0, 0.0
    dense = changing & ~is_sparse(rows)
    largest = float(sizes[changing].max())
    return largest, float(np.abs(rows[:, dense]).max(axis=0).min()) if dense.any() else largest


def _leaking_feature(rows: Array, y: AnyArray, data: Data) -> tuple[int | None, float]:
    """Return the feature most closely related to the target, and the share of variance that both have in common."""
    if data.info.kind == "gate" or len(rows) < FEWEST or rows.shape[1] < 2:
        return None, 0.0
    shares = _class_shares(rows, y) if data.class_names else _correlations(rows, y)
    best = int(shares.argmax())
    return best, float(shares[best])


def _class_shares(rows: Array, y: AnyArray) -> Array:
    """Return each feature's share of variance explained by the classes, (n_features,).

    Eta squared, adjusted for the share that as many groups explain of pure noise: 1 - (1 - η²)(n - 1)/(n - k).
    """
    values = rows.astype(np.float64)
    centre = values.mean(axis=0)
    total = np.square(values - centre).sum(axis=0)
    between = np.zeros_like(total)
    labels = np.unique(y)
    for label in labels:
        members = values[y == label]
        between += len(members) * np.square(members.mean(axis=0) - centre)
    shares: Array = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    spare = len(values) - len(labels)
    return 1 - (1 - shares) * (len(values) - 1) / spare if spare else np.zeros_like(shares)


def _correlations(rows: Array, y: AnyArray) -> Array:
    """Return each feature's squared correlation with the first target, (n_features,)."""
    values, target = rows.astype(np.float64), y[:, 0].astype(np.float64)
    values -= values.mean(axis=0)
    target -= target.mean()
    scale = np.square(values).sum(axis=0) * np.square(target).sum()
    shares: Array = np.divide(
        np.square(target @ values), scale, out=np.zeros(values.shape[1]), where=scale > 0
    )
    return shares


def _baseline(experiment: Experiment, data: Data) -> float | None:
    """Return the loss of the best constant prediction, in the experiment's loss."""
    loss = experiment.network.loss
    if not data.class_names:
        targets = data.train.y.astype(np.float64).reshape(len(data.train), -1)
        return loss.constant_loss_of_values(targets) if loss is not None else None
    if loss is None:
        return None
    shares = np.bincount(data.train.y, minlength=len(data.class_names)) / len(data.train)
    outputs = experiment.network.layers[-1].units if hasattr(experiment.network.layers[-1], "units") else 0
    return loss.constant_loss(shares[1:2] if outputs == 1 and loss.link != "softmax" else shares)
