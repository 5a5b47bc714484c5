"""One update in PyTorch, the innermost part of its training loop. Imports torch; import it inside a function."""

from collections.abc import Callable

import torch
from torch import Tensor

from engine.errors import DeviceError
from engine.experiment.specs import TrainingSpec
from engine.torch.backend.batches import DeviceBatches
from engine.torch.backend.flat_twin import FlatTwin
from engine.torch.backend.optimizers import TorchOptimizer
from engine.torch.parallel.group import ProcessGroup

LossAndLogits = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Returns for x (m, n_features) and targets the loss, shape (), and the logits (m, n_outputs)."""


class TorchStep:
    """Makes updates of a replica from batches; `step` never waits for the device.

    Args:
        training: gives clipping and compilation.
        replica: the network on its device.
        optimizer: of the replica's `theta`.
        batches: the training samples.
        n: number of training samples.
        m: batch size.
        group: the processes that share each batch.
    """

    def __init__(
        self,
        training: TrainingSpec,
        replica: FlatTwin,
        optimizer: TorchOptimizer,
        batches: DeviceBatches,
        n: int,
        m: int,
        group: ProcessGroup,
    ) -> None:
        self._replica, self._optimizer, self._batches = replica, optimizer, batches
        self._clip_norm, self._n, self._m, self._group = training.clip_norm, n, m, group
        self._compute: LossAndLogits = self._loss_and_logits
        if training.compile:
            replica.twin.stay_out_of_compiling()
            self._compute = _compiled(self._loss_and_logits)

    def step(self, cursor: int, rate: float) -> Tensor:
        """Make one update from the batch at `cursor`, and return its mean loss before the update, shape ()."""
        x, targets = self._batches.take(cursor, min(cursor + self._m, self._n))
        loss, logits = self._compute(x, targets)
        self._replica.gather(loss)
        self._batches.record(cursor, logits)
        self._move(rate)
        return loss.detach()

    def step_together(self, cursor: int, rate: float) -> Tensor:
        """Make one update like `step`, each process from its part of the batch; gradients and losses are summed.

        A part is weighted by its size, so that the sum is the gradient of the whole batch's mean loss. A process
        without samples adds zeros.
        """
        total = min(self._m, self._n - cursor)
        part = self._group.part(total)
        first, own = cursor + part.start, part.stop - part.start
        self._replica.twin.set_part(part.start, total)
        x, targets = self._batches.take(first, first + own)
        if own:
            loss, logits = self._compute(x, targets)
            loss = loss * (own / total)
        else:
            logits = self._replica.twin.logits(x)
            loss = logits.sum()
        self._replica.gather(loss)
        self._batches.record(first, logits)
        message = self._replica.message  # the gradient, then the loss
        message[-1] = loss.detach()
        self._group.add_up(message)
        self._move(rate)
        return message[-1].clone()

    def _loss_and_logits(self, x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = self._replica.twin.logits(x)
        return self._replica.twin.loss_of(logits, targets), logits

    def _move(self, rate: float) -> None:
        if self._clip_norm:
            clip_by_norm(self._replica.grad, self._clip_norm)
        self._optimizer.step(rate)


def _compiled(function: LossAndLogits) -> LossAndLogits:
    """Return the function compiled to fused kernels; its first call compiles."""
    from torch._dynamo.exc import TorchDynamoException

    fused: LossAndLogits = torch.compile(function)

    def guarded(x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        try:
            return fused(x, targets)
        except TorchDynamoException as error:
            reason = " ".join(str(error).split("\n\n")[0].split())
            raise DeviceError(f"torch.compile fails here: {reason}", "set training.compile = false") from None

    return guarded


def clip_by_norm(grad: Tensor, max_norm: float) -> None:
    """Scale `grad` (n_parameters,) in place to a Euclidean norm of at most `max_norm`.

    Equals `engine.optim.optimizer.clip_by_norm`. The squares are summed in float64 if the device has it, so that a
    large gradient does not overflow.
    """
    wide = torch.float32 if grad.device.type == "mps" else torch.float64
    norm = torch.linalg.vector_norm(grad, dtype=wide)
    grad.mul_((max_norm / (norm + 1e-6)).clamp(max=1.0))
