"""Judges the same samples again and again, each time disturbed in another way."""

import numpy as np

from engine.arrays import Array, Labels
from engine.data import Split
from engine.inspection.input_space import Space, evenly, raw_samples, space_of
from engine.inspection.perturbations import Perturbation
from engine.inspection.snapshot import NetworkSnapshot
from engine.nn.network import ROWS_AT_A_TIME
from engine.training.predictions import predicted_classes

MOST_SAMPLES, FEWEST_SAMPLES = 1000, 100
WORK = 4e8
"""Multiplications that judging the samples once may take; larger networks are judged on fewer samples."""
SEED = 0
ALL = slice(None)


class PerturbedPredictions:
    """Judges disturbed versions of the same samples."""

    def __init__(self, look: NetworkSnapshot, split: Split) -> None:
        self.look = look
        work = max(1, look.network.n_parameters)
        most = int(min(MOST_SAMPLES, max(FEWEST_SAMPLES, WORK / work)))
        self.indices: Labels = evenly(len(split), most)
        self.truth = split.y[self.indices]
        self.rows = look.rows(split, self.indices)
        raw = raw_samples(look, split, self.indices)
        self.space: Space = space_of(look)
        self.raw: Array = raw.astype(np.float32) if self.space.is_picture else raw

    def disturbed(self, one: Perturbation, strength: float, way: str, part: slice = ALL) -> Array:
        """Return samples disturbed, before scaling; with the same draws at each strength, so that curves are smooth."""
        rng = np.random.default_rng([SEED, *one.name.encode()])
        return one.apply(self.raw[part], self.space, strength, way, rng)

    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def score(self, rows: Array) -> float:
        """Return the accuracy of rows, or their loss."""
        starts = range(0, len(rows), ROWS_AT_A_TIME)
        blocks = [slice(start, start + ROWS_AT_A_TIME) for start in starts]
        judge = self._right if self.look.classifies else self._loss
        return sum(judge(rows[block], block) for block in blocks) / len(rows)

    def _right(self, rows: Array, block: slice) -> float:
        """How many of them are classified right; no loss, which takes classes squared of work."""
        network = self.look.network
        network.scores(rows)
        z = network.last.pre_activation
        sound = np.isfinite(z).all(axis=1)
        return float(np.count_nonzero((predicted_classes(z) == self.truth[block]) & sound))

    def _loss(self, rows: Array, block: slice) -> float:
        """The sum of their losses."""
        network = self.look.network
        targets = network.encode(self.truth[block])
        return network.loss.value(network.scores(rows), targets) * len(rows)

    def chance(self) -> float:
        """Return the score of a guess that looks at nothing."""
        if self.look.classifies:
            return float(np.bincount(self.truth).max() / len(self.truth))
        targets = self.look.network.encode(self.truth)
        mean = np.broadcast_to(targets.mean(axis=0), targets.shape)
        return self.look.network.loss.value(mean, targets)
