"""The network: layers over one parameter vector, forward and backward, in NumPy alone."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, Self

import numpy as np

from engine.arrays import AnyArray, Array, Labels
from engine.errors import DataError
from engine.nn.layers import Dense, Mode, PerBatchSize, build_layers
from engine.nn.losses import Loss, LossScratch, Mse, linked_loss
from engine.nn.specs import NetworkSpec

ROWS_AT_A_TIME = 1024
"""Rows that `forward` takes through the network at once, so that its memory does not grow with the data."""


class Network:
    """A stack of layers whose parameters are one vector `theta` and whose gradients are one vector `grad`.

    Where layers compute otherwise in training than in evaluation (dropout, batch normalisation), what learns
    (`learn_from`, `loss_and_gradient`, `input_gradient`) is in training mode, and what judges (`forward`,
    `logits`, `scores`, `loss_value`) in evaluation mode; `in_mode` sets one of them for everything.

    Args:
        spec: the layers and the loss; what an `Experiment` holds, or one with an explicit loss or last activation.
        input_shape: shape of one sample; a dense layer sees it flattened to n_features.
        seed: of the first parameters and of all dropout masks; the same seed gives the same network in float32 and
            float64 (rounded).
        dtype: "float32" or "float64".

    Raises:
        ExperimentError: a layer has no units, or the last one is not dense.
    """

    def __init__(
        self, spec: NetworkSpec, input_shape: tuple[int, ...], seed: int = 0, dtype: str = "float32"
    ) -> None:
        self.spec, self.seed = spec, seed
        self.input_shape = tuple(input_shape)
        self.dtype = np.dtype(dtype)
        self.n_features = math.prod(self.input_shape)
        self.layers, self.last = build_layers(spec, self.n_features, seed)
        self._first, self._hidden = self.layers[0], self.layers[:-1]
        self._hidden_downwards, self._has_hidden = self._hidden[::-1], bool(self._hidden)
        self._moded = [layer for layer in self.layers if layer.has_modes]
        self._pinned_mode: Mode | None = None
        self.needs_step = any(layer.needs_step for layer in self.layers)
        """Whether `set_step` must be called before each update: a layer draws at random."""
        self.n_outputs = self.last.n_out
        self.loss = spec.loss or _loss_of(self.last)
        self.scores_are_logits = self.last.activation.name == self.loss.link
        """Whether the loss has the last activation built in, so that it looks at z and not at f(z)."""
        self.n_parameters = sum(layer.n_parameters for layer in self.layers)
        n_buffers = sum(layer.n_buffers for layer in self.layers)
        self._bind(np.zeros(self.n_parameters + n_buffers, self.dtype))
        rng = np.random.default_rng(seed)
        for layer in self.layers:
            layer.initialize(rng)

    @classmethod
    def of(cls, experiment: "Recipe", data: "Shaped") -> Self:
        """Return the network of an experiment, for its data: with its layers, loss, seed and dtype.

        Args:
            experiment: an `Experiment`.
            data: gives the shape of a sample; what `load_data` returns.
        """
        return cls(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)

    def _bind(self, state: Array) -> None:
        self.state = state  # (n_parameters + n_buffers,): all that training changes and a copy must copy
        self.theta, self.buffers = state[: self.n_parameters], state[self.n_parameters :]
        self.grad = np.zeros_like(self.theta)  # (n_parameters,)
        self._loss_scratches = PerBatchSize(lambda m: LossScratch((m, self.n_outputs), state.dtype))
        start, first = 0, 0
        for layer in self.layers:
            end, last = start + layer.n_parameters, first + layer.n_buffers
            layer.bind(self.theta[start:end], self.grad[start:end])
            layer.bind_buffers(self.buffers[first:last])
            start, first = end, last

    @property
    def has_modes(self) -> bool:
        """Whether training and evaluation differ."""
        return bool(self._moded)

    @contextmanager
    def in_mode(self, training: bool) -> Iterator[None]:
        """Let everything compute in one mode for a while, learning and judging alike.

        In training mode the running statistics then stay as they are, and dropout's masks are those of the present
        step: nothing is left behind.
        """
        before = self._pinned_mode
        self._pinned_mode = Mode.TRIAL if training else Mode.EVALUATION
        try:
            yield
        finally:
            self._pinned_mode = before

    def set_step(self, step: int) -> None:
        """Say which update comes next, counted from 0: what layers draw at random follows from that and the seed."""
        for layer in self._moded:
            layer.step = step

    def _turn(self, mode: Mode) -> None:
        for layer in self._moded:
            layer.mode = self._pinned_mode or mode

    def forward(self, x: AnyArray) -> Array:
        """Return the outputs for x (m, *input_shape) or (m, n_features): probabilities or values, (m, n_outputs).

        Raises:
            DataError: x does not fit the network.
        """
        return self._in_blocks(x, self._outputs)

    def logits(self, x: AnyArray) -> Array:
        """Return the last layer's pre-activations for x, (m, n_outputs)."""
        return self._in_blocks(x, self._logits)

    def loss_value(self, x: AnyArray, y: AnyArray, training: bool | None = None) -> float:
        """Return the mean loss over x (m, ...) and y, (m,) classes or (m, n_outputs) values.

        Args:
            training: the mode to compute in, as in `in_mode`; None: evaluation, or what `in_mode` says.
        """
        if training is not None:
            with self.in_mode(training):
                return self.loss_value(x, y)
        rows, targets = self.as_rows(x), self.encode(y)
        _check_lengths(rows, targets)
        total = 0.0
        for block in self._blocks(len(rows)):
            scores = self.scores(rows[block])
            total += self.loss.value(scores, targets[block]) * len(scores)
        return total / len(rows)

    def loss_and_gradient(self, x: AnyArray, y: AnyArray) -> float:
        """Return the mean loss over x and y, and fill `grad` with its gradient, (n_parameters,).

        Raises:
            DataError: x or y does not fit the network.
        """
        rows, targets = self.as_rows(x), self.encode(y)
        _check_lengths(rows, targets)
        return self.learn_from(rows, targets)

    def input_gradient(self, x: AnyArray, y: AnyArray) -> Array:
        """Return the gradient of the mean loss with respect to x, (m, n_features); fills `grad` as well."""
        rows, targets = self.as_rows(x), self.encode(y)
        _check_lengths(rows, targets)
        self.learn_from(rows, targets, wants_input_gradient=True)
        return self._input_gradient.copy()

    def learn_from(
        self, rows: Array, targets: Array, scale: float = 1.0, wants_input_gradient: bool = False
    ) -> float:
        """Return the loss and fill `grad` with `scale` times the gradient.

        Args:
            rows: (m, n_features + 1), ones in the last column, as `empty_rows` and `as_rows` make them.
            targets: (m, n_outputs), one-hot rows or values, in the network's dtype.
            scale: folding the learning rate in here makes plain SGD one subtraction (4 to 7% faster).
        """
        return self.loss.values([self.backpropagate(rows, targets, scale, wants_input_gradient)])[0]

    def backpropagate(
        self, rows: Array, targets: Array, scale: float = 1.0, wants_input_gradient: bool = False
    ) -> Any:
        """Do as `learn_from`, and return what `loss.values` makes the loss of, for many updates at once."""
        if self._moded:
            self._turn(Mode.TRAINING)
        for layer in self._hidden:
            rows = layer.forward(rows)
        last, scratch = self.last, self._loss_scratches[len(rows)]
        work, dz = last.affine(rows), scratch.gradient
        wants = wants_input_gradient or self._has_hidden
        if self.scores_are_logits:
            term = self.loss.differentiate(work.z, targets, dz, scale, scratch)
            gradient = last.affine_backward(dz, wants)
        else:
            last.activation.forward(work.z, work.a, work.scratch)
            term = self.loss.differentiate(work.a.copy(), targets, dz, scale, scratch)
            gradient = last.backward(dz, wants)
        for layer in self._hidden_downwards:
            if gradient is not None:
                gradient = layer.backward(gradient, wants_input_gradient or layer is not self._first)
        if gradient is not None:
            self._input_gradient = gradient
        return term

    def scores(self, rows: Array) -> Array:
        """Return what the loss looks at for rows (m, n_features + 1): logits, or outputs; the next call overwrites it."""
        return self._logits(rows) if self.scores_are_logits else self._outputs(rows)

    def _outputs(self, rows: Array) -> Array:
        if self._moded:
            self._turn(Mode.EVALUATION)
        a = rows
        for layer in self.layers:
            a = layer.forward(a)
        return self.last.output

    def _logits(self, rows: Array) -> Array:
        if self._moded:
            self._turn(Mode.EVALUATION)
        a = rows
        for layer in self._hidden:
            a = layer.forward(a)
        return self.last.affine(a).z

    def parameters(self) -> Iterator[tuple[str, Array, Array]]:
        """Yield (name, view, gradient view): `layers.0.weight` (n_out, n_in), `layers.0.bias` (n_out,), ..."""
        for layer in self.layers:
            yield from layer.parameters()

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Yield (name, view) of what training changes without a gradient: `layers.1.running_mean` (n_out,), ..."""
        for layer in self.layers:
            yield from layer.named_buffers()

    def copy(self, dtype: str | None = None) -> Self:
        """Return a network of its own with the same parameters and buffers, in another dtype if given."""
        twin = type(self)(self.spec, self.input_shape, self.seed, dtype or self.dtype.name)
        twin.state[:] = self.state
        return twin

    def empty_rows(self, m: int) -> Array:
        """Return rows (m, n_features + 1) for samples to be written into `[:, :-1]`; ones in the last column."""
        rows = np.empty((m, self.n_features + 1), self.dtype)
        rows[:, -1] = 1
        return rows

    def as_rows(self, x: AnyArray) -> Array:
        """Return x (m, *input_shape) or (m, n_features) as rows (m, n_features + 1) in the network's dtype.

        Raises:
            DataError: the shape does not fit, or x does not hold numbers.
        """
        x = _as_numbers(x, "x")
        if x.shape[1:] not in (self.input_shape, (self.n_features,)) or x.ndim < 2:
            expected = f"(m, {', '.join(map(str, self.input_shape))})"
            raise DataError(f"x has shape {x.shape}, the network takes {expected}")
        rows = self.empty_rows(len(x))
        rows[:, :-1] = x.reshape(len(x), self.n_features)
        return rows

    def encode(self, y: AnyArray) -> Array:
        """Return y as targets (m, n_outputs): classes (m,) one-hot (a single output: 0 or 1), values as they are.

        Raises:
            DataError: y has another number of columns, a class that the network has no output for, or no numbers.
        """
        y = _as_numbers(y, "y")
        single_value = self.loss.takes_values and self.n_outputs == 1
        if y.ndim == 1 and np.issubdtype(y.dtype, np.integer) and not single_value:
            return self._encode_classes(y)
        n_values = math.prod(y.shape[1:])
        if y.ndim == 0 or n_values != self.n_outputs:
            hint = "classes are whole numbers, shape (m,)" if y.ndim == 1 else ""
            raise DataError(f"y has shape {y.shape}, the network gives (m, {self.n_outputs})", hint)
        return np.ascontiguousarray(y.reshape(len(y), n_values), self.dtype)

    def _encode_classes(self, y: Labels) -> Array:
        n_classes = max(2, self.n_outputs)
        if len(y) and not (y.min() >= 0 and y.max() < n_classes):
            wrong = y[(y < 0) | (y >= n_classes)][0]
            raise DataError(f"y holds class {wrong}, the network knows 0 to {n_classes - 1}")
        if self.n_outputs == 1:
            return y.reshape(-1, 1).astype(self.dtype)
        targets = np.zeros((len(y), self.n_outputs), self.dtype)
        targets[np.arange(len(y)), y] = 1
        return targets

    def _in_blocks(self, x: AnyArray, function: Callable[[Array], Array]) -> Array:
        rows = self.as_rows(x)
        result = np.empty((len(rows), self.n_outputs), self.dtype)
        for block in self._blocks(len(rows)):
            result[block] = function(rows[block])
        return result

    def _blocks(self, n: int) -> Iterator[slice]:
        """Slices of n rows; one alone where the batch as a whole counts."""
        size = n if self._moded and self._pinned_mode is Mode.TRIAL else ROWS_AT_A_TIME
        return (slice(start, start + size) for start in range(0, n, size or 1))


class Precise(Protocol):
    """Settings that name a dtype: the `[training]` section."""

    @property
    def dtype(self) -> str:
        """`float32` or `float64`."""
        ...


class Recipe(Protocol):
    """The parts of an experiment that describe its network."""

    @property
    def network(self) -> NetworkSpec:
        """The layers and the loss."""
        ...

    @property
    def seed(self) -> int:
        """Of the first parameters and of all dropout masks."""
        ...

    @property
    def training(self) -> Precise:
        """Has the dtype."""
        ...


class Shaped(Protocol):
    """Data whose samples have one shape."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        ...


def _loss_of(last: Dense) -> Loss:
    """The loss that has the last activation built in; mse where no loss has."""
    return linked_loss(last.activation) or Mse()


def _as_numbers(values: AnyArray, name: str) -> AnyArray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} holds {array.dtype}, not numbers")
    return array


def _check_lengths(rows: Array, targets: Array) -> None:
    if len(rows) != len(targets) or not len(rows):
        raise DataError(f"x has {len(rows)} samples, y {len(targets)}; both need the same number, at least 1")
