"""The parts of an experiment that PyTorch has a counterpart for, known without importing it."""

from typing import TYPE_CHECKING

from engine.torch.library import NoTwinError

if TYPE_CHECKING:
    from engine.experiment.experiment import Experiment

LAYERS = ("dense", "dropout", "batchnorm")
"""Kinds of layer with a module in `engine.torch.modules`."""
ACTIVATIONS = ("linear", "softplus", "step")
"""Activations with a function of our own in `engine.torch.twin`; the others have one if they state PyTorch's name."""
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
    network, optimizer = experiment.network, experiment.training.optimizer
    found = [("layer", layer.kind()) for layer in network.layers if layer.kind() not in LAYERS]
    for layer in network.layers:
        activation = getattr(layer, "activation", None)
        if activation is not None and not activation.torch_name and activation.name not in ACTIVATIONS:
            found.append(("activation", activation.name))
    loss = network.loss
    if loss is not None and not loss.torch_name and loss.name not in LOSSES:
        found.append(("loss", loss.name))
    if not optimizer.torch_name:
        found.append(("optimizer", optimizer.name))
    return found
