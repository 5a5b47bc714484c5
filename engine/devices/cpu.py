"""The processor and NumPy's matrix library; loads NumPy."""

import psutil

from engine import blas
from engine.cores import usable_cores
from engine.devices.facts import Cpu
from engine.devices.host import processor_name


def read_cpu() -> Cpu:
    """Return the processor, the matrix library, and the number of threads that nnterm gives it."""
    memory = psutil.virtual_memory()
    return Cpu(
        name=processor_name(),
        cores=psutil.cpu_count(logical=False) or 1,
        threads=usable_cores(),
        blas=blas.describe(),
        blas_threads=blas.THREADS,
        memory_total_bytes=int(memory.total),
        memory_used_bytes=int(memory.total - memory.available),
    )
