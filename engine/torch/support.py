"""The parts of an experiment that PyTorch has a counterpart for, known without importing it."""

from typing import TYPE_CHECKING

from engine.torch.library import NoTwinError

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

LAYERS = ("dense", "dropout", "batchnorm")
"""Kinds of layer with a module in `engine.torch.modules`; the others have one if their class defines `twin`."""
ACTIVATIONS = ("linear", "softplus", "step")
"""Activations with a function of our own in `engine.torch.twin`; the others have one if they state PyTorch's name or
define `twin`."""
LOSSES = ("hinge", "perceptron")
"""Likewise losses."""


def check_counterparts(experiment: "Experiment") -> None:
    """Raise a NoTwinError if PyTorch is to train an experiment with a part that it lacks; the hint names the remedy.

    Whether PyTorch is installed is left to the worker.
    """
    if experiment.training.backend != "torch":
        return
    for family, name in _missing(experiment):
        raise NoTwinError(
            f'{family} "{name}" has no counterpart in PyTorch', 'set training.backend = "numpy"'
        )


def _missing(experiment: "Experiment") -> "list[tuple[str, str]]":
    """Return (family, name) of each part without a counterpart."""
    from engine.nn.activation import Activation
    from engine.nn.layers import LAYERS as KINDS
    from engine.nn.layers import Layer
    from engine.nn.loss import Loss

    network, optimizer = experiment.network, experiment.training.optimizer
    kinds = [layer.kind() for layer in network.layers]
    found = [("layer", kind) for kind in kinds if kind not in LAYERS and KINDS[kind].twin is Layer.twin]
    for layer in network.layers:
        activation = getattr(layer, "activation", None)
        if activation is None or type(activation).twin is not Activation.twin:
            continue
        if not activation.torch_name and activation.name not in ACTIVATIONS:
            found.append(("activation", activation.name))
    loss = network.loss
    has_twin = loss is not None and type(loss).twin is not Loss.twin
    if loss is not None and not has_twin and not loss.torch_name and loss.name not in LOSSES:
        found.append(("loss", loss.name))
    if not optimizer.torch_name:
        found.append(("optimizer", optimizer.name))
    return found
