"""Collecting evidence: from an experiment and its data, from a network, from a training's events."""

import math

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.data import Data, Split, describe, load_data
from engine.doctor.data_facts import facts_of
from engine.doctor.evidence import ClassResult, Course, Gap, Plan, Result, Start, WeightFacts
from engine.doctor.telemetry import Telemetry
from engine.errors import DataError
from engine.experiment.checks import find_problems
from engine.experiment.experiment import Experiment
from engine.files.user_path import expanded
from engine.nn.initializers import default_initializer
from engine.nn.layers import Dense, Layer
from engine.nn.network import Network
from engine.training.predictions import blocks, count_by_class, predicted_classes

BINS = 10
"""Bins of confidence for the calibration error."""
CERTAIN = 6.0
"""Standard errors of a mean beyond which it is none of chance."""
DRAWN = 256
"""Weights, at least, that are drawn to estimate the expected size of a layer's weights."""


def plan_of(experiment: Experiment) -> tuple[Plan, Data | None]:
    """Return everything known before training, and the data; None if they hold NaN or infinite values.

    Raises:
        DataError: the data are missing, damaged or unusable for another reason.
    """
    info = describe(experiment.data)
    found = find_problems(experiment.network, experiment.training, experiment.data, info)
    try:
        data = load_data(experiment.data)
    except DataError:
        gap = find_gap(experiment.data.dataset)
        if gap is None:
            raise
        return Plan(experiment, info, tuple(found), None, gap), None
    return Plan(experiment, info, tuple(found), facts_of(experiment, data)), data


def plan_with(experiment: Experiment, data: Data) -> Plan:
    """Return everything known before a training whose data are loaded."""
    found = find_problems(experiment.network, experiment.training, experiment.data, data.info)
    return Plan(experiment, data.info, tuple(found), facts_of(experiment, data))


def find_gap(dataset: str) -> Gap | None:
    """Return the NaN and infinite values of an .npz file; None for a file without any, or of another format."""
    from engine.data.npz_file import NpzFile

    path = expanded(dataset)
    if path.suffix != ".npz":
        return None
    with NpzFile(path) as file:
        for name in ("x", "y", "x_test", "y_test"):
            if name in file.names:
                gap = _gap_in(name, file.array(name))
                if gap is not None:
                    return gap
    return None


def _gap_in(name: str, values: AnyArray) -> Gap | None:
    if values.dtype.kind != "f":
        return None
    bad = ~np.isfinite(values.reshape(len(values), -1))  # (n, n_features)
    if not bad.any():
        return None
    by_column = bad.sum(axis=0)  # (n_features,)
    features = np.flatnonzero(by_column) if name.startswith("x") else np.empty(0, np.int64)
    return Gap(
        int(bad.sum()),
        int(bad.any(axis=1).sum()),
        tuple(features.tolist()),
        name,
        tuple(by_column[features].tolist()),
    )


def start_of(plan: Plan, network: Network, data: Data, telemetry: Telemetry | None = None) -> Start:
    """Return the evidence on a network before its first update; the network is unchanged.

    Args:
        telemetry: of this network; None: a new one for this measurement.
    """
    training = plan.experiment.training
    telemetry = telemetry or Telemetry(network, data, training)
    optimizer_state = training.optimizer.start(network.theta)
    layers = telemetry.measure(0, network.state, optimizer_state, training.optimizer.lr)
    return Start(
        plan=plan,
        weights=_weights(network),
        layers=layers,
        loss=_loss(network, telemetry.rows, telemetry.targets),
        logit_spread=_logit_spread(network, telemetry.rows),
    )


def _weights(network: Network) -> tuple[WeightFacts, ...]:
    dense = [(index, layer) for index, layer in enumerate(network.layers) if isinstance(layer, Dense)]
    return tuple(
        _weight_facts(index, layer, _outgoing(network, index, layer.n_out)) for index, layer in dense
    )


def _outgoing(network: Network, index: int, n_out: int) -> Array | None:
    """Return the weights through which the next dense layer reads each unit of layer `index`, (n_out, n).

    (n_out, 0) without such a layer; None if a layer between them mixes the units, so that the weights are unknown.
    """
    for layer in network.layers[index + 1 :]:
        if isinstance(layer, Dense):
            return layer.weight.T
        if not layer.spec_type.keeps_shape:
            return None
    return np.empty((n_out, 0), network.dtype)


