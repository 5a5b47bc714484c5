"""How the doctor's sentences put names together."""

from collections.abc import Iterable, Mapping


def listed(names: Iterable[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def extremes(counts: Mapping[str, int], most: int = 12) -> dict[str, int]:
    """Return the counts as they come; of more than `most` only the largest and the smallest, in falling order."""
    if len(counts) <= most:
        return dict(counts)
    falling = sorted(counts.items(), key=lambda item: -item[1])
    return dict([*falling[: most // 2], *falling[-(most - most // 2) :]])
