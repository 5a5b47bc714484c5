"""Finds what is not a finite number before any gradient is compared, and names it."""

from collections.abc import Iterator

import numpy as np

from engine.arrays import AnyArray, Array
from engine.gradcheck.events import ParameterReport
from engine.gradcheck.report import Fault
from engine.gradcheck.tensors import Tensor
from engine.nn.network import Network


def not_finite(name: str, values: AnyArray) -> str:
    """Return what is wrong with an array, `x[12, 3] is nan (4 of 640 values are not finite)`, or ""."""
    bad = ~np.isfinite(values)
    if not bad.any():
        return ""
    index = _first(bad)
    where = ", ".join(map(str, index))
    return f"{name}[{where}] is {values[index]} ({int(bad.sum()):,} of {values.size:,} values are not finite)"


def faults_in_input(network: Network, x: Array, targets: Array, tensors: list[Tensor]) -> Iterator[Fault]:
    """Yield every array that holds a NaN or an Inf: the data, the targets, the parameters by name."""
    named = [("x", "x", x), ("y", "y", targets)]
    named += [(tensor.layer, tensor.name, network.theta[tensor.places]) for tensor in tensors]
    for culprit, name, values in named:
        text = not_finite(name, values)
        if text:
            yield Fault(culprit, text)


def not_finite_rows(tensors: list[Tensor], vector: Array) -> dict[str, ParameterReport]:
    """Return the rows of the tensors that are not finite in `vector`, parameters or gradients."""
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
    """Return where the numbers of a loss that is not finite first overflow: a layer, or the loss itself."""
    a = network.as_rows(x)
    for layer in network.layers:
        with np.errstate(all="ignore"):
            a = layer.forward(a)
        if not np.isfinite(layer.pre_activation).all():
            return Fault(layer.name, f"{layer.name} overflows: {not_finite('z', layer.pre_activation)}")
    return Fault("loss", f"the loss is {loss}, though data and parameters are finite")


def _first(bad: AnyArray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(bad)[0])
