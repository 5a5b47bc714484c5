"""The contenders of the benchmark: each is a function that trains for a while and returns its steps per second.

All have the same data in memory, in the layout they prefer, draw batches by shuffled index and keep every step's loss.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np

from engine.arrays import AnyArray, Array
from engine.bench.cases import BenchCase
from engine.cores import usable_cores
from engine.data import Data, load_data

Measure = Callable[[float], float]
"""Trains for about this many seconds and returns the steps per second."""


class Contender(NamedTuple):
    """A library, ready to train a case."""

    measure: Measure
    threads: int
    """Threads that it computes with."""


def make_contender(name: str, case: BenchCase) -> Contender:
    """Return a contender, ready to train.

    Raises:
        ImportError: its library is not installed.
    """
    data = load_data(case.experiment().data)
    return CONTENDERS[name](case, data)


def measure_loop(
    step: Callable[[AnyArray], None],
    n: int,
    m: int,
    chunk: int = 20,
    wait: Callable[[], None] = lambda: None,
) -> Measure:
    """Return a measure that calls `step` with shuffled indices (m,).

    Args:
        step: one training step on the samples at these indices.
        n: training samples.
        m: samples in a batch.
        chunk: steps between two readings of the clock.
        wait: blocks until the steps are done, for a library that computes asynchronously.
    """
    batches = shuffled_batches(n, m)

    def measure(seconds: float) -> float:
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds:
            for _ in range(chunk):
                step(next(batches))
            wait()
            count += chunk
        return count / elapsed if elapsed else 0.0

    return measure


def shuffled_batches(n: int, m: int) -> Iterator[AnyArray]:
    """Yield index arrays (m,) without end, in a new order each epoch."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(n)
        for start in range(0, n - m + 1, m):
            yield order[start : start + m]


def layer_sizes(case: BenchCase, data: Data) -> list[int]:
    """Return the sizes of input, hidden layers and output."""
    return [math.prod(data.input_shape), *case.hidden, data.n_outputs]


def batch_size(case: BenchCase, data: Data) -> int:
    """Return the samples in a batch."""
    return case.batch_size or len(data.train)


def rows_of(data: Data) -> Array:
    """Return the training inputs as float32 rows (n, n_features)."""
    return data.train.x.reshape(len(data.train), -1)


def threads_for(case: BenchCase) -> int:
    """Return the number of threads that a library has in this case unless it chooses another."""
    return usable_cores() if case.all_cores else 1


def make_engine(case: BenchCase, data: Data) -> Contender:
    """Return our own trainer with its events, as in `nnterm train`."""
    from engine import blas
    from engine.events import Steps
    from engine.nn.network import Network
    from engine.training.trainer import Trainer

    blas.prepare()
    experiment = case.experiment()
    network = Network.of(experiment, data)
    trainer = Trainer(experiment, network, data)
    trainer.settle_threads()
    events = iter(trainer)

    def measure(seconds: float) -> float:
        count, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            event = next(events)
            count += len(event.losses) if isinstance(event, Steps) else 0
        return count / (time.perf_counter() - start)

    return Contender(measure, trainer.backend.facts.threads)


def make_limit(case: BenchCase, data: Data) -> Contender:
    """Return the matrix products of forward and backward alone, into arrays allocated once."""
    from engine import blas
    from engine.team import Team

    blas.prepare()
    sizes, m = layer_sizes(case, data), batch_size(case, data)
    rng = np.random.default_rng(0)

    def random(*shape: int) -> Array:
        return rng.standard_normal(shape).astype(np.float32)

    weights = [random(n_in, n_out) for n_in, n_out in itertools.pairwise(sizes)]
    gradients = [np.empty_like(weight) for weight in weights]
    activations = [random(m, size) for size in sizes]
    deltas = [random(m, size) for size in sizes]
    team = Team(threads_for(case))
    ExitStack().enter_context(team.at_work())  # until the process ends
    multiply = team.multiply if team.size > 1 else np.dot

    def step(_: AnyArray) -> None:
        for i, weight in enumerate(weights):
            multiply(activations[i], weight, activations[i + 1])
        for i in range(len(weights) - 1, -1, -1):
            multiply(activations[i].T, deltas[i + 1], gradients[i])
            if i:
                multiply(deltas[i + 1], weights[i].T, deltas[i])
        for activation in activations[1:]:
            activation[0, 0] = 1.0  # keeps the values bounded

    return Contender(measure_loop(step, len(data.train), m), team.size)


def make_naive(case: BenchCase, data: Data) -> Contender:
    """Return introductory-course code: float64, samples as columns, new arrays for every product."""
    from engine.bench.naive import NaiveNetwork

    sizes, m = layer_sizes(case, data), batch_size(case, data)
    network = NaiveNetwork(sizes, case.activation, case.optimizer, case.lr)
    X = rows_of(data).T.astype(np.float64, order="C")  # (n_features, n): samples are columns
    Y = network.one_hot(data.train.y)
    losses: list[float] = []
    measure = measure_loop(
        lambda index: losses.append(network.train_step(X[:, index], Y[:, index])), X.shape[1], m
    )
    return Contender(measure, threads_for(case))


def make_sklearn(case: BenchCase, data: Data) -> Contender:
    """Return scikit-learn's `MLPClassifier` with its own loop."""
    from engine.bench.rivals import sklearn_measure

    measure = sklearn_measure(case, rows_of(data), data.train.y, batch_size(case, data))
    return Contender(measure, threads_for(case))


def make_torch(case: BenchCase, data: Data) -> Contender:
    """Return PyTorch with its default optimizer."""
    return _make_torch(case, data, fused=False)


def make_torch_fused(case: BenchCase, data: Data) -> Contender:
    """Return PyTorch with its fused optimizer."""
    return _make_torch(case, data, fused=True)


def _make_torch(case: BenchCase, data: Data, fused: bool) -> Contender:
    from engine.bench.rivals import torch_step, torch_threads

    step = torch_step(case, layer_sizes(case, data), rows_of(data), data.train.y, fused)
    return Contender(measure_loop(step, len(data.train), batch_size(case, data)), torch_threads())


def make_jax(case: BenchCase, data: Data) -> Contender:
    """Return JAX with the whole update compiled."""
    from engine.bench.rivals import jax_step

    step, wait = jax_step(case, layer_sizes(case, data), rows_of(data), data.train.y)
    measure = measure_loop(step, len(data.train), batch_size(case, data), wait=wait)
    return Contender(measure, threads_for(case))


CONTENDERS: dict[str, Callable[[BenchCase, Data], Contender]] = {
    "engine": make_engine,
    "limit": make_limit,
    "naive": make_naive,
    "sklearn": make_sklearn,
    "torch": make_torch,
    "torch-fused": make_torch_fused,
    "jax": make_jax,
}
