"""The Findings screen: the findings of a run or a draft, with evidence, explanation and suggested fix."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from engine.errors import NntermError
from tui.findings.cases import FindingsCase
from tui.findings.finding_details import FindingDetails
from tui.findings.finding_list import FindingList
from tui.follow.run_figures import RunFigures
from tui.shell.screen import LabScreen
from tui.widgets.fix_dialog import FixDialog
from tui.words.errors import error_text

POLL_S = 0.5
"""Seconds between two reads of the case."""


class FindingsScreen(LabScreen):
    """Lists the findings and shows the one under the cursor; pushed over the screen that it was opened from.

    Args:
        case: the run or draft with its findings.
        on_fixed: called with the result of an applied fix.
    """

    PURPOSE = "Findings, evidence and fixes"
    HELP = (
        "The doctor's rules check what is measured while the network trains. Causes are listed before the symptoms that "
        "they explain. Enter shows the explanation of a finding. m applies the suggested fix, after a look at what it "
        "changes: a running training is changed where that is possible, otherwise a new run starts with the change, from "
        "a checkpoint or from the initial weights. ctrl+l examines all files of the run, as nnterm diagnose does."
    )
    DEFAULT_CSS = """
    FindingsScreen {
        #found { height: 1fr; }
        #list { width: 40; height: 1fr; background: $background; padding: 0; }
        &.-narrow #list { width: 30; }
        #none { display: none; }
        &.-none { #found { display: none; } #none { display: block; } }
    }
    """
    AUTO_FOCUS = "#list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "fix", "fix", tooltip="apply the suggested fix, after a look at what it changes"),
        Binding("e", "trials", "experiments", tooltip="short experiments on this network"),
        Binding(
            "ctrl+l",
            "refresh",
            "examine again",
            key_display="^l",
            tooltip="examine all files of the run: events, checkpoints, weights",
        ),
        Binding("pagedown", "scroll(5)", "scroll down", show=False, tooltip="scroll the text down"),
        Binding("pageup", "scroll(-5)", "scroll up", show=False, tooltip="scroll the text up"),
        Binding("escape,d", "leave", "back", tooltip="back to the previous screen"),
    ]

    def __init__(self, case: FindingsCase, on_fixed: Callable[[Any], None]) -> None:
        super().__init__()
        self._case, self._on_fixed = case, on_fixed
        self._figures: RunFigures | None = None
        self._is_examined = False
        self._list = FindingList(id="list", classes="panel")
        self._details = FindingDetails(id="details", classes="panel")

    @property
    def mode(self) -> str:
        """The mode of the screen below."""
        return self._case.mode

    def body(self) -> ComposeResult:
        with Horizontal(id="found"):
            yield self._list
            yield self._details
        yield Static(id="none", classes="empty")

    # following the case

    def on_screen_resume(self) -> None:
        """Poll while the screen is visible."""
        self._follow()

    def on_screen_suspend(self) -> None:
        """Stop polling while the screen is hidden."""
        self.workers.cancel_group(self, "follow")

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        while True:
            figures = await asyncio.to_thread(self._case.look)
            if figures is not None and figures is not self._figures:
                self._show(figures)
            await asyncio.sleep(POLL_S)

    def _show(self, figures: RunFigures) -> None:
        self._figures = figures
        self._fit()
        self.set_class(not figures.findings, "-none")
        self.query_one("#none", Static).update(Content(nothing_found(figures, is_examined=self._is_examined)))
        self._list.border_title = f"{len(figures.findings)} found"
        self._list.show(figures.findings)
        self._details.show(self._list.selected, figures)
        self.refresh_bindings()

    @on(FindingList.OptionHighlighted)
    def _chosen(self) -> None:
        if self._figures is not None:
            if not self._details.is_about(self._list.selected):
                self._details.explain(explained=False)
            self._details.show(self._list.selected, self._figures)
            self.refresh_bindings()

    # the finding under the cursor

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show a key only if it applies now."""
        if action == "refresh":
            return self._case.can_examine
        if action == "trials":
            return self._below is not None
        if action in ("fix", "scroll"):
            finding = self._list.selected
            return finding is not None and (action != "fix" or bool(finding.remedy))
        return True

    @on(FindingList.OptionSelected)
    def _explain(self) -> None:
        """Show the explanation, or the evidence again."""
        self._details.explain(explained=not self._details.is_explained)

    @work(exclusive=True, group="examine")
    async def action_refresh(self) -> None:
        """Examine everything that is available, and show the findings."""
        self._set_purpose("Examining events, checkpoints and the newest weights on the data …")
        try:
            await asyncio.to_thread(self._case.examine)
        except NntermError as error:
            self.notify(error_text(error), title="Not examined", severity="error", markup=False)
        else:
            self._is_examined = True
            figures = await asyncio.to_thread(self._case.look)
            if figures is not None:
                self._show(figures)
        finally:
            self._set_purpose(self.PURPOSE)

    def _set_purpose(self, words: str) -> None:
        if self.is_attached:  # the user may leave during an examination
            self.query_one("#purpose", Static).update(Content(words), layout=False)

    @property
    def _below(self) -> Screen[Any] | None:
        """The screen that this one was opened from."""
        stack = self.app.screen_stack
        at = stack.index(self) if self in stack else 0
        return stack[at - 1] if at else None

    async def action_trials(self) -> None:
        """Open the experiments of the screen below, over this one."""
        if self._below is not None:
            await self._below.run_action("trials")

    def on_resize(self) -> None:
        """Show evidence and explanation together where there is room."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        is_roomy = self.has_class("-wide") and self.has_class("-tall")
        if is_roomy == self._details.has_class("-roomy"):
            return
        self._details.set_class(is_roomy, "-roomy")
        self._details.write()
        self._list.can_explain = not is_roomy
        self.refresh_bindings()

    def action_scroll(self, lines: int) -> None:
        """Scroll the details."""
        self._details.action_scroll(lines)

    def action_leave(self) -> None:
        """Return from the explanation to the evidence, from there to the screen below."""
        if self._details.is_explained:
            self._details.explain(explained=False)
        else:
            self.dismiss()

    @work(exclusive=True, group="fix")
    async def action_fix(self) -> None:
        """Show the effect of the suggested fix, and apply it after a confirmation."""
        finding = self._list.selected
        if finding is None:
            return
        try:
            proposal = await asyncio.to_thread(self._case.propose, finding)
            if not await self.app.push_screen_wait(FixDialog(proposal.sentence, proposal.changes)):
                return
            result = await asyncio.to_thread(self._case.carry_out, proposal)
        except NntermError as error:
            self.notify(error_text(error), title="Not fixed", severity="error", markup=False)
            return
        if proposal.draft is not None:
            self.session.draft = proposal.draft
        self._on_fixed(result)
        self.dismiss()


def nothing_found(figures: RunFigures, *, is_examined: bool) -> str:
    """Return the text of the screen without findings: what was examined, and what can be done next."""
    if is_examined:
        return "No findings: events, checkpoints and newest weights are healthy."
    examine = "ctrl+l examines all files: events, checkpoints, weights."
    if figures.measuring or (figures.is_over and figures.health is not None):
        return f"No findings: everything measured so far is healthy.\n{examine}"
    if figures.is_over:
        return f"The layers were not measured during this training.\n{examine}"
    return f"Layer stats are off; escape, then I switches them on.\n{examine}"
