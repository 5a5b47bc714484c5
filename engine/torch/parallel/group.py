"""A team: the processes of one training that share each batch. Imports torch; import it inside a function."""

from typing import TypeVar

from torch import Tensor

from engine.arrays import Array

T = TypeVar("T")


class ProcessGroup:
    """A process that trains alone: it agrees with itself, and its part is the whole."""

    rank: int = 0
    size: int = 1

    def device(self, wanted: str) -> str:
        """Return the device of this process where `wanted` was asked for.

        Raises:
            DeviceError: there are fewer devices than processes, or they cannot exchange anything.
        """
        return wanted

    def agree(self, value: T, of: int = 0) -> T:
        """Return what the process `of` says; the value is a msgspec struct, or made of plain types."""
        return value

    def share(self, array: Array) -> None:
        """Overwrite `array`, which is contiguous, with that of the first process."""

    def add_up(self, tensor: Tensor) -> None:
        """Replace `tensor` by the sum over all processes, in place; all get the same bits."""

    def part(self, m: int) -> slice:
        """Return which of `m` samples are this process's: shares differ by one at most, and may be empty."""
        return slice(m * self.rank // self.size, m * (self.rank + 1) // self.size)
