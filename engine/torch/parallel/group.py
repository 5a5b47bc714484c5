"""The processes of one training that share each batch. Imports torch; import it inside a function."""

from typing import TypeVar

from torch import Tensor

from engine.arrays import Array

T = TypeVar("T")


class ProcessGroup:
    """A group of this process alone, whose part of each batch is the whole."""

    rank: int = 0
    size: int = 1

    def device(self, wanted: str) -> str:
        """Return the device of this process for the requested one.

        Raises:
            DeviceError: there are fewer devices than processes, or they are of different kinds.
        """
        return wanted

    def agree(self, value: T, of: int = 0) -> T:
        """Return the value of the process with rank `of`; a msgspec struct or plain types.

        Raises:
            RunError: another process has ended.
        """
        return value

    def share(self, array: Array) -> None:
        """Overwrite `array`, contiguous and of any shape, with that of the first process."""

    def add_up(self, tensor: Tensor) -> None:
        """Replace `tensor` by the sum over all processes, in place; the result is the same, bit for bit, in all."""

    def part(self, m: int) -> slice:
        """Return this process's part of `m` samples; the parts differ in size by at most one, and may be empty."""
        return slice(m * self.rank // self.size, m * (self.rank + 1) // self.size)
