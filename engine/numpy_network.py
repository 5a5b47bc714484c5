"""`python -m engine.numpy_network`: train, evaluate, show and benchmark a network with NumPy alone.

It needs neither a screen nor PyTorch, writes no run folder, and uses the trainer directly.
"""

import argparse
import contextlib
import math
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TextIO

import numpy as np

from engine import blas
from engine.data import Data, load_data
from engine.errors import NntermError
from engine.events import Epoch, Event, Finished, Steps
from engine.experiment.experiment import Experiment
from engine.experiment.options import parse_hidden
from engine.nn.layers import Dense
from engine.nn.network import Network
from engine.training.evaluation import Evaluation, evaluate_network
from engine.training.trainer import Trainer
from engine.words import counted

__all__ = ["Network", "main"]

EXPERIMENT_OPTIONS = {
    "dataset": (str, "a dataset's name, or the path of an .npz file with x and y"),
    "layers": (str, 'units of the hidden layers: "128,64"; "": none'),
    "activation": (str, "of the hidden layers: relu, tanh, sigmoid, ..."),
    "optimizer": (str, "sgd, rmsprop, adagrad, adam, adamw, perceptron"),
    "lr": (float, "learning rate"),
    "momentum": (float, "of sgd"),
    "batch-size": (int, "samples per step; 0: full batch"),
    "epochs": (int, "epochs: passes over the training samples"),
    "seed": (int, "seed of initial weights and sample order"),
    "init": (str, "initialiser of the weights: he_normal, xavier_uniform, ..."),
    "loss": (str, "cross_entropy, binary_cross_entropy, mse, mae, huber, hinge, perceptron"),
    "threads": (str, "threads; auto: more than one where they are clearly faster"),
    "dtype": (str, "float32 or float64"),
}
"""The options that describe a network and its training; defaults follow from the dataset."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (the process's own if None) and return the exit code."""
    try:
        arguments = _parser().parse_args(argv)
        blas.prepare()
        code: int = arguments.run(arguments)
    except NntermError as error:
        for line in error.message.splitlines():
            print(f"error: {line}", file=sys.stderr)
        if error.hint:
            print(f"hint:  {error.hint}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


class _Parser(argparse.ArgumentParser):
    """A parser that raises its errors as `NntermError`."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise NntermError(message, f"see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("python -m engine.numpy_network", description=__doc__.splitlines()[0].split(": ", 1)[1])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    training = commands.add_parser("train", help="train a network and evaluate it")
    _add_options(training)
    training.add_argument("--save", type=Path, metavar="FILE", help="save the weights (.safetensors)")
    training.set_defaults(run=train)
    for name, run, words in (
        ("evaluate", evaluate, "evaluate saved weights on their data"),
        ("show", show, "describe saved weights"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("file", type=Path, metavar="FILE", help="weights written by `train --save`")
        command.set_defaults(run=run)
    measuring = commands.add_parser(
        "benchmark", help="steps per second compared with the matrix products alone"
    )
    _add_options(measuring)
    measuring.add_argument("--seconds", type=float, default=2.0, help="seconds of measurement each (2)")
    measuring.set_defaults(run=benchmark)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    for name, (kind, words) in EXPERIMENT_OPTIONS.items():
        default = "mnist" if name == "dataset" else None
        parser.add_argument(f"--{name}", type=kind, default=default, help=words)


def _experiment(arguments: argparse.Namespace) -> Experiment:
    names = [name.replace("-", "_") for name in EXPERIMENT_OPTIONS]
    options = {name: getattr(arguments, name) for name in names}
    dataset, layers = options.pop("dataset"), options.pop("layers")
    with contextlib.suppress(TypeError, ValueError):  # else "auto", or refused later
        options["threads"] = int(options["threads"])
    return Experiment.quick(dataset, None if layers is None else parse_hidden(layers), **options)


def _build(experiment: Experiment) -> tuple[Network, Data]:
    data = load_data(experiment.data)
    network = Network.of(experiment, data)
    return network, data


def train(arguments: argparse.Namespace) -> int:
    """Train with a progress line; Ctrl-C ends the training and keeps the weights. Return the exit code."""
    experiment = _experiment(arguments)
    if arguments.save is not None:
        _check_folder(arguments.save)
    network, data = _build(experiment)
    trainer = Trainer(experiment, network, data)
    size = f"{counted(len(network.theta), 'parameter')}, {counted(len(data.train), 'sample')}"
    print(f"{data.info.name}, {_sizes(network)}, {size}")
    with _stopping_on_interrupt(trainer):
        finished = _follow(trainer, ProgressPrinter(sys.stdout, experiment, trainer.steps_per_epoch))
    spent = (
        f"{counted(finished.epochs, 'epoch')}, {counted(finished.steps, 'step')}, {finished.seconds:.1f} s"
    )
    print(f"{finished.state} after {spent}")
    if finished.reason:
        print(finished.reason)
    _print_splits(evaluate_network(network, data))
    if arguments.save is not None:
        from engine.storage.weights import save_network

        save_network(arguments.save, network, experiment)
        print(f"saved {arguments.save}")
    return {"diverged": 1, "stopped": 130}.get(finished.state, 0)


def _check_folder(path: Path) -> None:
    """Raise an NntermError before the training if the weights cannot be saved after it."""
    if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise NntermError(f"cannot write {path}", "name a file in an existing, writable folder")


@contextlib.contextmanager
def _stopping_on_interrupt(trainer: Trainer) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, lambda *_: trainer.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _follow(trainer: Trainer, progress: "ProgressPrinter") -> Finished:
    for event in trainer:
        progress.show(event)
        if isinstance(event, Finished):
            return event
    raise RuntimeError("the training ended without a final event")


class ProgressPrinter:
    """Prints one line per epoch; on a terminal also a line rewritten in place during the epoch."""

    def __init__(self, stream: TextIO, experiment: Experiment, steps_per_epoch: int) -> None:
        self._stream, self._rewrites = stream, stream.isatty()
        self._epochs, self._steps_per_epoch = experiment.training.epochs, steps_per_epoch
        self._every = math.ceil(self._epochs / 20)
        """Epochs between two lines: at most 20 lines in all."""

    def show(self, event: Event) -> None:
        """Write the line of an event, if it has one."""
        if isinstance(event, Steps) and self._rewrites:
            self._rewrite(event)
        elif isinstance(event, Epoch) and (event.epoch % self._every == 0 or event.epoch == self._epochs):
            train = _short("train", event.train_loss, event.train_accuracy)
            validation = _short("validation", event.validation_loss, event.validation_accuracy)
            self._write(f"epoch {event.epoch}/{self._epochs}{train}{validation}\n")
        elif isinstance(event, Finished):
            self._write("")
        self._stream.flush()

    def _rewrite(self, event: Steps) -> None:
        step = event.step + len(event.losses)
        batch = step - (event.epoch - 1) * self._steps_per_epoch
        speed = len(event.losses) / max(event.seconds, 1e-9)
        loss = event.losses[-1]
        self._write(
            f"epoch {event.epoch}/{self._epochs}  batch {batch:,}/{self._steps_per_epoch:,}"
            f"  loss {math.nan if loss is None else loss:.4f}  {speed:,.0f} steps/s"
        )

    def _write(self, text: str) -> None:
        """Write text; on a terminal over the line that is rewritten."""
        self._stream.write(f"\r{text}\x1b[K" if self._rewrites else text)


def _figures(loss: float | None, accuracy: float | None) -> str:
    words = "loss -" if loss is None else f"loss {loss:.4f}"
    return words if accuracy is None else f"{words}, accuracy {100 * accuracy:.2f} %"


def _short(split: str, loss: float | None, accuracy: float | None) -> str:
    """Return a split's figures for a line with several; empty if the split has no samples."""
    if loss is None:
        return ""
    return f"  {split} {loss:.4f}" if accuracy is None else f"  {split} {loss:.4f} ({100 * accuracy:.2f} %)"


def _sizes(network: Network) -> str:
    return f"{network.n_features}-{network.spec.outline}"


def _print_splits(evaluation: Evaluation) -> None:
    for name in ("train", "validation", "test"):
        figures = getattr(evaluation, name)
        if figures.loss is not None:
            print(f"{name:<10} {_figures(figures.loss, figures.accuracy)}")


def evaluate(arguments: argparse.Namespace) -> int:
    """Evaluate saved weights: each split, each class, and the chance level. Return the exit code."""
    from engine.storage.weights import load_network

    network, experiment = load_network(arguments.file)
    evaluation = evaluate_network(network, load_data(experiment.data))
    _print_splits(evaluation)
    if evaluation.chance is not None:
        print(f"{'chance':<10} accuracy {100 * evaluation.chance:.2f} %")
    for entry in evaluation.classes:
        share = "-" if entry.accuracy is None else f"{100 * entry.accuracy:.2f} %"
        print(f"  {entry.name:<12} {share:>9} of {entry.samples:,} recognised")
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print the contents of saved weights: the experiment, each tensor's shape and figures. Return the exit code."""
    from engine.storage.weights import load_network

    network, experiment = load_network(arguments.file)
    training = experiment.training
    size = f"{counted(len(network.theta), 'parameter')} in {network.dtype}"
    print(f"{experiment.data.dataset}, {_sizes(network)}, {size}")
    print(
        f"loss {network.loss.name}, optimizer {training.optimizer.name}, {counted(training.epochs, 'epoch')}"
    )
    for name, view, _ in network.parameters():
        shape = " x ".join(str(n) for n in view.shape)
        print(f"  {name:<18} {shape:>12}   mean {view.mean():+.4f}   deviation {view.std():.4f}")
    return 0


def benchmark(arguments: argparse.Namespace) -> int:
    """Measure training steps per second, and their share of the bare matrix products' speed. Return the exit code."""
    if not 0 < arguments.seconds < math.inf:
        raise NntermError(f"--seconds = {arguments.seconds} must be a number above 0")
    experiment = _experiment(arguments)
    experiment = experiment.with_changes({"training.epochs": 1_000_000})
    network, data = _build(experiment)
    trainer = Trainer(experiment, network, data)
    ours = _steps_per_s(trainer, arguments.seconds)
    limit = products_per_s(network, trainer.batch_size, arguments.seconds)
    print(f"{data.info.name}, {_sizes(network)}, batch {trainer.batch_size}, {training_name(experiment)}")
    print(f"training         {ours:>12,.0f} steps/s   {ours * trainer.batch_size:>14,.0f} samples/s")
    print(f"matrix products  {limit:>12,.0f} steps/s   training reaches {ours / limit:.0%}")
    return 0


def training_name(experiment: Experiment) -> str:
    """Return the optimizer and the precision, `sgd, float32`."""
    return f"{experiment.training.optimizer.name}, {experiment.training.dtype}"


def _steps_per_s(trainer: Trainer, seconds: float) -> float:
    steps, spent = 0, 0.0
    for event in trainer:
        if isinstance(event, Steps):
            steps += len(event.losses)
            spent += event.seconds
        if spent >= seconds:
            break
    return steps / spent


def products_per_s(network: Network, m: int, seconds: float) -> float:
    """Return the speed of the products of forward and backward alone, in steps per second, for batches of `m` samples."""
    sizes = [network.n_features, *(layer.n_out for layer in network.layers if isinstance(layer, Dense))]
    rng = np.random.default_rng(0)
    a = [rng.standard_normal((m, n)).astype(network.dtype) for n in sizes]
    weights = [np.zeros((n_in, n_out), network.dtype) for n_in, n_out in pairwise(sizes)]
    gradients = [np.empty_like(weight) for weight in weights]
    outputs = [np.empty_like(values) for values in a]
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        for i, weight in enumerate(weights):
            a[i].dot(weight, outputs[i + 1])  # (m, n_in) @ (n_in, n_out)
        for i in range(len(weights) - 1, -1, -1):
            a[i].T.dot(a[i + 1], gradients[i])  # (n_in, m) @ (m, n_out)
            if i:
                a[i + 1].dot(weights[i].T, outputs[i])  # (m, n_out) @ (n_out, n_in)
        count += 1
    return count / elapsed


if __name__ == "__main__":
    raise SystemExit(main())
