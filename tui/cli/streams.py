"""The standard streams as a shell, a service or `nnterm ... >&-` may leave them: closed ones point to nowhere."""

import os
import sys
import warnings

from engine.errors import NntermError

_MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}


def open_standard_streams() -> None:
    """Point closed standard streams at the null device: else the next file that is opened would be taken for one.

    Raises:
        NntermError: stdout is closed, so that no answer could be written.
    """
    closed = [name for name in _MODES if getattr(sys, name) is None]
    for name in closed:
        wanted = list(_MODES).index(name)
        descriptor = os.open(os.devnull, os.O_RDWR)  # the lowest that is free
        if descriptor != wanted:
            os.dup2(descriptor, wanted)
            os.close(descriptor)
        setattr(sys, name, open(wanted, _MODES[name], encoding="utf-8", closefd=False))  # noqa: SIM115
    if "stdout" in closed:
        raise NntermError("cannot write the output: stdout is closed", "send it to a file, or to /dev/null")


def hide_warnings() -> None:
    """Keep Python's warnings, which name lines of our code, off the terminal, unless `python -W` asks for them.

    Weights near the largest number overflow: the answer says that a figure is not finite.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
