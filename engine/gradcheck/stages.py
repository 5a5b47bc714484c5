"""The check of each part of the backward pass alone, at random values.

A wrong gradient in one layer makes all gradients below it wrong as well. So the loss, every activation and
every layer is also checked alone: its `backward` against differences of its `forward`. The values are random,
of size 1 and of both signs, so that small weights, dead units or saturation hide no fault.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from engine.arrays import Array
from engine.gradcheck.dropout_stage import DropoutStage
from engine.gradcheck.factors import explain_factor, wrong_factor
from engine.gradcheck.kind_stage import KindStage, homogeneous
from engine.gradcheck.linearity import NOT_LINEAR, not_linear
from engine.gradcheck.norm_stage import NormStage
from engine.gradcheck.raised import fault_of
from engine.gradcheck.report import Fault
from engine.nn.activations import Activation, Scratch
from engine.nn.layers import BatchNorm, Dropout, Layer, Mode
from engine.nn.loss import Loss
from engine.nn.network import Network

TOLERANCE = 1e-5
ROWS = 7
"""Samples in a stage's batch: more than one, and a size rarely used in training."""
STEP = 1e-6
ONE_BY_ONE = 12
"""Largest array whose elements are checked one by one; a larger one is checked along random directions."""
DIRECTIONS = 4
NOT_AT_A_KINK = 1e-3
"""Smallest distance of random pre-activations from 0, so that no difference crosses a kink there."""

WRONG = "wrong"
"""The words for an error without a pattern."""


STAGES: dict[type[Layer], KindStage] = {Dropout: DropoutStage(), BatchNorm: NormStage()}
"""The checks that depend on the kind of layer."""


def find_faults(network: Network, seed: int) -> Iterator[Fault | None]:
    """Yield a fault, or None for a part that is right: the loss, then the layers from the output down.

    `network` is a borrowed one in float64.
    """
    rng = np.random.default_rng([seed, 1])
    yield _guarded("loss", network, partial(_loss_fault, network.loss, network.n_outputs, rng))
    for layer in reversed(network.layers):
        activation = partial(_activation_fault, layer.name, layer.activation, rng)
        yield (
            _guarded(layer.name, network, activation)
            or _guarded(layer.name, network, partial(_layer_fault, layer, rng))
        )


def _guarded(culprit: str, network: Network, check: Callable[[], Fault | None]) -> Fault | None:
    """Return the fault of `check` of the part `culprit`, or the exception that it raised as a fault."""
    try:
        with np.errstate(all="ignore"):
            return check()
    except Exception as error:
        return fault_of(error, network, culprit)


def _loss_fault(loss: Loss, k: int, rng: np.random.Generator) -> Fault | None:
    targets = _targets_for(loss, k, rng)
    scores = loss.reach * rng.normal(0, 1.5, (ROWS, k))
    distance = loss.from_kink(scores, targets)
    if distance is not None:
        scores = np.where(np.abs(distance) < NOT_AT_A_KINK, scores + 0.1, scores)
    gradient = np.empty_like(scores)
    value = loss.value_and_gradient(scores.copy(), targets, gradient, 1.0)
    problem = _compare(lambda: loss.value(scores, targets), scores, gradient, rng, k)
    if problem:
        return Fault("loss", f"loss {loss.name}: the gradient for its scores is {problem}")
    if not math.isclose(value, loss.value(scores, targets), rel_tol=1e-9, abs_tol=1e-12):
        return Fault("loss", f"loss {loss.name}: value and value_and_gradient give different losses")
    return None


def _targets_for(loss: Loss, k: int, rng: np.random.Generator) -> Array:
    """Return random targets, (ROWS, k): values of the size of the loss's scores, or one-hot rows of classes."""
    if loss.takes_values:
        return loss.reach * rng.normal(0, 1.5, (ROWS, k))
    n_classes = max(k, 1 if loss.link == "softmax" else 2)  # a single output has classes 0 and 1
    return np.eye(n_classes)[rng.integers(n_classes, size=ROWS), -k:]


