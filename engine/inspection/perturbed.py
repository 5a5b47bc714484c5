"""Repeated evaluation of the same samples under perturbations."""

import numpy as np

from engine.arrays import Array, Labels
from engine.data import Split
from engine.inspection.input_space import Space, evenly, raw_samples, space_of
from engine.inspection.perturbations import Perturbation
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.network import ROWS_AT_A_TIME
from engine.training.evaluation import predicted_classes

MOST_SAMPLES, FEWEST_SAMPLES = 1000, 100
WORK = 4e8
"""Multiplications per evaluation of the samples, at most; larger networks are evaluated on fewer samples."""
SEED = 0
ALL = slice(None)


class PerturbedPredictions:
    """Evaluates perturbed versions of the same samples.

    Args:
        snapshot: network and data.
        split: the samples; at most `MOST_SAMPLES` of them are used.
    """

    def __init__(self, snapshot: NetworkSnapshot, split: Split) -> None:
        self.snapshot = snapshot
        work = max(1, snapshot.network.n_parameters)
        most = int(min(MOST_SAMPLES, max(FEWEST_SAMPLES, WORK / work)))
        self.indices: Labels = evenly(len(split), most)
        self.truth = split.y[self.indices]
        self.rows = snapshot.rows(split, self.indices)
        raw = raw_samples(snapshot, split, self.indices)
        self.space: Space = space_of(snapshot)
        self.raw: Array = raw.astype(np.float32) if self.space.is_picture else raw

    def samples_under(
        self, perturbation: Perturbation, strength: float, way: str, part: slice = ALL
    ) -> Array:
        """Return perturbed samples before scaling, with equal random draws at each strength so that curves are smooth."""
        rng = np.random.default_rng([SEED, *perturbation.name.encode()])
        return perturbation.apply(self.raw[part], self.space, strength, way, rng)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def score(self, rows: Array) -> float:
        """Return the accuracy of input rows, or their mean loss."""
        starts = range(0, len(rows), ROWS_AT_A_TIME)
        blocks = [slice(start, start + ROWS_AT_A_TIME) for start in starts]
        measure = self._n_right if self.snapshot.classifies else self._loss
        return sum(measure(rows[block], block) for block in blocks) / len(rows)

    def _n_right(self, rows: Array, block: slice) -> float:
        """Return the number of correct predictions; without the loss, whose cost is quadratic in the classes."""
        network = self.snapshot.network
        network.scores(rows)
        z = network.last.pre_activation
        valid = np.isfinite(z).all(axis=1)
        return float(np.count_nonzero((predicted_classes(z) == self.truth[block]) & valid))

    def _loss(self, rows: Array, block: slice) -> float:
        """Return the sum of the losses."""
        network = self.snapshot.network
        targets = network.encode(self.truth[block])
        return network.loss.value(network.scores(rows), targets) * len(rows)

    def chance(self) -> float:
        """Return the score of the best constant prediction."""
        if self.snapshot.classifies:
            return float(np.bincount(self.truth).max() / len(self.truth))
        targets = self.snapshot.network.encode(self.truth)
        mean = np.broadcast_to(targets.mean(axis=0), targets.shape)
        return self.snapshot.network.loss.value(mean, targets)
