"""The options `layers`, `activation` and `init`, spread over the layers of an experiment."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import ExperimentError, Problem
from engine.words import counted

Layer = dict[str, Any]


def lay_over_layers(
    layers: Sequence[Layer], hidden: Sequence[int] | None, given: Mapping[str, Any]
) -> list[Layer]:
    """Return layers with these hidden units, and with the activation and the initialiser in `given`.

    Args:
        layers: at least the output layer.
        hidden: units of the hidden layers; None: as they are.
        given: options; without hidden layers the activation applies to the only layer.

    Raises:
        ExperimentError: there are layers of other kinds, and the number of dense layers would change.
    """
    *before, last = layers
    if hidden is not None:
        before = _with_units(before, hidden)
    changed = []
    for layer, after in zip(before, [*before, last][1:], strict=True):
        taken = {name: given[name] for name in _taken_by(layer, after) if name in given}
        changed.append({**layer, **taken})
    of_output = ("init",) if before else ("activation", "init")
    return [*changed, {**last, **{name: given[name] for name in of_output if name in given}}]


def _with_units(before: Sequence[Layer], hidden: Sequence[int]) -> list[Layer]:
    """Return hidden layers of these units, copied from the first one; layers of other kinds keep their places."""
    dense = [layer for layer in before if _type(layer) == "dense"]
    if len(dense) == len(before):
        model = before[0] if before else {"type": "dense"}
        return [{**model, "units": units} for units in hidden]
    if len(dense) != len(hidden):
        others = ", ".join(sorted({_type(layer) for layer in before} - {"dense"}))
        message = (
            f"--layers names {counted(len(hidden), 'hidden layer')}, but the file has {len(dense)}, "
            f"with {others} between"
        )
        hint = f"give {counted(len(dense), 'number')}, or change network.layers in the file"
        raise ExperimentError([Problem("--layers", message, hint)])
    units = iter(hidden)
    return [{**layer, "units": next(units)} if _type(layer) == "dense" else layer for layer in before]


def _taken_by(layer: Layer, after: Layer) -> tuple[str, ...]:
    """Return the options that a hidden layer takes; of a dense layer and its batchnorm one has the activation."""
    if _type(layer) == "dense":
        return ("init",) if _has_own_activation(after) else ("activation", "init")
    return ("activation",) if _has_own_activation(layer) else ()


def _has_own_activation(layer: Layer) -> bool:
    """Return whether a layer is a batchnorm with an activation."""
    return _type(layer) == "batchnorm" and layer.get("activation", "linear") != "linear"


def _type(layer: Layer) -> str:
    return str(layer.get("type", "dense"))
