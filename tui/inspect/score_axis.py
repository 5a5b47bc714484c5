"""The axis of bars of scores: it starts where the differences are visible, and says where."""

from collections.abc import Iterable

from tui.charts.bars import bar

STARTS = (0.99, 0.95, 0.9, 0.8, 0.5)


def axis_start(scores: Iterable[float | None]) -> float:
    """Return the largest round start at or below all scores; 0 if one is below a half, or there is none."""
    known = [score for score in scores if score is not None]
    low = min(known, default=0.0)
    return next((start for start in STARTS if low >= start), 0.0)


def score_bar(score: float | None, start: float, width: int) -> str:
    """Return a bar over the axis from `start` to 1; empty for None."""
    return " " * width if score is None else bar((score - start) / (1 - start), width)


def axis_words(start: float) -> str:
    """Return the ends of the axis: `0.9 … 1`."""
    return f"{start:g} … 1"
