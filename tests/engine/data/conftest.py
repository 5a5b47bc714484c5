"""Fixtures of the data tests: decoded MNIST, and a user's files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.mnist_cache import cache_folder, load_arrays
from engine.data.mnist_files import Arrays


@pytest.fixture(scope="session")
def cache() -> Path:
    """Return the cache folder of the session."""
    return cache_folder()


@pytest.fixture(scope="session")
def mnist_arrays(cache: Path) -> Arrays:
    """Return MNIST, unpacked once per session."""
    return load_arrays()


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., str]:
    """A function that writes arrays to an .npz file and returns its path."""

    def write(**arrays: Any) -> str:
        path = tmp_path / "own.npz"
        np.savez(path, **arrays)
        return str(path)

    return write
