"""Decides every "auto" of a network: what the task, the loss and the other layers make the sensible choice."""

from msgspec.structs import replace

from engine.data import DatasetInfo
from engine.nn.activations import Activation, Linear, Relu, Sigmoid, Softmax, Step
from engine.nn.initializers import default_initializer
from engine.nn.losses import BinaryCrossEntropy, CrossEntropy, Loss, Mse, PerceptronCriterion
from engine.nn.specs import BatchNormSpec, DenseSpec, LayerSpec, NetworkSpec

_OUTPUT_FOR_LOSS: dict[type[Loss], Activation] = {
    CrossEntropy: Softmax(),
    BinaryCrossEntropy: Sigmoid(),
    PerceptronCriterion: Step(),
}
_LOSS_FOR_OUTPUT: dict[type[Activation], Loss] = {
    Softmax: CrossEntropy(),
    Sigmoid: BinaryCrossEntropy(),
    Step: PerceptronCriterion(),
}


def resolve_network(spec: NetworkSpec, info: DatasetInfo) -> NetworkSpec:
    """Return `spec` with units, activations, initialisers and loss all chosen.

    What the user chose stays, sensible or not; `engine.experiment.checks` judges it.
    """
    *hidden, last = spec.layers
    layers = [_resolve_hidden(layer, after) for layer, after in zip(hidden, spec.layers[1:], strict=True)]
    if not isinstance(last, DenseSpec):  # a problem of its own: nothing follows from it
        return NetworkSpec(loss=spec.loss or _loss_for_task(info), layers=(*layers, last))
    output = _resolve_output(last, spec.loss, info)
    loss = spec.loss or _choose_loss(output, info)
    return NetworkSpec(loss=loss, layers=(*layers, _with_init(output)))


def _resolve_hidden(layer: LayerSpec, after: LayerSpec) -> LayerSpec:
    """A dense layer is linear where the batch normalisation that follows brings an activation, else relu."""
    if not isinstance(layer, DenseSpec):
        return layer
    is_left_to_norm = isinstance(after, BatchNormSpec) and not isinstance(after.activation, Linear)
    auto = Linear() if is_left_to_norm else Relu()
    return _with_init(replace(layer, activation=layer.activation or auto))


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


def _loss_for_task(info: DatasetInfo) -> Loss:
    losses: dict[str, Loss] = {"regression": Mse(), "binary": BinaryCrossEntropy()}
    return losses.get(info.task, CrossEntropy())


def _choose_loss(output: DenseSpec, info: DatasetInfo) -> Loss:
    if info.task == "regression":
        return Mse()
    if output.activation is not None and type(output.activation) in _LOSS_FOR_OUTPUT:
        return _LOSS_FOR_OUTPUT[type(output.activation)]
    return BinaryCrossEntropy() if info.task == "binary" and output.units == 1 else CrossEntropy()


def _with_init(layer: DenseSpec) -> DenseSpec:
    return replace(layer, init=layer.init or default_initializer(layer.activation or Linear()))
