"""The network: layers over one parameter vector, with forward pass and backpropagation in NumPy."""

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from engine.arrays import AnyArray, Array
from engine.nn.input_range import InputRange
from engine.nn.input_shape import check_shape
from engine.nn.layers import Dense, Mode, PerBatchSize, build_layers
from engine.nn.loss import Loss, LossScratch
from engine.nn.losses import Mse, linked_loss
from engine.nn.recipe import HasInputShape, Recipe
from engine.nn.specs import NetworkSpec
from engine.nn.stack import ARRANGED, LayerStack
from engine.nn.targets import as_numbers, check_lengths, encode
from engine.nn.unbound import unbound
from engine.words import counted

ROWS_AT_A_TIME = 1024
"""Number of rows that `forward` computes at once, so that its memory does not grow with the data."""


class Network(LayerStack):
    """A stack of layers; its parameters are one vector `theta` and their gradients one vector `grad`.

    Some layers (dropout, batch normalisation) compute differently in training and in evaluation. Methods that compute
    gradients (`learn_from`, `loss_and_gradient`, `input_gradient`) use training mode; `forward`, `logits`, `scores` and
    `loss_value` use evaluation mode. `in_mode` sets one mode for all of them.

    Args:
        spec: the layers and the loss, as resolved in an `Experiment`, or with an explicit loss or last activation.
        input_shape: shape of one sample, which is flattened to n_features.
        seed: of the initial parameters and of all dropout masks; the same seed gives the same network in float32 and
            float64, up to rounding.
        dtype: "float32" or "float64", of the parameters and of all computations.

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
        self._pinned_mode = None
        self._arrange(*build_layers(spec, self.n_features, seed))
        self.needs_step = any(layer.needs_step for layer in self.layers)
        """True if `set_step` must be called before each update, because a layer draws random numbers."""
        self.n_outputs = self.last.n_out
        self.loss = spec.loss or _loss_of(self.last)
        self.scores_are_logits = self.last.activation.name == self.loss.link
        """True if the loss includes the last activation, so that its scores are z and not f(z)."""
        self.n_parameters = sum(layer.n_parameters for layer in self.layers)
        n_buffers = sum(layer.n_buffers for layer in self.layers)
        self.input_range: InputRange | None = None
        """Range of the training data; a trainer sets it, and `forward` warns once of inputs far outside."""
        self._bind(np.zeros(self.n_parameters + n_buffers, self.dtype))
        rng = np.random.default_rng(seed)
        for layer in self.layers:
            layer.initialize(rng)

    @classmethod
    def of(cls, experiment: "Recipe", data: "HasInputShape") -> Self:
        """Return the untrained network of an experiment: its layers, loss, seed and dtype.

        Args:
            experiment: an `Experiment`.
            data: the experiment's data, as `load_data` returns it; only the shape of a sample is read.

        Raises:
            ExperimentError: a layer has no units, or the last one is not dense.
        """
        return cls(experiment.network, data.input_shape, experiment.seed, experiment.training.dtype)

    def _bind(self, state: Array) -> None:
        self.state = state  # (n_parameters + n_buffers,): everything that training changes
        self.theta, self.buffers = state[: self.n_parameters], state[self.n_parameters :]
        self.grad = np.zeros_like(self.theta)  # (n_parameters,)
        self._loss_scratches = PerBatchSize(lambda m: LossScratch((m, self.n_outputs), state.dtype))
        start, first = 0, 0
        for layer in self.layers:
            end, last = start + layer.n_parameters, first + layer.n_buffers
            layer.bind(self.theta[start:end], self.grad[start:end])
            layer.bind_buffers(self.buffers[first:last])
            start, first = end, last

    def __getstate__(self) -> dict[str, Any]:
        """Return what `copy.deepcopy` and `pickle` need: no views of the vectors and no work arrays."""
        derived = ("theta", "buffers", "last", "team", "_loss_scratches", "_input_gradient", *ARRANGED)
        state = {name: value for name, value in vars(self).items() if name not in derived}
        return state | {"layers": [*map(unbound, self.layers, self._own)]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        gradient = state.pop("grad")
        vars(self).update(state)
        self._arrange(self.layers, state["layers"][-1])
        self._bind(self.state)
        self.grad[:] = gradient

    def __repr__(self) -> str:
        sizes = "-".join(
            map(str, [self.n_features, *(layer.n_out for layer in self.layers if layer.n_parameters)])
        )
        return f"Network({sizes}, {counted(self.n_parameters, 'parameter')}, {self.loss.name}, {self.dtype.name})"

    def forward(self, x: AnyArray) -> Array:
        """Return the outputs for x, (m, n_outputs), in the network's dtype: probabilities, or values of a regression.

        Warns once if most of x lies far outside of the range of the training data, as unscaled inputs do.

        Args:
            x: (m, *input_shape) or (m, n_features), any numeric dtype; converted to the network's.

        Raises:
            DataError: the shape of x does not match the network, or x does not hold numbers.
        """
        return self._in_blocks(x, self.outputs)

    def logits(self, x: AnyArray) -> Array:
        """Return the last layer's pre-activations z, (m, n_outputs), for x as in `forward`, with the same errors."""
        return self._in_blocks(x, self._logits)

    def loss_value(self, x: AnyArray, y: AnyArray, training: bool | None = None) -> float:
        """Return the mean loss per sample; changes neither `grad` nor the parameters.

        Args:
            x: (m, *input_shape) or (m, n_features).
            y: (m,) integer classes, or (m, n_outputs) values.
            training: True for training mode, as in `in_mode`; None: evaluation, or the mode of `in_mode`.

        Raises:
            DataError: x or y does not match the network, they differ in length, or they are empty.
        """
        if training is not None:
            with self.in_mode(training):
                return self.loss_value(x, y)
        rows, targets = self.as_rows(x), self.encode(y)
        check_lengths(rows, targets)
        total = 0.0
        for block in self._blocks(len(rows)):
            scores = self.scores(rows[block])
            total += self.loss.value(scores, targets[block]) * len(scores)
        return total / len(rows)

    def loss_and_gradient(self, x: AnyArray, y: AnyArray) -> float:
        """Return the mean loss over x and y, and write its gradient into `grad`, (n_parameters,).

        Args:
            x: (m, *input_shape) or (m, n_features).
            y: (m,) integer classes, or (m, n_outputs) values.

        Raises:
            DataError: x or y does not match the network, they differ in length, or they are empty.
        """
        rows, targets = self.as_rows(x), self.encode(y)
        check_lengths(rows, targets)
        return self.learn_from(rows, targets)

    def input_gradient(self, x: AnyArray, y: AnyArray) -> Array:
        """Return the gradient of the mean loss with respect to x, (m, n_features), in a new array.

        Also writes the parameters' gradient into `grad`. Arguments and errors as in `loss_and_gradient`.
        """
        rows, targets = self.as_rows(x), self.encode(y)
        check_lengths(rows, targets)
        self.learn_from(rows, targets, wants_input_gradient=True)
        return self._input_gradient.copy()

    def learn_from(
        self, rows: Array, targets: Array, scale: float = 1.0, wants_input_gradient: bool = False
    ) -> float:
        """Return the mean loss, and write `scale` times its gradient into `grad`, (n_parameters,).

        Args:
            rows: (m, n_features + 1) in the network's dtype, ones in the last column; see `as_rows`.
            targets: (m, n_outputs) in the network's dtype, one-hot rows or values; see `encode`.
            scale: factor of the gradient; with the learning rate, plain SGD is one subtraction (4 to 7% faster).
            wants_input_gradient: True to compute the gradient with respect to the input as well.
        """
        return self.loss.values([self.backpropagate(rows, targets, scale, wants_input_gradient)])[0]

    def backpropagate(
        self, rows: Array, targets: Array, scale: float = 1.0, wants_input_gradient: bool = False
    ) -> Any:
        """Write `scale` times the gradient into `grad`, and return the batch's term of the loss.

        `loss.values` computes the losses of many updates from their terms at once. Arguments as in `learn_from`.

        Source: Rumelhart, Hinton, Williams 1986.
        """
        if self._moded:
            self._set_mode(Mode.TRAINING)
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
        """Return the loss's input for rows, (m, n_features + 1): logits or outputs, (m, n_outputs).

        The result is a work array: the next call with the same m overwrites it.
        """
        return self._logits(rows) if self.scores_are_logits else self.outputs(rows)

    def outputs(self, rows: Array) -> Array:
        """Return the outputs for rows, (m, n_features + 1), all at once, (m, n_outputs); a work array, as in `scores`."""
        if self._moded:
            self._set_mode(Mode.EVALUATION)
        a = rows
        for layer in self.layers:
            a = layer.forward(a)
        return self.last.output

    def _logits(self, rows: Array) -> Array:
        if self._moded:
            self._set_mode(Mode.EVALUATION)
        a = rows
        for layer in self._hidden:
            a = layer.forward(a)
        return self.last.affine(a).z

    def copy(self, dtype: str | None = None) -> Self:
        """Return an independent network with the same parameters and buffers, converted to `dtype` if given."""
        twin = type(self)(self.spec, self.input_shape, self.seed, dtype or self.dtype.name)
        twin.state[:] = self.state
        return twin

    def empty_rows(self, m: int) -> Array:
        """Return new rows, (m, n_features + 1): the last column is 1, the others are uninitialised."""
        rows = np.empty((m, self.n_features + 1), self.dtype)
        rows[:, -1] = 1
        return rows

    def as_rows(self, x: AnyArray) -> Array:
        """Return x, (m, *input_shape) or (m, n_features), as new rows, (m, n_features + 1), in the network's dtype.

        Axes of length 1 may be left out or moved: images of (1, 28, 28) are taken as (m, 28, 28) and (m, 28, 28, 1) too.

        Raises:
            DataError: the shape does not match the network, or x does not hold numbers.
        """
        x = as_numbers(x, "x")
        check_shape(x.shape, self.input_shape)
        rows = self.empty_rows(len(x))
        rows[:, :-1] = x.reshape(len(x), self.n_features)
        return rows

    def encode(self, y: AnyArray) -> Array:
        """Return y as targets, (m, n_outputs), in the network's dtype.

        Args:
            y: integer classes, (m,), which become one-hot rows (for a single output: 0 or 1); or values,
                (m, n_outputs), or (m,) for a single output.

        Raises:
            DataError: y has another number of columns, a class without an output, or does not hold numbers.
        """
        return encode(y, self.n_outputs, self.loss.takes_values and self.n_outputs == 1, self.dtype)

    def _in_blocks(self, x: AnyArray, function: Callable[[Array], Array]) -> Array:
        rows = self.as_rows(x)
        self._warn_of_range(rows[:, :-1])
        result = np.empty((len(rows), self.n_outputs), self.dtype)
        for block in self._blocks(len(rows)):
            result[block] = function(rows[block])
        return result

    def _warn_of_range(self, rows: Array) -> None:
        misfit = self.input_range.misfit(rows) if self.input_range is not None else ""
        if misfit:
            self.input_range = None
            warnings.warn(misfit, stacklevel=4)

    def _blocks(self, n: int) -> Iterator[slice]:
        """Return slices that cover n rows; a single one if layers use the statistics of the whole batch."""
        size = n if self._moded and self._pinned_mode is Mode.TRIAL else ROWS_AT_A_TIME
        return (slice(start, start + size) for start in range(0, n, size or 1))


def _loss_of(last: Dense) -> Loss:
    """Return the loss whose link is the last activation; mse if no loss has it."""
    return linked_loss(last.activation) or Mse()
