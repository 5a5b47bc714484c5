"""The layers of a watched run and what the doctor found in it, for the screen that watches."""

from textual import on

from tui.follow.advice import measuring
from tui.follow.run_figures import RunFigures
from tui.inspect.registry import BY_NAME
from tui.inspect.view import InspectView
from tui.train.health_table import HealthTable
from tui.train.steering_keys import SteeringKeys
from tui.widgets.set_text import set_title

DISTRIBUTIONS = "histograms"
"""The view of the Inspect screen that shows more of a layer."""


class LayerMonitor(SteeringKeys):
    """A screen with a `HealthTable` for the run that it watches; has no keys of its own."""

    def show_health(self, figures: RunFigures) -> None:
        """Show the layers' figures, and whether they are measured or will be."""
        table = self.query_one(HealthTable)
        table.can_choose = DISTRIBUTIONS in BY_NAME
        words, subtitle = measuring(figures, requested=self._pending.is_measured(figures))
        table.words = words if self._reader is not None or figures.is_over else ""  # nothing is known yet
        table.show(figures.health)
        set_title(table, "layers", subtitle)

    def action_health(self) -> None:
        """Show the layers and go there; hide them where the focus is there already."""
        table = self.query_one(HealthTable)
        shows = not (table.display and table.has_focus)
        self.set_class(shows, "-health")
        self.set_class(not shows, "-no-health")
        self.set_focus(table if shows else None)

    @on(HealthTable.Chosen)
    async def _look_at_layer(self, event: HealthTable.Chosen) -> None:
        """Open the distributions in a layer on the Inspect screen."""
        await self.app.switch_mode("inspect")
        self.app.screen.post_message(InspectView.GoTo(DISTRIBUTIONS, {"layer": event.name}))

    def action_doctor(self) -> None:
        """Open what the doctor found."""
        from tui.findings.cases import RunCase
        from tui.findings.screen import FindingsScreen

        if self._reader is not None:
            self.app.push_screen(FindingsScreen(RunCase(self._reader), self._fix_applied))

    def _fix_applied(self, name: str | None) -> None:
        """Follow the new run, where the remedy made one."""
        if name is not None:
            self.session.run = name
