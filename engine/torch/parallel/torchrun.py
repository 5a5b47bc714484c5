"""A group of processes started by torchrun, on one machine or several. Imports torch; import it inside a function."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
import torch
import torch.distributed as dist
from torch import Tensor

from engine.arrays import Array
from engine.errors import DeviceError, RunError
from engine.torch.devices.choose import choose_device, list_devices
from engine.torch.parallel.group import ProcessGroup
from engine.torch.parallel.launcher import MEETING_VARIABLE
from engine.words import counted

T = TypeVar("T")

MEETING = timedelta(minutes=5)
"""Time limit for the processes to find each other at the start."""
FOREVER = timedelta(days=3650)
"""Time limit for messages of the first process, unlimited in effect: a training may be paused."""
ALONE = ProcessGroup()


class TorchrunGroup(ProcessGroup):
    """The processes that torchrun started, found by its environment variables.

    CPUs exchange by gloo, GPUs by NCCL or PyTorch's default for the device.

    Raises:
        RunError: they cannot find each other.
    """

    def __init__(self) -> None:
        with _as_run_error("the processes of this training cannot connect to each other"):
            dist.init_process_group("gloo", timeout=MEETING, **_meeting())
            self._control = self._sums = dist.new_group(backend="gloo", timeout=FOREVER)
        self.rank, self.size = dist.get_rank(), dist.get_world_size()

    def device(self, wanted: str) -> str:
        problem, device = "", "cpu"
        try:
            device = _device_of(int(os.environ.get("LOCAL_RANK", "0")), wanted)
        except DeviceError as error:
            problem = f"{error.message}; {error.hint}"
        for rank in range(self.size):  # all report before any continues, else the others would hang
            other = self.agree(problem, of=rank)
            if other:
                raise DeviceError(f"process {rank + 1} of {self.size}: {other}")
        kind = device.partition(":")[0]
        if self.agree(kind) != kind:
            raise DeviceError(f"the first process computes on {self.agree(kind)}, this one on {kind}")
        if kind != "cpu":
            getattr(torch, kind).set_device(device)
            self._sums = dist.new_group(backend=dist.get_default_backend_for_device(device))
        return device

    def agree(self, value: T, of: int = 0) -> T:
        blob = torch.frombuffer(bytearray(msgspec.msgpack.encode(value)), dtype=torch.uint8)
        length = torch.tensor([len(blob)])
        with _as_run_error():
            dist.broadcast(length, of, group=self._control)
            if self.rank != of:
                blob = torch.empty(int(length), dtype=torch.uint8)
            dist.broadcast(blob, of, group=self._control)
        return msgspec.msgpack.decode(blob.numpy().tobytes(), type=type(value))

    def share(self, array: Array) -> None:
        with _as_run_error():
            dist.broadcast(torch.from_numpy(array), 0, group=self._control)

    def add_up(self, tensor: Tensor) -> None:
        with _as_run_error():
            dist.all_reduce(tensor, group=self._sums)

    def leave(self) -> None:
        """End the group, after all processes are done."""
        dist.destroy_process_group()


def _meeting() -> dict[str, Any]:
    """Return where the processes meet: at a file if our launcher started them, else at torchrun's port."""
    path = os.environ.get(MEETING_VARIABLE)
    if path is None:
        return {}
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    return {"init_method": f"file://{path}", "rank": rank, "world_size": size}


@contextmanager
def _as_run_error(what: str = "another process of this training has ended") -> Iterator[None]:
    """Raise a RunError for PyTorch's error of a lost process."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        place, sentence = r"\[/\S*\] ", str(error).partition("\n")[0].split(". ")[0]
        reason = re.sub(place, "", sentence)
        raise RunError(f"{what}: {reason}", "see worker.log; to continue: nnterm resume RUN") from None


def _device_of(local_rank: int, wanted: str) -> str:
    """Return the device of the process with number `local_rank` on its machine."""
    device = choose_device(wanted).device
    kind = device.partition(":")[0]
    if kind == "cpu":
        return device
    if kind == "mps":
        raise DeviceError("mps has a single GPU", 'set training.processes = 1, or training.device = "cpu"')
    names = [one.name for one in list_devices() if one.name.startswith(f"{kind}:")]
    if local_rank >= len(names):
        raise DeviceError(
            f"{counted(local_rank + 1, 'process', 'processes')} on this machine, but "
            f"{counted(len(names), 'GPU')}: {', '.join(names)}",
            f"set training.processes = {len(names)}",
        )
    return names[local_rank]


_joined: ProcessGroup = ALONE


def join() -> ProcessGroup:
    """Join the processes that torchrun started and return their group; without torchrun a group of this process alone.

    Raises:
        RunError: they cannot find each other.
    """
    global _joined
    if _joined is ALONE and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        _joined = TorchrunGroup()
    return _joined
