"""Layer stats and findings of a followed run, as a part of its screen."""

from textual import on

from tui.follow.advice import measuring
from tui.follow.run_figures import RunFigures
from tui.inspect.view import InspectView
from tui.train.health_table import HealthTable
from tui.train.steering_keys import SteeringKeys
from tui.widgets.set_text import set_title

DISTRIBUTIONS = "histograms"
"""The view of the Inspect screen that has the details of a layer."""


class LayerMonitor(SteeringKeys):
    """A screen with a `HealthTable` of the run that it follows; binds no keys itself."""

    def show_health(self, figures: RunFigures) -> None:
        """Show the statistics of the layers, and whether they are or will be measured."""
        table = self.query_one(HealthTable)

        words, subtitle = measuring(figures, requested=self._pending.is_measured(figures))
        table.words = words if self._reader is not None or figures.is_over else ""  # nothing is known yet
        table.show(figures.health)
        set_title(table, "layers", subtitle)

    def action_health(self) -> None:
        """Show and focus the layer table; hide it if it has the focus."""
        table = self.query_one(HealthTable)
        shows = not (table.display and table.has_focus)
        self.set_class(shows, "-health")
        self.set_class(not shows, "-no-health")
        self.set_focus(table if shows else None)

    @on(HealthTable.Chosen)
    async def _look_at_layer(self, event: HealthTable.Chosen) -> None:
        """Open the histograms of a layer on the Inspect screen."""
        await self.app.switch_mode("inspect")
        self.app.screen.post_message(InspectView.GoTo(DISTRIBUTIONS, {"layer": event.name}))

    def action_doctor(self) -> None:
        """Open the findings of the run."""
        from tui.findings.cases import RunCase
        from tui.findings.screen import FindingsScreen

        if self._reader is not None:
            self.app.push_screen(FindingsScreen(RunCase(self._reader), self._fix_applied))

    def _fix_applied(self, name: str | None) -> None:
        """Follow the new run if the fix started one."""
        if name is not None:
            self.session.run = name
