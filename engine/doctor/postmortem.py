"""The origin of the first NaN or infinity of a diverged training, found by training on from its last finite weights."""

import numpy as np

from engine.arrays import Array
from engine.data import Data
from engine.doctor.evidence import BadTensor
from engine.experiment.experiment import Experiment
from engine.nn.network import Network
from engine.optim.optimizer import clip_by_norm
from engine.training.divergence import DivergenceOrigin, Phase

MOST_STEPS = 500
"""Updates after which the search stops."""
_TENSORS: dict[Phase, str] = {"forward": "activation", "backward": "gradient", "update": "weight"}


def bad_tensor_of(origin: DivergenceOrigin) -> BadTensor | None:
    """Return the origin of a divergence as evidence; None if no layer was the first with NaN or infinity."""
    if origin.layer is None or origin.value == "huge":
        return None
    return BadTensor(origin.step, origin.layer, _TENSORS.get(origin.phase, origin.phase))


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def first_bad(
    network: Network, data: Data, experiment: Experiment, step: int, rate: float, steps: int = MOST_STEPS
) -> BadTensor | None:
    """Return the first layer and tensor that is not finite; None if all stay finite for `steps` updates.

    The updates resemble the training's, with its samples in another order and a new optimizer state: values overflow in
    the same place, perhaps some updates earlier or later.

    Args:
        network: with the last finite weights; unchanged.
        step: updates made so far.
        rate: the learning rate.
        steps: updates to try.

    Source: Wardat et al. 2021, DeepLocalize (arXiv 2103.03376), Algorithm 1.
    """
    trial, training = network.copy(), experiment.training
    state = training.optimizer.start(trial.theta)
    rng = np.random.default_rng(experiment.seed)
    size = min(training.batch_size or len(data.train), len(data.train))
    values = np.empty((size, trial.n_features), trial.dtype)
    for done in range(steps):
        chosen = rng.choice(len(data.train), size, replace=False)
        data.train.take(chosen, values)
        loss = trial.learn_from(trial.as_rows(values), trial.encode(data.train.y[chosen]))
        bad = _bad_in_pass(trial, loss, step + done)
        if bad is not None:
            return bad
        if training.clip_norm:
            clip_by_norm(trial.grad, training.clip_norm)
        training.optimizer.update(trial.theta, trial.grad, state, rate)
        bad = _bad_weight(trial, step + done)
        if bad is not None:
            return bad
    return None


def _bad_in_pass(network: Network, loss: float, step: int) -> BadTensor | None:
    """Return the first tensor of a forward and backward pass that is not finite, in order of computation."""
    for layer in network.layers:
        if not _is_finite(layer.pre_activation):
            return BadTensor(step, layer.name, "activation")
    if not np.isfinite(loss):
        return BadTensor(step, network.last.name, "loss")
    for layer in reversed(network.layers):
        if any(not _is_finite(gradient) for _, _, gradient in layer.parameters()):
            return BadTensor(step, layer.name, "gradient")
    return None


def _bad_weight(network: Network, step: int) -> BadTensor | None:
    for layer in network.layers:
        if any(not _is_finite(view) for _, view, _ in layer.parameters()):
            return BadTensor(step, layer.name, "weight")
    return None


def _is_finite(values: Array) -> bool:
    return bool(np.isfinite(values).all())
