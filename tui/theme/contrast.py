"""Contrast of two colours, and the nearest shade of a colour that can be read on another.

Source: Web Content Accessibility Guidelines 2.1, "relative luminance" and "contrast ratio".
"""

import functools

Triple = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
STEPS = 32
"""Steps from a colour to black or white that `readable` tries."""


@functools.lru_cache(4096)
def luminance(colour: Triple) -> float:
    """Return the relative luminance, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: Triple, other: Triple) -> float:
    """Return the contrast ratio, 1 (equal) to 21 (black and white)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@functools.lru_cache(4096)
def readable(colour: Triple, ground: Triple, least: float) -> Triple:
    """Return `colour`, or the nearest shade with at least this contrast to `ground`: black or white if none has it."""
    if contrast(colour, ground) >= least:
        return colour
    end = WHITE if contrast(WHITE, ground) >= contrast(BLACK, ground) else BLACK
    for step in range(1, STEPS):
        shade = _blend(colour, end, step / STEPS)
        if contrast(shade, ground) >= least:
            return shade
    return end


def _blend(colour: Triple, end: Triple, share: float) -> Triple:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, end, strict=True))
    return red, green, blue
