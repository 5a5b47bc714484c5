"""Where the Train screen leads: the decision boundary, the check of the gradients, other screens."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual import work

from engine.runs import list_runs
from tui.follow.run_figures import RunFigures
from tui.gradients.open_walk import open_walk
from tui.inspect.client import OpenChannel, open_channel
from tui.inspect.view import InspectView
from tui.shell.threads import call_in_app
from tui.train.boundary_panel import BoundaryPanel
from tui.train.layer_monitor import LayerMonitor
from tui.train.neighbours import compared_with, dataset_of
from tui.train.phases import why_not
from tui.train.steering_keys import StartAgain
from tui.widgets.no_run import NoRun

if TYPE_CHECKING:
    from engine.data import DatasetInfo


class Onward(LayerMonitor):
    """A screen with a `BoundaryPanel` of the run that it follows, and keys to other screens; binds no keys itself.

    CSS classes: `-flat` for a network of one or two features, `-boundary` while its boundary is to be shown.
    """

    def __init__(self, start_again: StartAgain, open_channel: OpenChannel = open_channel) -> None:
        super().__init__(start_again)
        self._boundary = BoundaryPanel(open_channel, id="boundary", classes="panel")
        self._dataset: DatasetInfo | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enable a key only if it applies now."""
        if action == "forward":
            return self.phase == "over"
        if action == "gradients":
            return self._figures is not None and (self.phase == "over") is bool(parameters)
        if action == "compare":
            return self._figures is not None
        if action == "view":
            return self.has_class("-flat") if parameters == ("boundary",) else self._draws
        return super().check_action(action, parameters)

    # the decision boundary

    @work(thread=True, exclusive=True, group="dataset")
    def _find_dataset(self, name: str, experiment: Mapping[str, Any]) -> None:
        """Find out what the run learns from: the decision boundary needs one or two features."""
        call_in_app(self, self._dataset_found, name, dataset_of(experiment))

    def _dataset_found(self, name: str, dataset: "DatasetInfo | None") -> None:
        if name == self._watched:
            self._dataset = dataset
            self.set_class(dataset is not None and dataset.n_features <= 2, "-flat")
            self._follow_boundary()
            self.show_pending()
            self.refresh_bindings()

    def _follow_boundary(self) -> None:
        """Draw the boundary while it is shown."""
        if self.has_class("-flat") and self.has_class("-boundary") and self._watched is not None:
            self._boundary.follow(self._watched, self.session.home)
        else:
            self._boundary.leave()

    @property
    def _draws(self) -> bool:
        """True if digits can be drawn for the network."""
        dataset = self._dataset
        return dataset is not None and dataset.kind == "images" and bool(dataset.class_names)

    async def action_view(self, name: str) -> None:
        """Show or hide the boundary here, or open another view of Inspect."""
        if name == "boundary":
            self.toggle_class("-boundary")
            self._follow_boundary()
        else:
            await self.app.switch_mode("inspect")
            self.app.screen.post_message(InspectView.GoTo(name, {}))

    # leading to other screens

    def open_due_walk(self, figures: RunFigures) -> None:
        """Open the walk through the single step that was requested, once it is made."""
        before = self._walks_from
        if before is None or self._pending.is_waiting:
            return
        if figures.is_over or (figures.state == "paused" and figures.step > before):
            self._walks_from = None
            if figures.step > before and self.is_current:
                open_walk(self.lab, figures.name, figures.step)

    async def action_gradients(self, ended: str = "") -> None:
        """Check the gradients of this run at its newest weights, also while it trains."""
        self.session.check_run = True
        await self.app.switch_mode("gradients")
        await self.app.screen.run_action("check")

    async def action_forward(self) -> None:
        """Check the gradients of the trained network."""
        await self.action_gradients()

    def action_open_newest(self) -> None:
        """Follow the newest run."""
        newest = self.query_one(NoRun).newest
        if newest is not None:
            self.session.run = newest.name

    @work(exclusive=True, group="compare")
    async def action_compare(self) -> None:
        """Compare the run with the one that it was forked from, or else with the one before it."""
        from tui.runs.compare_screen import CompareScreen

        name = self._watched
        runs = await asyncio.to_thread(list_runs, self.session.home)
        other = compared_with(name, runs) if name else None
        if name is None or other is None:
            self.notify(why_not("b", self.phase, self._figures), markup=False)
        else:
            self.app.push_screen(CompareScreen([other, name], self.session.home))
