"""Decides every "auto" of a network: what the task, the loss and the other layers make the sensible choice."""

from msgspec.structs import replace

from engine.activations import Activation, Linear, Relu, Sigmoid, Softmax, Step
from engine.data import DatasetInfo
from engine.initializers import default_initializer
from engine.losses import BinaryCrossEntropy, CrossEntropy, Loss, Mse, Perceptron
from engine.specs import DenseSpec, NetworkSpec

_OUTPUT_FOR_LOSS: dict[type[Loss], Activation] = {
    CrossEntropy: Softmax(),
    BinaryCrossEntropy: Sigmoid(),
    Perceptron: Step(),
}
_LOSS_FOR_OUTPUT: dict[type[Activation], Loss] = {
    Softmax: CrossEntropy(),
    Sigmoid: BinaryCrossEntropy(),
    Step: Perceptron(),
}


def resolve_network(spec: NetworkSpec, info: DatasetInfo) -> NetworkSpec:
    """Return `spec` with units, activations, initialisers and loss all chosen.

    What the user chose stays, sensible or not; `engine.checks` judges it.
    """
    *hidden, last = spec.layers
    output = _resolve_output(last, spec.loss, info)
    loss = spec.loss or _choose_loss(output, info)
    layers = [replace(layer, activation=layer.activation or Relu()) for layer in hidden]
    return NetworkSpec(loss=loss, layers=tuple(_with_init(layer) for layer in [*layers, output]))


def _resolve_output(last: DenseSpec, loss: Loss | None, info: DatasetInfo) -> DenseSpec:
    units = last.units or (2 if isinstance(loss, CrossEntropy) and info.task == "binary" else info.n_outputs)
    return replace(last, units=units, activation=last.activation or _choose_output(units, loss, info))


def _choose_output(units: int, loss: Loss | None, info: DatasetInfo) -> Activation:
    if loss is not None and type(loss) in _OUTPUT_FOR_LOSS:
        return _OUTPUT_FOR_LOSS[type(loss)]
    if info.task == "regression":
        return Linear()
    if isinstance(loss, Mse):
        return Sigmoid()
    return Sigmoid() if info.task == "binary" and units == 1 else Softmax()


def _choose_loss(output: DenseSpec, info: DatasetInfo) -> Loss:
    if info.task == "regression":
        return Mse()
    if output.activation is not None and type(output.activation) in _LOSS_FOR_OUTPUT:
        return _LOSS_FOR_OUTPUT[type(output.activation)]
    return BinaryCrossEntropy() if info.task == "binary" and output.units == 1 else CrossEntropy()


def _with_init(layer: DenseSpec) -> DenseSpec:
    return replace(layer, init=layer.init or default_initializer(layer.activation or Linear()))