def _weight_facts(index: int, layer: Dense, outgoing: Array | None) -> WeightFacts:
    into = np.concatenate([layer.weight, layer.bias[:, np.newaxis]], axis=1)  # (n_out, n_in + 1)
    size, wanted = _root_mean_square(layer.weight), _fitting_size(layer)
    return WeightFacts(
        index=index,
        zero=not layer.weight.any(),
        alike=0.0 if outgoing is None else _share_alike(np.concatenate([into, outgoing], axis=1)),
        alike_in=_share_alike(into),
        gain=size / wanted if wanted else 1.0,
        bias=float(layer.bias.mean()),
        offset=_offset(layer.weight, size),
    )


def _offset(weight: Array, size: float) -> float:
    """Return the mean of the weights over their root mean square; 0 if it is within 6 standard errors of 0."""
    share = float(weight.mean(dtype=np.float64)) / size if size else 0.0
    return share if abs(share) > CERTAIN / math.sqrt(weight.size) else 0.0


def _fitting_size(layer: Dense) -> float:
    """Return the root mean square of weights that preserve the signal's variance, estimated from at least `DRAWN`."""
    fitting, rng = np.empty(layer.weight.shape), np.random.default_rng(0)
    sizes: list[float] = []
    for _ in range(-(-DRAWN // fitting.size)):
        default_initializer(layer.activation).fill(fitting, rng)
        sizes.append(_root_mean_square(fitting))
    return math.sqrt(sum(size**2 for size in sizes) / len(sizes))


def _share_alike(rows: Array) -> float:
    """Return the share of rows that equal another row; 0 for a single one."""
    if len(rows) < 2:
        return 0.0
    _, counts = np.unique(rows, axis=0, return_counts=True)
    return float(counts[counts > 1].sum() / len(rows))


def _root_mean_square(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


@np.errstate(over="ignore", invalid="ignore")
def _loss(network: Network, rows: Array, targets: Array) -> float | None:
    loss = network.loss.value(network.scores(rows), targets)
    return float(loss) if math.isfinite(loss) else None


@np.errstate(over="ignore", invalid="ignore")
def _logit_spread(network: Network, rows: Array) -> float | None:
    scores = network.logits(rows[:, :-1]).astype(np.float64)  # (m, k)
    spread = float(scores.std(axis=1).mean() if scores.shape[1] > 1 else scores.std())
    return spread if math.isfinite(spread) else None


@np.errstate(over="ignore", invalid="ignore")
def result_of(course: Course, network: Network, data: Data) -> Result:
    """Return the evidence on a trained network, from samples not used for training."""
    bad_layer = next((layer.name for layer in network.layers if _holds_bad(layer)), None)
    if not data.class_names or bad_layer is not None:
        return Result(course, bad_layer=bad_layer)
    split = next(part for part in (data.test, data.validation, data.train) if len(part))
    guesses, confidence = _guesses(network, split)
    right = guesses == split.y
    known = confidence is not None
    return Result(
        course,
        classes=_by_class(split.y, guesses, data.class_names),
        confidence=float(confidence.mean()) if confidence is not None else None,
        accuracy=float(right.mean()),
        calibration_error=_calibration_error(confidence, right) if known else None,
        samples=len(split),
    )


def _holds_bad(layer: Layer) -> bool:
    return any(not np.isfinite(values).all() for _, values, _ in layer.parameters())


def _guesses(network: Network, split: Split) -> tuple[Labels, Array | None]:
    """Return the predicted classes (n,) and their probabilities (n,), None if the outputs are no finite probabilities."""
    n = len(split)
    guesses, confidence = np.empty(n, np.int64), np.empty(n)
    gives_probabilities = network.last.activation.gives_probabilities
    for place, rows in blocks(network, split):
        network.scores(rows)
        z = network.last.pre_activation
        outputs = network.last.activation(z)  # (m, k)
        predicted_classes(z, guesses[place])
        single = outputs.shape[1] == 1
        confidence[place] = np.maximum(outputs, 1 - outputs)[:, 0] if single else outputs.max(axis=1)
    return guesses, confidence if gives_probabilities and np.isfinite(confidence).all() else None


def _calibration_error(confidence: Array | None, right: AnyArray) -> float | None:
    """Σ (share of a bin) · |its accuracy − its mean confidence|. Source: Guo et al. 2017, equation 3."""
    if confidence is None:
        return None
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def _by_class(truth: Labels, guesses: Labels, names: tuple[str, ...]) -> tuple[ClassResult, ...]:
    counts = count_by_class(truth, guesses, len(names))
    return tuple(
        ClassResult(name, samples, right, predicted)
        for name, samples, predicted, right in zip(names, *(part.tolist() for part in counts), strict=True)
    )
