"""Python without PyTorch, for tests: this process if it has not imported it, and every process that it starts."""

from pathlib import Path

import pytest

HIDE = '''
import sys
from importlib.machinery import PathFinder

class WithoutTorch(PathFinder):
    """Finds everything but torch."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "torch" else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutTorch
'''


def hide_torch(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Hide PyTorch from the processes that are started from now on: Python runs a `sitecustomize` when it starts."""
    (folder / "sitecustomize.py").write_text(HIDE)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
