"""Texts of screens that have nothing to show yet, with the keys that lead on."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.charts.tones import MUTED

if TYPE_CHECKING:
    from engine.runs import RunSummary


class NoRun(Widget):
    """The text of the Train screen without a run; offers the newest run."""

    DEFAULT_CSS = "NoRun { width: 1fr; height: 1fr; content-align: center middle; }"

    newest: "reactive[RunSummary | None]" = reactive(None)

    def render(self) -> Content:
        """Return the lines."""
        ways = [_way("1", "choose data"), _way("2", "build a network, then t trains it")]
        if self.newest is not None:
            ways.append(_way("enter", f"watch {self.newest.name}, {self.newest.state}"))
        head = Content.styled("No run is open", "bold")
        what = Content.styled("This screen shows a training as it runs, and steers it.", MUTED)
        return _block([head, what, Content(""), *ways])


def no_runs_yet() -> Content:
    """Return the text of the Runs screen without runs."""
    ways = [
        _way("1", "choose a dataset"),
        _way("2", "build a network; t trains it"),
        _way("shell", "nnterm train --dataset moons --detach"),
    ]
    return Content("\n").join([Content.styled("No runs yet", "bold"), Content(""), *ways])


def nothing_to_inspect(newest: "RunSummary | None") -> Content:
    """Return the text of the Inspect screen without a run; offers `newest` if there is one."""
    ways = [("1    ", "choose data, build and train a network"), ("6    ", "choose one of the runs")]
    if newest is not None:
        ways.append(("enter", f"inspect {newest.name}, {newest.state}"))
    purpose = "Views of a trained network: scores, errors, weights."
    return _empty_screen("No run to inspect", purpose, ways)


def nothing_to_check() -> Content:
    """Return the text of the Gradients screen without a network."""
    ways = [
        ("2", "build a network, then g checks it"),
        ("3", "watch a training, then g checks it while it continues"),
    ]
    purpose = "Compares every gradient of a network with finite differences and PyTorch."
    return _empty_screen("Nothing to check yet", purpose, ways)


def _empty_screen(title: str, purpose: str, ways: Sequence[tuple[str, str]]) -> Content:
    """A title, what the screen is for, and a line per key that fills it."""
    head = [Content.styled(title, "bold $text"), Content.styled(purpose, MUTED), Content("")]
    keys = [Content.assemble((key, "bold $accent"), f"  {words}") for key, words in ways]
    return Content("\n").join([*head, *keys])


def _block(lines: Sequence[Content]) -> Content:
    """Lines of one width, so that they keep a common left edge where they are centred."""
    width = max(line.cell_length for line in lines)
    return Content("\n").join(line.pad_right(width - line.cell_length) for line in lines)


def _way(key: str, does: str) -> Content:
    return Content.assemble((key.ljust(5), "bold $text-accent"), f"  {does}")
