"""`nnterm devices`: processors and GPUs, whether PyTorch can use them, and advice where it cannot."""

import contextlib
from typing import TYPE_CHECKING

from tui.cli import output
from tui.cli.options import Json

if TYPE_CHECKING:
    from engine.devices.advice import Advice
    from tui.words.devices import Survey

STYLES = {"error": "bold red", "warning": "yellow", "info": "green"}


def devices(json: Json = False) -> int:
    """List CPUs and GPUs, and check that PyTorch supports them.

    The GPUs of NVIDIA are asked by nvidia-ml-py, PyTorch in a process of its own, with a small product on each device.
    Where something does not fit, the line to type stands below the reason. Exit 0 also without a GPU.

    Example:
        nnterm devices
    """
    from engine.devices.survey import survey
    from tui.words.devices import Survey

    if json:
        for line in survey():
            output.json_line(line)
        return output.ExitCode.DONE
    with _status():
        found = Survey()
        for line in survey():
            found.add(line)
    _show(found)
    return output.ExitCode.DONE


def _status() -> contextlib.AbstractContextManager[object]:
    """Return a spinner on a terminal, an empty context elsewhere."""
    if not output.is_live():
        return contextlib.nullcontext()
    return output.console().status("querying PyTorch …")


def _show(found: "Survey") -> None:
    from tui.cli.table import table
    from tui.words.devices import COLUMNS

    output.show(table(COLUMNS, found.rows(), left=2))
    for name, value in found.summary():
        output.line(f"{name:<9}{value}")
    for advice in found.advice:
        _show_advice(advice)


def _show_advice(advice: "Advice") -> None:
    from rich.text import Text

    from tui.words.devices import advice_lines

    sentence, command = advice_lines(advice)
    output.line()
    output.show(Text(sentence, style=STYLES[advice.severity]))
    if command:
        output.line(f"    {command}")
