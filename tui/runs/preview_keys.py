"""The preview of the run under the cursor: its events are followed in a thread once the cursor rests."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType

from engine.errors import NntermError
from engine.runs import Run
from engine.runs.names import check_name
from tui.runs.run_preview import RunPreview
from tui.shell.screen import LabScreen
from tui.widgets.curve_panel import CURVE_KEYS
from tui.words.changes import Changes

if TYPE_CHECKING:
    from engine.runs import RunSummary

POLL_S = 1.0
"""Seconds between two reads of a run's events."""
SETTLE_S = 0.12
"""Seconds that the cursor rests on a run before its events are read."""


class PreviewKeys(LabScreen):
    """A screen with a preview of one run."""

    BINDINGS: ClassVar[list[BindingType]] = [*CURVE_KEYS]

    _followed = ""

    def __init__(self) -> None:
        super().__init__()
        self.preview = RunPreview(id="preview")
        """The preview of the run under the cursor."""

    def show_preview(self, run: "RunSummary | None") -> None:
        """Show `run` in the preview, and follow its events."""
        self.preview.show_run(run)
        if run is None or run.state == "damaged":
            self.stop_preview()
        elif self._followed != run.name:
            self._followed = run.name
            self._follow(run.name, run.parent)

    def stop_preview(self) -> None:
        """Stop following."""
        self._followed = ""
        self.workers.cancel_group(self, "preview")

    @work(exclusive=True, group="preview")
    async def _follow(self, name: str, parent: str) -> None:
        from tui.follow.reader import RunReader

        await asyncio.sleep(SETTLE_S)
        try:
            reader = await asyncio.to_thread(RunReader.open, name, self.session.home)
        except NntermError:  # it was just removed; the next update of the list will show that
            return
        if parent:
            self.preview.show_changes(
                name, await asyncio.to_thread(_changes, name, parent, self.session.home)
            )
        while True:
            figures = await asyncio.to_thread(reader.look)
            if figures is not None:
                self.preview.show(figures)
            if not reader.is_behind:
                await asyncio.sleep(POLL_S)

    def action_axis(self) -> None:
        """Switch between a linear and a logarithmic loss axis."""
        self.preview.curve.turn_axis()

    def action_smooth(self, by: int) -> None:
        """Smooth the training curve more or less."""
        self.preview.curve.smooth(by)


def _changes(name: str, parent: str, home: Path | None) -> Changes:
    """Return the settings in which the run `name` differs from its origin; none if one of them cannot be read."""
    from engine.experiment.changes import changed

    try:
        check_name(parent)  # as a foreign folder tells it: a name, and not the path of whatever folder
        before, after = (Run.open(one, home).experiment().to_raw() for one in (parent, name))
    except NntermError:
        return {}
    return changed({**before, "name": ""}, {**after, "name": ""})
