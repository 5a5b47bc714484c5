"""The Findings screen: the findings of a run or a draft, with evidence, explanation and suggested fix."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
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

    PURPOSE = "What the doctor found, by which figures, and what mends it."
    HELP = (
        "The doctor's rules judge what is measured while the network trains. A cause stands before the symptoms that it "
        "explains. enter says why a finding comes about; m mends it, after a look at what that will do: a running "
        "training is changed on its way where that can be done, else a new run begins with the change, from a kept "
        "checkpoint or from the first step. x examines all that the run has left, as nnterm diagnose does."
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
        Binding("m", "fix", "mend", tooltip="mend it, after a look at what that will do"),
        Binding(
            "x",
            "examine",
            "examine",
            tooltip="look at all that the run has left: events, checkpoints, weights",
        ),
        Binding("space,pagedown", "scroll(5)", "more", show=False, tooltip="further down in the words"),
        Binding("pageup", "scroll(-5)", "back up", show=False, tooltip="further up in the words"),
        Binding("escape,d", "leave", "back", tooltip="back to where you came from"),
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
        if action == "examine":
            return self._case.can_examine
        if action in ("fix", "scroll"):
            finding = self._list.selected
            return finding is not None and (action != "fix" or bool(finding.remedy))
        return True

    @on(FindingList.OptionSelected)
    def _explain(self) -> None:
        """Show the explanation, or the evidence again."""
        self._details.explain(explained=not self._details.is_explained)

    @work(exclusive=True, group="examine")
    async def action_examine(self) -> None:
        """Examine everything that is available, and show the findings."""
        self._set_purpose("Examining: its events, its checkpoints, and its newest weights on the data …")
        try:
            await asyncio.to_thread(self._case.examine)
        except NntermError as error:
            self.notify(error_text(error), title="not examined", severity="error")
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
            self.notify(error_text(error), title="not mended", severity="error")
            return
        if proposal.draft is not None:
            self.session.draft = proposal.draft
        self._on_fixed(result)
        self.dismiss()


def nothing_found(figures: RunFigures, *, is_examined: bool) -> str:
    """Return the text of the screen without findings: what was examined, and what can be done next."""
    if is_examined:
        return "Nothing found: its events, checkpoints and newest weights look sound."
    examine = "x examines what there is: events, checkpoints, weights."
    if figures.measuring or (figures.is_over and figures.health is not None):
        return f"Nothing found: what was measured of this training looks sound.\n{examine}"
    if figures.is_over:
        return f"Nobody looked inside this training.\n{examine}"
    return f"Nobody looks inside this training; escape, then l has it looked at.\n{examine}"