def _activation_fault(name: str, activation: Activation, rng: np.random.Generator) -> Fault | None:
    z = _away_from_kinks(rng.normal(0, 1.5, (ROWS, 8)))
    weights = rng.normal(size=z.shape)  # of the outputs: the loss of this stage is Σ weights · f(z)
    a, gradient = activation(z), weights.copy()
    activation.backward(gradient, z, a, Scratch(z.shape, z.dtype))
    problem = _compare(lambda: float(np.vdot(weights, activation(z))), z, gradient, rng, 8)
    if not problem:
        return None
    where = _where_wrong(activation, z, a)
    return Fault(name, f"{name}: the derivative of {activation.name} is {problem}{where}")


def _where_wrong(activation: Activation, z: Array, a: Array) -> str:
    """Return the pattern of a wrong element-wise derivative in words; "" if none fits."""
    given = activation.derivative(z)
    true = (activation(z + STEP) - activation(z - STEP)) / (2 * STEP)
    wrong = np.abs(given - true) > TOLERANCE * np.maximum(1, np.abs(true))
    minus = -np.ones_like(z)
    activation.backward(minus, z, a, Scratch(z.shape, z.dtype))
    if not np.allclose(minus, -given, rtol=1e-9, atol=1e-12) and activation.is_elementwise:
        return f"; it is {NOT_LINEAR}"
    at_output = (activation(a + STEP) - activation(a - STEP)) / (2 * STEP)
    if np.allclose(given, at_output, rtol=1e-4, atol=1e-6):
        return "; it is evaluated at the activation a instead of at z"
    if np.allclose(given, 1):
        return "; it is left out"
    for side, text in ((z < 0, "z < 0"), (z > 0, "z > 0")):
        if wrong[side].all() and not wrong[~side].any():
            at = np.argmax(side)
            values = f"{given.flat[at]:.4g} instead of {true.flat[at]:.4g} at z = {z.flat[at]:.3g}"
            return f", only for {text}: {values}"
    return ""


def _layer_fault(layer: Layer, rng: np.random.Generator) -> Fault | None:
    views = [view for _, view, _ in layer.parameters()] + [view for _, view in layer.named_buffers()]
    saved = [view.copy() for view in views]
    before = layer.mode, layer.step
    try:
        return _moved_layer_fault(layer, rng)
    finally:
        layer.mode, layer.step = before
        for view, values in zip(views, saved, strict=True):
            view[...] = values


def _moved_layer_fault(layer: Layer, rng: np.random.Generator) -> Fault | None:
    """Return the first fault of a layer at random parameters, over its modes."""
    stage = STAGES.get(type(layer))
    for _, view, _ in layer.parameters():
        view[...] = rng.normal(0, 1 / math.sqrt(view.shape[-1] if view.ndim > 1 else 1), view.shape)
    if stage is not None:
        stage.prepare(layer, ROWS, rng)
    for mode in (Mode.TRIAL, Mode.EVALUATION) if layer.has_modes else (Mode.TRIAL,):
        layer.mode = mode
        x = rng.normal(size=(ROWS, layer.n_in))
        problem = stage.wrong_forward(layer, homogeneous(x)) if stage is not None else ""
        if problem:
            return Fault(layer.name, f"{layer.name}: {problem}")
        fault = _backward_fault(layer, x, rng, stage)
        if fault is not None:
            where = f" in {_MODE_NAMES[mode]} mode" if layer.has_modes else ""
            return Fault(layer.name, fault.message + where)
    return None


_MODE_NAMES = {Mode.TRIAL: "training", Mode.EVALUATION: "evaluation"}


