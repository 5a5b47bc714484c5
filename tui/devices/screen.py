"""The Devices screen: the devices of this machine, PyTorch's support for them, and commands that fix problems."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.devices.survey import Line
from engine.errors import DeviceError
from tui.actions import REFRESH
from tui.devices.advice_list import AdviceList
from tui.devices.device_table import DeviceTable
from tui.processes import survey as survey_process
from tui.shell.screen import LabScreen
from tui.widgets.key_values import KeyValues
from tui.words.devices import Survey


class DevicesScreen(LabScreen):
    """Surveys the machine when it is first shown, and again on request."""

    MODE = "devices"
    PURPOSE = "Hardware and PyTorch"
    HELP = (
        "NumPy trains on the CPU. PyTorch, which is used for gradient checks and can train as well, uses a GPU if its "
        "build, NVIDIA's driver and the GPU match. A build has kernels for certain compute capabilities (sm) only, and "
        "needs a driver for its CUDA version; if they do not match, the advice explains why and which build to install. "
        "PyTorch is tested in a separate process, which multiplies two small matrices on each device."
    )
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "#advice"
    BINDINGS: ClassVar[list[BindingType]] = [
        replace(REFRESH, tooltip="detect the devices again"),
    ]

    def __init__(self, survey: Callable[[], AsyncGenerator[Line, None]] = survey_process.survey) -> None:
        super().__init__()
        self._survey = survey
        self._found: Survey | None = None

    def body(self) -> ComposeResult:
        with Vertical(id="survey"):
            yield DeviceTable(id="table", classes="panel")
            yield KeyValues(id="facts")
            yield Static(id="trouble", classes="mistake")
            yield AdviceList(id="advice", classes="panel")

    def on_mount(self) -> None:
        """Set the panel titles."""
        self.query_one("#table").border_title = "devices"
        self.query_one("#advice").border_title = "advice"

    def on_screen_resume(self) -> None:
        """Survey the devices the first time."""
        if self._found is None:
            self.action_refresh()

    def action_refresh(self) -> None:
        """Survey the devices again; a running survey is restarted."""
        self._found = Survey()
        self.query_one("#trouble", Static).update("")
        self.query_one("#trouble").display = False
        self.query_one("#advice").border_subtitle = "detecting …"
        self._run_survey(self._found)

    @work(exclusive=True, group="look")
    async def _run_survey(self, found: Survey) -> None:
        try:
            async with aclosing(self._survey()) as lines:
                async for line in lines:
                    found.add(line)
                    self._show(found)
        except (DeviceError, OSError) as error:
            if not self.query("#trouble"):
                return  # the app is being left, and the survey's process with it
            trouble = self.query_one("#trouble", Static)
            trouble.update(Content(str(error)))
            trouble.display = True
        self.query_one("#advice").border_subtitle = ""
        self.query_one(AdviceList).show(found.advice)

    def _show(self, found: Survey) -> None:
        """Show what is known so far; the advice comes at the end, all at once."""
        self.query_one(DeviceTable).show(found.rows())
        self.query_one(KeyValues).rows = found.summary()

    def on_advice_list_command_selected(self, event: AdviceList.CommandSelected) -> None:
        """Copy a command to the clipboard."""
        self.app.copy_to_clipboard(event.command)
        self.notify(event.command, title="copied", markup=False)
