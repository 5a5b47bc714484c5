"""Axes: limits that grow in jumps, round ticks, short labels."""

import math
from dataclasses import dataclass

JUMPS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Ends of a growing axis, times a power of ten."""
_FLAT = 1e-9
"""A range smaller than this share of the values counts as a constant."""


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


def growing_axis(low: float, high: float, count: int) -> Axis:
    """Return an axis for updates or epochs: it starts at 0 if `low` is near it, and its end grows in jumps."""
    end = jump(high)
    start = 0.0 if 0 <= low <= 0.1 * end else low
    if end - start <= _FLAT * abs(start):
        end = start + max(1.0, abs(start) * 0.1)
    return Axis(start, end, *ticks(start, end, count))


def linear_axis(low: float, high: float, count: int) -> Axis:
    """Return an axis from `low` to `high` with ends on round numbers."""
    if high - low <= _FLAT * max(abs(low), abs(high)):
        margin = max(abs(high) / 2, 0.5 if high == 0 else 0.0)
        low, high = low - margin, high + margin
    step = 10.0 ** math.floor(math.log10(high - low)) / 5
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Axis(low, high, *ticks(low, high, count))


def log_axis(low: float, high: float, count: int) -> Axis:
    """Return a logarithmic axis from 10**low to 10**high with ends and ticks at 1, 2, 5, 10, ..."""
    first, last = _below(low), _above(high)
    if last - first < 2:
        first, last = first - 1, last + 1
    marks = range(first, last + 1)
    if len(marks) > count:  # only whole powers
        step = math.ceil((last - first) / 3 / max(1, count))
        marks = range(3 * math.ceil(first / 3), last + 1, 3 * max(1, step))
    positions = tuple(_mark(i) for i in marks)
    return Axis(_mark(first), _mark(last), positions, tuple(short(10.0**position) for position in positions))


def _mark(i: int) -> float:
    """The exponent of ten of the i-th of ... 0.5, 1, 2, 5, 10, ...; the 0th is 1."""
    return i // 3 + math.log10((1, 2, 5)[i % 3])


def _below(power: float) -> int:
    start = 3 * math.floor(power)
    return max(i for i in range(start, start + 3) if i == start or _mark(i) <= power + 1e-9)


def _above(power: float) -> int:
    start = 3 * math.floor(power)
    return next(i for i in range(start, start + 5) if _mark(i) >= power - 1e-9)


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