def _backward_fault(
    layer: Layer, x: Array, rng: np.random.Generator, stage: KindStage | None
) -> Fault | None:
    weights = rng.normal(size=(ROWS, layer.n_out))
    earlier = rng.normal(size=x.shape)
    layer.forward(homogeneous(earlier))
    layer.backward(weights.copy(), True)  # values kept from this batch would show in the next
    layer.forward(homogeneous(x))
    input_gradient = layer.backward(weights.copy(), True)
    if input_gradient is None or input_gradient.shape != x.shape:
        shape = None if input_gradient is None else input_gradient.shape
        return Fault(layer.name, f"{layer.name}: backward gives {shape} for its input, expected {x.shape}")
    gradients = [(name, view, gradient.copy()) for name, view, gradient in layer.parameters()]
    of_input = f"the input of {layer.name}"
    gradients.append((of_input, x, input_gradient.copy()))

    def loss() -> float:
        """The loss of this stage, Σ weights · output."""
        layer.forward(homogeneous(x))
        return float(np.vdot(weights, layer.output))

    def loss_without_activation() -> float:
        """The same of the pre-activations."""
        layer.forward(homogeneous(x))
        return float(np.vdot(weights, layer.pre_activation))

    parts = []
    for name, values, gradient in gradients:
        problem = _compare(loss, values, gradient, rng, layer.n_out, layer)
        if problem == WRONG and not layer.activation.is_linear:
            is_left_out = not _compare(loss_without_activation, values, gradient, rng, layer.n_out)
            problem = (
                f"wrong: the derivative of {layer.activation.name} is left out" if is_left_out else problem
            )
        if problem:
            loss()  # at x itself: the last forward was one step away
            why = stage.explain(layer, homogeneous(x), weights, name, gradient) if stage is not None else ""
            why = (
                why
                or _stale(loss, x, earlier, weights, values, gradient, rng, layer)
                or not_linear(layer, (earlier, x), weights, gradients)
            )
            parts.append(f"the gradient for {name} is {why or problem}")
    return Fault(layer.name, f"{layer.name}: backward is wrong: " + "; ".join(parts)) if parts else None


def _stale(
    loss: Callable[[], float],
    x: Array,
    earlier: Array,
    weights: Array,
    values: Array,
    gradient: Array,
    rng: np.random.Generator,
    layer: Layer,
) -> str:
    """Return the words for a gradient that is right for the batch before this one; "" if it is not."""
    kept = x.copy()
    dz = weights * layer.activation.derivative(layer.pre_activation)

    def with_stale_input() -> float:
        """The loss whose gradient for the parameters has this dz and the earlier input."""
        layer.forward(homogeneous(x))
        return float(np.vdot(dz, layer.pre_activation))

    try:
        x[...] = earlier
        is_stale = any(
            not _compare(one, values, gradient, rng, layer.n_out, layer) for one in (loss, with_stale_input)
        )
    finally:
        x[...] = kept
        loss()
    return "stale: that of the batch before this one" if is_stale else ""


def _compare(
    loss: Callable[[], float],
    values: Array,
    gradient: Array,
    rng: np.random.Generator,
    k: int,
    layer: Layer | None = None,
) -> str:
    """Return the error of the `gradient` of `loss` for `values` in words, "" if none; `values` is restored."""
    numeric, analytic = [], []
    for direction in _directions(values.shape, rng):
        slope = _slope(loss, values, direction, layer)
        if slope is not None:
            numeric.append(slope)
            analytic.append(float(np.vdot(gradient, direction)))
    n, a = np.array(numeric), np.array(analytic)
    size = max(float(np.linalg.norm(n)), float(np.linalg.norm(a)), 1e-3)
    if np.isfinite(a).all() and float(np.linalg.norm(a - n)) <= TOLERANCE * size:
        return ""
    c = wrong_factor(a, n)
    return explain_factor(c, ROWS, k) if c is not None else WRONG


def _directions(shape: tuple[int, ...], rng: np.random.Generator) -> Iterator[Array]:
    size = math.prod(shape)
    if size > ONE_BY_ONE:
        for _ in range(DIRECTIONS):
            yield rng.integers(0, 2, shape, np.int8) * 2.0 - 1
        return
    for i in range(size):
        direction = np.zeros(size)
        direction[i] = 1
        yield direction.reshape(shape)


def _slope(loss: Callable[[], float], values: Array, direction: Array, layer: Layer | None) -> float | None:
    """Return the central difference along `direction`; None if it crosses a kink of the layer's activation."""
    origin = values.copy()
    try:
        values[...] = origin + STEP * direction
        above, sides = loss(), _sides(layer)
        values[...] = origin - STEP * direction
        below, other_sides = loss(), _sides(layer)
    finally:
        values[...] = origin
    crossed = sides is not None and bool((sides != other_sides).any())
    return None if crossed else (above - below) / (2 * STEP)


def _sides(layer: Layer | None) -> Array | None:
    return None if layer is None else layer.kink_sides()


def _away_from_kinks(values: Array) -> Array:
    return np.where(np.abs(values) < NOT_AT_A_KINK, 0.1, values)
