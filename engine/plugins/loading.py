"""The modules that NNTERM_PLUGINS names, imported before a name of an experiment is looked up.

Importing runs code. So only the user's own environment names modules: no experiment file, run folder or weights file can.
"""

import contextlib
import functools
import importlib
import importlib.util
import os
import sys
from pathlib import Path

from engine.errors import NntermError

VARIABLE = "NNTERM_PLUGINS"
"""Names the modules, separated by commas: importable names, or paths that end in .py."""
HINT = f"your own: {VARIABLE} (docs/python.md)"
"""The end of the hint for an unknown member."""


def load_plugins() -> None:
    """Import the modules that the environment names; does nothing without them, and from the second call on.

    Raises:
        NntermError: a module is missing, or it raises.
    """
    named = os.environ.get(VARIABLE)
    if named:
        _load(named)


@functools.cache
def _load(named: str) -> None:
    entries = [entry.strip() for entry in named.split(",") if entry.strip()]
    found = [str(Path(one).expanduser().absolute()) if one.endswith(".py") else one for one in entries]
    for entry in found:
        try:
            with contextlib.redirect_stdout(sys.stderr):  # stdout is for the answer, which may be JSON
                _import(entry)
        except (Exception, SystemExit) as error:
            reason = error.message if isinstance(error, NntermError) else f"{type(error).__name__}: {error}"
            raise NntermError(f"{VARIABLE}: cannot import {entry}: {reason}", _hint(entry, error)) from error
    _pass_on(found)


def _import(entry: str) -> None:
    if not entry.endswith(".py"):
        importlib.import_module(entry)
        return
    name = f"nnterm_plugin_{Path(entry).stem}"
    if name in sys.modules and sys.modules[name].__file__ == entry:
        return
    spec = importlib.util.spec_from_file_location(name, entry)
    if spec is None or spec.loader is None:
        raise ImportError("no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _hint(entry: str, error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == entry.partition(".")[0]:
        return f"give the path of its .py file, or put its folder into PYTHONPATH; or unset {VARIABLE}"
    return f"correct the module, or unset {VARIABLE}"


def _pass_on(entries: list[str]) -> None:
    """Make the paths absolute for the processes that are started from here: a worker has another working folder."""
    os.environ[VARIABLE] = ",".join(entries)
    folders = os.environ.get("PYTHONPATH")
    if folders:
        os.environ["PYTHONPATH"] = os.pathsep.join(
            str(Path(one).absolute()) for one in folders.split(os.pathsep)
        )
