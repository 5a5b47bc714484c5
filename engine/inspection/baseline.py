"""The baseline: the scores of a network without a hidden layer on the same data, with which hidden layers are compared.

It is trained once per run, by our own trainer, and stored in the run's folder.
"""

import contextlib
import hashlib
import math
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from engine import blas
from engine.data import Data
from engine.experiment.experiment import Experiment
from engine.experiment.resolve import resolve_network
from engine.experiment.specs import TrainingSpec
from engine.files.atomic import read_limited, replace_file
from engine.files.regular import own_folder
from engine.inspection.least_squares import MOST_FEATURES, fit_line
from engine.inspection.rasters import finite
from engine.nn.network import Network
from engine.nn.specs import DenseSpec, NetworkSpec
from engine.optim.optimizers import OPTIMIZERS
from engine.optim.schedules import SCHEDULES
from engine.training.predictions import Predictions, predict
from engine.training.trainer import Trainer
from engine.words import counted

FOLDER_NAME = "inspection"
FILE_NAME = "baseline.json"
LEAST_STEPS = 1500
"""Updates at least, so that a small dataset is repeated often enough."""
LEAST_EPOCHS = 2
BATCH_SIZE = 64
RATE = 0.01
LARGEST = 1 << 16
"""Size of a stored baseline in bytes, at most."""
VERSION = 2
SOLVED = "linear regression: the output layer alone, by least squares"


class BaselineScore(msgspec.Struct, frozen=True):
    """Figures of one split."""

    split: str
    samples: int
    loss: float | None
    right: int | None
    """Samples classified correctly; None for a regression."""
    r_squared: float | None = None
    """Explained share of the variance; None for a classification."""


class Baseline(msgspec.Struct, frozen=True):
    """The scores of a network without a hidden layer, and the method that made it."""

    scores: tuple[BaselineScore, ...]
    method: str
    key: str
    """Identifies the data that it was made for."""
    version: int = VERSION

    def score(self, split: str) -> BaselineScore | None:
        """Return the figures of a split, None if it has no samples."""
        return next((score for score in self.scores if score.split == split), None)


def train_baseline(experiment: Experiment, data: Data) -> Iterator[Baseline | None]:
    """Train a network without a hidden layer: yield None about every 0.1 s, and finally the baseline.

    A regression is solved exactly, by least squares; a classifier is trained.
    """
    plan = _plan(experiment, data)
    network = Network.of(plan, data)
    is_solved = data.task == "regression" and network.n_features <= MOST_FEATURES
    with blas.limited():
        for _ in fit_line(network, data.train) if is_solved else Trainer(plan, network, data):
            yield None
    classifies = data.task != "regression"
    splits = (("train", data.train), ("validation", data.validation), ("test", data.test))
    scores = tuple(
        score_of(name, predict(network, split, classifies)) for name, split in splits if len(split)
    )
    yield Baseline(scores, SOLVED if is_solved else _method(plan, data), key_of(experiment))


def score_of(split: str, predictions: Predictions) -> BaselineScore:
    """Return the figures of the predictions on a split."""
    n, loss = len(predictions.truth), finite(predictions.loss)
    if len(predictions.predicted):
        return BaselineScore(split, n, loss, predictions.n_right)
    return BaselineScore(split, n, loss, None, finite(r_squared(predictions)))


@np.errstate(over="ignore", invalid="ignore")
def r_squared(predictions: Predictions) -> float:
    """Return 1 - squared residuals / squares around the mean of the truth, over all outputs; NaN for equal targets."""
    truth = np.asarray(predictions.truth, np.float64)
    around_mean = float(((truth - truth.mean(axis=0)) ** 2).sum())
    residuals = float(((truth - predictions.values) ** 2).sum())
    return 1 - residuals / around_mean if around_mean > 0 else math.nan


def read_baseline(run_folder: Path, experiment: Experiment) -> Baseline | None:
    """Return the stored baseline of a run; None if it is missing or was made for other data."""
    try:
        text = read_limited(run_folder / FOLDER_NAME / FILE_NAME, LARGEST)
        found = msgspec.json.decode(text, type=Baseline)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if (found.key, found.version) == (key_of(experiment), VERSION) else None


def write_baseline(run_folder: Path, baseline: Baseline) -> None:
    """Store the baseline in the run's folder; if that cannot be written, it will be trained again another time."""
    with contextlib.suppress(OSError):
        own_folder(run_folder / FOLDER_NAME)
        replace_file(run_folder / FOLDER_NAME / FILE_NAME, [msgspec.json.encode(baseline)])


def key_of(experiment: Experiment) -> str:
    """Return a hash of the data section of the experiment."""
    return hashlib.sha256(msgspec.json.encode(experiment.data)).hexdigest()[:16]


def _plan(experiment: Experiment, data: Data) -> Experiment:
    """Return the experiment with the output layer alone, trained by Adam with a learning rate that falls to 0."""
    steps_per_epoch = math.ceil(len(data.train) / BATCH_SIZE)
    training = TrainingSpec(
        epochs=max(LEAST_EPOCHS, math.ceil(LEAST_STEPS / steps_per_epoch)),
        batch_size=BATCH_SIZE,
        optimizer=OPTIMIZERS["adam"](lr=RATE),
        schedule=SCHEDULES["cosine"](),
    )
    network = resolve_network(NetworkSpec(layers=(DenseSpec(),)), data.info)
    return msgspec.structs.replace(experiment, network=network, training=training, seed=0)


def _method(plan: Experiment, data: Data) -> str:
    kinds = {"regression": "linear regression", "binary": "logistic regression"}
    kind = kinds.get(data.task, "softmax regression")
    epochs = counted(plan.training.epochs, "epoch")
    return f"{kind}: the output layer alone, adam {RATE:g} falling to 0, {epochs} of batches of {BATCH_SIZE}"
