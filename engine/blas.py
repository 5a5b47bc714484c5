"""The matrix library behind NumPy: how many threads it may take, and a start that makes it faster."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import threadpoolctl

THREADS = 1
"""At the sizes of these networks one thread beats two on a busy machine, and makes runs repeatable."""


def prepare(threads: int = THREADS) -> str:
    """Limit BLAS to `threads`, warm it up, and return its name and kernel, for example "openblas 0.3.31 Zen"."""
    threadpoolctl.threadpool_limits(threads, user_api="blas")
    warm_up()
    return describe()


@contextlib.contextmanager
def limited(threads: int = THREADS) -> Iterator[None]:
    """Limit BLAS to `threads` for a while."""
    with threadpoolctl.threadpool_limits(threads, user_api="blas"):
        yield


def warm_up() -> None:
    """Make one wide product, after which small ones run 1.1 to 1.5 times faster (measured, OpenBLAS, one thread).

    The library then has large aligned buffers, which it keeps.
    """
    np.ones((64, 768), np.float32) @ np.ones((768, 1024), np.float32)


def describe() -> str:
    """Return the name, version and kernel of the BLAS in use, empty where it cannot be told."""
    pools: list[dict[str, Any]] = threadpoolctl.threadpool_info()
    for pool in pools:
        if pool.get("user_api") == "blas":
            parts = (pool.get("internal_api"), pool.get("version"), pool.get("architecture"))
            return " ".join(str(part) for part in parts if part)
    return ""
