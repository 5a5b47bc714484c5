"""A trial on stdout: its progress, then its plot, its conclusion and the suggested setting."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from engine.trials import TrialEvent
from tui.charts.bars import bar
from tui.charts.ink import plain, row_text
from tui.charts.plot import PlotOptions, draw
from tui.cli import output
from tui.cli.finding_lines import set_lines
from tui.cli.pictures import is_colourless, terminal_width
from tui.trials.view import TrialView

FRAMES_PER_S = 4
ROWS, MOST_COLUMNS = 16, 110
BAR = 24


def show_trial(events: Iterable[TrialEvent]) -> Iterator[TrialEvent]:
    """Show a trial while it runs, then its conclusion; yield its events."""
    view = TrialView()

    def words() -> str:
        return f"{view.phase or 'starting'}: {view.share:.0%}"

    with output.redrawn(lambda: Group(progress_line(view), *plot_lines(view)), FRAMES_PER_S, words):
        for event in events:
            view.absorb(event)
            yield event
    _conclude(view)


def progress_line(view: TrialView) -> RenderableType:
    """Return a bar and the phase, in one line."""
    line = Text(bar(view.share, BAR), style="cyan", no_wrap=True, overflow="ellipsis")
    return line.append(f" {view.share:4.0%}  {view.phase}", style="default")


def plot_lines(view: TrialView) -> list[Text]:
    """Return the plot so far under its title, in colour if the terminal has colours."""
    plot = view.plot
    if plot is None:
        return []
    look = PlotOptions(
        log=plot.log_y, grow=plot.grows, reach=plot.reach, x_label=plot.x_label, cursor=view.mark
    )
    rows = draw(min(MOST_COLUMNS, terminal_width()), ROWS, view.series(), look)
    drawn = [Text(plain(row).rstrip()) if is_colourless() else row_text(row) for row in rows]
    return [Text(plot.title, style="bold"), *drawn]


def _conclude(view: TrialView) -> None:
    """Write the subject, the notes, the plot, the conclusion and the suggested setting."""
    finished, started = view.finished, view.started
    if finished is None or started is None:
        return
    output.paragraph(f"{started.subject}; {started.beginning}")
    for note in view.notes:
        output.paragraph(note, style="dim")
    for row in plot_lines(view):
        output.show(row)
    mark, style = ("✓", "green") if finished.passed else ("✗", "bold red")
    output.paragraph(Text.assemble((mark, style), " ", finished.sentence))
    for line in set_lines(finished.changes, "  try it:  ", output.text_width()) if finished.changes else ():
        output.line(line)
    output.paragraph(f"source:  {finished.source}", 2, "dim")
