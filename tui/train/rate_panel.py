"""The learning rate panel: the current rate, its schedule, and a requested rate."""

import math

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.tones import MUTED
from tui.words.figures import figure

LOWEST, HIGHEST = 1e-8, 1e3
"""Range of the rates that keys can set."""


class RatePanel(Widget):
    """Shows the learning rate of the newest update, its schedule, and a requested rate."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "RatePanel { height: 3; }"

    rate: reactive[float | None] = reactive(None)
    """Learning rate of the newest update, schedule included."""
    base: reactive[float | None] = reactive(None)
    """Initial learning rate of the schedule."""
    schedule: reactive[str] = reactive("constant")
    requested: reactive[float | None] = reactive(None)
    """A requested initial rate that is not in effect yet."""
    steerable: reactive[bool] = reactive(False)
    """True if keys can change the rate."""

    def watch_steerable(self, steerable: bool) -> None:
        """Show the keys while they work."""
        self.border_subtitle = "+ raise  - lower" if steerable else ""

    def render(self) -> Content:
        """Return the line; it starts with its name if the panel has no border title."""
        bare = self.outer_size.height == self.size.height
        parts: list[tuple[str, str]] = [("learning rate  ", MUTED)] if bare else []
        parts.append((figure(self.rate), "bold"))
        if self.schedule != "constant" and self.base is not None:
            parts.append((f"  {self.schedule} from {figure(self.base)}", MUTED))
        else:
            parts.append((f"  {self.schedule}", MUTED))
        if self.requested is not None:
            parts.append((f"  → {figure(self.requested)} …", "$text-accent"))
        return Content.assemble(*parts)


def next_rate(rate: float, direction: int) -> float:
    """Return the next of 1, 2, 5, 10, ... times a power of ten above (`direction` 1) or below (-1) `rate`."""
    power = 10.0 ** math.floor(math.log10(rate))
    ladder = [float(f"{step * power * scale:.3g}") for scale in (0.1, 1.0, 10.0) for step in (1, 2, 5)]
    if direction > 0:
        chosen = min(step for step in ladder if step > rate * (1 + 1e-9))
    else:
        chosen = max(step for step in ladder if step < rate * (1 - 1e-9))
    return chosen if LOWEST <= chosen <= HIGHEST else rate
