"""The update of a walk: each optimizer's formula in numbers gives what the optimizer does."""

import numpy as np
import pytest

from engine.glassbox import Walk
from engine.glassbox.numbers import number
from engine.glassbox.update import WRITERS, UpdateRule
from engine.nn.activations import Softmax, Tanh
from engine.optim.optimizer import Optimizer
from engine.optim.optimizers import OPTIMIZERS, Adagrad, Adam, AdamW, Perceptron, Rmsprop, Sgd
from tests.engine.gradcheck.networks import batch_of, network_of

CASES: list[Optimizer] = [
    Sgd(),
    Sgd(weight_decay=0.1),
    Sgd(momentum=0.9),
    Sgd(momentum=0.9, nesterov=True, weight_decay=0.01),
    Rmsprop(),
    Adagrad(weight_decay=0.05),
    Adam(lr=0.01),
    Adam(weight_decay=0.1),
    AdamW(lr=0.01),
    Perceptron(),
]


@pytest.mark.parametrize("clip_norm", [0.0, 0.01])
@pytest.mark.parametrize("optimizer", CASES, ids=str)
def test_the_formula_in_numbers_gives_what_the_optimizer_does(optimizer: Optimizer, clip_norm: float) -> None:
    network = network_of((3, 4, 2), Tanh(), Softmax())
    x, y = batch_of(network, 5)
    theta = network.theta.astype(np.float64)
    state = optimizer.start(theta)
    rng = np.random.default_rng(1)
    for _ in range(3):  # a state that is not zero
        optimizer.update(theta, rng.normal(size=len(theta)), state, 0.01)
    walk = Walk(network, x, y, UpdateRule(optimizer, 0.05, state, clip_norm))
    step = walk.steps[-1]
    (updated,) = [i for i, line in enumerate(step.numbers) if line.startswith("layers.") and "←" in line]
    line = step.numbers[updated]
    start, end = step.results[updated]
    written = line[line.index("←") + 2 : start - 3]
    formula = written.replace("−", "-").replace("·", "*").replace("√", "np.sqrt")
    for shown in ("np.sqrt(",):
        formula = formula.replace(shown, "np.sqrt(")
    root = formula.find("np.sqrt")
    if root >= 0 and formula[root + 7] != "(":
        stop = formula.index(" ", root)
        formula = f"{formula[: root + 7]}({formula[root + 7 : stop]}){formula[stop:]}"
    assert eval(formula) == pytest.approx(float(line[start:end].replace("−", "-")), rel=5e-3, abs=1e-5)
    assert ("clipped" in "".join(step.numbers)) == bool(clip_norm)
    assert state.updates == 3, "the given state must not change"


@pytest.mark.parametrize("optimizer", CASES, ids=str)
def test_the_whole_network_moves_as_the_optimizer_moves_it(optimizer: Optimizer) -> None:
    network = network_of((3, 4, 2), Tanh(), Softmax()).copy("float64")
    x, y = batch_of(network, 5)
    walk = Walk(network, x, y, UpdateRule(optimizer, 0.05))
    network.loss_and_gradient(x, y)
    optimizer.update(network.theta, network.grad, optimizer.start(network.theta), 0.05)
    assert np.allclose(walk.after.theta, network.theta, rtol=1e-12, atol=1e-14)
    assert number(network.loss_value(x, y)) in walk.steps[-1].numbers[-1]


def test_our_optimizers_have_their_formulas() -> None:
    assert set(WRITERS) <= set(OPTIMIZERS)
    assert {case.name for case in CASES} <= set(WRITERS)


class Halving(Optimizer, frozen=True, tag="halving"):
    """θ ← θ / 2."""

    state_names = ("memory",)

    def _update_block(self, theta, grad, vectors, scratch, updates, lr) -> None:  # type: ignore[no-untyped-def]
        theta *= 0.5
        vectors[0][:] = grad


def test_an_optimizer_without_a_formula_shows_its_state_before_and_after() -> None:
    network = network_of((3, 4, 2), Tanh(), Softmax())
    step = Walk(network, *batch_of(network, 2), UpdateRule(Halving(), 0.1)).steps[-1]
    assert step.title == "update · halving"
    assert any(line.startswith("memory: 0 → ") for line in step.numbers)
