"""The texts of the overview as lines."""

from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from textual.content import Content

from engine.words import counted
from tui.charts.bars import bar
from tui.charts.tones import FAINT, MUTED
from tui.inspect.score_axis import axis_start, axis_words, score_bar
from tui.theme import BLUE, ORANGE
from tui.words.figures import figure, percent

if TYPE_CHECKING:
    from engine.inspection.views.overview import Overview, SplitFigures

NAME_WIDTH = 18
FIGURES = 30
MOST_BAR = 70
MOST_NAME = 14
GREY = "#999999"


def score_lines(answer: "Overview", width: int) -> list[Content]:
    """Return the scores as bars, the table of the splits, and sentences on them."""
    head = "accuracy" if answer.chance is not None else "R², the share of the variance explained"
    lines = [Content.styled(f"{head}, {answer.judged} split", "bold")]
    lines += [*_bars(answer, width), Content(""), *_table(answer), Content("")]
    lines += [Content(sentence) for sentence in answer.words]
    if answer.baseline is not None:
        lines.append(Content.styled(f"No hidden layer: {answer.baseline.method}.", MUTED))
    return lines


def _bars(answer: "Overview", width: int) -> list[Content]:
    judged = next(one for one in answer.splits if one.split == answer.judged)
    baseline, room = answer.baseline, max(8, min(MOST_BAR, width - NAME_WIDTH - FIGURES))
    own = judged.accuracy if answer.chance is not None else judged.r_squared
    lines = [_bar("this network", own, BLUE, room, _interval(judged))]
    if baseline is None:
        lines.append(Content.styled(f"{'no hidden layer':<{NAME_WIDTH}}training the baseline …", MUTED))
    else:
        other = baseline.accuracy if answer.chance is not None else baseline.r_squared
        lines.append(_bar("no hidden layer", other, ORANGE, room))
    name = "most frequent" if answer.chance is not None else "mean"
    return [*lines, _bar(name, answer.chance or 0.0, GREY, room)]


def _bar(name: str, share: float | None, colour: str, room: int, more: str = "") -> Content:
    cells = bar(share or 0.0, room)
    return Content.assemble(
        f"{name:<{NAME_WIDTH}}", (cells, colour), (f"{percent(share):>10}", "bold"), (f"  {more}", MUTED)
    )


def _interval(figures: "SplitFigures") -> str:
    if figures.low is None or figures.high is None:
        return ""
    return f"{100 * figures.low:.2f} … {100 * figures.high:.2f} %"


def _table(answer: "Overview") -> list[Content]:
    classifies = answer.chance is not None
    heads = ("accuracy", "95 % interval") if classifies else ("R²", "")
    lines = [Content.styled(f"{'split':<12}{'samples':>9}{'loss':>11}{heads[0]:>11}{heads[1]:>20}", FAINT)]
    for one in answer.splits:
        share = percent(one.accuracy) if classifies else figure(one.r_squared)
        row = f"{one.split:<12}{one.samples:>9,}{figure(one.loss):>11}{share:>11}{_interval(one):>20}"
        lines.append(Content.styled(row, "bold" if one.split == answer.judged else ""))
    return lines


def layer_lines(answer: "Overview", width: int) -> list[Content]:
    """Return the table of the layers: parameters, norm and the share of their activations without a gradient."""
    heads = f"{'layer':<11}{'kind':<11}{'units':>7}  {'function':<11}{'params':>9}{'norm':>9}{'flat':>9}{'idle':>7}"
    lines = [Content.styled(heads[: max(0, width)], FAINT)]
    for one in answer.layers:
        flat = "-" if one.flat is None else f"{100 * one.flat:.1f} %"
        idle = "-" if one.idle is None else f"{one.idle:,}"
        text = (
            f"{one.name[:10]:<11}{one.kind[:10]:<11}{one.units:>7,}  {one.activation[:10]:<11}"
            f"{one.parameters:>9,}{figure(one.norm, 3):>9}{flat:>9}"
        )
        lines.append(Content.assemble(text, (f"{idle:>7}", "$text-warning bold" if one.idle else "")))
    lines.append(Content.styled(counted(answer.parameters, "parameter"), "bold"))
    return lines


def class_lines(answer: "Overview", width: int, most: int = 99) -> list[Content]:
    """Return the best and the worst classes with their F1, and the most confused pairs; empty for a regression.

    Args:
        most: best classes, and worst classes, at most; and pairs but one.
    """
    if not answer.ranked:
        return []
    ranked = answer.ranked
    ranked = ranked if len(ranked) <= 2 * most else (*ranked[:most], *ranked[-most:])
    start = axis_start(one.f1 for one in ranked)
    room = max(6, min(24, width - MOST_NAME - 12))
    lines = [Content.styled(f"F1 of the best and worst classes, bars {axis_words(start)}", FAINT)]
    for one in ranked:
        name = set_cell_size(one.name, MOST_NAME)
        lines.append(
            Content.assemble(name, (score_bar(one.f1, start, room), BLUE), (f"{one.f1:>7.3f}", "bold"))
        )
    if answer.pairs:
        lines += [Content(""), Content.styled("most confused: true → predicted", FAINT)]
    for pair in answer.pairs[: most + 1]:
        names = f"{answer.names[pair.truth][:12]} → {answer.names[pair.predicted][:12]}"
        share = (f"{100 * pair.share:>8.1f} %", MUTED)
        lines.append(Content.assemble(set_cell_size(names, 28), (f"{pair.count:>7,}", "bold"), share))
    return lines
