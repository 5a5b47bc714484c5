"""The `[training]` and `[checkpoints]` sections of an experiment file: fields, units, ranges and defaults."""

from typing import Literal

from engine.named import AtLeastOne, Count, NonNegative, Section
from engine.optim.optimizers import Optimizer, Sgd
from engine.optim.schedules import ConstantSchedule, Schedule


class TrainingSpec(Section, frozen=True):
    """`[training]`: how the network learns."""

    epochs: AtLeastOne = 10
    batch_size: Count = 64
    """Samples a step; 0: the whole training set (batch gradient descent), 1: stochastic."""
    backend: Literal["numpy", "torch"] = "numpy"
    device: str = "auto"
    """For torch: auto (an accelerator where there is one), cpu, cuda, cuda:1, mps, xpu."""
    processes: AtLeastOne = 1
    """For torch: processes that share each batch, each on a GPU of its own where there are any."""
    compile: bool = False
    """For torch: whether torch.compile makes the network into fused kernels first."""
    dtype: Literal["float32", "float64"] = "float32"
    clip_norm: NonNegative = 0.0
    """Largest Euclidean norm of the gradient; 0: off."""
    patience: Count = 0
    """Epochs without a better validation loss before training stops; 0: off."""
    optimizer: Optimizer = Sgd()
    schedule: Schedule = ConstantSchedule()


class CheckpointSpec(Section, frozen=True):
    """`[checkpoints]`: which weights a run keeps, beside the best and the last."""

    every: Count = 0
    """Epochs between two checkpoints; 0: one, but never so many that writing takes over 1% of the time."""
    keep: Count = 5
    """How many of those stay, the newest; 0: all. The best, the last and those asked for always stay."""
    seconds: NonNegative = 60.0
    """Seconds of training that a crash may cost at most; 0: no matter how many."""
