"""The walk: some samples through a network, layer by layer, forward and then backward."""

from collections import Counter
from collections.abc import Generator, Iterator

import numpy as np
from msgspec.structs import replace

from engine.arrays import AnyArray, Array
from engine.glassbox.activation import ActivationLesson
from engine.glassbox.flow import layer_flow
from engine.glassbox.lesson import Lesson
from engine.glassbox.loss import LossLesson
from engine.glassbox.numbers import MOST_UNITS, Indexed, equation, number, shape
from engine.glassbox.registry import lesson_for
from engine.glassbox.steps import LayerFlow, NamedArray, WalkStep, written
from engine.glassbox.update import UpdateLesson, UpdateRule
from engine.nn.layers import Layer
from engine.nn.network import Network
from engine.words import counted

NEGLIGIBLE = 1e-4
"""Share of the largest gradient; a smaller gradient is compared relative to that share."""
AGREES = 1e-10
"""Largest norm ratio of the walk's gradients and the network's own that counts as equal."""


class Walk:
    """A walk, computed in float64 from the formulas, beside the network's own gradients for the same batch.

    Args:
        network: unchanged; the walk goes through a copy in float64.
        x: (m, *input_shape) or (m, n_features), m at least 1.
        y: (m,) classes or (m, n_outputs) values.
        rule: the update at the end, or the learning rate of a plain gradient step, above 0.
        number: the number of updates made before, from which random masks follow.
        remark: a sentence that ends the explanation of the update.

    Raises:
        DataError: x or y does not fit the network.
    """

    def __init__(
        self,
        network: Network,
        x: AnyArray,
        y: AnyArray,
        rule: UpdateRule | float,
        *,
        number: int = 0,
        remark: str = "",
    ) -> None:
        self._number, self._remark = number, remark
        self._rule = rule if isinstance(rule, UpdateRule) else UpdateRule.plain(rule)
        self._network = self._at_update(network.copy("float64"))
        self._x = self._network.as_rows(x)[:, :-1].copy()  # (m, n_features)
        self._targets = np.array(self._network.encode(y))  # (m, n_outputs)
        self.own_loss, self.own_gradients = self._own()
        m = len(self._x)
        self._lessons = [lesson_for(layer, m) for layer in self._network.layers]
        self._activations = [
            ActivationLesson(layer.name, layer.activation, m, self._symbol(layer))
            for layer in self._network.layers
        ]
        self.gradients: dict[str, Array] = {}
        """The walk's gradients by parameter name, each in its shape."""
        self.loss = float("nan")
        self._outputs: dict[str, Array] = {}
        self._deltas: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            self.steps = tuple(_numbered(list(self._walk())))

    @property
    def limits(self) -> tuple[str, ...]:
        """Parts that are not written out in full, with the size limit, in words."""
        return tuple(limit for lesson in self._lessons for limit in lesson.limits())

    @property
    def disagreements(self) -> tuple[str, ...]:
        """The steps whose derivative disagrees with a finite difference, in words."""
        return tuple(f"{step.title}: {step.disagreement}" for step in self.steps if step.disagreement)

    @property
    def flow(self) -> tuple[LayerFlow, ...]:
        """The values of each layer for a drawing."""
        return tuple(
            layer_flow(
                layer.name,
                self._outputs[layer.name],
                self._deltas.get(layer.name),
                lesson.gradients,
                self._network,
            )
            for layer, lesson in zip(self._network.layers, self._lessons, strict=True)
        )

    def difference(self, name: str) -> float:
        """Return the norm ratio of the walk's and the network's own gradient of one parameter.

        A gradient that is 0 up to the rounding of much larger ones (a bias before a batch normalisation) is compared
        with a share of those.
        """
        walked, own = self.gradients[name], self.own_gradients[name]
        largest = max(float(np.linalg.norm(one)) for one in self.own_gradients.values())
        size = max(float(np.linalg.norm(walked)) + float(np.linalg.norm(own)), NEGLIGIBLE * largest)
        return float(np.linalg.norm(walked - own)) / size if size else 0.0

    def _symbol(self, layer: Layer) -> str:
        """Return p for probabilities that the loss computes with, a for other activations."""
        is_output = layer is self._network.last and self._network.scores_are_logits
        return "p" if is_output and layer.activation.gives_probabilities else "a"

    def _own(self) -> tuple[float, dict[str, Array]]:
        own = self._at_update(self._network.copy())
        with np.errstate(all="ignore"):
            loss = own.loss_and_gradient(self._x, self._targets)
        return loss, {name: gradient.copy() for name, _, gradient in own.parameters()}

    def _walk(self) -> Iterator[WalkStep]:
        scores = yield from self._forward()
        loss = LossLesson(self._network.loss, scores, self._targets, self._network.scores_are_logits)
        self.loss = loss.value
        yield loss.forward()
        yield loss.backward()
        yield from self._backward(loss.gradient)
        yield self._update()

    def _forward(self) -> Generator[WalkStep, None, Array]:
        """Yield the forward steps; return the input of the loss, (m, n_outputs)."""
        yield self._input()
        a, z = self._x, self._x
        for lesson, activation in zip(self._lessons, self._activations, strict=True):
            z, steps = lesson.forward(a)
            yield from steps
            if lesson.includes_activation:
                a = self._outputs[lesson.layer.name] = z
                continue
            a, step = activation.forward(z)
            self._outputs[lesson.layer.name] = a
            if not activation.is_linear:
                yield step
        return z if self._network.scores_are_logits else a

    def _backward(self, gradient: Array) -> Iterator[WalkStep]:
        """Yield the backward steps from the gradient for the scores, (m, n_outputs)."""
        last = len(self._lessons) - 1
        for i in range(last, -1, -1):
            lesson, activation = self._lessons[i], self._activations[i]
            is_told = lesson.includes_activation or (i == last and self._network.scores_are_logits)
            if not is_told and not activation.is_linear:
                gradient, step = activation.backward(gradient)
                yield step
            self._deltas[lesson.layer.name] = gradient
            down, steps = lesson.backward(gradient, i > 0)
            self.gradients |= lesson.gradients
            yield from self._compared(lesson, steps)
            if down is None:
                return
            gradient = down

    def _compared(self, lesson: Lesson, steps: Iterator[WalkStep]) -> Iterator[WalkStep]:
        """Yield the steps, the first with the difference from the network's own gradients."""
        differences = [self.difference(name) for name in lesson.gradients]
        for i, step in enumerate(steps):
            yield replace(step, own_difference=max(differences)) if differences and i == 0 else step

    def _input(self) -> WalkStep:
        m, n = self._x.shape
        indexed = Indexed(m)
        places = list(indexed.places(n))
        if n > MOST_UNITS:
            places = [(i, int(j)) for i in indexed.samples for j in _largest(self._x[i])]
        which = "largest values shown; " if n > MOST_UNITS else ""
        left_out = indexed.left_out(n, "value")
        return WalkStep(
            kind="forward",
            title=f"input · {counted(m, 'sample')}, {counted(n, 'value')}",
            formula="x",
            shapes=f"x {shape((m, n))}: one row per sample",
            left_out=f"{which}{left_out}" if left_out else "",
            words="The input, scaled as in training.",
            arrays=(NamedArray.of("x", self._x), NamedArray.of("t", self._targets)),
            **written([equation(indexed.name("x", i, j), number(self._x[i, j])) for i, j in places]),
        )

    def _update(self) -> WalkStep:
        """Return the step of the update, and the loss after it."""
        lesson = UpdateLesson(self._network, self.gradients, self._rule)
        self.after = lesson.after
        moved = self._at_update(lesson.after.copy())
        after = moved.loss_value(self._x, self._targets, training=True)
        return lesson.step(self.loss, after, self._remark)

    def _at_update(self, network: Network) -> Network:
        """Return `network` with the random masks of the walk's update."""
        if network.needs_step:
            network.set_step(self._number)
        return network


def _largest(values: Array) -> Array:
    """Return the indices of the largest values, in ascending order."""
    return np.sort(np.argsort(-np.abs(values), kind="stable")[:MOST_UNITS])


def _numbered(steps: list[WalkStep]) -> Iterator[WalkStep]:
    totals, seen = Counter(step.kind for step in steps), Counter[str]()
    for index, step in enumerate(steps, 1):
        seen[step.kind] += 1
        yield replace(step, index=index, part=seen[step.kind], parts=totals[step.kind])
