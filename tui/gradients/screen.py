"""The Gradients screen: checks backpropagation against finite differences and PyTorch, in a child process."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Static

from engine.errors import NntermError
from engine.torch.devices.choose import Device
from tui.gradients.check_details import CheckDetails, title
from tui.gradients.check_table import CheckTable
from tui.gradients.check_view import CheckView
from tui.gradients.check_words import READING, phase_words, subject_line, verdict_words
from tui.gradients.demonstrations import demonstration_dialog
from tui.gradients.heat_map import HeatMapView
from tui.gradients.heat_screen import HeatScreen
from tui.gradients.verdict_bar import VerdictBar
from tui.gradients.walk_screen import Explain, WalkScreen
from tui.processes import check as check_process
from tui.processes.check import CheckError, CheckLine
from tui.processes.check_subject import CheckSubject, source_of
from tui.shell.dialogs import ChoiceDialog
from tui.shell.screen import LabScreen
from tui.widgets.no_run import nothing_to_check

Check = Callable[[Sequence[str]], AsyncGenerator[CheckLine, None]]
DTYPES = ("auto", "float64", "float32")
_DTYPE_WORDS = {
    "auto": "auto: float64 where the device supports it",
    "float64": "float64: errors around 1e-15",
    "float32": "float32: errors around 1e-6, as in training",
}


class GradientsScreen(LabScreen):
    """Checks the gradients of the session's draft or run, and shows the result."""

    MODE = "gradients"
    PURPOSE = "Gradient check: backpropagation against finite differences and PyTorch."
    HELP = (
        "Backpropagation computes every gradient by the chain rule: the analytic value. A finite difference changes one "
        "parameter slightly in both directions and compares the losses. PyTorch's autograd is independent of this "
        "engine. Where all three agree, the gradients are right. The table shows each tensor at its worst entry; errors "
        "around 1e-8 are the resolution of finite differences in float64. At a kink, such as that of ReLU at 0, the "
        "gradient is undefined: such entries are left out and counted. A run is checked at the weights of this moment, "
        "and its training continues. ^b plants a known bug in a copy, to see how an error's pattern shows its cause."
    )
    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "check", "check", tooltip="check the gradients now"),
        Binding(
            "S", "source", "source", tooltip="check the run instead of the network on Build, or the reverse"
        ),
        Binding("at", "device", "device", key_display="@", tooltip="choose the device that PyTorch uses"),
        Binding("P", "dtype", "precision", tooltip="choose the precision that PyTorch uses"),
        Binding(
            "G", "walk", "step through", tooltip="step through the forward and backward pass of a sample"
        ),
        Binding(
            "ctrl+b",
            "break",
            "break a gradient",
            tooltip="demonstration: plant a known bug in a copy and see how the check finds it, or remove it",
        ),
        Binding("escape", "cancel", "cancel", tooltip="cancel the running check"),
    ]

    def __init__(
        self,
        check: Check = check_process.check,
        list_devices: Callable[[], Any] = check_process.list_devices,
        explain: Explain = check_process.explain,
    ) -> None:
        super().__init__()
        self._explain = explain
        self._map: HeatScreen | None = None
        self._check, self._list_devices = check, list_devices
        self._view = CheckView()
        self._checked: CheckSubject | None = None
        self._device, self._dtype, self._plant = "auto", "auto", ""
        self._devices: tuple[Device, ...] = ()
        self._plants: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        yield Static(classes="empty", id="nothing")
        with Vertical(id="check"):
            yield Static(id="subject")
            yield VerdictBar(id="verdict")
            yield CheckTable(id="table", classes="panel")
            yield CheckDetails(id="details", classes="panel")
            yield HeatMapView(id="heat", classes="panel")
            yield Static(Content(READING), id="reading")

    def on_mount(self) -> None:
        """Set the panel titles, and follow the changes of the session."""
        self.session.subscribe(self, self._session_changed)
        table = self.query_one(CheckTable)
        table.border_title = "gradients at the worst entry of each tensor"
        self.query_one(HeatMapView).border_title = "relative error of each entry"
        self.query_one("#nothing", Static).update(nothing_to_check())

    def on_screen_resume(self) -> None:
        """Check the subject of the session unless its result is already shown."""
        subject = self._subject
        self.set_class(subject is None, "-empty")
        if subject is not None and subject != self._checked:
            self._plant = ""
            self.action_check()
        self._show_subject()

    def _session_changed(self, name: str) -> None:
        if name in ("run", "draft", "check_run") and self.is_current:
            self.on_screen_resume()

    @property
    def _subject(self) -> CheckSubject | None:
        """The session's run or draft, as chosen; None if it has neither."""
        session = self.session
        if session.run is not None and (session.check_run or session.draft is None):
            return CheckSubject(session.run)
        return None if session.draft is None else CheckSubject(None, session.draft)

    # checking

    def action_check(self) -> None:
        """Check now; a running check is restarted."""
        subject = self._subject
        if subject is None or (subject == self._checked and self._view.is_starting):
            return
        self._view = CheckView.begin(self._view if subject == self._checked else None)
        self._checked = subject
        self._show()
        self._run_check(subject)

    @work(exclusive=True, group="check")
    async def _run_check(self, subject: CheckSubject) -> None:
        view = self._view
        try:
            with tempfile.TemporaryDirectory(prefix="nnterm-") as folder:
                source = await asyncio.to_thread(source_of, subject, Path(folder))
                arguments = check_process.arguments_for(
                    source, self.session.home, self._device, self._dtype, self._plant
                )
                async with aclosing(self._check(arguments)) as events:
                    async for event in events:
                        view.absorb(event)
                        self._plants = view.plants or self._plants
                        self._show()
        except (NntermError, OSError) as error:
            view.absorb(CheckError(str(error)))
            self._show()

    def action_cancel(self) -> None:
        """Cancel the running check."""
        self._view.cancel()
        self.workers.cancel_group(self, "check")
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "cancel":
            return self._view.state == "running"
        if action == "source":
            return self.session.run is not None and self.session.draft is not None
        if action == "break":
            return self._subject is not None and self._view.state != "running"
        return self._subject is not None

    def action_walk(self) -> None:
        """Open the step-through screen."""
        subject = self._subject
        if subject is not None:
            self.app.push_screen(WalkScreen(subject, self._explain))

    @on(DataTable.RowSelected)
    def _open_map(self) -> None:
        """Open the error maps at the tensor under the cursor."""
        row = self.query_one(CheckTable).selected
        if row is not None:
            self._map = HeatScreen(self._view, row.name)
            self.app.push_screen(self._map)

    # choosing

    def action_source(self) -> None:
        """Switch between the draft and the run."""
        self.session.check_run = not self.session.check_run

    @work(exclusive=True, group="choose")
    async def action_break(self) -> None:
        """Let the user choose a bug to plant in a copy, or end the demonstration, and check."""
        chosen = await self.app.push_screen_wait(demonstration_dialog(self._plants, self._plant))
        if chosen is not None and chosen != self._plant:
            self._plant = chosen
            self.action_check()
            self._show_subject()

    @work(exclusive=True, group="choose")
    async def action_device(self) -> None:
        """Let the user choose a device of this machine, and check on it."""
        if not self._devices:
            self._show_subject("searching for devices …")
            self._devices = await self._list_devices()
            self._show_subject()
        answers = [("a", "auto: the first accelerator, else the CPU", "auto")]
        answers += [
            (str(i), f"{device.name}  {device.title}".rstrip(), device.name)
            for i, device in enumerate(self._devices, 1)
        ]
        chosen = await self.app.push_screen_wait(ChoiceDialog("Device for PyTorch", answers, title="device"))
        if chosen is not None:
            self._device = chosen
            self.action_check()
            self._show_subject()

    @work(exclusive=True, group="choose")
    async def action_dtype(self) -> None:
        """Let the user choose a precision of the device, and check with it."""
        device = next((one for one in self._devices if one.name == self._device), check_process.CPU)
        dtypes = [dtype for dtype in DTYPES if dtype == "auto" or dtype in device.dtypes]
        answers = [(str(i), _DTYPE_WORDS[dtype], dtype) for i, dtype in enumerate(dtypes, 1)]
        chosen = await self.app.push_screen_wait(
            ChoiceDialog("Precision for PyTorch", answers, title="precision")
        )
        if chosen is not None:
            self._dtype = chosen
            self.action_check()
            self._show_subject()

    # showing

    def _show(self) -> None:
        """Show the current state of the check."""
        view, bar = self._view, self.query_one(VerdictBar)
        bar.share, bar.remarks = view.share, tuple(view.remarks)
        bar.words = phase_words(view) if view.state == "running" else verdict_words(view)
        changed, bar.state = bar.state != view.state, view.state
        table = self.query_one(CheckTable)
        table.show(list(view.rows.values()))
        self._show_selected()
        self._show_subject()
        if self._map is not None and self._map.is_attached:
            self._map.show(view)
        if changed:
            self.refresh_bindings()
            if view.state == "failed":
                table.go_to_wrong()

    @on(DataTable.RowHighlighted)
    def _show_selected(self) -> None:
        row, details = self.query_one(CheckTable).selected, self.query_one(CheckDetails)
        details.row = row
        details.border_title = title(row) if row else ""
        heat = self.query_one(HeatMapView)
        heat.heat = self._view.heat.get(row.name) if row else None
        self.set_class(heat.heat is not None, "-mapped")

    def _show_subject(self, where: str = "") -> None:
        """Show the subject; `where`: the text after it, by default the device and precision of PyTorch."""
        subject = self._subject
        if subject is None:
            return
        finished = self._view.finished
        device = finished.device if finished else self._device
        dtype = finished.dtype if finished else self._dtype
        compared = finished is None or finished.torch_version
        torch = f"PyTorch: {device}, {dtype}" if compared else "not compared with PyTorch"
        line = subject_line(subject, self._view, where or torch)
        self.query_one("#subject", Static).update(line, layout=False)
