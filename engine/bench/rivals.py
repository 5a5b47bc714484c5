"""The same training in scikit-learn, PyTorch and JAX, each as its documentation advises."""

import importlib
import itertools
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.arrays import AnyArray, Array
from engine.bench.cases import BenchCase

Step = Callable[[AnyArray], None]


def sklearn_measure(case: BenchCase, x: Array, y: AnyArray, m: int) -> Callable[[float], float]:
    """Return a measure of `MLPClassifier.fit`, steps per second; its own loop shuffles and keeps each epoch's loss."""
    neural_network = importlib.import_module("sklearn.neural_network")
    warnings.simplefilter("ignore")  # it warns that it has not converged, after each short fit
    speed = 0.0

    def fit(steps: int) -> int:
        """Make about `steps` updates, on the number of samples needed, and return the number made."""
        batches = max(1, min(len(x) // m, steps))
        model = neural_network.MLPClassifier(
            hidden_layer_sizes=case.hidden,
            activation=case.activation,
            solver=case.optimizer,
            learning_rate_init=case.lr,
            alpha=0.0,
            batch_size=m,
            momentum=0.0,
            nesterovs_momentum=False,
            max_iter=max(1, steps // batches),
            tol=0.0,
            n_iter_no_change=1_000_000,
        )
        model.fit(x[: batches * m], y[: batches * m])
        return int(model.t_) // m

    def measure(seconds: float) -> float:
        nonlocal speed
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < seconds:
            # one long fit if possible, so that its set-up is negligible
            count += fit(max(5, int(speed * (seconds - elapsed))) if speed else 5)
            speed = count / (time.perf_counter() - start)
        return speed

    return measure


def torch_step(case: BenchCase, sizes: list[int], x: Array, y: AnyArray, fused: bool) -> Step:
    """Return one eager training step in PyTorch on the samples at (m,) indices, with its default or fused optimizer."""
    torch = importlib.import_module("torch")
    if not case.all_cores:
        torch.set_num_threads(1)
    torch.manual_seed(0)
    modules: list[Any] = []
    for n_in, n_out in itertools.pairwise(sizes):
        modules += [
            torch.nn.Linear(n_in, n_out),
            torch.nn.ReLU() if case.activation == "relu" else torch.nn.Tanh(),
        ]
    model = torch.nn.Sequential(*modules[:-1])
    kind = torch.optim.Adam if case.optimizer == "adam" else torch.optim.SGD
    optimizer = kind(model.parameters(), lr=case.lr, **({"fused": True} if fused else {}))
    binary = sizes[-1] == 1
    loss_function = torch.nn.BCEWithLogitsLoss() if binary else torch.nn.CrossEntropyLoss()
    inputs = torch.from_numpy(x)
    targets = torch.from_numpy(y.reshape(-1, 1).astype(np.float32) if binary else y)
    losses: list[Any] = []
    whole = case.batch_size == 0

    def step(index: AnyArray) -> None:
        if whole:
            xb, yb = inputs, targets
        else:
            rows = torch.from_numpy(index)
            xb, yb = inputs[rows], targets[rows]
        optimizer.zero_grad()
        loss = loss_function(model(xb), yb)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())

    return step


def torch_threads() -> int:
    """Return the number of threads that PyTorch computes with."""
    return int(importlib.import_module("torch").get_num_threads())


def jax_step(case: BenchCase, sizes: list[int], x: Array, y: AnyArray) -> tuple[Step, Callable[[], None]]:
    """Return one jitted training step in JAX, and a function that waits until all steps are computed."""
    jax = importlib.import_module("jax")
    jnp = importlib.import_module("jax.numpy")
    rng = np.random.default_rng(0)
    weights = [
        (
            rng.standard_normal((n_in, n_out)).astype(np.float32) * np.float32(np.sqrt(2 / n_in)),
            np.zeros(n_out, np.float32),
        )
        for n_in, n_out in itertools.pairwise(sizes)
    ]
    hidden = jax.nn.relu if case.activation == "relu" else jnp.tanh

    def loss_of(parameters: Any, xb: Any, yb: Any) -> Any:
        a = xb
        for w, b in parameters[:-1]:
            a = hidden(a @ w + b)
        w, b = parameters[-1]
        logits = a @ w + b
        if sizes[-1] == 1:
            return jnp.mean(jnp.logaddexp(0, logits[:, 0]) - yb * logits[:, 0])
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), yb[:, None], axis=1))

    @jax.jit  # type: ignore[untyped-decorator]
    def update(state: Any, xb: Any, yb: Any) -> Any:
        parameters, m, v, t = state
        loss, gradients = jax.value_and_grad(loss_of)(parameters, xb, yb)
        tree = jax.tree_util.tree_map
        if case.optimizer == "sgd":
            return (tree(lambda p, g: p - case.lr * g, parameters, gradients), m, v, t), loss
        t = t + 1
        m = tree(lambda a, g: 0.9 * a + 0.1 * g, m, gradients)
        v = tree(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradients)
        new = tree(
            lambda p, a, b: p - case.lr * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8),
            parameters,
            m,
            v,
        )
        return (new, m, v, t), loss

    zeros = [(np.zeros_like(w), np.zeros_like(b)) for w, b in weights]
    state: list[Any] = [(weights, zeros, zeros, np.float32(0))]
    losses: list[Any] = []
    whole = case.batch_size == 0

    def step(index: AnyArray) -> None:
        xb, yb = (x, y) if whole else (x[index], y[index])
        state[0], loss = update(state[0], xb, yb)
        losses.append(loss)

    def wait() -> None:
        losses[-1].block_until_ready()

    return step, wait
