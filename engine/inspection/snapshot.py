"""A network at one moment with its data, its predictions and a cache, shared by all views."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from engine.arrays import Array, Labels
from engine.data import Data, Split
from engine.experiment.experiment import Experiment
from engine.inspection.baseline import Baseline
from engine.inspection.epoch_losses import EpochLosses
from engine.inspection.messages import Moment, UnfitError
from engine.nn.network import Network
from engine.training.predictions import Predictions, predict
from engine.words import counted

SplitName = Literal["auto", "train", "validation", "test"]


class NetworkSnapshot:
    """A network at a moment of its training. For one thread.

    Args:
        network: evaluated in place; its parameters are not changed.
        experiment: the run's.
        moment: of the network's weights.
        load: returns the data; raises `UnfitError` if they are missing or do not fit.
        baseline: returns the baseline's scores, None if they are not available yet.
        over_time: returns snapshots at several moments of the same training, the first and the newest included; empty
            if there is no other moment.
        losses: returns the loss of the run over its epochs.
    """

    def __init__(
        self,
        network: Network,
        experiment: Experiment,
        moment: Moment,
        load: Callable[[], Data],
        baseline: Callable[[], Baseline | None] = lambda: None,
        over_time: "Callable[[], Sequence[NetworkSnapshot]]" = tuple,
        losses: Callable[[], EpochLosses] = EpochLosses,
    ) -> None:
        self.network, self.experiment, self.moment = network, experiment, moment
        self._load, self._baseline, self.over_time, self.losses = load, baseline, over_time, losses
        self._predictions: dict[str, Predictions] = {}
        self.cache: dict[object, Any] = {}
        """Results that views store from one request to the next, each under a key of its own."""

    def with_network(self, network: Network) -> "NetworkSnapshot":
        """Return a snapshot of another network of the same shape, with the same data and moment."""
        return NetworkSnapshot(network, self.experiment, self.moment, self._load, self._baseline)

    @property
    def has_data(self) -> bool:
        """True if there are data that fit the network."""
        try:
            return self.data is not None
        except UnfitError:
            return False

    @property
    def data(self) -> Data:
        """The run's data.

        Raises:
            UnfitError: they are missing, or belong to another network.
        """
        data = self._load()
        n_features = math.prod(data.input_shape)
        if n_features != self.network.n_features:
            raise UnfitError(
                f"the network has {counted(self.network.n_features, 'input feature')}, "
                f"{data.info.name} has {n_features:,}: these weights were trained on other data"
            )
        if self.classifies and max(2, self.network.n_outputs) < len(data.class_names):
            raise UnfitError(
                f"the network has {counted(max(2, self.network.n_outputs), 'class', 'classes')}, {data.info.name} has "
                f"{len(data.class_names):,}: these weights were trained on other data"
            )
        if not self.classifies and self.network.n_outputs != data.n_outputs:
            raise UnfitError(
                f"the network has {counted(self.network.n_outputs, 'output')}, {data.info.name} has {data.n_outputs:,} "
                "targets per sample"
            )
        return data

    @property
    def baseline(self) -> Baseline | None:
        """Scores of a network without a hidden layer; None: not available yet."""
        return self._baseline()

    @property
    def has_hidden(self) -> bool:
        """True if the network has a hidden layer, so that it differs from its baseline."""
        return len(self.network.layers) > 1

    @property
    def classifies(self) -> bool:
        """True if the task is a classification."""
        return self._load().task != "regression"

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, then `output i` for outputs without a class in the data.

        Raises:
            UnfitError: the network predicts values.
        """
        if not self.classifies:
            raise UnfitError("this network predicts values, not classes; see Fit (F)")
        names = self.data.class_names
        return (*names, *(f"output {i}" for i in range(len(names), self.network.n_outputs)))

    def split_name(self, requested: SplitName) -> str:
        """Return the name of a split; "auto" is the test split, or the training split if there is no other."""
        if requested == "auto":
            return "test" if len(self.data.test) else "train"
        return requested

    def split(self, requested: SplitName) -> Split:
        """Return a split that has samples.

        Raises:
            UnfitError: it has none, or there are no data.
        """
        name = self.split_name(requested)
        split: Split = getattr(self.data, name)
        if not len(split):
            raise UnfitError(f"this dataset has no {name} split")
        return split

    def predictions(self, requested: SplitName) -> Predictions:
        """Return the network's predictions on a split; cached.

        Raises:
            UnfitError: there is no such split, or all outputs are NaN or infinite.
        """
        name = self.split_name(requested)
        if name not in self._predictions:
            self._predictions[name] = predict(self.network, self.split(requested), self.classifies)
        predictions = self._predictions[name]
        if predictions.broken == len(predictions.truth):
            raise UnfitError(self.why_broken(self.split(requested)))
        return predictions

    def class_predictions(self, requested: SplitName) -> Predictions:
        """Return `predictions` of a classifier.

        Raises:
            UnfitError: the data have no classes, or `predictions` raises it.
        """
        if not self.class_names:
            raise UnfitError("this dataset has no classes")
        return self.predictions(requested)

    @np.errstate(over="ignore", invalid="ignore")
    def why_broken(self, split: Split) -> str:
        """Return the layer in which NaN or infinite values arise first, in a sentence."""
        self.network.scores(self.rows(split, np.arange(min(len(split), 64))))
        for layer in self.network.layers:
            values = [view for _, view, _ in layer.parameters()]
            if not all(np.isfinite(view).all() for view in values):
                return f"every output is NaN or infinite: the parameters of {layer.name} are"
        return "every output is NaN or infinite: the activations overflow"

    def rows(self, split: Split, indices: Labels) -> Array:
        """Return samples of a split as the network's input rows, (m, n_features + 1)."""
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
