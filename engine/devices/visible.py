"""The GPUs that `CUDA_VISIBLE_DEVICES` leaves to a process, by the CUDA driver's rules.

Source: CUDA C Programming Guide, "CUDA environment variables"; `torch.cuda._parse_visible_devices`.
"""

import re
from collections.abc import Sequence

import msgspec

from engine.devices.facts import Gpu

VARIABLE = "CUDA_VISIBLE_DEVICES"


class Visible(msgspec.Struct, frozen=True):
    """The GPUs visible to a process."""

    gpus: tuple[Gpu, ...]
    value: str | None = None
    """The variable's value; None if it is not set."""
    bad: str = ""
    """The first entry that names no GPU: it and all after it are ignored."""
    repeated: str = ""
    """An entry that occurs twice: CUDA then shows no GPU."""


def visible_gpus(gpus: Sequence[Gpu], value: str | None) -> Visible:
    """Return those of `gpus` that a process with this value of the variable sees, in its order.

    Entries are numbers, the beginning of a UUID (`GPU-8f3a`), or a MIG instance's (`MIG-...`). The first entry without
    a GPU ends the list; a repeated one empties it.
    """
    if value is None:
        return Visible(tuple(gpus))
    seen: list[Gpu] = []
    entries = [entry.strip() for entry in value.split(",")]
    for entry in entries:
        gpu = _named(gpus, entry)
        if gpu is None:
            return Visible(tuple(seen), value, bad=entry if entry not in ("", "-1") else "")
        if gpu in seen and not entry.startswith("MIG-"):
            return Visible((), value, repeated=entry)
        if gpu not in seen:
            seen.append(gpu)
    return Visible(tuple(seen), value)


def _named(gpus: Sequence[Gpu], entry: str) -> Gpu | None:
    """Return the GPU that an entry names, or None; as in CUDA, `1gpu` is 1."""
    if entry.startswith("GPU-"):
        found = [gpu for gpu in gpus if gpu.uuid.startswith(entry)]
        return found[0] if len(found) == 1 else None
    if entry.startswith("MIG-"):
        return next((gpu for gpu in gpus if any(uuid.startswith(entry) for uuid in gpu.mig_uuids)), None)
    number = re.match(r"\+?\d+", entry)
    index = int(number[0]) if number else -1
    return next((gpu for gpu in gpus if gpu.index == index), None)
