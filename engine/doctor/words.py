"""Sentences and tables that several rules share."""

from collections.abc import Mapping

from engine.words import counted


def units_off(dead: float, units: int, layer: str, when: str = "") -> str:
    """Return `2 of the 4 units of layers.0 output 0 for every sample (dead): no gradient reaches them`."""
    count = round(dead * units)
    gives, them = ("outputs", "it") if count == 1 else ("output", "them")
    off = f"{count} of the {counted(units, 'unit')} of {layer} {gives} 0 for every sample (dead){when}"
    return f"{off}: no gradient reaches {them}"


def extremes(counts: Mapping[str, int], most: int = 12) -> dict[str, int]:
    """Return the counts in their order; of more than `most` only the largest and the smallest, in falling order."""
    if len(counts) <= most:
        return dict(counts)
    falling = sorted(counts.items(), key=lambda item: -item[1])
    return dict([*falling[: most // 2], *falling[-(most - most // 2) :]])
