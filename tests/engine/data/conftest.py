"""What the tests of data share: decoded MNIST, and files like a user's."""

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
    """Return MNIST, unpacked for real, once a session."""
    return load_arrays()


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., str]:
    """Write arrays to an .npz file and return its path."""

    def write(**arrays: Any) -> str:
        path = tmp_path / "own.npz"
        np.savez(path, **arrays)
        return str(path)

    return write
