"""`nnterm devices`: processors and GPUs, whether PyTorch can use them, and advice where it cannot."""

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

    found = Survey()
    with output.working("asking PyTorch for its devices", json):
        for line in survey():
            if json:
                output.json_line(line)
            else:
                found.add(line)
    if not json:
        _show(found)
    return output.ExitCode.DONE


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
