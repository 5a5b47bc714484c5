"""Axes: limits that grow in jumps, round ticks, short labels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.charts.curves import Floats

JUMPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Ends of a growing axis, times a power of ten."""
_FLAT = 1e-9
"""A range smaller than this share of the values counts as a constant."""
_LEAST_POWERS = 0.3
"""The smallest range of a logarithmic axis, in powers of ten: a factor of 2."""


@dataclass(frozen=True)
class Axis:
    """An axis: limits, tick positions and labels. On a logarithmic axis, limits and positions are exponents of ten."""

    low: float
    high: float
    positions: tuple[float, ...]
    labels: tuple[str, ...]

    def share(self, position: float) -> float:
        """Return the place of `position` on the axis: 0 at the low end, 1 at the high end."""
        return (position - self.low) / (self.high - self.low)

    def shares(self, positions: "Floats") -> "Floats":
        """Return the places of positions, (n,)."""
        return (positions - self.low) / (self.high - self.low)


def row_of(axis: Axis, position: float, rows: int) -> int:
    """Return the row of text, from the top, of a position on a vertical axis."""
    return rows - 1 - max(0, min(rows - 1, int(axis.share(position) * rows)))


def column_of(axis: Axis, position: float, columns: int) -> int | None:
    """Return the cell of a position on a horizontal axis; None beyond its ends."""
    share = axis.share(position)
    return min(columns - 1, int(share * columns)) if 0.0 <= share <= 1.0 else None


def growing_axis(low: float, high: float, count: int) -> Axis:
    """Return an axis for updates or epochs: it starts at 0 if `low` is near it, and its end grows in jumps."""
    end = jump(high)
    start = 0.0 if 0 <= low <= 0.1 * end else low
    if end - start <= _FLAT * abs(start):
        end = start + max(1.0, abs(start) * 0.1)
    return Axis(start, end, *ticks(start, end, count))


def linear_axis(low: float, high: float, count: int) -> Axis:
    """Return an axis from `low` to `high` with ends on round numbers."""
    low, high = _opened(low, high)
    step = 10.0 ** math.floor(math.log10(high - low)) / 5
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Axis(low, high, *ticks(low, high, count))


def row_axis(low: float, high: float, rows: int, *, log: bool = False) -> Axis:
    """Return the vertical axis of a plot with `rows` rows of text: every tick lies in the middle of its row.

    The ticks are the same number of rows apart; the bottom row has one. Of the round steps between ticks the one is
    taken that uses the rows best, so that the limits move only if a value leaves them.

    Args:
        low: lowest value; with `log`, its exponent of ten, as the positions of the axis.
        high: highest value.
        log: label positions with the powers of ten that they stand for.
    """
    if log and high - low < _LEAST_POWERS:
        low, high = (low + high - _LEAST_POWERS) / 2, (low + high + _LEAST_POWERS) / 2
    elif not log and high - low <= _FLAT * max(abs(low), abs(high)):
        low, high = min(low, 0.0), max(high, 0.0)  # a constant is shown above 0, which no share exceeds
    low, high = _opened(low, high)
    choices = [choice for gap in _gaps(rows) for choice in _choices(low, high, rows, gap, log)]
    _, step, gap, first = min(choices)
    unit = step / gap  # of a row
    marks = range(first, first + (rows - 1) // gap + 1)
    positions = tuple(i * step for i in marks)
    bottom = first * step - unit / 2
    top = bottom + rows * unit
    if log:
        labels = tuple(_power_label(position, unit) for position in positions)
    else:
        digits = _digits_to_tell(step, max(abs(low), abs(high)))
        labels = tuple(short(position, digits) for position in positions)
    return Axis(bottom, top, positions, labels)


def _gaps(rows: int) -> range:
    """Rows between two ticks to choose from."""
    least = 1 if rows < 6 else 2 if rows < 16 else 3
    return range(least, max(least, min(8, max(3, rows // 4), rows - 1)) + 1)


def _choices(low: float, high: float, rows: int, gap: int, log: bool) -> list[tuple[float, float, int, int]]:
    """The smallest round step with which `gap` rows between ticks suffice: (cost, step, gap, lowest tick)."""
    for step in _log_steps(gap * (high - low) / rows) if log else _steps(gap * (high - low) / rows):
        unit = step / gap
        first = math.floor((low + 0.45 * unit) / step)
        if first * step + (rows - 0.55) * unit >= high:
            return [(unit * (1 + 0.03 * abs(gap - 4)), step, gap, first)]
    return []


def _steps(least: float) -> Iterator[float]:
    """The round steps from `least` on."""
    power = 10.0 ** math.floor(math.log10(least))
    for i in range(4):
        yield from (k * power * 10.0**i for k in (1, 2, 2.5, 5) if k * power * 10.0**i >= least * (1 - 1e-9))


def _log_steps(least: float) -> Iterator[float]:
    """The steps of a logarithmic axis from `least` on: whole powers of ten, half a power, a factor of 2, or tenths."""
    below = [k * 10.0**i for i in range(-12, -1) for k in (1, 2, 5)]
    steps = [*below, 0.1, math.log10(2), 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]
    yield from (step for step in steps if step >= least * (1 - 1e-9))


def _power_label(position: float, unit: float) -> str:
    """The power of ten at `position`, rounded so little that it stays well inside its row of height `unit`."""
    value = 10.0**position
    for digits in range(1, 15):
        rounded = float(f"{value:.{digits - 1}e}")
        if rounded > 0 and abs(math.log10(rounded) - position) <= 0.03 * unit:
            return short(rounded, max(3, digits))
    return short(value, 15)


def _opened(low: float, high: float) -> tuple[float, float]:
    """The limits, apart from each other."""
    if high - low > _FLAT * max(abs(low), abs(high)):
        return low, high
    margin = max(abs(high) / 2, 0.5 if high == 0 else 0.0)
    return low - margin, high + margin


def jump(value: float) -> float:
    """Return the next of 1, 1.25, 1.5, 2, ... times a power of ten: limits that jump need few repaints."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in JUMPS if step * power >= value * (1 - 1e-12)), 10 * power)


def ticks(low: float, high: float, count: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return about `count` round tick positions between two limits, and their labels."""
    raw = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((k * power for k in (1, 2, 2.5, 5) if k * power >= raw * 0.75), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    positions = tuple(i * step for i in range(first, last + 1))
    digits = _digits_to_tell(step, max(abs(low), abs(high)))
    return positions, tuple(short(position, digits) for position in positions)


def _digits_to_tell(step: float, largest: float) -> int:
    """The significant digits needed to distinguish neighbouring ticks; 2.5 has one more than its power."""
    return min(15, max(3, math.ceil(math.log10(largest / step)) + 2))


def short(value: float, digits: int = 4) -> str:
    """Return a number as short text: 12k, 0.05, 1e-4."""
    size = abs(value)
    if size < 1e-300:
        return "0"
    if size >= 999_999.5 or size < 1e-3:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"
    return f"{value / 1000:.{digits}g}k" if size >= 10_000 else f"{value:.{max(4, digits)}g}"
