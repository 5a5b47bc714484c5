"""The matrix library (BLAS) behind NumPy: its number of threads, and a warm-up."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import threadpoolctl

THREADS = 1
"""One thread is faster than two at these sizes on a busy machine, and makes runs repeatable."""


def prepare(threads: int = THREADS) -> str:
    """Limit BLAS to `threads`, warm it up, and return its name and kernel, for example "openblas 0.3.31 Zen"."""
    threadpoolctl.threadpool_limits(threads, user_api="blas")
    warm_up()
    return describe()


@contextlib.contextmanager
def limited(threads: int = THREADS) -> Iterator[None]:
    """Limit BLAS to `threads` within a `with` block."""
    with threadpoolctl.threadpool_limits(threads, user_api="blas"):
        yield


def warm_up() -> None:
    """Compute one wide product, after which small ones run 1.1 to 1.5 times faster (measured, OpenBLAS, one thread):
    the library keeps the large aligned buffers.
    """
    np.ones((64, 768), np.float32) @ np.ones((768, 1024), np.float32)


def describe() -> str:
    """Return the name, version and kernel of the BLAS in use; empty if unknown."""
    pools: list[dict[str, Any]] = threadpoolctl.threadpool_info()
    for pool in pools:
        if pool.get("user_api") == "blas":
            parts = (pool.get("internal_api"), pool.get("version"), pool.get("architecture"))
            return " ".join(str(part) for part in parts if part)
    return ""
