"""The `[training]` and `[checkpoints]` sections of an experiment file: fields, units, ranges and defaults."""

from typing import Annotated, Literal

import msgspec

from engine.named import AtLeastOne, Count, NonNegative, Section
from engine.optim.optimizer import Optimizer
from engine.optim.optimizers import Sgd
from engine.optim.schedule import Schedule
from engine.optim.schedules import ConstantSchedule

MOST_THREADS = 1024
"""More threads than any machine needs, and as many as one can start."""


class TrainingSpec(Section, frozen=True):
    """`[training]`: epochs, batches, optimizer, schedule and backend."""

    epochs: AtLeastOne = 10
    """Passes over the training samples."""
    batch_size: Count = 64
    """Samples per step; 0: the whole training set (full batch), 1: stochastic gradient descent."""
    backend: Literal["numpy", "torch"] = "numpy"
    """numpy: the network written from scratch; torch: PyTorch, with the same definitions."""
    device: str = "auto"
    """Device of the torch backend: auto (an accelerator if available), cpu, cuda, cuda:1, mps, xpu."""
    processes: AtLeastOne = 1
    """Processes of the torch backend that share each batch, each on its own GPU if there are any."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=MOST_THREADS)] | None = None
    """Threads of each process; auto: one, or more where a trial at the start shows that they are clearly faster."""
    compile: bool = False
    """True if the torch backend compiles the network with `torch.compile`."""
    dtype: Literal["float32", "float64"] = "float32"
    """Precision of the parameters and of all computations."""
    clip_norm: NonNegative = 0.0
    """Bound on the Euclidean norm of the gradient; 0: off."""
    patience: Count = 0
    """Epochs without a better validation loss after which training stops; 0: off."""
    optimizer: Optimizer = Sgd()
    """The rule that updates the parameters, with its learning rate `lr`."""
    schedule: Schedule = ConstantSchedule()
    """Change of the learning rate during training."""


class CheckpointSpec(Section, frozen=True):
    """`[checkpoints]`: the weights that a run saves besides the best and the last."""

    every: Count = 0
    """Epochs between two checkpoints; 0: 1, or more if writing would take over 1% of the time."""
    keep: Count = 5
    """Number of the latest of them that are kept; 0: all. The best, the last and requested ones are always kept."""
    seconds: NonNegative = 60.0
    """Seconds of training that a crash may lose at most; 0: no limit."""
