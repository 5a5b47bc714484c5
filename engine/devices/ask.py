"""PyTorch's own facts, from a separate process, which may hang or crash without harm."""

import signal
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from engine.devices.facts import Torch, TorchDevice

QUESTION = (sys.executable, "-P", "-m", "engine.torch.devices", "--json", "--smoke")
"""-P: files in the current folder, such as an `engine.py` of the user's, hide no package."""
PATIENCE_S = 60.0
"""Importing PyTorch from a cold network disk, or starting CUDA on eight GPUs, is slow."""


class _Kind(msgspec.Struct):
    type: str = ""


def ask_torch(question: Sequence[str] = QUESTION, patience_s: float = PATIENCE_S) -> Torch:
    """Return PyTorch's facts; every failure is in `Torch.error` or in a device's `smoke`.

    The process answers twice, before the smoke test and after it, which separates a driver that crashes in the test
    from one on which PyTorch does not load.

    Args:
        question: the command of the process.
        patience_s: time limit, seconds.
    """
    try:
        done = subprocess.run(
            question, capture_output=True, stdin=subprocess.DEVNULL, timeout=patience_s, check=False
        )
    except subprocess.TimeoutExpired as late:
        return _broken(late.stdout or b"", f"did not answer within {patience_s:.0f} s")
    except OSError as error:
        return Torch(error=f"could not be asked: {error}")
    answers = _answers(done.stdout)
    if done.returncode == 0 and answers:
        return answers[-1]
    return _broken(done.stdout, _ending(done.returncode, done.stderr))


def _answers(output: bytes) -> list[Torch]:
    """Return PyTorch's answers in the lines of a stream; a truncated or foreign line is ignored."""
    found = []
    for line in output.splitlines():
        try:
            if msgspec.json.decode(line, type=_Kind).type == "torch":
                found.append(msgspec.json.decode(line, type=Torch))
        except msgspec.MsgspecError:
            continue
    return found


def _broken(output: bytes, why: str) -> Torch:
    """Return the facts from a process that failed: in the smoke test, or without an answer."""
    answers = _answers(output)
    if not answers:
        return Torch(error=why)
    devices = tuple(_failed(device, why) for device in answers[-1].devices)
    return msgspec.structs.replace(answers[-1], devices=devices)


def _failed(device: TorchDevice, why: str) -> TorchDevice:
    is_under_test = device.name != "cpu" and not device.smoke
    return msgspec.structs.replace(device, smoke=f"the process {why}") if is_under_test else device


def _ending(code: int, stderr: bytes) -> str:
    """Return the end of a process in words, with the last line of its stderr."""
    last = (stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}{': ' if last else ''}{last}"
