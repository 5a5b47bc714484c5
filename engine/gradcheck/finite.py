"""The search for NaN and Inf in data, parameters and gradients, before anything is compared."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import AnyArray, Array
from engine.gradcheck.events import ParameterReport
from engine.gradcheck.report import Fault
from engine.gradcheck.tensors import Tensor
from engine.nn.network import Network
from engine.words import counted


def not_finite(name: str, values: AnyArray) -> str:
    """Return `x[12, 3] is nan (4 of 640 values are not finite)` for an array of that name, "" if all are finite."""
    bad = ~np.isfinite(values)
    if not bad.any():
        return ""
    index = _first(bad)
    where = ", ".join(map(str, index))
    return f"{name}[{where}] is {values[index]} ({int(bad.sum()):,} of {counted(values.size, 'value')} are not finite)"


def faults_in_input(network: Network, x: Array, targets: Array, tensors: list[Tensor]) -> Iterator[Fault]:
    """Yield a fault for each array with a NaN or an Inf: data x (m, n_features), targets (m, n_outputs), parameters."""
    named = [("x", "x", x), ("y", "y", targets)]
    named += [(tensor.layer, tensor.name, network.theta[tensor.places]) for tensor in tensors]
    for culprit, name, values in named:
        text = not_finite(name, values)
        if text:
            yield Fault(culprit, text)


def not_finite_rows(tensors: list[Tensor], vector: Array) -> dict[str, ParameterReport]:
    """Return a row for each tensor that is not finite in `vector` (n_parameters,), parameters or gradients."""
    rows = {}
    for tensor in tensors:
        values = vector[tensor.places]
        text = not_finite(tensor.name, values)
        if text:
            index = _first(~np.isfinite(values))
            rows[tensor.name] = ParameterReport(
                name=tensor.name, shape=tensor.shape, index=index, verdict="not_finite", diagnosis=text
            )
    return rows


def fault_in_loss(network: Network, x: Array, loss: float) -> Fault:
    """Return the origin of a loss that is not finite, for x (m, n_features): the first layer to overflow, or the loss."""
    fault = overflow(network, x)
    return fault or Fault("loss", f"the loss is {loss}, though data and parameters are finite")


def overflow(network: Network, x: Array) -> Fault | None:
    """Return the first layer to overflow for x (m, n_features), before or in its activation; None if none does."""
    a = network.as_rows(x)
    for layer in network.layers:
        with np.errstate(all="ignore"):
            a = layer.forward(a)
        text = not_finite("z", layer.pre_activation) or not_finite("a", layer.output)
        if text:
            return Fault(layer.name, f"{layer.name} overflows: {text}")
    return None


def _first(bad: AnyArray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(bad)[0])
