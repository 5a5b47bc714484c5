"""The processor cores that this process may use."""

import math
import os
from pathlib import Path

from engine.errors import NntermError

LIMIT_VARIABLE = "NNTERM_THREADS"
"""Environment variable that limits the cores of each process, for several trainings at once."""


def usable_cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use: at least 1.

    Affinity (taskset, batch systems), the quota of its control group (containers) and `NNTERM_THREADS` limit it.

    Args:
        root: the folder to read as /.

    Raises:
        NntermError: `NNTERM_THREADS` is not a whole number of at least 1.
    """
    limits = (_affinity(), _quota(root), _chosen_limit())
    return max(1, min(limit for limit in limits if limit is not None))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _chosen_limit() -> int | None:
    """Return the value of `NNTERM_THREADS`; None if it is not set or empty."""
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        message = f'{LIMIT_VARIABLE} = "{text[:40]}" is not a whole number of at least 1'
        raise NntermError(message, f"for example {LIMIT_VARIABLE}=2; unset: all cores")
    return int(text)


def _quota(root: Path) -> int | None:
    """Return the whole cores that the control group of this process grants it, and each group above; None: no limit."""
    found: list[float] = []
    for line in _text(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            found += _quotas(root / "sys/fs/cgroup", group, "cpu.max")
        elif "cpu" in controllers.split(","):
            found += _quotas(root / "sys/fs/cgroup/cpu", group, "cpu.cfs_quota_us")
    return math.floor(min(found)) if found else None


def _quotas(mount: Path, group: str, name: str) -> list[float]:
    """Return the quotas in cores of a control group and of those above it, up to the mount."""
    parts = [part for part in group.split("/") if part not in ("", "..")]
    folders = [mount.joinpath(*parts[:length]) for length in range(len(parts), -1, -1)]
    quotas = (_quota_in(folder, name) for folder in folders)
    return [quota for quota in quotas if quota is not None]


def _quota_in(folder: Path, name: str) -> float | None:
    """Return microseconds of computing per microsecond; None: unlimited, or there is no such file."""
    words = _text(folder / name).split()
    if name == "cpu.cfs_quota_us":
        words += _text(folder / "cpu.cfs_period_us").split()
    try:
        quota, period = (int(word) for word in words)
    except ValueError:  # "max", or nothing
        return None
    return quota / period if quota > 0 and period > 0 else None


def _text(path: Path) -> str:
    """Return the text of a small file; empty if it cannot be read."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
