"""The results that a walk marks in its calculations: they are the values of the step's arrays, never another number."""

from typing import Any

import numpy as np
import pytest

from engine.arrays import Array
from engine.glassbox import Walk, WalkStep
from engine.glassbox.numbers import number
from engine.nn.activations import ACTIVATIONS, Activation, Linear, Relu, Softmax
from engine.nn.loss import Loss
from engine.nn.losses import LOSSES, CrossEntropy
from engine.nn.network import Network
from engine.nn.specs import BatchNormSpec, DenseSpec, DropoutSpec, NetworkSpec
from tests.engine.gradcheck.networks import batch_of, network_of


def marked(step: WalkStep) -> list[tuple[str, str]]:
    """Return (name, result) of each line that has a result."""
    assert len(step.results) == len(step.numbers), step.title
    found = []
    for line, (start, end) in zip(step.numbers, step.results, strict=True):
        if end > start:
            name = line.split(" = ")[0].split(" ← ")[0]
            found.append((name, line[start:end]))
    return found


def value_of(arrays: dict[str, Any], name: str) -> str | None:
    """Return the value that `dW[0,1]` names, as the walk writes it; None if the arrays do not hold it."""
    symbol, _, rest = name.partition("[")
    array = arrays.get(symbol)
    if array is None or not rest or symbol == "L":  # the array L holds their mean
        return None
    index = tuple(int(i) for i in rest.rstrip("]").split(","))
    if len(index) < len(array.shape):
        index = (0, *index)
    flat = int(np.ravel_multi_index(index, array.shape))
    return number(array.values[flat]) if flat < len(array.values) else None


def assert_results(walk: Walk) -> None:
    compared = 0
    for step in walk.steps:
        arrays = {array.name: array for array in step.arrays}
        for name, result in marked(step):
            expected = value_of(arrays, name)
            if expected is not None:
                assert result == expected, f"{step.title}: {name}"
                compared += 1
    assert compared >= 10


@pytest.mark.parametrize("loss", [kind() for kind in LOSSES.values()], ids=LOSSES)
@pytest.mark.parametrize("activation", [kind() for kind in ACTIVATIONS.values()], ids=ACTIVATIONS)
def test_the_marked_result_is_the_value_of_the_step(activation: Activation, loss: Loss) -> None:
    for output in (ACTIVATIONS[loss.link](), activation):
        for sizes in ((3, 4, 2), (20, 15, 2)):
            network = network_of(sizes, activation, output, loss)
            for m in (1, 3, 14):
                assert_results(Walk(network, *batch_of(network, m), 0.1))


@pytest.mark.parametrize("m", [1, 5])
def test_dropout_and_batch_normalisation_mark_their_results(m: int) -> None:
    layers = (
        DenseSpec(units=6, activation=Linear()),
        BatchNormSpec(activation=Relu()),
        DropoutSpec(rate=0.4),
        DenseSpec(units=3, activation=Softmax()),
    )
    network = Network(NetworkSpec(loss=CrossEntropy(), layers=layers), (4,), seed=3)
    walk = Walk(network, *batch_of(network, m), 0.1)
    assert_results(walk)
    titles = {step.title for step in walk.steps}
    assert {
        "layers.1 · batchnorm 6 → 6: normalisation",
        "layers.2 · dropout 6 → 6: backward, same mask",
    } <= titles


def test_a_long_sum_marks_the_sum_and_not_its_last_term() -> None:
    network = network_of((40, 20, 3))
    walk = Walk(network, *batch_of(network, 1), 0.1)
    step = walk.steps[1]
    start, end = step.results[0]
    assert "largest terms" in step.numbers[0][end:]
    z: Array = np.asarray(next(array for array in step.arrays if array.name == "z").values)
    assert step.numbers[0][start:end] == number(z[0])
