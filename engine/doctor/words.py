"""How the doctor's sentences put names together."""

from collections.abc import Iterable, Mapping

NEXT_TO_NOTHING = 1e-6
"""A share below which its size no longer matters."""


def listed(names: Iterable[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def percent(share: float) -> str:
    """Return `450 %`, `12 %`, `0.0035 %`, or `less than 0.0001 %` for what is next to nothing."""
    if 0 < share < NEXT_TO_NOTHING:
        return "less than 0.0001 %"
    return f"{rounded(100 * share)} %"


def rounded(value: float) -> str:
    """Return a positive number to two digits: `0.0035`, `3.5`, `16,000`, or `over a million`."""
    if value >= 1e6:
        return "over a million"
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 10 else f"{value:.2g}".rstrip(".")


def units_off(dead: float, units: int, layer: str, when: str = "") -> str:
    """Return `2 of the 4 units of layers.0 are off for every sample: no gradient reaches them to change that`."""
    count = round(dead * units)
    are, them = ("is", "it") if count == 1 else ("are", "them")
    off = f"{count} of the {units} units of {layer} {are} off for every sample{when}"
    return f"{off}: no gradient reaches {them} to change that"


def extremes(counts: Mapping[str, int], most: int = 12) -> dict[str, int]:
    """Return the counts as they come; of more than `most` only the largest and the smallest, in falling order."""
    if len(counts) <= most:
        return dict(counts)
    falling = sorted(counts.items(), key=lambda item: -item[1])
    return dict([*falling[: most // 2], *falling[-(most - most // 2) :]])
