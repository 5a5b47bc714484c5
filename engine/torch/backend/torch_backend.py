"""The back end that computes in PyTorch, on any of its devices. Imports torch; import it inside a function."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
import torch
from torch import Tensor

from engine.data import Data, Split
from engine.experiment.experiment import Experiment
from engine.nn.losses import CrossEntropy
from engine.nn.network import Network
from engine.optim.optimizer import OptimizerState
from engine.torch.backend.batches import DeviceBatches, Resident
from engine.torch.backend.evaluation import evaluate_split
from engine.torch.backend.flat_twin import FlatTwin
from engine.torch.backend.optimizers import TorchOptimizer
from engine.torch.backend.step import TorchStep
from engine.torch.backend.trial import TorchTrial, threads_of_torch
from engine.torch.devices.choose import choose_device, list_devices
from engine.torch.parallel.norm import share_norms
from engine.torch.parallel.torchrun import join
from engine.torch.twin import build_twin
from engine.training.backends import Facts, Orders
from engine.training.evaluation import Figures
from engine.training.step import Step, numbered
from engine.training.threads import SecondsWith, is_large


class TorchBackend:
    """Trains the network's twin with autograd; see `engine.training.backends.Backend`.

    Samples, their order, masks and definitions are those of the NumPy back end; the figures differ by rounding only.

    Raises:
        DeviceError: the device is missing.
        NoTwinError: a part of the network or its optimizer has no counterpart in PyTorch.
    """

    def __init__(self, experiment: Experiment, network: Network, data: Data, batch_size: int) -> None:
        training = experiment.training
        self._network, self._group = network, join()
        self._training, self._train, self._batch_size = training, data.train, batch_size
        choice = choose_device(self._group.device(training.device), training.dtype)
        self._device = choice.device
        self._facts = Facts(
            backend="torch",
            device=_called(choice.device),
            dtype=choice.dtype,
            threads=1,
            library=f"torch {torch.__version__}",
            processes=self._group.size,
            note=choice.note,
        )
        self._as_classes = data.task != "regression" and isinstance(network.loss, CrossEntropy)
        twin = build_twin(network, self._device, choice.dtype)
        share_norms(twin, self._group)
        self._replica = FlatTwin(network, twin, room=1)
        self._optimizer = TorchOptimizer(training.optimizer, self._replica.theta, self._replica.grad)
        self._state = training.optimizer.start(network.theta)
        self._residents: dict[int, Resident] = {}
        train = self._resident(data.train)
        self._batches = DeviceBatches(train, batch_size, experiment.seed, self._device)
        self._learner = TorchStep(
            training, self._replica, self._optimizer, self._batches, len(train), batch_size, self._group
        )

    @property
    def facts(self) -> Facts:
        """The chosen device, the number of threads and PyTorch's version."""
        return self._facts

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Set the threads, and compute float32 products in full float32, for the same figures on every device."""
        precision = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")  # no TF32
        try:
            with threads_of_torch(self._facts.threads):
                yield
        finally:
            torch.set_float32_matmul_precision(precision)

    def use_threads(self, threads: int) -> None:
        """Compute with this many threads of PyTorch, which only the CPU uses."""
        self._facts = msgspec.structs.replace(self._facts, threads=threads)

    def thread_trial(self) -> SecondsWith | None:
        """Return a function that times updates of a copy on the CPU; None for another device or several processes."""
        if self._device != "cpu" or self._group.size > 1 or not is_large(self._network, self._batch_size):
            return None
        return TorchTrial(
            self._training, self._network, self._resident(self._train), self._batch_size
        ).seconds_with

    def agree(self, orders: Orders) -> Orders:
        """Return the orders of the group's first process."""
        return self._group.agree(orders)

    def load(self, state: OptimizerState) -> None:
        """Copy parameters, buffers and the optimizer's state to the device."""
        self._state = state
        self._replica.load(self._network.state)
        self._optimizer.load(state)

    def sync(self) -> None:
        """Copy parameters, buffers and the optimizer's state from the device."""
        self._replica.store(self._network.state)
        self._optimizer.store(self._state)

    def start_epoch(self, epoch: int, records: bool) -> None:
        """Shuffle the samples' indices on the host, as the NumPy back end does, and copy them to the device."""
        self._batches.start_epoch(epoch, records)

    def stepper(self, first: int) -> Step:
        """Return the update on the device; it returns the loss as a tensor there, shape ()."""
        step = self._learner.step if self._group.size == 1 else self._learner.step_together
        return numbered(step, self._replica.twin.set_step, first) if self._network.needs_step else step

    def fetch(self, losses: Sequence[Tensor]) -> list[float]:
        """Return the losses as numbers; waits for the device."""
        numbers: list[float] = torch.stack(list(losses)).tolist()
        return numbers

    def count_correct(self, start: int, stop: int) -> int:
        """Return the number of correct predictions over all processes, counted on the device."""
        correct = self._batches.count_correct(start, stop)
        if correct is None:
            return 0
        self._group.add_up(correct)
        return int(correct)

    def evaluate(self, split: Split) -> Figures:
        """Evaluate a split on the device, shared by all processes."""
        return evaluate_split(self._replica.twin, self._resident(split), self._group)

    def _resident(self, split: Split) -> Resident:
        """Return the split on the device, copied at the first call."""
        if id(split) not in self._residents:
            self._residents[id(split)] = Resident(self._network, split, self._device, self._as_classes)
        return self._residents[id(split)]


def _called(device: str) -> str:
    """Return a device's name and title: "cuda:0 (NVIDIA A100)"."""
    titles = {one.name: one.title for one in list_devices()}
    return device if device == "cpu" else f"{device} ({titles[device]})"
