"""A user's own `engine.py` or `tui.py` hides none of nnterm's packages, or the message says which file to rename."""

import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import engine
import nnterm
from nnterm.__main__ import main

ROOT = Path(__file__).parents[1]


def test_nnterm_has_the_names_of_the_engine() -> None:
    assert {*engine.__all__, "__version__"} <= set(dir(nnterm))
    assert nnterm.Network is engine.Network
    assert nnterm.__version__ == engine.__version__
    names: dict[str, object] = {}
    exec("from nnterm import *", names)
    assert set(engine.__all__) <= set(names)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'nnterm' has no attribute 'Netwrok'"):
        _ = nnterm.Netwrok


def test_another_engine_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = ModuleType("engine")
    other.__file__ = str(tmp_path / "engine.py")
    monkeypatch.setitem(sys.modules, "engine", other)
    with pytest.raises(ImportError, match=r"engine\.py hides nnterm's package engine: rename it"):
        _ = nnterm.Network


@pytest.mark.parametrize("is_installed", [True, False])
def test_python_m_nnterm_leaves_the_current_folder_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_installed: bool
) -> None:
    """The folder is left out if nnterm lies elsewhere, and stays if it is nnterm's own."""
    folder = str(tmp_path if is_installed else ROOT)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [folder, "/elsewhere"])
    monkeypatch.setattr(import_module("tui.cli.main"), "main", lambda: 7)
    assert main() == 7
    assert sys.path == (["/elsewhere"] if is_installed else [folder, "/elsewhere"])


def test_processes_start_without_the_current_folder() -> None:
    """Each start of Python has -P, or the root folder as its own."""
    for package in ("engine", "tui"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            starts = re.findall(r"sys\.executable,\s*(\"-P\")?", text)
            assert all(starts) or 'cwd="/"' in text, path
