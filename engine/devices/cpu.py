"""The processor, and the matrix library that NumPy has on it; loads NumPy."""

import os

import psutil

from engine import blas
from engine.devices.facts import Cpu
from engine.devices.host import processor_name


def read_cpu() -> Cpu:
    """Return what this processor is, and with how many threads nnterm has the matrix library work."""
    memory = psutil.virtual_memory()
    return Cpu(
        name=processor_name(),
        cores=psutil.cpu_count(logical=False) or 1,
        threads=_usable_threads(),
        blas=blas.describe(),
        blas_threads=blas.THREADS,
        memory_total_bytes=int(memory.total),
        memory_used_bytes=int(memory.total - memory.available),
    )


def _usable_threads() -> int:
    """Those that this process may run on: taskset, cgroups and batch systems leave fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
