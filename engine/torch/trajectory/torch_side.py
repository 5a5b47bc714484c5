"""The training of the twin by PyTorch's autograd, optimizers and schedulers, on the same batches.

Imports torch; import it inside a function.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_, parameters_to_vector

from engine.arrays import AnyArray, Array, Labels
from engine.data import Split
from engine.experiment.specs import TrainingSpec
from engine.nn.network import ROWS_AT_A_TIME, Network
from engine.torch.trajectory.optimizers import Rates, make_optimizer
from engine.torch.twin import buffers_of, build_twin, to_tensor


class TorchTraining:
    """Trains the network's twin in float64, one batch at a time; owns its parameters and rates.

    Args:
        network: the initial parameters.
        training: gives optimizer, schedule and clipping.
        total_steps: of the whole training; some schedules depend on it.
        steps_per_epoch: batches of an epoch.
        device: of PyTorch.

    Raises:
        NoTwinError: a part of the network or of its training has no counterpart in PyTorch.
    """

    def __init__(
        self,
        network: Network,
        training: TrainingSpec,
        total_steps: int,
        steps_per_epoch: int,
        device: str,
    ) -> None:
        self._twin = build_twin(network, device, "float64")
        self._device, self._clip_norm = device, training.clip_norm
        self._n_outputs = network.n_outputs
        self._parameters = [*self._twin.parameters()]
        self._optimizer = make_optimizer(training.optimizer, self._parameters)
        self._rates = Rates(training.schedule, training.optimizer.lr, total_steps, steps_per_epoch)
        self._epoch_loss, self._epoch_samples = 0.0, 0
        self._steps = 0

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return self._rates.rate

    @property
    def parameters(self) -> Array:
        """A copy of all parameters, tensor by tensor, float64, (n_parameters,)."""
        vector: Array = parameters_to_vector(self._parameters).detach().cpu().numpy()
        return vector

    @property
    def buffers(self) -> dict[str, Array]:
        """A copy of the running statistics by name."""
        return {name: values.copy() for name, values in buffers_of(self._twin).items()}

    def step(self, x: Array, y: AnyArray) -> float:
        """Make one update from x (m, n_features) and y, classes (m,) or values (m, k); return the loss before it."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._rates.rate
        self._twin.set_step(self._steps)
        self._steps += 1
        self._optimizer.zero_grad()
        loss = self._loss(x, y)
        loss.backward()  # type: ignore[no-untyped-call]
        if self._clip_norm:
            clip_grad_norm_(self._parameters, self._clip_norm)
        self._optimizer.step()
        self._rates.after_step()
        self._epoch_loss += loss.item() * len(x)
        self._epoch_samples += len(x)
        return loss.item()

    def end_epoch(self, validation: Split) -> None:
        """Pass the epoch's loss to a scheduler that depends on it: of the validation samples, else of the batches."""
        if self._rates.watch_the_loss:
            mean = self._epoch_loss / self._epoch_samples
            self._rates.after_epoch(self._mean_loss(validation) if len(validation) else mean)
        self._epoch_loss, self._epoch_samples = 0.0, 0

    def _mean_loss(self, split: Split) -> float:
        total = 0.0
        self._twin.eval()
        with torch.no_grad():
            for start in range(0, len(split), ROWS_AT_A_TIME):
                indices = np.arange(start, min(len(split), start + ROWS_AT_A_TIME))
                x, y = gather(split, indices)
                total += self._loss(x, y).item() * len(indices)
        self._twin.train()
        return total / len(split)

    def _loss(self, x: Array, y: AnyArray) -> Tensor:
        return self._twin.loss(to_tensor(x, self._device, "float64"), self._targets(y))

    def _targets(self, y: AnyArray) -> Tensor:
        """Return the targets (m, n_outputs): classes (m,) of several outputs as one-hot rows, others unchanged."""
        if y.ndim == 1 and self._n_outputs > 1:
            classes = torch.from_numpy(np.array(y, np.int64)).to(self._device)
            return functional.one_hot(classes, self._n_outputs).to(torch.float64)
        return to_tensor(y.reshape(len(y), -1), self._device, "float64")


def gather(split: Split, indices: Labels) -> tuple[Array, AnyArray]:
    """Return x (m, n_features) in float64 and y of the samples at `indices`."""
    x = np.empty((len(indices), int(np.prod(split.input_shape))), np.float64)
    split.take(indices, x)
    return x, split.y[indices]
