"""Resolution of every "auto" of a network from the task, the loss and the other layers."""

from msgspec.structs import replace

from engine.data import DatasetInfo
from engine.nn.activations import ACTIVATIONS, Activation, Linear, Relu, Sigmoid, Softmax
from engine.nn.initializers import default_initializer
from engine.nn.loss import Loss
from engine.nn.losses import BinaryCrossEntropy, CrossEntropy, Mse, linked_loss
from engine.nn.specs import DenseSpec, LayerSpec, NetworkSpec


def resolve_network(spec: NetworkSpec, info: DatasetInfo) -> NetworkSpec:
    """Return `spec` with units, activations, initialisers and loss chosen.

    The user's choices are kept, valid or not; `engine.experiment.checks` checks them.
    """
    *hidden, last = spec.layers
    layers = [_resolve_hidden(layer, after) for layer, after in zip(hidden, spec.layers[1:], strict=True)]
    if not isinstance(last, DenseSpec):  # reported by the checks; nothing can be resolved
        return NetworkSpec(loss=spec.loss or _loss_for_task(info), layers=(*layers, last))
    output = _resolve_output(last, spec.loss, info)
    loss = spec.loss or _choose_loss(output, info)
    return NetworkSpec(loss=loss, layers=(*layers, _with_init(output)))


def _resolve_hidden(layer: LayerSpec, after: LayerSpec) -> LayerSpec:
    """Resolve a hidden layer: a dense one is linear if the next layer is a batch normalisation with an activation."""
    if not isinstance(layer, DenseSpec):
        return layer
    next_activation = getattr(after, "activation", None)
    is_left_to_norm = after.normalises and next_activation is not None and not next_activation.is_linear
    auto = Linear() if is_left_to_norm else Relu()
    return _with_init(replace(layer, activation=layer.activation or auto))


def _resolve_output(last: DenseSpec, loss: Loss | None, info: DatasetInfo) -> DenseSpec:
    units = last.units or (2 if isinstance(loss, CrossEntropy) and info.task == "binary" else info.n_outputs)
    return replace(last, units=units, activation=last.activation or _choose_output(units, loss, info))


def _choose_output(units: int, loss: Loss | None, info: DatasetInfo) -> Activation:
    if loss is not None and loss.link != Linear.label():
        return ACTIVATIONS[loss.link]()
    if info.task == "regression":
        return Linear()
    if loss is not None and loss.compares_classes:  # by scores, not by probabilities
        return Linear()
    if loss is not None:
        return Sigmoid()
    return Sigmoid() if info.task == "binary" and units == 1 else Softmax()


def _loss_for_task(info: DatasetInfo) -> Loss:
    losses: dict[str, Loss] = {"regression": Mse(), "binary": BinaryCrossEntropy()}
    return losses.get(info.task, CrossEntropy())


def _choose_loss(output: DenseSpec, info: DatasetInfo) -> Loss:
    if info.task == "regression":
        return Mse()
    linked = linked_loss(output.activation or Linear())
    if linked is not None:
        return linked
    return BinaryCrossEntropy() if info.task == "binary" and output.units == 1 else CrossEntropy()


def _with_init(layer: DenseSpec) -> DenseSpec:
    return replace(layer, init=layer.init or default_initializer(layer.activation or Linear()))
