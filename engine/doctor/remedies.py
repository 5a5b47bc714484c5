"""Suggested fixes: changes of an experiment, built from its plan."""

import math
import re
from typing import Any

from engine.doctor.evidence import Plan
from engine.doctor.planned_dense import PlannedDense
from engine.errors import NntermError
from engine.experiment.experiment import Experiment
from engine.experiment.short_keys import HIDDEN
from engine.nn.initializers import default_initializer
from engine.nn.specs import DenseSpec, DropoutSpec
from engine.words import counted

Remedy = dict[str, Any]
NARROW = 8
"""Units of a hidden layer below which it is called narrow."""
DECAY, DECAY_APART = 1e-2, 0.5
"""Weight decay that is called strong: of most optimizers, and of adamw, which decays the weights directly."""
FEW_LAYERS = 4
"""Number of hidden layers up to which a fix names each of them."""
_OF_LAYER = re.compile(r"network\.layers\[(\d+)\]\.(\w+)")


def is_valid(experiment: Experiment, remedy: Remedy) -> bool:
    """Return True if `experiment` with these changes is a valid experiment and a different one."""
    try:
        return experiment.with_changes(remedy) != experiment
    except NntermError:
        return False


def of_all_hidden(experiment: Experiment, remedy: Remedy) -> Remedy:
    """Return a fix in which one key stands for the same change of all hidden layers, if there are more than a few.

    Only where all hidden layers are dense, so that `network.layers[hidden].activation` means just these changes.
    """
    *hidden, _ = experiment.network.layers
    if len(hidden) <= FEW_LAYERS or not all(isinstance(layer, DenseSpec) for layer in hidden):
        return remedy
    values: dict[str, dict[int, Any]] = {}
    for key, value in remedy.items():
        if match := _OF_LAYER.fullmatch(key):
            values.setdefault(match[2], {})[int(match[1])] = value
    shared = {
        field: by_index[0]
        for field, by_index in values.items()
        if all(index in by_index and by_index[index] == by_index[0] for index in range(len(hidden)))
    }
    changes: Remedy = {}
    for key, value in remedy.items():
        match = _OF_LAYER.fullmatch(key)
        if match and match[2] in shared and int(match[1]) < len(hidden):
            changes[f"network.layers[{HIDDEN}].{match[2]}"] = shared[match[2]]
        else:
            changes[key] = value
    return changes


def sensible_rate(plan: Plan) -> float:
    """Return a learning rate to start from: the dataset's suggestion for its optimizer, else the optimizer's default."""
    optimizer, suggestion = plan.experiment.training.optimizer, plan.info.suggestion
    rate = suggestion.lr if suggestion.optimizer == optimizer.name else type(optimizer)().lr
    return round_rate(rate * (1 - momentum_of(plan)))


def lower_rate(plan: Plan) -> Remedy:
    """Return a tenth of the learning rate, or a sensible one if that is lower."""
    rate = plan.experiment.training.optimizer.lr
    return {"training.optimizer.lr": round_rate(min(rate / 10, sensible_rate(plan)))}


def raise_rate(plan: Plan) -> Remedy:
    """Return a sensible learning rate, or ten times the current one if that is higher."""
    rate = plan.experiment.training.optimizer.lr
    sensible = sensible_rate(plan)
    return {"training.optimizer.lr": sensible if sensible > 2 * rate else round_rate(10 * rate)}


def momentum_of(plan: Plan) -> float:
    """Return the momentum of sgd; 0 for other optimizers, whose steps it does not lengthen."""
    optimizer = plan.experiment.training.optimizer
    return float(getattr(optimizer, "momentum", 0.0)) if optimizer.effective_rate != optimizer.lr else 0.0


def round_rate(rate: float) -> float:
    """Return a learning rate to two significant digits."""
    return float(f"{rate:.1e}") if rate > 0 and math.isfinite(rate) else rate


def fitting_init(layer: PlannedDense) -> Remedy:
    """Return the initialiser that suits the layer's activation."""
    activation = layer.spec.activation
    if activation is None:
        return {}
    return {f"{layer.key}.init": default_initializer(activation).name}


def fresh_weights(layers: tuple[PlannedDense, ...]) -> Remedy:
    """Return suitable initialisers for all these layers."""
    return {key: value for layer in layers for key, value in fitting_init(layer).items()}


def activate(layers: tuple[PlannedDense, ...], activation: str) -> Remedy:
    """Return another activation for all these layers, each with a suitable initialiser."""
    from engine.nn.activations import ACTIVATIONS

    init = default_initializer(ACTIVATIONS[activation]()).name
    changes: Remedy = {}
    for layer in layers:
        changes |= {f"{layer.key}.activation": activation, f"{layer.key}.init": init}
    return changes


def more_room(plan: Plan) -> tuple[Remedy, str]:
    """Return the change that lets the network fit better, and its reason; the first limit found."""
    optimizer = plan.experiment.training.optimizer
    if optimizer.weight_decay >= (DECAY_APART if optimizer.decouples_decay else DECAY):
        return {
            "training.optimizer.weight_decay": 0.0
        }, f": a weight decay of {optimizer.weight_decay:g} is too strong"
    rates = {
        i: layer.rate
        for i, layer in enumerate(plan.experiment.network.layers)
        if isinstance(layer, DropoutSpec)
    }
    strong = [index for index, rate in rates.items() if rate > 0.5]
    if strong:
        changes: Remedy = {f"network.layers[{index}].rate": 0.2 for index in strong}
        return changes, f": dropout of {100 * max(rates.values()):.3g} % of the units is too strong"
    if not plan.hidden:
        if plan.has_bend:
            return {}, ""
        return {"network.layers": _hidden_as_suggested(plan)}, f": {_without_hidden(plan)}"
    narrowest = min(layer.spec.units for layer in plan.hidden)
    if narrowest < NARROW:
        return {
            "network.layers": _hidden_as_suggested(plan)
        }, f": a layer of {counted(narrowest, 'unit')} is too narrow"
    return {}, ""


def _without_hidden(plan: Plan) -> str:
    """Return the limit of a network without a hidden layer, in words."""
    if plan.info.kind == "gate" and plan.info.suggestion.layers:
        return f"there is no hidden layer, and {plan.info.name.upper()} is not linearly separable"
    if plan.info.task == "regression":
        return "there is no hidden layer, so it can only fit a linear function"
    return "there is no hidden layer, so its decision boundaries are straight"


def learn_by_gradient(plan: Plan) -> Remedy:
    """Return the network and optimizer that suit the data, to replace a perceptron and its rule."""
    suggestion = plan.info.suggestion
    hidden = [
        {"type": "dense", "units": units, "activation": suggestion.activation}
        for units in suggestion.layers or (64, 64)
    ]
    return {
        "network.layers": [*hidden, {"type": "dense"}],
        "network.loss": "auto",
        "training.optimizer": {"name": suggestion.optimizer, "lr": suggestion.lr},
        "training.epochs": max(suggestion.epochs, plan.experiment.training.epochs),
    }


def _hidden_as_suggested(plan: Plan) -> list[dict[str, Any]]:
    """Return the hidden layers suggested for the data (two of 64 by default) and the output layer unchanged."""
    suggestion = plan.info.suggestion
    units = suggestion.layers or (64, 64)
    activation = suggestion.activation if suggestion.layers else "relu"
    output = plan.experiment.to_raw()["network"]["layers"][-1]
    return [*({"type": "dense", "units": n, "activation": activation} for n in units), output]
