"""What the tests of data share: a cache of their own, filled once, and files like a user's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.mnist_cache import load_arrays
from engine.data.mnist_files import Arrays


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty cache folder, so that no test touches the user's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NNTERM_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def mnist_arrays(cache: Path) -> Arrays:
    """MNIST, unpacked for real, once a session."""
    return load_arrays()


@pytest.fixture
def npz(tmp_path: Path) -> Callable[..., str]:
    """Write arrays to an .npz file and return its path."""

    def write(**arrays: Any) -> str:
        path = tmp_path / "own.npz"
        np.savez(path, **arrays)
        return str(path)

    return write
