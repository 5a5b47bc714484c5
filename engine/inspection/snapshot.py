"""One network at one moment beside its data: what the views look at, each part computed once."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from engine.arrays import Array, Labels
from engine.data import Data, Split
from engine.experiment.experiment import Experiment
from engine.inspection.baseline import Baseline
from engine.inspection.messages import Moment, UnfitError
from engine.nn.network import Network
from engine.training.predictions import Predictions, predict

SplitName = Literal["auto", "train", "validation", "test"]


class NetworkSnapshot:
    """A network at a moment of its training. For one thread.

    Args:
        load: returns the data; raises `UnfitError` where they are gone or do not fit.
        baseline: returns what a network without a hidden layer reaches, None where that is not known yet.
        across: returns looks at several moments of the same training, the first and the newest among them; empty
            where there is no other moment.
    """

    def __init__(
        self,
        network: Network,
        experiment: Experiment,
        moment: Moment,
        load: Callable[[], Data],
        baseline: Callable[[], Baseline | None] = lambda: None,
        across: "Callable[[], Sequence[NetworkSnapshot]]" = tuple,
    ) -> None:
        self.network, self.experiment, self.moment = network, experiment, moment
        self._load, self._baseline, self.across = load, baseline, across
        self._judged: dict[str, Predictions] = {}
        self.kept: dict[object, Any] = {}
        """What views keep of this moment from one request to the next, each under a key of its own."""

    def beside(self, network: Network) -> "NetworkSnapshot":
        """Return a look at another network of the same shape, over the same data at the same moment."""
        return NetworkSnapshot(network, self.experiment, self.moment, self._load, self._baseline)

    @property
    def has_data(self) -> bool:
        """Whether there are data that fit."""
        try:
            return self.data is not None
        except UnfitError:
            return False

    @property
    def data(self) -> Data:
        """The run's data.

        Raises:
            UnfitError: they are gone, or belong to another network.
        """
        data = self._load()
        n_features = math.prod(data.input_shape)
        if n_features != self.network.n_features:
            raise UnfitError(
                f"the network takes {self.network.n_features:,} features, {data.info.name} has {n_features:,}: "
                "these weights were trained on other data"
            )
        if self.classifies and max(2, self.network.n_outputs) < len(data.class_names):
            raise UnfitError(
                f"the network knows {max(2, self.network.n_outputs):,} classes, {data.info.name} has "
                f"{len(data.class_names):,}: these weights were trained on other data"
            )
        if not self.classifies and self.network.n_outputs != data.n_outputs:
            raise UnfitError(
                f"the network gives {self.network.n_outputs:,} values a sample, {data.info.name} has {data.n_outputs:,}"
            )
        return data

    @property
    def baseline(self) -> Baseline | None:
        """What a network without a hidden layer reaches; None: not known yet."""
        return self._baseline()

    @property
    def has_hidden(self) -> bool:
        """Whether the network has a hidden layer, so that it is more than its own baseline."""
        return len(self.network.layers) > 1

    @property
    def classifies(self) -> bool:
        """Whether the network tells classes apart."""
        return self._load().task != "regression"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes, and numbers for outputs that no class of the data has.

        Raises:
            UnfitError: the network predicts values.
        """
        if not self.classifies:
            raise UnfitError("this network predicts values, not classes; the view Fit shows how well")
        names = self.data.class_names
        return (*names, *(f"output {i}" for i in range(len(names), self.network.n_outputs)))

    def split_name(self, asked: SplitName) -> str:
        """Return the name of the split to judge; "auto" is the test, or else the training split."""
        if asked == "auto":
            return "test" if len(self.data.test) else "train"
        return asked

    def split(self, asked: SplitName) -> Split:
        """Return a split that has samples.

        Raises:
            UnfitError: it has none, or there are no data.
        """
        name = self.split_name(asked)
        split: Split = getattr(self.data, name)
        if not len(split):
            raise UnfitError(f"these data have no {name} split")
        return split

    def judged(self, asked: SplitName) -> Predictions:
        """Return what the network says of a split.

        Raises:
            UnfitError: there is no such split, or the network computes no number for any of its samples.
        """
        name = self.split_name(asked)
        if name not in self._judged:
            self._judged[name] = predict(self.network, self.split(asked), self.classifies)
        judged = self._judged[name]
        if judged.broken == len(judged.truth):
            raise UnfitError(self.why_broken(self.split(asked)))
        return judged

    def classified(self, asked: SplitName) -> Predictions:
        """As `judged`, of a network that tells classes apart; raises `UnfitError` for another."""
        if not self.class_names:
            raise UnfitError("these data have no classes")
        return self.judged(asked)

    @np.errstate(over="ignore", invalid="ignore")
    def why_broken(self, split: Split) -> str:
        """Say in which layer numbers that are none come up first."""
        self.network.scores(self.rows(split, np.arange(min(len(split), 64))))
        for layer in self.network.layers:
            values = [view for _, view, _ in layer.parameters()]
            if not all(np.isfinite(view).all() for view in values):
                return f"every output is NaN or infinite: the parameters of {layer.name} are"
        return "every output is NaN or infinite: the activations overflow"

    def rows(self, split: Split, indices: Labels) -> Array:
        """Return samples of a split as the network takes them, (m, n_features + 1)."""
        rows = self.network.empty_rows(len(indices))
        gathered = np.empty((len(indices), self.network.n_features), self.network.dtype)
        split.take(indices, gathered)
        rows[:, :-1] = gathered
        return rows

    def unscaled(self, features: Array) -> Array:
        """Return features (m, n_features) in the units of the data, float64."""
        scaler = self.data.scaler
        with np.errstate(divide="ignore", invalid="ignore"):
            plain = features.astype(np.float64) / scaler.factor
        return np.where(scaler.factor == 0, 0.0, plain) + scaler.offset
